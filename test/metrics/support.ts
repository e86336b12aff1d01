/** What the tests of the measures share: comparing numbers, and turning samples into a measurement. */
import { expect } from 'vitest';
import type { Blas } from '../../src/core/blas.js';
import type { Floats, Matrix } from '../../src/core/matrix.js';
import { batchesOf, measureFeatures, type MeasureFeaturesOptions } from '../../src/metrics/index.js';
import type { Samples } from './naive.js';

/** |a − b| ≤ relative·max(|a|, |b|) + absolute, in words when it fails. */
export function close(
  got: number | null,
  want: number | null,
  relative: number,
  absolute = 0,
  what = '',
): void {
  if (got === null || want === null) {
    expect(got, what).toBe(want);
    return;
  }
  const allowed = relative * Math.max(Math.abs(got), Math.abs(want)) + absolute;
  expect(Math.abs(got - want), `${what}: ${got} beside ${want}`).toBeLessThanOrEqual(allowed);
}

/** Every number of `want` (nested objects, arrays and typed arrays) beside the same place in `got`. */
export function closeTree(got: unknown, want: unknown, relative: number, absolute = 0, what = ''): void {
  if (typeof want === 'number' || want === null) {
    close(got as number | null, want, relative, absolute, what);
    return;
  }
  if (typeof want !== 'object') {
    expect(got, what).toBe(want);
    return;
  }
  for (const key of Object.keys(want))
    closeTree(
      (got as Record<string, unknown>)[key],
      (want as Record<string, unknown>)[key],
      relative,
      absolute,
      `${what}.${key}`,
    );
}

export function float32(A: Matrix<Floats>): Matrix<Float32Array> {
  return { data: Float32Array.from(A.data), rows: A.rows, cols: A.cols };
}

/** Measures samples that are in memory. */
export async function measured(
  samples: Pick<Samples, 'labels'> & { features: Matrix<Float32Array> | Matrix },
  options: MeasureFeaturesOptions & { batchRows?: number },
) {
  return measureFeatures(batchesOf(samples.features, samples.labels, options.batchRows), options);
}

/** No NaN and no Infinity anywhere. */
export function allFinite(value: unknown, what = ''): void {
  if (typeof value === 'number') expect(Number.isFinite(value), `${what} = ${value}`).toBe(true);
  else if (typeof value === 'object' && value !== null)
    for (const [key, part] of Object.entries(value)) allFinite(part, `${what}.${key}`);
}

export function title(blas: Blas): string {
  return blas.name === 'portable' ? 'portable BLAS' : 'native BLAS';
}
