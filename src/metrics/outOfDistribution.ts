/**
 * NC5 (Ammar et al. 2024, arXiv 2310.06823): how near to orthogonal the class means are to the mean of features of other data,
 * mean over k of |cos(h̄_k, h_OOD)|. Nothing is centred, as in the definition.
 */
import type { Matrix } from '../core/matrix.js';
import type { FeatureBatches } from './measureFeatures.js';

export interface OutOfDistribution {
  readonly samples: number;
  /** Null where a mean is zero. */
  readonly nc5: number | null;
  /** ‖h_OOD‖. */
  readonly norm: number;
}

/** means: K×d, of the classes. Reads the source once; its labels are not looked at. */
export async function measureOutOfDistribution(
  source: FeatureBatches,
  means: Matrix,
): Promise<OutOfDistribution> {
  const d = source.dimension;
  const sum = new Float64Array(d);
  let samples = 0;
  for await (const { features } of source.batches()) {
    for (let i = 0; i < features.rows; i++) for (let j = 0; j < d; j++) sum[j] += features.data[i * d + j];
    samples += features.rows;
  }
  const mean = sum.map((value) => value / samples);
  const norm = Math.hypot(...mean);
  let total = 0;
  for (let k = 0; k < means.rows; k++) {
    const row = means.data.subarray(k * d, (k + 1) * d);
    const dot = row.reduce((product, value, j) => product + value * (mean[j] / norm), 0);
    total += Math.abs(dot / Math.hypot(...row));
  }
  const nc5 = total / means.rows;
  return { samples, nc5: Number.isFinite(nc5) ? nc5 : null, norm };
}
