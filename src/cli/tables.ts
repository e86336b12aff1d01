/**
 * The tables of a verb: rows hold values, and each form writes them its own way.
 *
 * Text is aligned and rounded; CSV has every row in full precision, under the keys of `--json` where it has them; LaTeX is the
 * text's numbers between the rules of booktabs.
 */
import { fit } from './fit.js';
import { refuse } from '../core/errors.js';
import type { Options, Parsed } from './args.js';
import { column, number, table, whole, type Column } from './format.js';
import { texOf } from './tex.js';
import type { Terminal } from './terminal.js';

/** A value whose text is not that of `number`. */
export interface Shown {
  readonly value: string | number | boolean | null;
  readonly text: string;
}

/** Null is what does not exist: a dash in text, nothing in CSV. */
export type Cell = string | number | null | Shown;

export interface Heading extends Column {
  /** In CSV. */
  readonly key: string;
  /** In LaTeX, where the sentence above that completes the title is not there; the title itself where nothing is. */
  readonly alone?: string;
}

export interface Table {
  /** What `--table` calls it. */
  readonly name: string;
  readonly columns: readonly Heading[];
  readonly rows: readonly (readonly Cell[])[];
}

/** What a verb says to people: lines of text, and tables between them. */
export type Block = string | Table;

export type Form = 'text' | 'json' | 'csv' | 'latex';

export const TABLE_OPTIONS: Options = { csv: 'flag', latex: 'flag', table: 'value' };

export const TABLE_HELP = `  --csv, --latex         the tables alone, as CSV in full precision or for LaTeX
                         with booktabs; --table NAME chooses one of several`;

export function heading(
  key: string,
  title = key,
  dispensable = 0,
  align: Column['align'] = 'right',
): Heading {
  return { ...column(title, dispensable, align), key };
}

/** A count, grouped where it is long. */
export function counted(value: number): Shown {
  return { value, text: whole(value) };
}

export function isEmpty(cell: Cell): boolean {
  return valueOf(cell) === null;
}

/** The form that the options ask for. */
export function formOf(options: Parsed): Form {
  const forms = (['json', 'csv', 'latex'] as const).filter((form) => options.flag(form));
  if (forms.length > 1) refuse(`--${forms[1]}`, 'one form of output', `--${forms[0]} too`);
  const form = forms.at(0) ?? 'text';
  if (options.value('table') !== undefined && (form === 'text' || form === 'json'))
    refuse('--table', '--csv or --latex beside it', options.value('table'));
  return form;
}

/** Prints blocks as text, or their tables alone. */
export function printBlocks(
  blocks: readonly Block[],
  form: Exclude<Form, 'json'>,
  options: Parsed,
  terminal: Terminal,
): void {
  if (form === 'text') {
    terminal.print(blocksText(blocks, terminal.width));
    return;
  }
  const tables = chooseTables(
    blocks.filter((block) => typeof block !== 'string'),
    options.value('table'),
  );
  terminal.print(form === 'csv' ? tablesCsv(tables) : tablesTex(tables));
}

function chooseTables(tables: readonly Table[], name: string | undefined): readonly Table[] {
  if (name === undefined) return tables;
  const chosen = tables.filter((candidate) => candidate.name === name);
  if (chosen.length === 0)
    refuse('--table', `one of ${tables.map((candidate) => candidate.name).join(', ')}`, name);
  return chosen;
}

/** A table without rows is left out, and the empty line before it. */
export function blocksText(blocks: readonly Block[], width: number): string {
  const hasNothing = (block: Block | undefined) => typeof block === 'object' && block.rows.length === 0;
  return blocks
    .filter((block, i) => !hasNothing(block) && !(block === '' && hasNothing(blocks[i + 1])))
    .map((block) => (typeof block === 'string' ? fit(block, width) : tableText(block, width)))
    .join('\n');
}

export function tableText({ columns, rows }: Table, width: number): string {
  return table(
    columns,
    rows.map((row) => row.map(textOf)),
    width,
  );
}

/** A table without the columns in which no cell holds anything; the first always stays. */
export function withoutEmptyColumns({ name, columns, rows }: Table): Table {
  const filled = columns.flatMap((_, i) => (i === 0 || rows.some((row) => !isEmpty(row[i])) ? [i] : []));
  return {
    name,
    columns: filled.map((i) => columns[i]),
    rows: rows.map((row) => filled.map((i) => row[i])),
  };
}

/** Of several tables each begins with its name in a comment and ends with an empty line. */
export function tablesCsv(tables: readonly Table[]): string {
  return tables
    .map((each) => `${tables.length === 1 ? '' : `# ${each.name}\n`}${csvOf(each).join('\n')}`)
    .join('\n\n');
}

function csvOf({ columns, rows }: Table): string[] {
  return [
    columns.map(({ key }) => csvCell(key)).join(','),
    ...rows.map((row) => row.map((cell) => csvCell(valueOf(cell))).join(',')),
  ];
}

/** As RFC 4180 has it; numbers in full precision. */
export function csvCell(value: string | number | boolean | null): string {
  const text = value === null ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function tablesTex(tables: readonly Table[]): string {
  return ['% \\usepackage{booktabs}', ...tables.map((each) => `% ${each.name}\n${texTable(each)}`)].join(
    '\n\n',
  );
}

function texTable({ columns, rows }: Table): string {
  const line = (cells: readonly string[]) => `${cells.map(texOf).join(' & ')} \\\\`;
  return [
    `\\begin{tabular}{${columns.map(({ align }) => align[0]).join('')}}`,
    '\\toprule',
    line(columns.map(({ title, alone }) => alone ?? title)),
    '\\midrule',
    ...rows.map((row) => line(row.map(textOf))),
    '\\bottomrule',
    '\\end{tabular}',
  ].join('\n');
}

export function textOf(cell: Cell): string {
  if (cell === null || typeof cell === 'number') return number(cell);
  return typeof cell === 'string' ? cell : cell.text;
}

function valueOf(cell: Cell): string | number | boolean | null {
  return typeof cell === 'object' && cell !== null ? cell.value : cell;
}
