/** The class that a pointer or the keyboard rests on: its row, arrow, dots and cells stand out. */
const KEY = 'data-k';

/** Follows pointer and focus over everything that belongs to a class. Style sheets do the rest: nothing is drawn anew. */
export function followAttention(root: HTMLElement): void {
  const show = (target: EventTarget | null): void => {
    const element = target instanceof Element ? target.closest(`[${KEY}]`) : null;
    const classes = element?.getAttribute(KEY) ?? null;
    // A pair of classes names none of the two.
    if (classes === null || classes.includes(' ')) delete root.dataset.hot;
    else root.dataset.hot = classes;
  };
  root.addEventListener('pointerover', ({ target, pointerType }) => {
    if (pointerType !== 'touch') show(target);
  });
  root.addEventListener('pointerleave', () => show(null));
  root.addEventListener('focusin', ({ target }) => show(target));
  root.addEventListener('focusout', () => show(null));
}
