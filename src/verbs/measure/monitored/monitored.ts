/**
 * `measure` of a run that the companion for PyTorch watched: every epoch's statistics measured, training and test, beside one
 * theory. Its λ_H is fitted to the last epoch, as theory would else move with what is held against it.
 */
import type { Blas } from '../../../core/blas.js';
import { InputError, refuse } from '../../../core/errors.js';
import { hostOf, type Host } from '../../../core/host.js';
import type { Snapshot } from '../../../model/index.js';
import type { MonitoredEpoch, MonitorManifest, MonitorStore } from '../../../runs/index.js';
import type { CeProgress } from '../../../theory/index.js';
import { measureSnapshot } from '../../../metrics/index.js';
import { documentOf, predictInSlices } from '../../predict/predict.js';
import { gramsOf } from '../../train/summary.js';
import { foldBiases } from '../head.js';
import { framesToCompare, judgeBeside, type JudgedMeasurement } from '../judged.js';
import type { MonitorDocument, SeriesPoint } from './document.js';
import {
  hasFile,
  measureEpoch,
  readEpoch,
  type BesideAll,
  type FiniteEpoch,
  type MeasuredEpoch,
  type ReadEpoch,
} from './epochs.js';
import { checkHead, headIsNetwork, headSentence, type HeadCheck, type HeadPrecision } from './headCheck.js';
import { problemPosed, type PosedProblem, type SettingInstead } from './problem.js';

export type MonitoredProgress =
  CeProgress | { readonly phase: 'read'; readonly done: number; readonly total: number };

export interface MonitoredArguments {
  readonly store: MonitorStore;
  readonly instead: SettingInstead;
  readonly blas: Blas;
  readonly host?: Host<MonitoredProgress> | undefined;
}

/** Throws where no epoch has finite features yet; stopped by the host's signal it keeps the epochs that are done. */
export async function measureMonitored(args: MonitoredArguments): Promise<MonitorDocument> {
  const { store, blas } = args;
  const { manifest, epochs } = store;
  const host = hostOf(args.host);
  const finite = epochs.filter(hasFile);
  const lastLine = finite.at(-1);
  if (lastLine === undefined)
    refuse(
      store.location,
      'an epoch with finite features',
      epochs.length === 0 ? 'none yet' : `${epochs.length} without`,
    );
  const last = await readEpoch(store, lastLine);
  const check = checkHead(
    { weights: last.tensors.weights, bias: foldBiases(last.tensors.weights, last.tensors.biases) },
    last.tensors.sample,
    precisionOf(lastLine),
    blas,
  );
  const { features } = last.snapshots;
  const judged = await judgeLast(args, lastLine, features.snapshot, check);
  const series: SeriesPoint[] = [];
  let end: MeasuredEpoch | null = null;
  for (const [i, line] of finite.entries()) {
    host.onProgress({ phase: 'read', done: i, total: finite.length });
    await host.yield();
    if (host.signal.aborted) break;
    end = await measureOne(args, line, line === lastLine ? last : null, judged.beside);
    series.push(end.point);
  }
  const { problem, verdict } = judged;
  const whole = series.length === finite.length;
  const { measurement } = end ?? measureEpoch(lastLine, last.snapshots, judged.beside, blas);
  return {
    runDirectory: store.location,
    status: whole ? 'finished' : 'interrupted',
    network: manifest,
    classLabels: last.snapshots.classLabels,
    classNames: manifest.classNames,
    absentClasses: last.snapshots.absentClasses,
    dimension: features.snapshot.statistics.means.cols,
    depth: manifest.head.length,
    conventions: measurement.conventions,
    headCheck: check,
    notFinite: epochs.filter((line) => !hasFile(line)).map(({ epoch }) => epoch),
    series,
    prediction: judged.beside === null ? null : withoutGeometry(judged.beside),
    predictionNote: judged.why,
    fittedFeatureDecay:
      problem?.fitted == null
        ? null
        : { value: problem.fitted.value, epoch: lastLine.epoch, range: problem.fitted.range },
    lossConvention: problem?.convention ?? null,
    verdict,
    geometry: gramsOf(measurement, judged.beside?.prediction ?? null),
    notes: notesOf(manifest, lastLine, check),
  };
}

async function measureOne(
  { store, blas }: MonitoredArguments,
  line: FiniteEpoch,
  known: ReadEpoch | null,
  beside: BesideAll | null,
): Promise<MeasuredEpoch> {
  const { snapshots } = known ?? (await readEpoch(store, line));
  return measureEpoch(line, snapshots, beside, blas);
}

interface JudgedLast {
  readonly problem: PosedProblem | null;
  readonly beside: BesideAll | null;
  readonly verdict: JudgedMeasurement['verdict'] | null;
  readonly why: string | null;
}

/** Theory for the last epoch, and its verdict; without one the reason. */
async function judgeLast(
  { store, instead, blas, host }: MonitoredArguments,
  line: MonitoredEpoch,
  snapshot: Snapshot,
  check: HeadCheck,
): Promise<JudgedLast> {
  const none = (why: string): JudgedLast => ({
    problem: null,
    beside: null,
    verdict: null,
    why: `no prediction: ${why}`,
  });
  if (!headIsNetwork(check)) return none('the head is not what the network computes');
  const posed = problemPosed(store.manifest, line, snapshot, instead, blas);
  if (posed.problem === null) return none(posed.why);
  const { problem } = posed;
  try {
    const judged = await judgeBeside({
      ...{ problem, snapshot, blas },
      measured: measureSnapshot(snapshot, { blas }),
      predict: (from) =>
        predictInSlices(problem, blas, {
          from,
          host,
        }),
    });
    const { prediction, verdict } = judged;
    return {
      problem: posed,
      beside: { prediction, frames: framesToCompare(prediction) },
      verdict,
      why: prediction.interrupted ? 'the prediction was interrupted: it is the best so far' : null,
    };
  } catch (error) {
    // A problem that theory does not cover is measured all the same.
    if (error instanceof InputError) return none(error.message);
    throw error;
  }
}

function precisionOf({ precision }: MonitoredEpoch): HeadPrecision {
  if (precision === null) return 'half';
  if (precision.autocast || precision.features === 'float16' || precision.features === 'bfloat16')
    return 'half';
  return precision.tf32 ? 'tf32' : 'single';
}

function notesOf(
  { headIsChain, head }: MonitorManifest,
  { precision }: MonitoredEpoch,
  check: HeadCheck,
): string[] {
  const sentence = headSentence(check);
  const rounded = precision !== null && (precision.tf32 || precision.autocast);
  return [
    ...(sentence === null ? [] : [sentence]),
    ...(headIsChain
      ? []
      : [
          `the layers ${head.map(({ name }) => name).join(', ')} do not read each other's outputs as they are: something stands between them`,
        ]),
    ...(rounded
      ? [
          'features were computed in TF32 or under autocast: their rounding counts as variability within classes',
        ]
      : []),
  ];
}

function withoutGeometry({ prediction }: BesideAll): MonitorDocument['prediction'] {
  // eslint-disable-next-line @typescript-eslint/no-unused-vars
  const { geometry, ...rest } = documentOf(prediction);
  return rest;
}
