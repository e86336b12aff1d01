/**
 * A `Blas` that counts and times what passes through it, and one that records calls to play them again.
 *
 * The limits in the table come from here: how many calls a step makes, how many operations they are, and how long the
 * same calls take with nothing of ours around them.
 */
import { performance } from 'node:perf_hooks';

const OPERATIONS = /** @type {const} */ (['gemm', 'gramInto', 'axpy', 'dot', 'eigenSymmetric', 'svd', 'qr']);

/** Multiplications and additions of a call, each counted once. @param {string} name @param {any[]} args */
function operationsOf(name, args) {
  switch (name) {
    case 'gemm': {
      const [tA, , , A, , , C] = args;
      return 2 * C.rows * C.cols * (tA === 'N' ? A.cols : A.rows);
    }
    case 'gramInto':
      return args[1].rows * args[1].cols * (args[1].cols + 1);
    case 'axpy':
      return 2 * args[1].length;
    case 'dot':
      return 2 * args[0].length;
    default:
      return 0;
  }
}

/**
 * Calls, operations and seconds by kind of call and by phase. The phase is whatever `setPhase` was last given.
 * @param {import('collapsar/core').Blas} blas
 */
export function timedBlas(blas) {
  /** @type {Record<string, Record<string, {calls: number, operations: number, seconds: number}>>} */
  const phases = {};
  let phase = 'all';
  const wrapped = { name: blas.name, path: blas.path, threads: blas.threads };
  for (const name of OPERATIONS)
    wrapped[name] = (...args) => {
      const begin = performance.now();
      const result = /** @type {any} */ (blas)[name](...args);
      const seconds = (performance.now() - begin) / 1000;
      const entry = ((phases[phase] ??= {})[name] ??= { calls: 0, operations: 0, seconds: 0 });
      entry.calls++;
      entry.operations += operationsOf(name, args);
      entry.seconds += seconds;
      return result;
    };
  return {
    blas: /** @type {import('collapsar/core').Blas} */ (/** @type {unknown} */ (wrapped)),
    phases,
    /** @param {string} name */
    setPhase(name) {
      phase = name;
    },
  };
}

/**
 * Records the calls made during `work` (their arguments are kept, not copied) and gives them back as one function.
 * @param {import('collapsar/core').Blas} blas
 */
export function recordingBlas(blas) {
  /** @type {{name: string, args: any[], operations: number}[]} */
  let calls = [];
  let on = false;
  const wrapped = { name: blas.name, path: blas.path, threads: blas.threads };
  for (const name of OPERATIONS)
    wrapped[name] = (...args) => {
      if (on) calls.push({ name, args, operations: operationsOf(name, args) });
      return /** @type {any} */ (blas)[name](...args);
    };
  return {
    blas: /** @type {import('collapsar/core').Blas} */ (/** @type {unknown} */ (wrapped)),
    /** @param {() => void} work */
    record(work) {
      calls = [];
      on = true;
      work();
      on = false;
      return calls;
    },
  };
}

/** Plays recorded calls again. @param {import('collapsar/core').Blas} blas @param {ReturnType<ReturnType<typeof recordingBlas>['record']>} calls */
export function player(blas, calls) {
  return () => {
    for (const { name, args } of calls) {
      if (name === 'gemm') blas.gemm(args[0], args[1], args[2], args[3], args[4], args[5], args[6]);
      else if (name === 'axpy') blas.axpy(args[0], args[1], args[2]);
      else if (name === 'dot') blas.dot(args[0], args[1]);
      else blas[name](...args);
    }
  };
}
