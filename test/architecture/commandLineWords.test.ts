/** Rooms serve a page and a library as well as a command line: what they say has no words of the command line. */
import { describe, expect, it } from 'vitest';
import { readSources } from './sources.js';

/** An option, not the name of a style as in var(--collapsar-blue), or the name of the program with a verb. */
const WORDS =
  /(?:^|[\s'"`(])--(?!collapsar-)[a-z][a-z-]*|\bcollapsar (?:advise|basin|doctor|lab|measure|predict|report|reproduce|sweep|train|verify)\b/;

/** The page of a run shows the command that makes such a run. */
const ALLOWED = ['report/page/page.ts'];

function codeOf(text: string): string[] {
  return text.replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, '')).split('\n');
}

function commandWords(text: string): number[] {
  return codeOf(text).flatMap((line, i) => (WORDS.test(line.replace(/^\s*\/\/.*$/, '')) ? [i + 1] : []));
}

describe('words of the command line', () => {
  it('stand in src/cli only', () => {
    const strays = readSources()
      .filter(({ path }) => !path.startsWith('cli/') && !ALLOWED.includes(path))
      .flatMap(({ path, text }) => commandWords(text).map((line) => `${path}:${line}`));
    expect(strays).toEqual([]);
  });

  it('are seen in every form', () => {
    const hint = ["'give --loss'", '`(--steps)`', "'--keep'", "'run collapsar verify'"];
    for (const text of hint) expect(commandWords(`refuse(${text});`)).toEqual([1]);
    for (const text of ['i--', 'var(--collapsar-blue)', '/* --json */', '// --json', "'collapsar/core'"])
      expect(commandWords(text)).toEqual([]);
  });
});
