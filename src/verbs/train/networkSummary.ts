/** The summary of a network's run, from its last measurement. */
import type { Blas } from '../../core/blas.js';
import { measuredGeometry } from '../../metrics/index.js';
import { type Head, frameRows } from '../../model/index.js';
import {
  DIVERGED_EPOCH,
  grownLoss,
  headSizes,
  parametersOf,
  type Engine,
  type NetworkTrainer,
} from '../../nets/index.js';
import type { NetworkSpec, NetworkSummary, RunStatus, RunSummary } from '../../runs/index.js';
import type { NetworkRun } from './networkRun.js';
import { layerRecord, type MeasuredState } from './networkState.js';
import { predictionSummary } from '../predict/summary.js';
import {
  compareClasses,
  fitsOf,
  measuresRecord,
  anglesOf,
  seliDistances,
  judgeNetworkRun,
} from '../../judge/index.js';

/** Gram matrices are kept up to this many classes. */
const GRAM_LIMIT = 50;

export interface NetworkSummaryParts {
  readonly spec: NetworkSpec;
  readonly engine: Engine;
  readonly blas: Blas;
  readonly version: string;
  readonly command: string;
  readonly run: NetworkRun;
  readonly trainer: NetworkTrainer;
  readonly taken: MeasuredState;
  readonly status: RunStatus;
  readonly seconds: number;
  readonly stepsPerSecond: number | null;
}

export function summariseNetwork(
  parts: NetworkSummaryParts,
): RunSummary & { readonly network: NetworkSummary } {
  const { spec, engine, blas, run, trainer, taken, status, seconds, stepsPerSecond } = parts;
  const { measurement, measured, record, predicted, test } = taken;
  const { prediction, problem } = predicted;
  const { network, setting, counts, effective } = run;
  const head: Head | null = measured.features.snapshot.head;
  const fits =
    problem === null || head === null ? counts.map(() => null) : fitsOf(measurement, problem, head.bias);
  const compared = compareClasses(measurement, prediction, fits);
  // The last good state of a run that diverged tells nothing of life and death.
  const classes = status === 'diverged' ? compared.map((one) => ({ ...one, measured: null })) : compared;
  const formed = measuredGeometry(measurement);
  const frames = prediction?.geometry() ?? null;
  const { objective } = measured;
  const { theory, ...shares } = objective;
  return {
    collapsar: parts.version,
    command: parts.command,
    status,
    step: trainer.progress.step,
    objective: predicted.objective ?? theory,
    measuredAtStep: record.step,
    seconds,
    stepsPerSecond,
    blas: { name: blas.name, threads: blas.threads },
    problem: {
      counts,
      depth: network.head.widths.length + 1,
      widths: headSizes(network).slice(0, -1),
      loss: setting.loss,
      bias: network.head.bias,
      weightDecays: effective.weightDecays,
      featureDecay: predicted.featureDecay,
    },
    prediction: prediction === null ? null : predictionSummary(prediction),
    seli: setting.loss === 'ce' ? seliDistances(measurement, network.head.bias, blas) : null,
    minority: anglesOf(measurement),
    ...measuresRecord(measurement),
    classes,
    geometry:
      counts.length <= GRAM_LIMIT && frames !== null && formed !== null
        ? {
            measured: {
              weights: frameRows(formed.weights),
              features: frameRows(formed.features),
              logits: frameRows(formed.logits),
            },
            predicted: {
              weights: frameRows(frames.weights),
              features: frameRows(frames.features),
              logits: frameRows(frames.logits),
            },
          }
        : null,
    verdict: judgeNetworkRun({
      ...{ status, prediction, classes, measurement, head, blas },
      step: trainer.progress.step,
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
      featureDecay: { source: effective.featureDecay === null ? 'fitted' : 'exact', range: predicted.range },
      objective: shares,
      layers: measured.layers.map(layerRecord),
    },
    ...(status === 'diverged'
      ? {
          divergence: {
            ...{ step: trainer.progress.step, objective: null, stableLearningRate: null },
            loss: grownLoss(trainer.progress),
          },
        }
      : {}),
  };
}
