/** What sections of the page are made of. */
import type { FigureElement } from '../dom.js';
import { html, trusted, type Html } from './html.js';

export function section(id: string, heading: string, ...content: readonly (Html | null)[]): Html {
  return html`<section aria-labelledby="${id}">
    <h2 id="${id}">${heading}</h2>
    ${content}
  </section>`;
}

export function missing(text: string): Html {
  return html`<p class="lead">${text}</p>`;
}

/** Serialised by the document, which escapes its text. */
export function figure(drawing: FigureElement): Html {
  return trusted(drawing.outerHTML);
}
