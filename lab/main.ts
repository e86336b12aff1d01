/** The first picture is in the page itself: it is painted, and only then the lab begins. */
const start = (): void => void import('./lab.js');

// A window that is out of sight paints nothing.
if (document.visibilityState === 'hidden' || document.documentElement.classList.contains('elsewhere'))
  start();
else requestAnimationFrame(() => setTimeout(start, 0));
