/**
 * What the documents show: fenced blocks of README.md and docs/*.md, and the commands in them.
 *
 * A block of `console` holds commands after `$ ` (a line that ends in a backslash goes on), each followed by what it prints;
 * `[…]` stands for anything left out. After `console not-run:` stands why it is not run. A block whose language is followed
 * by a file's name, as in `yaml mine.yaml`, is that file, and lies beside the commands of its document.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const DOCUMENTS = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

export interface Block {
  readonly language: string;
  /** What follows the language. */
  readonly info: string;
  readonly text: string;
}

export interface Command {
  readonly line: string;
  /** What it is said to print; empty where nothing is shown. */
  readonly output: string;
}

export function readDocument(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

export function blocksOf(text: string): readonly Block[] {
  return [...text.matchAll(/^```(\w+)[ ]?([^\n]*)\n([\s\S]*?)^```$/gm)].map(([, language, info, body]) => ({
    language,
    info,
    text: body,
  }));
}

/** The commands of a console block, in order. */
export function commandsOf(block: Block): readonly Command[] {
  const lines = block.text
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .slice(0, -1);
  const commands: { line: string; output: string[] }[] = [];
  for (const line of lines)
    if (line.startsWith('$ ')) commands.push({ line: line.slice(2), output: [] });
    else commands.at(-1)?.output.push(line);
  return commands.map(({ line, output }) => ({ line, output: output.map((text) => `${text}\n`).join('') }));
}

/** Whether a printed text is the shown one, with anything where it has `[…]`; a line of it alone stands for any lines. */
export function isShown(shown: string, printed: string): boolean {
  const parts = shown.split(/^\[…\]\n|\[…\]/m).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[\\s\\S]*?')}$`).test(printed);
}
