/**
 * The other side of the benchmarks: Python with PyTorch and NumPy, at its best.
 *
 * `PEER_PYTHON` names the Python, else bench/.venv/bin/python (python3 -m venv bench/.venv; pip install torch numpy), else that of
 * the system. A PyTorch on OpenBLAS (Debian's) gets GOMP_SPINCOUNT=0: its OpenMP threads would spin against OpenBLAS's and make it
 * up to four times slower. Which of one and all threads, of channels_last and not, compiled and not, is fastest is found out.
 */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { ENVIRONMENT, execute, refuseFailure } from './processes.js';

const HERE = dirname(fileURLToPath(import.meta.url));
const MOST_WORDS = 4;

/**
 * @typedef {object} Fastest
 * @property {readonly string[]} args of the fastest
 * @property {string} words the same in words
 * @property {{words: string, rate: number | null}[]} tried what each reached; null where it failed
 *
 * @typedef {object} Peers
 * @property {(script: string, args: readonly string[]) => Promise<any>} run a script of the peers' folder; its last line as JSON
 * @property {(script: string, args: readonly string[], rate: (result: any) => number, choices: readonly (readonly string[][])[]) => Promise<Fastest>} fastest
 *   chooses among settings one after the other, keeping the best so far
 * @property {string | null} torchMissing why PyTorch is not compared with, or null
 * @property {string | null} numpyMissing why NumPy is not compared with, or null
 * @property {{python?: string, torch?: string, torchBlas?: string, numpy?: string}} versions
 */

/** @param {string | undefined} given the folder of the peers' scripts @returns {Promise<Peers>} */
export async function findPeers(given) {
  const folder = resolve(given ?? join(HERE, 'peers'));
  const torch = await findModule('torch', 'torch.backends.mkl.is_available() and "MKL" or "OpenBLAS"');
  const numpy = await findModule('numpy', '"-"');
  const missing = (/** @type {string} */ module, /** @type {any} */ found, /** @type {string} */ script) => {
    if (!existsSync(join(folder, script))) return `no ${script} in the folder of --peers`;
    return found === null ? `no Python with ${module}` : null;
  };
  const env = torch?.about === 'OpenBLAS' ? { ...ENVIRONMENT, GOMP_SPINCOUNT: '0' } : ENVIRONMENT;
  const run = async (/** @type {string} */ script, /** @type {readonly string[]} */ args) => {
    const python = (script.startsWith('torch') ? torch : numpy)?.python ?? 'python3';
    const result = await execute(python, [join(folder, script), ...args], env);
    refuseFailure(script, result);
    const line = result.stdout.trim().split('\n').at(-1);
    return line === undefined || line === '' ? null : JSON.parse(line);
  };
  return {
    run,
    async fastest(script, args, rate, choices) {
      /** @type {{args: readonly string[], words: string, rate: number | null}[]} */
      const tried = [];
      let best = /** @type {readonly string[]} */ ([]);
      for (const [i, options] of choices.entries())
        for (const option of options) {
          // The first of each later choice is what stands already.
          if (i > 0 && option.length === 0) continue;
          const settings = [...best.filter((word) => !option.includes(word)), ...option];
          const reached = await run(script, [...args, ...settings]).then(rate, () => null);
          tried.push({ args: settings, words: settings.join(' '), rate: reached });
          const top = tried.reduce((a, b) => ((b.rate ?? 0) > (a.rate ?? 0) ? b : a));
          if (option === options.at(-1)) best = top.args;
        }
      return {
        args: best,
        words: best
          .map((word) => word.replace(/^--/, ''))
          .slice(0, MOST_WORDS)
          .join(' '),
        tried: tried.map(({ words, rate: reached }) => ({ words, rate: reached })),
      };
    },
    torchMissing: missing('torch', torch, 'torch_ufm.py'),
    numpyMissing: missing('numpy', numpy, 'numpy_measure.py'),
    versions: {
      ...(torch === null
        ? {}
        : { python: torch.pythonVersion, torch: torch.version, torchBlas: torch.about }),
      ...(numpy === null ? {} : { numpy: numpy.version }),
    },
  };
}

/** The first Python that has a module. @param {string} module @param {string} about an expression to evaluate with it */
async function findModule(module, about) {
  const named = process.env.PEER_PYTHON;
  const places =
    named === undefined ? [join(HERE, '.venv', 'bin', 'python'), '/usr/bin/python3', 'python3'] : [named];
  for (const python of places) {
    const program = `import sys, ${module}; print(${module}.__version__, sys.version.split()[0], ${about})`;
    const result = await execute(python, ['-c', program]).catch(() => null);
    if (result === null || result.code !== 0) continue;
    const [version, pythonVersion, said] = result.stdout.trim().split(' ');
    return { python, version, pythonVersion, about: said };
  }
  return null;
}

/** What is tried of PyTorch for every work: one thread and all; then compiled. @param {number} threads */
export function torchChoices(threads) {
  return [
    [['--threads', String(threads)], ...(threads > 1 ? [['--threads', '1']] : [])],
    [[], ['--compile']],
  ];
}

/** The same with the layout of convolutions between. @param {number} threads */
export function convolutionChoices(threads) {
  const [count, compile] = torchChoices(threads);
  return [count, [[], ['--channels-last']], compile];
}
