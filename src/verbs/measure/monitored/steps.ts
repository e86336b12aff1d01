/**
 * What the steps of an epoch make of a decay. With T steps of the optimiser an epoch of N samples, each of a sum over its batch plus
 * wd/2‖W‖², an epoch descends along Σ_i ℓ_i + T·wd/2‖W‖²: λ = wd·T/N beside the mean loss, whatever the sizes of the batches, and
 * R times that where DistributedDataParallel averages the gradients of R processes. Where the last batch is left out, T·B samples are
 * seen, and λ = wd/B.
 *
 * Averaged over each batch of B, the mean over shuffles of an epoch is T times the mean loss, also with a smaller last batch: λ = wd. With
 * class weights the average divides by the weights of the batch, Σ_b w, which are larger in a batch that has the sample itself: to
 * first order in 1/B a class counts by w_k/w̄·(1 − (w_k/w̄ − s)/B), s = mean of (w/w̄)² over samples.
 */
import type { ClassWeighting } from '../../../model/index.js';
import type { MonitoredEpoch } from '../../../runs/index.js';

/** What is known of the steps of an epoch. */
export type StepsOfEpoch = Pick<MonitoredEpoch, 'batch' | 'samples' | 'steps' | 'ranks'>;

export interface Summed {
  /** λ for each decay, beside the mean loss over samples. */
  readonly perSample: number;
  /** What was summed over, in words. */
  readonly words: string;
}

/** Null where neither the steps nor the batch are known. */
export function summedOver({ batch, samples, steps, ranks }: StepsOfEpoch): Summed | null {
  const processes = ranks ?? 1;
  const together = processes === 1 ? '' : `, gradients averaged over ${processes} processes`;
  const ofBatches = (B: number, remark: string): Summed => ({
    perSample: processes / B,
    words: `batches of ${B}${remark}${together}`,
  });
  if (steps !== null && samples !== null) {
    if (batch !== null && steps * batch <= samples) return ofBatches(batch, '');
    return {
      perSample: (processes * steps) / samples,
      words: `${brief(steps)} steps an epoch of ${samples} samples${together}`,
    };
  }
  return batch === null ? null : ofBatches(batch, lastBatch(batch, samples));
}

/** From this share on it is said. */
const WORTH_A_WORD = 0.01;

/** Where steps were not counted: λ = wd·T/N is wd/B where B divides N, and more where a smaller batch ends the epoch. */
function lastBatch(batch: number, samples: number | null): string {
  if (samples === null || samples % batch === 0) return '';
  const more = (Math.ceil(samples / batch) * batch) / samples - 1;
  return more < WORTH_A_WORD
    ? ''
    : ` (where an epoch of ${samples} samples ends with a smaller batch, λ is ${Math.round(100 * more)} % more)`;
}

/** The class that batches of B take furthest from its weight, in a sentence; none where that is less than a hundredth, or B is not known. */
export function weightsInBatches(
  batch: number | null,
  counts: readonly number[],
  weights: ClassWeighting | readonly number[] | null | undefined,
): string[] {
  if (batch === null || !Array.isArray(weights)) return [];
  const N = counts.reduce((sum, n) => sum + n, 0);
  const over = (power: number) => counts.reduce((sum, n, k) => sum + (n / N) * weights[k] ** power, 0);
  const [mean, spread] = [over(1), over(2) / over(1) ** 2];
  const shifts = counts.map((_, k) => (weights[k] / mean - spread) / batch);
  const k = shifts.reduce((most, shift, i) => (Math.abs(shift) > Math.abs(shifts[most]) ? i : most), 0);
  const percent = Math.round(100 * Math.abs(shifts[k]));
  if (percent < 100 * WORTH_A_WORD) return [];
  return [
    `averages over batches of ${batch} divide by the weights of the batch: class ${k} counts about ${percent} % ${shifts[k] > 0 ? 'less' : 'more'} than its weight says, which theory here has not`,
  ];
}

function brief(value: number): string {
  return String(Number(value.toPrecision(4)));
}
