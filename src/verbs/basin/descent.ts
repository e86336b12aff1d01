/**
 * One run of gradient descent with momentum from one start, until nothing moves any more.
 *
 * With a given learning rate it is plain gradient descent. Without one the rate follows the curvature, so that starts of
 * every size settle in some hundred steps and stay close to the path of infinitesimal steps: a stage of steps takes a
 * fixed part of the stable bound 2(1+β)/λ_max (Polyak 1964; `ufm/stableRate.ts`), with λ_max the larger of the largest
 * curvatures here and at the predicted minimum; a stage that climbs is taken back and repeated with smaller steps.
 */
import type { Blas } from '../../core/blas.js';
import { gainsNothing } from '../../judge/index.js';
import type { Problem } from '../../model/index.js';
import {
  createTrainer,
  largestEigenvalue,
  type TrainerState,
  type UfmStart,
  type UfmTrainer,
} from '../../ufm/index.js';

export interface DescentOptions {
  readonly problem: Problem;
  readonly start: UfmStart;
  /** Null: adapted to the curvature. */
  readonly learningRate: number | null;
  readonly momentum: number;
  /** Steps at most. */
  readonly steps: number;
  /** Largest curvature at the predicted minimum: growth into it must not overshoot. */
  readonly curvatureAtMinimum: number;
  readonly blas: Blas;
  /** Asked where nothing moves: false goes on, as at a saddle. */
  readonly mayRest: (trainer: UfmTrainer) => boolean;
  /** Called after each stage, and a few times a second within a long one; true stops the run. */
  readonly stopAfter: (step: number) => Promise<boolean>;
}

/** `still`: what could still be gained is below `STILL` of the objective. `moving`: the steps ran out before. */
export type DescentStatus = 'still' | 'moving' | 'diverged' | 'stopped';

export interface Descent {
  readonly trainer: UfmTrainer;
  readonly status: DescentStatus;
  readonly steps: number;
  /** The last one used. */
  readonly learningRate: number;
}

/**
 * The part of the stable rate that is used. Life and death are decided in the first steps, which therefore stay close to
 * gradient flow (checked against rates ten times smaller); after that it is enough that oscillations die out.
 */
const CAREFUL = { steps: 300, early: 0.02, late: 0.1 };
/** Stages that climb in a row before a run counts as diverged. */
const MOST_RETRIES = 40;
const SHORTEST = 20;
const LONGEST = 250;
const POWER_STEPS = 12;
const SLICE_MS = 80;

export async function descend(options: DescentOptions): Promise<Descent> {
  const { problem, start, momentum, steps, blas } = options;
  const { reduced } = start;
  const stable = (from: UfmStart, step: number) =>
    ((step < CAREFUL.steps ? CAREFUL.early : CAREFUL.late) * 2 * (1 + momentum)) /
    Math.max(options.curvatureAtMinimum, largestEigenvalue(problem, from, blas, POWER_STEPS));
  const trainerAt = (rate: number, state?: TrainerState) =>
    createTrainer(problem, start, { name: 'sgd', learningRate: rate, momentum }, blas, state);

  let rate = options.learningRate ?? stable(start, 0);
  let trainer = trainerAt(rate);
  let objective = trainer.objective();
  let caution = 1;
  let retries = 0;
  let calm = 0;
  let spent = 0;
  let pauseAt = Date.now() + SLICE_MS;
  const end = (status: DescentStatus): Descent => ({
    trainer,
    status,
    steps: trainer.step,
    learningRate: rate,
  });

  while (spent < steps) {
    const length = Math.min(steps - spent, LONGEST, Math.max(SHORTEST, trainer.step >> 2));
    const before = options.learningRate === null ? trainer.state() : null;
    for (let i = 0; i < length && trainer.status === 'running'; i++) {
      trainer.advance();
      if (Date.now() < pauseAt) continue;
      if (await options.stopAfter(spent + i + 1)) return end('stopped');
      pauseAt = Date.now() + SLICE_MS;
    }
    spent += length;
    const reached = trainer.objective();
    const climbed = !(reached <= objective * (1 + 1e-9));
    const stopping = await options.stopAfter(spent);
    if (before === null) {
      if (trainer.status === 'diverged') return end('diverged');
    } else if (climbed) {
      if (++retries > MOST_RETRIES) return end('diverged');
      caution /= 2;
      rate /= 2;
      trainer = trainerAt(rate, before);
      if (stopping) return end('stopped');
      continue;
    }
    retries = 0;
    // In time units of gradient flow a stage lasts length·η/(1−β).
    const pace = (objective - reached) / ((length * rate) / (1 - momentum));
    calm = gainsNothing(pace, reached, problem) ? calm + 1 : 0;
    objective = reached;
    if (calm >= 2 && options.mayRest(trainer)) return end('still');
    if (stopping) return end('stopped');
    if (before === null) continue;
    caution = Math.min(1, 1.5 * caution);
    const next = caution * stable({ reduced, parameters: trainer.parameters }, trainer.step);
    // Rates within a tenth of each other are not worth a new trainer.
    if (next < 0.9 * rate || next > 1.1 * rate) {
      rate = next;
      trainer = trainerAt(rate, trainer.state());
    }
  }
  return end('moving');
}
