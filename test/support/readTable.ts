/**
 * Tables as a reader takes them in: a cell is what stands under its head. For tables of pages, and for aligned tables of the
 * terminal, whose cells are found by the columns of characters that their heads cover.
 */
import { all, only, readMarkup, type Markup } from './readMarkup.js';

/** Rows as cells by head; of equal heads the second is called `head#2`. */
export type TableRow = Readonly<Record<string, string>>;

function keyed(heads: readonly string[], cells: readonly string[]): TableRow {
  const seen = new Map<string, number>();
  const names = heads.map((head) => {
    const times = (seen.get(head) ?? 0) + 1;
    seen.set(head, times);
    return times === 1 ? head : `${head}#${times}`;
  });
  return Object.fromEntries(names.map((name, i) => [name, cells[i] ?? '']));
}

/** Characters as the screen has them: combining marks take no room. */
function onScreen(line: string): string[] {
  return line.normalize('NFD').match(/\P{M}\p{M}*/gu) ?? [];
}

/** The aligned table whose head line has all of `heads` among its cells. */
export function readTextTable(text: string, ...heads: readonly string[]): TableRow[] {
  const lines = text.split('\n');
  const plain = (line: string) => line.normalize('NFD');
  const at = lines.findIndex((line) => {
    const cells = splitCells(plain(line));
    return heads.every((head) => cells.includes(plain(head)));
  });
  if (at < 0) throw new Error(`no table with ${heads.join(', ')} in\n${text}`);
  const body: string[] = [];
  for (const line of lines.slice(at + 1)) {
    if (line.trim() === '' || /^\((left out|\d+ rows)/.test(line)) break;
    body.push(line);
  }
  const bounds = columnsOf([lines[at], ...body]);
  const cells = (line: string) => {
    const characters = onScreen(line);
    return bounds.map(([from, to]) => characters.slice(from, to).join('').trim().normalize('NFC'));
  };
  return body.map((line) => keyed(cells(lines[at]), cells(line)));
}

function splitCells(line: string): string[] {
  return line.trim().split(/ {2,}/);
}

/** Columns are apart where two characters are blank in every line. */
function columnsOf(lines: readonly string[]): [number, number][] {
  const rows = lines.map(onScreen);
  const width = Math.max(...rows.map((row) => row.length));
  const blank = Array.from({ length: width + 2 }, (_, i) => rows.every((row) => (row[i] ?? ' ') === ' '));
  const bounds: [number, number][] = [];
  let start = blank.indexOf(false);
  while (start >= 0) {
    let end = start;
    while (!(blank[end] && blank[end + 1])) end++;
    bounds.push([start, end]);
    start = blank.indexOf(false, end);
  }
  return bounds;
}

/** The table of a page under the caption `id`: heads over two rows are joined, as in `fit predicted`. Numbers are whole. */
export function readPageTable(page: string | Markup, id: string): TableRow[] {
  const root = typeof page === 'string' ? readMarkup(page) : page;
  const table = only(root, `table[aria-labelledby="${id}"]`);
  const heads = headsOf(all(table, 'thead tr'));
  return all(table, 'tbody tr').map((row) => keyed(heads, all(row, 'th, td').map(cellText)));
}

function cellText(cell: Markup): string {
  return cell.querySelector('data')?.getAttribute('value') ?? cell.textContent.trim();
}

function headsOf(rows: readonly Markup[]): string[] {
  const [first, second = []] = rows.map((row) => all(row, 'th'));
  const below = second.map(({ textContent }) => textContent);
  return first.flatMap((head) => {
    const span = Number(head.getAttribute('colspan') ?? 1);
    if (span === 1) return [head.textContent];
    return below.splice(0, span).map((name) => `${head.textContent} ${name}`);
  });
}
