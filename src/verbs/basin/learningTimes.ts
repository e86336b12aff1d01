/**
 * When each class is really learned: gradient descent with small steps and no momentum, which keeps close to the gradient flow that
 * the expected times (`halfFitTime` of the theory room) are for, until every living class has half of its fit.
 *
 * The starts of `basin` take steps as large as settle soon; their path through time is too coarse to be timed.
 */
import type { Blas } from '../../core/blas.js';
import type { WholeHost } from '../../core/host.js';
import { slicesOf } from '../../core/host.js';
import { samplesOf, type Problem } from '../../model/index.js';
import { growthTime } from '../../theory/index.js';
import { createTrainer, largestEigenvalue, type UfmStart, type UfmTrainer } from '../../ufm/index.js';

/** Steps in the growth time of the fastest class. */
const RESOLUTION = 20;
/** Of the largest rate that is stable at the start. */
const SHARE = 0.1;
const MOST_STEPS = 20_000;
/** Parameters beyond which nothing is timed: seconds. */
const MOST_PARAMETERS = 2 ** 18;

/**
 * For each class the time at which it has half of its fit at the minimum; 0 where the start has more, null for a class that is lost,
 * where no curve is known, for large problems, and where time ran out.
 */
export async function measuredHalfTimes(
  problem: Problem,
  start: UfmStart,
  blas: Blas,
  host: WholeHost<never>,
): Promise<(number | null)[]> {
  const times = problem.counts.map<number | null>(() => null);
  const growth = problem.counts.map((_, k) => growthTime(problem, k));
  const fastest = Math.min(...growth.map((time) => time ?? Infinity));
  if (!Number.isFinite(fastest) || start.parameters.flat.length > MOST_PARAMETERS) return times;
  const rate = Math.min(fastest / RESOLUTION, (SHARE * 2) / largestEigenvalue(problem, start, blas));
  const trainer = createTrainer(problem, start, { name: 'sgd', learningRate: rate, momentum: 0 }, blas);
  // S/2 of the mode S/(1 + …), S = N/(2·growth time).
  const halves = growth.map((time) => (time === null ? Infinity : samplesOf(problem) / (4 * time)));
  const slices = slicesOf(host);
  let before = valuesOf(trainer, halves.length);
  before.forEach((value, k) => {
    if (value >= halves[k]) times[k] = 0;
  });
  const wanted = growth.flatMap((time, k) => (time === null ? [] : [k]));
  for (let step = 0; step < MOST_STEPS && wanted.some((k) => times[k] === null); step++) {
    trainer.advance();
    const values = valuesOf(trainer, halves.length);
    for (const k of wanted)
      if (times[k] === null && values[k] >= halves[k])
        times[k] = rate * (step + (halves[k] - before[k]) / (values[k] - before[k]));
    before = values;
    if (slices.over()) await slices.next();
    if (host.signal.aborted) break;
  }
  return times;
}

/** σ_k = ⟨w_k, √n_k·h̄_k⟩, what the curve is of. */
function valuesOf({ parameters: { weights, columns } }: UfmTrainer, K: number): number[] {
  const [W] = weights;
  return Array.from({ length: K }, (_, k) => {
    let sum = 0;
    for (let r = 0; r < W.cols; r++) sum += W.data[k * W.cols + r] * columns.data[r * columns.cols + k];
    return sum;
  });
}
