/** CSV as spreadsheets and pandas write it: commas, quotes as RFC 4180 has them, a first line of names, comments with `#`. */
import { refuseFile } from '../core/errors.js';

/** A row by the names of its columns. */
export interface CsvRow {
  readonly keys: () => Iterable<string>;
  /** Null where the cell is empty or the column is not there; refuses what is no number. */
  readonly number: (column: string) => number | null;
  /** "points.csv, line 3, weightNorm". */
  readonly where: (column: string) => string;
}

export function readCsv(text: string, path: string): CsvRow[] {
  const lines = cellsOf(text.replace(/^\uFEFF/, ''));
  const head = lines.shift();
  if (head === undefined) refuseFile(path, 'a line of column names', 'an empty file');
  const names = head.cells.map((name) => name.trim());
  return lines.map(({ cells, line }) => {
    const where = (column: string) => `${path}, line ${line}, ${column}`;
    if (cells.length !== names.length)
      refuseFile(
        `${path}, line ${line}`,
        `${names.length} cells, as in the first line`,
        String(cells.length),
      );
    return {
      keys: () => names,
      where,
      number(column) {
        const cell = cells[names.indexOf(column)]?.trim() ?? '';
        if (cell === '') return null;
        const value = Number(cell);
        if (!Number.isFinite(value)) refuseFile(where(column), 'a number, or nothing', cell);
        return value;
      },
    };
  });
}

interface Line {
  readonly cells: string[];
  readonly line: number;
}

/** The cells of each line that is neither empty nor a comment. */
function cellsOf(text: string): Line[] {
  const lines: Line[] = [];
  let [cells, cell, line, began] = [[] as string[], '', 1, 1];
  let quoted = false;
  const end = () => {
    cells.push(cell);
    if (cells.length > 1 || (cell.trim() !== '' && !cell.startsWith('#'))) lines.push({ cells, line: began });
    [cells, cell, began] = [[], '', line + 1];
  };
  for (let i = 0; i < text.length; i++) {
    const letter = text[i];
    if (letter === '"' && quoted && text[i + 1] === '"') cell += text[++i];
    else if (letter === '"') quoted = !quoted;
    else if (letter === ',' && !quoted) {
      cells.push(cell);
      cell = '';
    } else if (letter === '\n' && !quoted) {
      end();
      line++;
      began = line;
    } else if (letter !== '\r' || quoted) cell += letter;
    if (letter === '\n' && quoted) line++;
  }
  if (cell !== '' || cells.length > 0) end();
  return lines;
}
