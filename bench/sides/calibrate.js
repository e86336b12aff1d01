/** What this machine can do through the same calls: arithmetic, memory bandwidth, and the cost of a call. */
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { chooseBlas } from 'collapsar/node';
import { matrix } from 'collapsar/core';

/** Seconds of one call: the best of several stretches of at least `stretch` seconds. @param {() => void} work */
export function secondsOf(work, stretch = 0.05, stretches = 7) {
  work();
  let best = Infinity;
  let repeats = 1;
  for (let i = 0; i < stretches;) {
    const begin = performance.now();
    for (let r = 0; r < repeats; r++) work();
    const seconds = (performance.now() - begin) / 1000;
    if (seconds < stretch / 2) {
      repeats *= 2;
      continue;
    }
    best = Math.min(best, seconds / repeats);
    i++;
  }
  return best;
}

/** @param {typeof Float32Array | typeof Float64Array} Kind @param {number} n */
function filled(Kind, n) {
  return new Kind(n).fill(0.5);
}

/** @param {{entries?: number[]}} options entries of the vectors whose bandwidth is wanted */
export function calibrate({ entries = [2 ** 25] }) {
  const blas = chooseBlas(process.env.COLLAPSAR_BLAS);
  const portable = blas.path === null;
  const n = portable ? 256 : 2048;
  /** @param {typeof Float32Array | typeof Float64Array} Kind */
  const rate = (Kind) => {
    const square = () => matrix(/** @type {any} */ (filled(Kind, n * n)), n, n);
    const [A, B, C] = [square(), square(), square()];
    return (2 * n ** 3) / secondsOf(() => blas.gemm('N', 'N', 1, A, B, 0, C), 0.2, 5) / 1e9;
  };
  const [x, y] = [filled(Float64Array, 1), filled(Float64Array, 1)];
  const one = () => matrix(filled(Float64Array, 1), 1, 1);
  const [a, b, c] = [one(), one(), one()];
  return {
    blas: { name: blas.name, threads: blas.threads },
    gflops: { float64: rate(Float64Array), float32: rate(Float32Array), n },
    callMicroseconds: {
      axpy: secondsOf(() => blas.axpy(1e-30, x, y)) * 1e6,
      gemm: secondsOf(() => blas.gemm('N', 'N', 1, a, b, 0, c)) * 1e6,
    },
    // y ← αx + y reads two vectors and writes one: 24 bytes an entry.
    bandwidth: entries.map((length) => {
      const [u, v] = [filled(Float64Array, length), filled(Float64Array, length)];
      const seconds = secondsOf(() => blas.axpy(1e-30, u, v), 0.2, 7);
      return { mebibytes: (16 * length) / 2 ** 20, gigabytesPerSecond: (24 * length) / seconds / 1e9 };
    }),
  };
}
