/**
 * The lowest point of any problem that can be found: L-BFGS on the objective at the class means, from several starts.
 *
 * M = 1 with features of any sign and wide layers is a convex problem in Z (`ce/dual.ts` and `mse/dual.ts` certify it): a
 * factored point of full width has no bad local minimum, so a single start is enough. Otherwise starts at several gains and
 * ranks are followed, and the lowest is polished: best known, no more. Decays are balanced first, for only their product
 * matters to Z; the factors are scaled back at the end.
 */
import type { Blas } from '../../core/blas.js';
import { hostOf, type Host } from '../../core/host.js';
import { createLbfgs } from '../../core/lbfgs.js';
import { zeros, type Matrix } from '../../core/matrix.js';
import type { Pausable } from '../../core/pausable.js';
import { createRandom } from '../../core/random.js';
import { geometricMean, outputsOf, type Problem } from '../../model/index.js';
import type { Minimiser, SearchSummary } from '../prediction.js';
import { createMeansObjective, type MeansObjective } from './objective.js';
import { randomStart, targetStart } from './starts.js';

export interface NumericOptions {
  readonly blas: Blas;
  readonly seed?: number | undefined;
  /** Seconds that several starts may take. */
  readonly budget: number;
  /** Starts at most; by default all there are. */
  readonly restarts?: number | undefined;
  readonly host?: Pick<Host, 'clock' | 'signal'> | undefined;
  /** After each start: how many, of how many, and the lowest objective. */
  readonly onStart?: ((done: number, of: number, best: number) => void) | undefined;
  readonly onStep?: ((step: number, objective: number) => void) | undefined;
}

export interface NumericSolution {
  readonly point: Minimiser;
  readonly objective: number;
  /** Null for a convex problem. */
  readonly search: SearchSummary | null;
}

const MEMORY = 40;
const STEPS = 3000;
const POLISH = 6000;
/** Random starts at each gain, beside those from the targets. */
const GAINS = [0.7, 1, 1.5, 2.5] as const;
const RANDOM_STARTS = 16;
/** The search ends once so many starts have ended at the lowest value, to this part of it. */
const SETTLED = 6;
const SAME = 1e-8;

/** Whether the problem is convex in Z = Z̄D^{1/2} and wide enough for every Z. */
export function isConvexInProduct(problem: Problem): boolean {
  const { widths, featureSign, focal, counts } = problem;
  return (
    widths.length === 1 &&
    featureSign === 'free' &&
    focal === 0 &&
    widths[0] >= Math.min(counts.length, outputsOf(problem))
  );
}

export function* solveNumerically(problem: Problem, options: NumericOptions): Pausable<NumericSolution> {
  const { blas } = options;
  const decay = geometricMean([...problem.weightDecays, problem.featureDecay]);
  const balanced: Problem = {
    ...problem,
    weightDecays: problem.weightDecays.map(() => decay),
    featureDecay: decay,
  };
  const widths = usefulWidths(problem);
  const rank = Math.min(problem.counts.length, outputsOf(problem), ...widths);
  const objective = createMeansObjective(balanced, widths, blas);
  const random = createRandom(options.seed ?? 0);
  const convex = isConvexInProduct(problem);
  const starts = convex
    ? [() => targetStart(balanced, objective, { gain: startGain(problem), rank, random, blas })]
    : plan(balanced, objective, rank, problem.weightDecays.length + 1, random, blas);
  const steps = convex ? POLISH : STEPS;
  const followed = yield* lowestOf(
    objective,
    starts,
    () => descend(objective, steps, decay, options),
    options,
  );
  if (!convex) yield* descend(objective, POLISH, 0, options);
  return {
    point: embedded(problem, objective.point(), decay),
    objective: objective.value(),
    search: convex ? null : summaryOf(followed, rank, options),
  };
}

/** Wider layers hold no further point that is lower. */
function usefulWidths(problem: Problem): readonly number[] {
  const K = problem.counts.length;
  const most = Math.min(K, outputsOf(problem));
  // Features that must not be negative may use more directions than there are classes.
  const widest = (m: number) => (m === 0 && problem.featureSign === 'nonnegative' ? 2 * K : most);
  return problem.widths.map((width, m) => Math.min(width, widest(m)));
}

/** Follows start after start until the lowest value has come up often enough, and leaves `objective.x` there. */
function* lowestOf(
  objective: MeansObjective,
  starts: readonly (() => void)[],
  follow: () => Pausable<number>,
  options: NumericOptions,
): Pausable<Followed> {
  const { clock, signal } = hostOf(options.host);
  const begun = clock();
  const limit = Math.min(starts.length, options.restarts ?? Infinity);
  const lowest = createLowest();
  let done = 0;
  const isOver = () => clock() - begun > 1000 * options.budget || done >= limit || signal.aborted;
  for (const start of starts) {
    if (done > 0 && (isOver() || lowest.times() >= SETTLED)) break;
    start();
    lowest.offer(yield* follow(), objective.x);
    done++;
    options.onStart?.(done, starts.length, lowest.value());
  }
  lowest.putInto(objective.x);
  return { starts: done, all: done === limit, settled: lowest.times() >= SETTLED };
}

interface Followed {
  readonly starts: number;
  /** Whether all were followed that could be. */
  readonly all: boolean;
  /** Whether the lowest value came up often enough. */
  readonly settled: boolean;
}

function summaryOf({ starts, all, settled }: Followed, rank: number, options: NumericOptions): SearchSummary {
  const endOf = (): SearchSummary['end'] => {
    if (settled) return 'settled';
    if (hostOf(options.host).signal.aborted) return 'stopped';
    return all ? 'starts' : 'budget';
  };
  const ranks = [...new Set(ranksOf(rank))].sort((a, b) => a - b);
  return {
    ...{ starts, ranks, rounds: 1, exchanges: 0, kicks: 0 },
    ...{ budget: options.budget, complete: settled, end: endOf() },
  };
}

/** The lowest point so far, and how many starts have come to it. */
function createLowest() {
  let best: { value: number; x: Float64Array } | null = null;
  let same = 0;
  return {
    times: () => same,
    value: () => best?.value ?? Infinity,
    offer(value: number, x: Float64Array): void {
      if (best === null) {
        if (Number.isFinite(value)) [best, same] = [{ value, x: x.slice() }, 1];
        return;
      }
      const margin = SAME * Math.abs(best.value);
      if (value < best.value - margin) same = 1;
      else if (value <= best.value + margin) same++;
      if (value < best.value) best = { value, x: x.slice() };
    },
    putInto(x: Float64Array): void {
      if (best !== null) x.set(best.x);
    },
  };
}

/** Logits of a cross-entropy solution are of the order of log K above each other; squared errors ask for the targets. */
function startGain(problem: Problem): number {
  return problem.loss === 'mse' ? 0.7 : 2 + Math.log(problem.counts.length);
}

function ranksOf(rank: number): number[] {
  return [rank, Math.max(1, rank - 1), Math.max(1, Math.ceil(rank / 2))];
}

function plan(
  problem: Problem,
  objective: MeansObjective,
  rank: number,
  L: number,
  random: ReturnType<typeof createRandom>,
  blas: Blas,
): (() => void)[] {
  const gain = startGain(problem);
  const fromTargets = [1, 0.5, 2].flatMap((times) =>
    [...new Set(ranksOf(rank))].map(
      (r) => () => targetStart(problem, objective, { gain: times * gain, rank: r, random, blas }),
    ),
  );
  // The product of L factors has the size of the outputs.
  const size = Math.pow(gain, 1 / L);
  const drawn = Array.from(
    { length: RANDOM_STARTS },
    (_, i) => () => randomStart(objective, GAINS[i % GAINS.length] * size, random),
  );
  return [...fromTargets, ...drawn];
}

function* descend(
  objective: MeansObjective,
  steps: number,
  decay: number,
  { blas, host, onStep }: NumericOptions,
): Pausable<number> {
  // The gradient is of the order of the decay times a factor of order one.
  const solver = createLbfgs(objective, { memory: MEMORY, tolerance: 1e-12 * decay, blas });
  for (let step = 0; step < steps; step++) {
    if (solver.iterate() !== 'moved' || host?.signal?.aborted === true) break;
    if (step % 16 === 15) {
      onStep?.(step, solver.state().value);
      yield;
    }
  }
  return objective.value();
}

/** The point in the problem's own widths and decays: factors padded with zeros, W_m times √(λ/λ_m). */
function embedded(problem: Problem, { head, classFeatures }: Minimiser, decay: number): Minimiser {
  const outs = [...problem.widths.slice(1), outputsOf(problem)];
  const scaled = (A: Matrix, rows: number, cols: number, factor: number): Matrix => {
    const out = zeros(rows, cols);
    for (let i = 0; i < A.rows; i++)
      for (let j = 0; j < A.cols; j++) out.data[i * cols + j] = factor * A.data[i * A.cols + j];
    return out;
  };
  return {
    head: {
      weights: head.weights.map((W, m) =>
        scaled(W, outs[m], problem.widths[m], Math.sqrt(decay / problem.weightDecays[m])),
      ),
      bias: head.bias,
    },
    classFeatures: scaled(
      classFeatures,
      problem.widths[0],
      problem.counts.length,
      Math.sqrt(decay / problem.featureDecay),
    ),
  };
}
