/** Starting both sides: our processes and the Python peers, each fresh, one at a time. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import process from 'node:process';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = dirname(HERE);

/** Children still running, so that an interrupted benchmark leaves none behind. */
const running = new Set();
export function stopChildren() {
  for (const child of running) child.kill();
}

/**
 * @param {string} command @param {readonly string[]} args
 * @returns {Promise<{stdout: string, stderr: string, report: string, code: number | null, seconds: number}>}
 */
function execute(command, args) {
  return new Promise((settle, fail) => {
    const begin = performance.now();
    const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
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
function refuseFailure(what, { stderr, code }) {
  if (code !== 0) throw new Error(`${what} ended with ${code}: ${stderr.trim().split('\n').at(-1)}`);
}

/** One of the functions of side.js in a fresh process. @param {string} name @param {object} options */
export async function side(name, options) {
  const result = await execute(process.execPath, [
    '--expose-gc',
    join(HERE, 'side.js'),
    name,
    JSON.stringify(options),
  ]);
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

/**
 * @typedef {object} Peers
 * @property {(script: string, args: readonly string[]) => Promise<any>} run a script of the peers' folder; its last line as JSON
 * @property {string | null} torchMissing why PyTorch is not compared with, or null
 * @property {string | null} numpyMissing why NumPy is not compared with, or null
 * @property {{python?: string, torch?: string, numpy?: string}} versions
 */

/** Looks for Python, PyTorch and NumPy, and for the peers' scripts. @param {string | undefined} given @returns {Promise<Peers>} */
export async function findPeers(given) {
  const folder = resolve(ROOT, given ?? '../shared/peers');
  /** @type {Record<string, {python: string, version: string, pythonVersion: string}>} */
  const found = {};
  for (const python of ['/usr/bin/python3', 'python3'])
    for (const module of ['torch', 'numpy'])
      if (found[module] === undefined) {
        const program = `import sys, ${module}; print(${module}.__version__, sys.version.split()[0])`;
        const result = await execute(python, ['-c', program]).catch(() => null);
        if (result === null || result.code !== 0) continue;
        const [version, pythonVersion] = result.stdout.trim().split(' ');
        found[module] = { python, version, pythonVersion };
      }
  const missing = (/** @type {string} */ module, /** @type {string} */ script) =>
    !existsSync(join(folder, script))
      ? `no ${script} (give its folder with --peers)`
      : found[module] === undefined
        ? `no Python with ${module}`
        : null;
  const [torchMissing, numpyMissing] = [
    missing('torch', 'torch_ufm.py'),
    missing('numpy', 'numpy_measure.py'),
  ];
  return {
    torchMissing,
    numpyMissing,
    versions: {
      ...(torchMissing === null ? { python: found.torch.pythonVersion, torch: found.torch.version } : {}),
      ...(numpyMissing === null ? { python: found.numpy.pythonVersion, numpy: found.numpy.version } : {}),
    },
    async run(script, args) {
      const { python } = found[script.startsWith('torch') ? 'torch' : 'numpy'];
      const result = await execute(python, [join(folder, script), ...args]);
      refuseFailure(script, result);
      const line = result.stdout.trim().split('\n').at(-1);
      return line === undefined || line === '' ? null : JSON.parse(line);
    },
  };
}
