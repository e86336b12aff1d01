/** `doctor`: what was found on this machine, and how fast it is. */
import type { Blas } from '../core/blas.js';
import { zeros } from '../core/matrix.js';
import { createRandom } from '../core/random.js';

export interface DoctorDocument {
  readonly collapsar: string;
  readonly runtime: string;
  readonly machine: string;
  readonly blas: {
    readonly name: string;
    readonly path: string | null;
    readonly threads: number | null;
    readonly native: boolean;
  };
  /** float64 and float32 products, in 1e9 operations a second, and a small product's time. */
  readonly speed: {
    readonly dgemmGflops: number;
    readonly sgemmGflops: number;
    readonly smallProductMicroseconds: number;
    readonly svdSeconds: number;
  };
  readonly advice: readonly string[];
}

export function doctor(input: {
  readonly blas: Blas;
  readonly clock: () => number;
  readonly version: string;
  readonly runtime: string;
  readonly machine: string;
  /** What installs a BLAS here. */
  readonly installHint: string;
}): DoctorDocument {
  const { blas, clock } = input;
  const native = blas.path !== null;
  const size = native ? 768 : 192;
  const random = createRandom(0);
  const square = (make: (length: number) => Float32Array | Float64Array) => {
    const A = { data: random.normalsInto(make(size * size), 1), rows: size, cols: size };
    const C = { data: make(size * size), rows: size, cols: size };
    const seconds = fastest(clock, 5, () => blas.gemm('N', 'N', 1, A, A, 0, C));
    return (2 * size ** 3) / seconds / 1e9;
  };
  const thin = { data: random.normalsInto(new Float64Array(4 * 64), 1), rows: 4, cols: 64 };
  const middle = { data: random.normalsInto(new Float64Array(64 * 64), 1), rows: 64, cols: 64 };
  const out = zeros(4, 64);
  const repeats = 2000;
  const small = fastest(clock, 5, () => {
    for (let i = 0; i < repeats; i++) blas.gemm('N', 'N', 1, thin, middle, 0, out);
  });
  const matrix = { data: random.normalsInto(new Float64Array(200 * 200), 1), rows: 200, cols: 200 };
  return {
    collapsar: input.version,
    runtime: input.runtime,
    machine: input.machine,
    blas: { name: blas.name, path: blas.path, threads: blas.threads, native },
    speed: {
      dgemmGflops: square((length) => new Float64Array(length)),
      sgemmGflops: square((length) => new Float32Array(length)),
      smallProductMicroseconds: (small / repeats) * 1e6,
      svdSeconds: fastest(clock, 2, () => blas.svd(matrix)),
    },
    advice: native ? [] : [`no native BLAS was found, so the portable one computes: ${input.installHint}`],
  };
}

/** Seconds of the fastest of `runs` runs, after one that warms up. */
function fastest(clock: () => number, runs: number, work: () => void): number {
  work();
  let best = Infinity;
  for (let i = 0; i < runs; i++) {
    const start = clock();
    work();
    best = Math.min(best, (clock() - start) / 1000);
  }
  return best;
}
