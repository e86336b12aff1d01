/** One training of the unconstrained-features model, with what the page shows of it. */
import { portableBlas as blas } from 'collapsar/core';
import { headProduct } from 'collapsar/head';
import { measureSnapshot, type Measurement } from 'collapsar/metrics';
import { frameEntry, frameSize, samplesOf, type Frame } from 'collapsar/model';
import type { GramMatrices, TrainRecord } from 'collapsar/runs';
import { createTrainer, drawStart, stableRate, type UfmTrainer } from 'collapsar/ufm';
import { compareClasses, fitsOf, judge, measuresRecord } from 'collapsar/verbs';
import { embed } from '../frame/embed.js';
import { predictionOf, type PredictionFacts } from '../prediction/facts.js';
import type { TrainingState } from '../state/labState.js';
import type { TrainEnded, TrainFrame, TrainMeasured } from '../training/messages.js';
import { createAlignment } from './alignment.js';

/** Numbers of features up to which single samples are measured too (NC4, accuracy). */
const MOST_SAMPLES = 2 ** 19;

export interface TrainingRun {
  readonly trainer: UfmTrainer;
  frame(rate: number | null): TrainFrame;
  measure(seconds: number): TrainMeasured;
  ended(): TrainEnded;
}

export function startTraining(run: number, facts: PredictionFacts, training: TrainingState): TrainingRun {
  const { problem } = facts;
  const prediction = predictionOf(facts);
  const { seed, scale, learningRate, momentum } = training;
  const begin = () => drawStart(problem, scale, seed, blas);
  const trainer = createTrainer(problem, begin(), { name: 'sgd', learningRate, momentum }, blas);
  const align = createAlignment(embed(facts.geometry));
  const detail = samplesOf(problem) * problem.widths[0] <= MOST_SAMPLES ? 'samples' : 'classes';
  let before: number | null = null;

  return {
    trainer,
    frame(rate) {
      const { head, statistics } = trainer.snapshot('classes');
      const P = headProduct(blas, head === null ? [] : head.weights);
      const points = align(P, statistics.means);
      return { kind: 'frame', run, step: trainer.step, objective: trainer.objective(), rate, points };
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
      const record: TrainRecord = {
        step: trainer.step,
        objective,
        ...measuresRecord(measurement),
        weightNorms: measurement.classes.map(({ weightNorm }) => weightNorm ?? 0),
        featureNorms: measurement.classes.map(({ featureNorm }) => featureNorm),
        fits: fits.map((fit) => fit ?? 0),
        seconds,
      };
      const verdict = judge({
        prediction,
        classes,
        objective,
        before,
        status: 'finished',
        divergence: undefined,
      });
      before = objective;
      return { kind: 'measured', run, record, classes, grams: gramsOf(measurement), verdict };
    },
    ended() {
      const diverged = trainer.status === 'diverged';
      const objective = trainer.objective();
      return {
        kind: 'ended',
        run,
        status: diverged ? 'diverged' : 'finished',
        step: trainer.step,
        objective: Number.isFinite(objective) ? objective : null,
        stableRate: diverged ? stableRate(problem, begin(), momentum, blas).rate : null,
      };
    },
  };
}

function gramsOf({ geometry: { weights, features, logits } }: Measurement): GramMatrices | null {
  if (weights === null || logits === null) return null;
  return { weights: rowsOf(weights), features: rowsOf(features), logits: rowsOf(logits) };
}

function rowsOf(frame: Frame): number[][] {
  const K = frameSize(frame);
  return Array.from({ length: K }, (_, i) => Array.from({ length: K }, (__, j) => frameEntry(frame, i, j)));
}
