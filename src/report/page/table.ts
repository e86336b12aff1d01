/** Tables that scroll in their own box, with the caption outside of it so that a phone wraps the caption. */
import { finite, formatNumber, NOTHING } from '../format.js';
import { html, type Html } from './html.js';

export interface TableOptions {
  /** Unique in the page. */
  readonly id: string;
  readonly caption: string;
  readonly head: Html;
  readonly body: readonly Html[];
  /** `tall`: also scrolls downwards, under a head that stays. */
  readonly height?: 'whole' | 'tall';
  /** `tight`: less room between columns, for many of them. */
  readonly width?: 'roomy' | 'tight';
}

export function tableBox({ id, caption, head, body, height = 'whole', width = 'roomy' }: TableOptions): Html {
  return html`<p class="caption" id="${id}">${caption}</p>
    <div class="scroll ${height} ${width}" tabindex="0" role="region" aria-labelledby="${id}">
      <table aria-labelledby="${id}">
        <thead>
          ${head}
        </thead>
        <tbody>
          ${body}
        </tbody>
      </table>
    </div>`;
}

/** Shown with five digits, kept whole in `<data>` for whoever copies. */
export function numberCell(value: unknown): Html {
  const x = finite(value);
  if (x === null) return html`${NOTHING}`;
  return html`<data value="${String(x)}" title="${String(x)}">${formatNumber(x, 5)}</data>`;
}
