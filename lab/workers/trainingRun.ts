/** One training of the unconstrained-features model, with what the page shows of it. */
import { portableBlas as blas } from 'collapsar/core';
import { headProduct } from 'collapsar/head';
import { measuredGeometry, measureSnapshot, timesPowerOfTwo, type Measurement } from 'collapsar/metrics';
import { depthOf, frameRows, samplesOf } from 'collapsar/model';
import type { ClassComparison, GramMatrices } from 'collapsar/runs';
import { buildMinimiser, livesInTheory } from 'collapsar/theory';
import { createTrainer, drawStart, stableRate, type UfmTrainer } from 'collapsar/ufm';
import { compareClasses, fitsOf, hasSettled, judge, recordOf, undecided } from 'collapsar/judge';
import { anglesOfRows } from '../theory/angles.js';
import { embed } from '../theory/embed.js';
import { predictionOf, type PredictionFacts } from '../theory/facts.js';
import type { TrainingState } from '../link/labState.js';
import type { MeasuredMore, TrainEnded, TrainFrame, TrainMeasured } from './trainMessages.js';
import { createAlignment } from './alignment.js';
import { continued } from './continued.js';
import { createDots } from './dots.js';

/** Numbers of features up to which single samples are measured too (NC4, accuracy). */
const MOST_SAMPLES = 2 ** 19;
/** The pace of a training is judged against that of this many steps: as often as the paper measures. */
const STEPS_APART = 100;

export interface TrainingRun {
  readonly trainer: UfmTrainer;
  /** Whether the last measurement found nothing left to gain. */
  readonly settled: boolean;
  frame(rate: number | null): TrainFrame;
  measure(seconds: number): TrainMeasured;
  ended(): TrainEnded;
  /** A learning rate at which gradient descent is stable; null where none is found. */
  stableRate(): number | null;
}

/** `before`: a training whose weights go on under another problem or method; steps count from here. */
export function startTraining(
  run: number,
  facts: PredictionFacts,
  training: TrainingState,
  before: TrainingRun | null = null,
): TrainingRun {
  const { problem } = facts;
  const prediction = predictionOf(facts);
  const { seed, scale, learningRate, momentum } = training;
  const method = { name: 'sgd', learningRate, momentum } as const;
  const begin = () => drawStart(problem, scale, seed, blas);
  const trainer =
    before === null
      ? createTrainer(problem, begin(), method, blas)
      : continued(before.trainer, problem, method, scale);
  const predicted = embed(facts.geometry);
  const align = createAlignment(predicted);
  const dots = createDots(problem);
  const detail = samplesOf(problem) * problem.widths[0] <= MOST_SAMPLES ? 'samples' : 'classes';
  /** Earlier objectives; the first is the one to compare with. */
  let earlier: { readonly step: number; readonly objective: number }[] = [];
  let settled = false;

  /** The picture of a state: its rows, means and some samples where the predicted ones are drawn. */
  const pictured = () => {
    const { head, statistics } = trainer.snapshot('classes');
    const P = headProduct(blas, head === null ? [] : head.weights);
    const { means, exponent = 0 } = statistics;
    const data = means.data.map((value) => timesPowerOfTwo(value, exponent));
    const { points, map } = align(P, { ...means, data });
    return { points, dots: dots(trainer, map), angles: anglesOfRows(P, predicted.weightScale) };
  };
  const judged = (classes: readonly ClassComparison[], objective: number) => {
    while (earlier.length > 1 && earlier[1].step <= trainer.step - STEPS_APART) earlier.shift();
    const [first] = earlier;
    const far = earlier.length > 0 && first.step <= trainer.step - STEPS_APART;
    const time = ((trainer.step - (far ? first.step : 0)) * learningRate) / (1 - momentum);
    const before = far ? { objective: first.objective, time } : null;
    earlier = [...earlier.filter(({ step }) => step < trainer.step), { step: trainer.step, objective }];
    const gradientSquare = trainer.gradientSquare();
    settled =
      hasSettled({ gradientSquare, objective, earlier: before }, problem) &&
      !isLeavingZero(facts, classes, gradientSquare);
    const known = { prediction, classes, objective, settled, divergence: undefined };
    return {
      classes: undecided(classes, settled),
      // A training that still moves was stopped by hand, and can go on: it has not failed.
      verdict: judge({ ...known, status: settled ? 'finished' : 'interrupted' }),
      soFar: judge({ ...known, status: 'running' }).sentence,
    };
  };

  return {
    trainer,
    get settled() {
      return settled;
    },
    frame(rate) {
      return {
        ...{ kind: 'frame', run, step: trainer.step, objective: trainer.objective(), rate },
        ...pictured(),
      };
    },
    measure(seconds) {
      const measurement = measureSnapshot(trainer.snapshot(detail), {
        blas,
        predicted: facts.geometry,
        weightDecays: problem.weightDecays,
      });
      const fits = fitsOf(measurement, problem, trainer.parameters.bias);
      const classes = compareClasses(measurement, prediction, fits);
      const objective = trainer.objective();
      const record = recordOf({ step: trainer.step, objective, measurement, fits, seconds });
      const more: MeasuredMore = {
        grams: gramsOf(measurement),
        ...pictured(),
        ...judged(classes, objective),
      };
      return { kind: 'measured', run, record, more };
    },
    ended() {
      const objective = trainer.objective();
      const diverged = trainer.status === 'diverged' || !Number.isFinite(objective);
      return {
        kind: 'ended',
        run,
        status: diverged ? 'diverged' : 'finished',
        step: trainer.step,
        objective: Number.isFinite(objective) ? objective : null,
      };
    },
    stableRate: () =>
      stableRate({
        ...{ problem, start: begin(), momentum, blas },
        minimum: facts.minimum ?? buildMinimiser(problem, blas),
        failed: { learningRate, steps: trainer.step },
      }).rate,
  };
}

/**
 * Whether a class that lives at the minimum is still next to zero, which holds it only where there are two layers or more. With
 * one it grows: for long so little that the others seem to be all there is.
 */
function isLeavingZero(
  { problem, classes }: PredictionFacts,
  measured: readonly ClassComparison[],
  gradientSquare: number,
): boolean {
  return (
    depthOf(problem) === 1 &&
    gradientSquare > 0 &&
    classes.some(({ regime, fit }, k) => livesInTheory(regime, fit) && measured[k].measured === 'lost')
  );
}

function gramsOf(measurement: Measurement): GramMatrices | null {
  const formed = measuredGeometry(measurement);
  if (formed === null) return null;
  const { weights, features, logits } = formed;
  return { weights: frameRows(weights), features: frameRows(features), logits: frameRows(logits) };
}
