/** Starting both sides: our processes and others', each fresh, one at a time. */
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = dirname(HERE);

/**
 * What every child gets: the environment without a choice of OpenBLAS's kernels, which would keep it from those that fit the
 * processor (ours and NumPy's alike).
 */
export const ENVIRONMENT = { ...process.env };
delete ENVIRONMENT.OPENBLAS_CORETYPE;
delete ENVIRONMENT.OPENBLAS_L2_SIZE;

/** Children still running, so that an interrupted benchmark leaves none behind. */
const running = new Set();
export function stopChildren() {
  for (const child of running) child.kill();
}

/**
 * @param {string} command @param {readonly string[]} args @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<{stdout: string, stderr: string, report: string, code: number | null, seconds: number}>}
 */
export function execute(command, args, env = ENVIRONMENT) {
  return new Promise((settle, fail) => {
    const begin = performance.now();
    const child = spawn(command, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
    running.add(child);
    const texts = ['', '', ''];
    [1, 2, 3].forEach((stream, i) => {
      /** @type {import('node:stream').Readable} */ (child.stdio[stream])
        .setEncoding('utf8')
        .on('data', (part) => (texts[i] += part));
    });
    child.on('error', (error) => {
      running.delete(child);
      fail(error);
    });
    child.on('close', (code) => {
      running.delete(child);
      const seconds = (performance.now() - begin) / 1000;
      settle({ stdout: texts[0], stderr: texts[1], report: texts[2], code, seconds });
    });
  });
}

/** @param {string} what @param {{stderr: string, code: number | null}} result */
export function refuseFailure(what, { stderr, code }) {
  if (code !== 0) throw new Error(`${what} ended with ${code}: ${stderr.trim().split('\n').at(-1)}`);
}

/** One of the functions of side.js in a fresh process. @param {string} name @param {object} options @param {NodeJS.ProcessEnv} [env] */
export async function side(name, options, env = ENVIRONMENT) {
  const args = ['--expose-gc', join(HERE, 'side.js'), name, JSON.stringify(options)];
  const result = await execute(process.execPath, args, env);
  refuseFailure(name, result);
  return JSON.parse(result.stdout);
}

/** The command line in a fresh process: its document, wall seconds and peak memory. @param {readonly string[]} args */
export async function commandLine(args) {
  const result = await execute(process.execPath, [
    `--import=${join(HERE, 'reportPeak.js')}`,
    join(ROOT, 'bin', 'collapsar.js'),
    ...args,
  ]);
  refuseFailure(`collapsar ${args[0]}`, result);
  return {
    text: result.stdout,
    seconds: result.seconds,
    peakMebibytes: /** @type {number} */ (JSON.parse(result.report).peakMebibytes),
  };
}
