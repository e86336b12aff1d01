/**
 * `basin`: which classes gradient descent keeps, from random starts of several sizes, beside what the global minimum says.
 *
 * Theory (Dang et al. 2023) says where the global minimum is, not that training gets there. For M ≥ 2 zero is a local
 * minimum of every mode: near it the data pull with the product of all M + 1 factors and the decay with each factor, so a
 * class lives only if it starts above its barrier, the unstable stationary point between the two minima.
 *
 * Starts are those of `train` with `init: {std, seed}`; the same seed at two scales is one direction at two sizes.
 */
import type { Blas } from '../../core/blas.js';
import { refuse } from '../../core/errors.js';
import { hostOf, type Host } from '../../core/host.js';
import { measureSnapshot } from '../../metrics/index.js';
import { depthOf, isBalanced, variationsOf, type Problem } from '../../model/index.js';
import {
  aliveAbove,
  livesInTheory,
  expectedStart,
  halfFitTime,
  thresholds,
  type CeProgress,
  type ClassPrediction,
  type Minimiser,
  type Prediction,
} from '../../theory/index.js';
import { drawStart, largestEigenvalue, stableRate, type UfmTrainer, nearStart } from '../../ufm/index.js';
import type { BasinClass, BasinDocument, BasinScale, BasinStart, StartStatus } from './document.js';
import { explainBasin } from './words.js';
import { descend } from './descent.js';
import { measuredHalfTimes } from './learningTimes.js';
import { minimiserOf, predictInSlices } from '../predict/predict.js';
import { problemDocument } from '../predict/document.js';
import { fitsOf } from '../../judge/index.js';

export interface BasinProgress {
  readonly phase: 'starts';
  /** Starts done, of all; a start under way counts in part. */
  readonly done: number;
  readonly total: number;
  readonly scale: number;
  readonly seed: number;
  readonly step: number;
}

export interface BasinOptions {
  readonly problem: Problem;
  /** Standard deviations of the starts. */
  readonly scales: readonly number[];
  /** Starts at each scale; start i has seed `seed` + i. */
  readonly starts: number;
  readonly seed: number;
  /** Steps of one start at most. */
  readonly steps: number;
  /** Null: adapted to the curvature as training goes. */
  readonly learningRate: number | null;
  readonly momentum: number;
  readonly blas: Blas;
  /** Reports while the prediction is solved numerically, before anything else; then where the starts are. */
  readonly host?: Host<CeProgress | BasinProgress> | undefined;
}

/** Parameters of one start: 1 GiB as float64. */
const MOST_PARAMETERS = 2 ** 27;

/** 0.1, 0.3, 0.5, 1 and 2 times 1/√d, d the largest width: 1/√d keeps the size of what a layer is fed. */
export function defaultScales(problem: Problem): number[] {
  const usual = 1 / Math.sqrt(Math.max(...problem.widths));
  return [0.1, 0.3, 0.5, 1, 2].map((gain) => Number((gain * usual).toPrecision(2)));
}

export async function basin(options: BasinOptions): Promise<BasinDocument> {
  const { problem, scales, blas } = options;
  checkSize(problem);
  const host = hostOf(options.host);
  const { signal } = host;
  const prediction = await predictInSlices(problem, blas, { host });
  const judge = createJudge(problem, prediction, blas);
  const minimiser = minimiserOf(prediction, blas);
  const minimum = nearStart('near the prediction', problem, minimiser, 0, 0).start;
  const curvature = options.learningRate === null ? largestEigenvalue(problem, minimum, blas) : 0;
  const ended: BasinStart[] = [];
  // Seeds outside, scales inside: what an interruption leaves is even.
  const plan = Array.from({ length: options.starts }, (_, i) =>
    scales.map((scale) => ({ scale, seed: options.seed + i })),
  ).flat();
  for (const { scale, seed } of plan) {
    if (signal.aborted) break;
    const report = (step: number) =>
      host.onProgress({
        phase: 'starts',
        done: ended.length + step / options.steps,
        total: plan.length,
        scale,
        seed,
        step,
      });
    report(0);
    const { trainer, status, steps, learningRate } = await descend({
      problem,
      start: drawStart(problem, scale, seed, blas),
      learningRate: options.learningRate,
      momentum: options.momentum,
      steps: options.steps,
      curvatureAtMinimum: curvature,
      blas,
      mayRest: (at) => !judge.unfinished(judge.alive(judge.fits(at))),
      async stopAfter(step) {
        report(step);
        await host.yield();
        return signal.aborted;
      },
    });
    if (status === 'stopped') break;
    const at = { scale, seed, steps, learningRate };
    if (status === 'diverged') {
      ended.push({
        ...at,
        status,
        settled: false,
        objective: null,
        alive: null,
        fits: null,
        asPredicted: false,
      });
      continue;
    }
    const fits = judge.fits(trainer);
    const alive = judge.alive(fits);
    const unsettled = judge.unfinished(alive) ? 'saddle' : 'moving';
    const verdict = status === 'still' ? 'settled' : unsettled;
    ended.push({
      ...at,
      status: verdict,
      settled: verdict === 'settled',
      objective: trainer.objective(),
      alive,
      fits,
      asPredicted: alive.every((lives, k) => lives === judge.expected[k]),
    });
  }
  const order = new Map(scales.map((scale, s) => [scale, s]));
  const starts = [...ended].sort(
    (a, b) => (order.get(a.scale) ?? 0) - (order.get(b.scale) ?? 0) || a.seed - b.seed,
  );
  const learned: (number | null)[][] = [];
  for (const scale of scales) {
    const start = drawStart(problem, scale, options.seed, blas);
    learned.push(await measuredHalfTimes(problem, start, blas, host));
  }
  const interrupted = ended.length < plan.length;
  return summarise(options, { prediction, minimiser, judge, starts, learned, interrupted });
}

function summarise(
  options: BasinOptions,
  done: {
    readonly prediction: Prediction;
    readonly minimiser: Minimiser;
    readonly judge: Judge;
    readonly starts: readonly BasinStart[];
    /** By scale, then by class. */
    readonly learned: readonly (readonly (number | null)[])[];
    readonly interrupted: boolean;
  },
): BasinDocument {
  const { prediction, minimiser, judge, starts, learned, interrupted } = done;
  const { problem, scales } = options;
  const at = (scale: number) => starts.filter((start) => start.scale === scale);
  const share = (scale: number, k: number) => {
    const lives = at(scale).flatMap(({ alive }) => (alive === null ? [] : [alive[k]]));
    return lives.length === 0 ? null : lives.filter(Boolean).length / lives.length;
  };
  const perScale = scales.map((std): BasinScale => {
    const here = at(std);
    const count = (status: StartStatus) => here.filter((start) => start.status === status).length;
    const objectives = here.flatMap(({ objective }) => (objective === null ? [] : [objective]));
    return {
      std,
      starts: here.length,
      settled: count('settled'),
      saddles: count('saddle'),
      moving: count('moving'),
      diverged: count('diverged'),
      asPredicted: here.filter(({ asPredicted }) => asPredicted).length,
      lowestObjective: objectives.length === 0 ? null : Math.min(...objectives),
    };
  });
  const document = {
    problem: problemDocument(problem),
    prediction: { objective: prediction.objective, optimality: prediction.optimality },
    status: interrupted ? ('interrupted' as const) : ('finished' as const),
    scales: perScale,
    seed: options.seed,
    steps: options.steps,
    momentum: options.momentum,
    learningRate: options.learningRate ?? ('adapted' as const),
    stableLearningRate: stableRateFor(options, starts, minimiser),
    blas: options.blas.name,
    classes: prediction.classes.map((predicted, k): BasinClass => ({
      count: predicted.count,
      regime: predicted.regime,
      separated: predicted.separated,
      predictedFit: predicted.fit,
      barrier: barrierOf(problem, predicted),
      halfFitTime: scales.map((scale) => halfFitTime(problem, k, expectedStart(problem, scale))),
      measuredHalfFitTime: learned.map((times) => times[k]),
      alive: scales.map((scale) => share(scale, k)),
    })),
    starts,
  };
  return { ...document, explanation: explainBasin(document, judge.lives) };
}

/** Stable at the diverged start of the largest scale. */
function stableRateFor(
  { problem, learningRate, momentum, blas }: BasinOptions,
  starts: readonly BasinStart[],
  minimum: Minimiser,
): number | null {
  const diverged = starts.filter(({ status }) => status === 'diverged');
  const worst = diverged.reduce<BasinStart | null>((a, b) => (a === null || b.scale > a.scale ? b : a), null);
  if (worst === null || learningRate === null) return null;
  return stableRate({
    ...{ problem, momentum, minimum, blas },
    start: drawStart(problem, worst.scale, worst.seed, blas),
    // Every start that diverged did so at this rate, the longest of them last.
    failed: { learningRate, steps: Math.max(...diverged.map(({ steps }) => steps)) },
  }).rate;
}

/** What life and death mean for one problem. */
interface Judge {
  /** Whether theory lets each class live. */
  readonly lives: readonly boolean[];
  /** Whether each class counts as alive at the predicted minimum (where modes mix, a lost mode's class may). */
  readonly expected: readonly boolean[];
  fits(trainer: UfmTrainer): (number | null)[];
  alive(fits: readonly (number | null)[]): boolean[];
  /** True where this pattern of life and death cannot be a minimum. */
  unfinished(alive: readonly boolean[]): boolean;
}

function createJudge(problem: Problem, prediction: Prediction, blas: Blas): Judge {
  const depth = depthOf(problem);
  const { classes } = prediction;
  const limits = classes.map((predicted) => aliveAbove(predicted, depth));
  const expected = classes.map(({ fit }, k) => fit > limits[k]);
  const strength = problem.counts;
  // Where modes are no classes, or have no regimes, the order of classes tells nothing.
  const ordered =
    problem.loss === 'mse' &&
    variationsOf(problem).length === 0 &&
    (problem.bias === 'none' || isBalanced(problem));
  return {
    lives: classes.map(({ regime, fit }) => livesInTheory(regime, fit)),
    expected,
    fits: (trainer) =>
      fitsOf(measureSnapshot(trainer.snapshot('classes'), { blas }), problem, trainer.parameters.bias),
    alive: (fits) => fits.map((fit, k) => fit !== null && fit > limits[k]),
    unfinished(alive) {
      // With one layer every local minimum is global; a cut class may stand in for one of its size.
      if (depth === 1 && prediction.unique && prediction.optimality === 'global')
        return alive.some((is, k) => is !== expected[k]);
      if (!ordered) return false;
      if (alive.some((is, k) => is && classes[k].regime === 'lost')) return true;
      // A living mode can turn towards a larger lost class at second order: that lowers the objective.
      const weakest = Math.min(...strength.filter((_, k) => alive[k]));
      return alive.some((is, k) => !is && strength[k] > weakest);
    },
  };
}

/**
 * The fit at the unstable stationary point: the smaller root of b = M x^{M−1}/(1 + x^M)², f = x^M/(1 + x^M), by bisection
 * left of the peak x^M = (M−1)/(M+1).
 */
function barrierOf(problem: Problem, { maxWeightDecay, regime }: ClassPrediction): number | null {
  const M = depthOf(problem);
  if (maxWeightDecay === null || (regime !== 'alive' && regime !== 'metastable')) return null;
  if (M === 1) return 0;
  let mean = 0;
  for (const decay of problem.weightDecays) mean += Math.log(decay) / M;
  const logB = Math.log(thresholds(M).bGlobal) + mean - Math.log(maxWeightDecay);
  let high = Math.log((M - 1) / (M + 1)) / M;
  const excess = (t: number) => Math.log(M) + (M - 1) * t - 2 * Math.log1p(Math.exp(M * t)) - logB;
  let low = Math.min(high, (logB - Math.log(M)) / (M - 1)) - 1;
  for (let i = 0; i < 100; i++) {
    const t = (low + high) / 2;
    if (excess(t) < 0) low = t;
    else high = t;
  }
  return 1 / (1 + Math.exp(-M * low));
}

function checkSize({ widths, counts }: Problem): void {
  const K = counts.length;
  const size = widths.reduce(
    (sum, width, m) => sum + width * (widths[m + 1] ?? K),
    widths[0] * (K + widths[0]),
  );
  if (size > MOST_PARAMETERS)
    refuse('basin', `at most ${MOST_PARAMETERS} parameters`, size, 'choose smaller widths');
}
