/**
 * What a first visit shows before any script has run, as HTML: the build calls this with a document of its own and puts the
 * result into the page. It is what the page itself draws first, so that nothing moves when the page takes over.
 */
import '@preact/signals';
import { options, render } from 'preact';
import { followProblem } from '../state/predicted.js';
import { classFadingCss } from '../theory/classColor.js';
import { Lab } from './Lab.js';

export { classFadingCss };

export function firstPage(): string {
  // Nothing is watched or listened to: there is no page yet.
  options.requestAnimationFrame = () => undefined;
  followProblem();
  const place = document.createElement('div');
  render(<Lab />, place);
  return place.innerHTML;
}
