/** How a command is typed again: the program as it was started, and words quoted for a shell. */
import { basename } from 'node:path';

/** `npx collapsar` where npx started it, `node …/collapsar.js` where node did, else `collapsar`. */
export function programName(
  script = process.argv[1] ?? '',
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string {
  if (environment['npm_command'] === 'exec') return 'npx collapsar';
  return basename(script) === 'collapsar.js' ? `node ${quoted(script)}` : 'collapsar';
}

/** A word as a POSIX shell takes it for one. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** A command as it is typed: the program and its words, each quoted where a shell would take it apart. */
export function commandOf(words: readonly string[], program = 'collapsar'): string {
  return [program, ...words.map(quoted)].join(' ');
}
