/** Tables of which only the numbers are known. */
import { html, type Html } from './html.js';
import { numberCell, tableBox } from './table.js';

/** One table of numbers under a heading of its own. */
export interface ReportTable {
  /** Unique in the page. */
  readonly id: string;
  readonly caption: string;
  readonly columns: readonly string[];
  /** The first of each row is its name; null is what does not exist. */
  readonly rows: readonly (readonly (string | number | null)[])[];
}

export function namedTable({ id, caption, columns, rows }: ReportTable): Html {
  return tableBox({
    id,
    caption,
    height: rows.length > 24 ? 'tall' : 'whole',
    head: html`<tr>
      ${columns.map((name, i) => html`<th scope="col" ${i === 0 ? html` class="text"` : null}>${name}</th>`)}
    </tr>`,
    body: rows.map(
      ([name, ...cells]) =>
        html`<tr>
          <th scope="row">${name}</th>
          ${cells.map((cell) => html`<td>${typeof cell === 'string' ? cell : numberCell(cell)}</td>`)}
        </tr>`,
    ),
  });
}
