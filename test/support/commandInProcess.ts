/**
 * The command line in this process, from the sources: a whole command as a user types it, or one verb. Kills, signals and
 * streams that break need a process (`cli.ts`).
 */
import { portableBlas } from '../../src/core/portableBlas.js';
import { runCommand } from '../../src/cli/main.js';
import type { Verb } from '../../src/cli/context.js';
import { createTerminal } from '../../src/cli/terminal.js';
import { temporaryFolder } from './cli.js';

export interface Printed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Place {
  /** The working folder; a new one by default. */
  readonly cwd?: string;
  /** COLLAPSAR_BLAS. */
  readonly blas?: string;
  /** COLUMNS. */
  readonly columns?: number;
}

/** `collapsar ARGS` to its end. */
export async function collapsar(
  args: readonly string[],
  { cwd = temporaryFolder(), blas, columns }: Place = {},
): Promise<Printed> {
  const [stdout, stderr] = [new Written(), new Written()];
  const before = { folder: process.cwd(), blas: process.env.COLLAPSAR_BLAS, columns: process.env.COLUMNS };
  setVariable('COLLAPSAR_BLAS', blas ?? before.blas);
  setVariable('COLUMNS', columns?.toString() ?? before.columns);
  process.chdir(cwd);
  try {
    const code = await runCommand(args, createTerminal({ stdout, stderr }));
    return { code, stdout: stdout.text, stderr: stderr.text };
  } finally {
    process.chdir(before.folder);
    setVariable('COLLAPSAR_BLAS', before.blas);
    setVariable('COLUMNS', before.columns);
  }
}

/** The document of a command with `--json`, which must be all of stdout. */
export async function json(args: readonly string[], place: Place = {}): Promise<unknown> {
  const { code, stdout, stderr } = await collapsar([...args, '--json'], place);
  if (code !== 0) throw new Error(`exit ${code}: ${stderr}`);
  return JSON.parse(stdout) as unknown;
}

/** A stream that is no terminal and keeps what it is given. */
class Written {
  readonly isTTY = false;
  readonly columns = 0;
  text = '';
  write(text: string): void {
    this.text += text;
  }
  on(): void {
    // Nothing goes wrong here.
  }
}

function setVariable(name: string, value: string | undefined): void {
  if (value === undefined) Reflect.deleteProperty(process.env, name);
  else process.env[name] = value;
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
