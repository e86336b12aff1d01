/** Runs the built command line as a user would, in a process and a folder of its own. What needs no process runs in ours (`commandInProcess.ts`). */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const BIN = fileURLToPath(new URL('../../bin/collapsar.js', import.meta.url));
export const PRESETS = fileURLToPath(new URL('../../presets/', import.meta.url));

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'collapsar-test-'));
}

/** `collapsar ARGS` to its end. */
export function collapsar(args: readonly string[], options: { cwd?: string; blas?: string } = {}): Outcome {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args], {
    encoding: 'utf8',
    cwd: options.cwd ?? temporaryFolder(),
    maxBuffer: 2 ** 28,
    env: { ...process.env, ...(options.blas === undefined ? {} : { COLLAPSAR_BLAS: options.blas }) },
  });
  return { code: status, stdout, stderr };
}

/** The document of a run with `--json`, which must be all of stdout. */
export function json(args: readonly string[], options: { cwd?: string; blas?: string } = {}): unknown {
  const found = collapsar([...args, '--json'], options);
  if (found.code !== 0) throw new Error(`exit ${found.code}: ${found.stderr}`);
  return JSON.parse(found.stdout) as unknown;
}

/** Tells the program that stderr is a terminal, so that it shows its progress there. */
const AS_TERMINAL = '--import=data:text/javascript,process.stderr.isTTY=true';

/** Starts `collapsar ARGS`, sends a signal once `ready` says so (polled, given stderr and stdout so far), and waits for the end. */
export async function interrupted(
  args: readonly string[],
  cwd: string,
  signal: 'SIGKILL' | 'SIGINT',
  ready: (stderr: string, stdout: string) => boolean | Promise<boolean>,
  options: { progress?: boolean } = {},
): Promise<Outcome> {
  const flags = options.progress === true ? [AS_TERMINAL] : [];
  const child = spawn(process.execPath, [...flags, BIN, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const closed = new Promise<number | null>((done) => child.on('close', done));
  while (child.exitCode === null && !(await ready(stderr, stdout))) await delay(5);
  child.kill(signal);
  return { code: await closed, stdout, stderr };
}
