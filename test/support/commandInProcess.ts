/** A verb of the command line run in this process, from the sources: what it printed, and its exit code. */
import { portableBlas } from '../../src/core/portableBlas.js';
import type { Verb } from '../../src/cli/context.js';

export interface Printed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export async function runVerb(verb: Verb, args: readonly string[], width = 200): Promise<Printed> {
  const [printed, notes]: [string[], string[]] = [[], []];
  const code = await verb.run(args, {
    terminal: {
      failed: () => false,
      width,
      print: (text) => printed.push(text),
      note: (text) => notes.push(text),
      progress: () => undefined,
      clear: () => undefined,
    },
    blas: () => portableBlas,
    version: '0.0.0',
    command: ['collapsar', ...args].join(' '),
  });
  return { code, stdout: printed.join('\n'), stderr: notes.join('\n') };
}

/** The same with `--json`, as the document that it must be. */
export async function documentOf<T>(verb: Verb, args: readonly string[]): Promise<T> {
  return JSON.parse((await runVerb(verb, [...args, '--json'])).stdout) as T;
}
