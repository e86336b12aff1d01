/** Tables and headings as people read them; numbers are those of the whole project. */
import { printableLine } from '../core/printable.js';

export { degrees, number, percent, share, whole } from '../core/numbers.js';

/** 73 as "1:13", 4000 as "1:06:40". */
export function duration(seconds: number): string {
  const total = Math.max(0, Math.round(seconds));
  const [h, m, s] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  const two = (value: number) => String(value).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

export interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
  /** Columns of the highest number go first when the terminal is too narrow; 0 always stays. */
  readonly dispensable: number;
  /** Columns with one name here are kept or left out together: a number and what it is beside. */
  readonly pair?: string;
}

export function column(title: string, dispensable = 0, align: Column['align'] = 'right'): Column {
  return { title, align, dispensable };
}

const HEAD = 24;
const TAIL = 8;

/**
 * An aligned table. Long ones show their first and last rows; where `width` is too small, dispensable columns are left
 * out. Both are said below the table.
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): string {
  const cutRows = rows.length > HEAD + TAIL + 1;
  const picked = cutRows ? [...rows.slice(0, HEAD), columns.map(() => '⋮'), ...rows.slice(-TAIL)] : rows;
  // Before widths are counted: a name from a file may hold anything.
  const printable = picked.map((row) => row.map(printableLine));
  let visible = columns.map((_, i) => i);
  const widths = columns.map(({ title }, i) =>
    Math.max(length(title), ...printable.map((row) => length(row[i]))),
  );
  const total = () => visible.reduce((sum, i) => sum + widths[i], 0) + 2 * (visible.length - 1);
  const dropped: string[] = [];
  while (total() > width) {
    const worst = visible.reduce((a, b) => (columns[b].dispensable > columns[a].dispensable ? b : a));
    if (columns[worst].dispensable === 0) break;
    const { pair } = columns[worst];
    const hidden = visible.filter((i) => i === worst || (pair !== undefined && columns[i].pair === pair));
    dropped.unshift(...hidden.map((i) => columns[i].title));
    visible = visible.filter((i) => !hidden.includes(i));
  }
  const line = (cells: readonly string[]) =>
    visible
      .map((i) => {
        const space = ' '.repeat(widths[i] - length(cells[i]));
        return columns[i].align === 'left' ? cells[i] + space : space + cells[i];
      })
      .join('  ')
      .trimEnd();
  const lines = [line(columns.map(({ title }) => title)), ...printable.map(line)];
  if (cutRows) lines.push(wrap(`(${rows.length} rows in all; --json has every one)`, width));
  if (dropped.length > 0)
    lines.push(wrap(`(left out for width: ${dropped.join(', ')}; --json has all)`, width));
  return lines.join('\n');
}

/** Characters on screen: combining marks (the bar of h̄) take no room. */
function length(text: string): number {
  return Array.from(text.replace(/\p{M}/gu, '')).length;
}

/** Text wrapped to a width, at spaces. */
export function wrap(text: string, width: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && length(line) + 1 + length(word) > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join('\n');
}
