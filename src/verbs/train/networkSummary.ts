/** The summary of a network's run, from its last measurement. */
import type { Blas } from '../../core/blas.js';
import {
  DIVERGED_EPOCH,
  grownLoss,
  headSizes,
  parametersOf,
  type Engine,
  type NetworkTrainer,
} from '../../nets/index.js';
import { variationFields } from '../../model/index.js';
import type { NetworkSpec, NetworkSummary, RunStatus, SurvivalRecord } from '../../runs/index.js';
import type { NetworkRun } from './networkRun.js';
import { topFive, type MeasuredState } from './networkState.js';
import { predictionSummary } from '../predict/summary.js';
import {
  compareClasses,
  fitsOf,
  judgeNetworkRun,
  layerRecord,
  networkSettled,
  undecided,
} from '../../judge/index.js';
import { classesAtEnd, sharedSummary, type MadeBy } from './summary.js';

export interface NetworkSummaryParts {
  readonly spec: NetworkSpec;
  readonly engine: Engine;
  readonly blas: Blas;
  readonly madeBy: MadeBy;
  readonly run: NetworkRun;
  readonly trainer: NetworkTrainer;
  readonly state: MeasuredState;
  readonly status: RunStatus;
  readonly seconds: number;
  readonly stepsPerSecond: number | null;
  readonly survival: SurvivalRecord | null;
  /** Why there is none; null where there is one, and for other decays. */
  readonly reason: string | null;
}

export function summariseNetwork(parts: NetworkSummaryParts): NetworkSummary {
  const { spec, engine, blas, run, trainer, state, status, stepsPerSecond } = parts;
  const { beside, measured, record, predicted, test } = state;
  const { measurement, compared, head } = beside;
  const { prediction, problem } = predicted;
  const { network, setting, counts, effective, bias, variations } = run;
  const { loss } = setting;
  const { step } = trainer.progress;
  const fits =
    problem === null || head === null ? counts.map(() => null) : fitsOf(compared, problem, head.bias);
  const classes = classesAtEnd(status, compareClasses(measurement, prediction, fits, compared));
  const settled = networkSettled(status, measurement);
  const { theory, ...shares } = measured.objective;
  return {
    kind: 'network',
    ...sharedSummary({
      ...parts,
      loss,
      bias,
      step,
      measuredAtStep: record.step,
      measurement,
      prediction,
    }),
    objective: predicted.objective ?? theory,
    problem: {
      counts,
      depth: network.head.widths.length + 1,
      widths: headSizes(network).slice(0, -1),
      loss,
      bias,
      weightDecays: effective.weightDecays,
      featureDecay: predicted.featureDecay,
      ...variationFields(variations),
    },
    prediction: prediction === null ? null : predictionSummary(prediction),
    classes: undecided(classes, settled),
    verdict: judgeNetworkRun({
      ...{ status, prediction, classes, beside, blas },
      noPrediction: predicted.reason,
      step,
      grownTo: grownLoss(trainer.progress),
      divergedEpoch: DIVERGED_EPOCH,
    }),
    network: {
      architecture: spec.architecture,
      parameters: parametersOf(network).reduce(
        (sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1),
        0,
      ),
      data: {
        set: spec.data.set,
        checksum: run.checksum,
        classNames: run.classNames,
        testSamples: run.test?.samples ?? 0,
        incomplete: run.incomplete,
        notes: run.dataNotes,
      },
      epoch: trainer.progress.epoch,
      batch: run.batch,
      imagesPerSecond: stepsPerSecond === null ? null : stepsPerSecond * run.batch,
      threads: engine.blas.threads,
      testAccuracy: test?.accuracy ?? null,
      testClassAccuracy: test?.classes ?? null,
      ...topFive(state.measured, test),
      featureDecay: { source: effective.featureDecay === null ? 'fitted' : 'exact', range: predicted.range },
      objective: shares,
      layers: state.layers.map((layer) => layerRecord(layer, layer.measurement, layer.expected)),
      survival: parts.survival,
      survivalNote: parts.reason,
    },
    ...(status === 'diverged'
      ? {
          divergence: {
            ...{ step, objective: null, stableLearningRate: null },
            loss: grownLoss(trainer.progress),
          },
        }
      : {}),
  };
}
