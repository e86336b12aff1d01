/**
 * Lines that fit a terminal: what is too wide goes on below, under the words it belongs to. `name  words …` goes on under
 * its words, an item of a list under its text, and a command behind a backslash, so that it can still be pasted.
 */
import { wrap } from './format.js';

/** Helps are written for 80 columns. */
const HELP_WIDTH = 80;
/** Words of a help have at least so many columns. */
const LEAST = 24;

/** Each line that is wider than `width`, wrapped. */
export function fit(text: string, width: number): string {
  return text
    .split('\n')
    .map((line) => (isWide(line, width) ? wrapped(partsOf(line), width) : line))
    .join('\n');
}

/**
 * A help at a width: paragraphs and the words of options are set anew where a line of them is too wide. YAML stays as it is, as it
 * would be another file with other lines: it is written for the narrowest terminal.
 */
export function fitHelp(text: string, width: number): string {
  const columns = Math.min(width, HELP_WIDTH);
  return itemsOf(text.split('\n'))
    .map((lines) => {
      if (isYaml(lines) || !lines.some((line) => isWide(line, columns))) return lines.join('\n');
      const first = partsOf(lines[0]);
      const words = [first.words, ...lines.slice(1).map((line) => line.trim())].join(' ');
      return isCommand(lines[0]) ? command(lines[0], columns) : wrapped({ ...first, words }, columns);
    })
    .join('\n');
}

interface Parts {
  /** What stands before the words: a name and blanks, or an indent. */
  readonly before: string;
  readonly words: string;
}

function partsOf(line: string): Parts {
  const [, before, words] = /^( *(?:[-*] |\S.*? {2,}))(\S.*)$/.exec(line) ??
    /^( *)(.*)$/.exec(line) ?? ['', '', line];
  return { before, words };
}

/** Lines that are set as one: those that go on with an option's words, those of a paragraph, and an excerpt of YAML. */
function itemsOf(lines: readonly string[]): string[][] {
  return blocksOf(lines).flatMap((block) => (isYaml(block) ? [block] : itemsOfBlock(block)));
}

function itemsOfBlock(lines: readonly string[]): string[][] {
  const items: string[][] = [];
  let hang = -1;
  for (const line of lines) {
    const { before } = partsOf(line);
    const indent = /^ */.exec(line)?.[0].length ?? 0;
    const goesOn = indent === hang && before.trim() === '' && !isCommand(line);
    if (goesOn) items[items.length - 1].push(line);
    else items.push([line]);
    if (!goesOn) hang = line === '' || isCommand(line) ? -1 : before.length;
  }
  return items;
}

/** Lines between empty ones, and each of these for itself. */
function blocksOf(lines: readonly string[]): string[][] {
  const blocks: string[][] = [];
  for (const [i, line] of lines.entries())
    if (i === 0 || line === '' || lines[i - 1] === '') blocks.push([line]);
    else blocks[blocks.length - 1].push(line);
  return blocks;
}

/** A block that begins with an indented key: an excerpt of a spec. */
function isYaml(block: readonly string[]): boolean {
  return /^ +[A-Za-z][\w.]*:(?: |$)/.test(block[0]);
}

function isCommand(line: string): boolean {
  return /^ +(?:npx )?collapsar /.test(line) && !/\S {2,}\S/.test(line);
}

function command(line: string, width: number): string {
  const indent = /^ */.exec(line)?.[0] ?? '';
  const goesOn = `${indent}    `;
  // A flag and its value stay together.
  const words = line.trim().replace(/(--[\w-]+) (?!-)/g, '$1\u00a0');
  return wrap(words, width - goesOn.length - 2)
    .replaceAll('\u00a0', ' ')
    .split('\n')
    .map((part, i) => `${i === 0 ? indent : goesOn}${part}`)
    .join(' \\\n');
}

/** Where a name leaves too little room, its words stand below it. */
function wrapped({ before, words }: Parts, width: number): string {
  const hang = Array.from(before).length;
  if (width - hang >= Math.min(LEAST, width / 2)) {
    const lines = wrap(words, width - hang).split('\n');
    return `${before}${lines.join(`\n${' '.repeat(hang)}`)}`;
  }
  const indent = `${/^ */.exec(before)?.[0] ?? ''}    `;
  const lines = wrap(words, width - indent.length).split('\n');
  return [before.trimEnd(), ...lines.map((line) => `${indent}${line}`)].join('\n');
}

function isWide(line: string, width: number): boolean {
  return Array.from(line.normalize('NFD').replace(/\p{M}/gu, '')).length > width;
}
