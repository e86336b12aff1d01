/**
 * `measure` of a run that the companion for PyTorch watched: every epoch's statistics measured, training and test, beside one
 * theory. Its λ_H is fitted to the last epoch, as theory would else move with what is held against it.
 */
import type { Blas } from '../../../core/blas.js';
import { InputError, refuseFile } from '../../../core/errors.js';
import { hostOf, type Host } from '../../../core/host.js';
import type { Matrix } from '../../../core/matrix.js';
import type { Snapshot } from '../../../model/index.js';
import type { MonitoredEpoch, MonitorManifest, MonitorStore } from '../../../runs/index.js';
import type { CeProgress } from '../../../theory/index.js';
import { expectLayers } from '../../../judge/index.js';
import { measureSnapshot } from '../../../metrics/index.js';
import { documentOf, predictInSlices } from '../../predict/predict.js';
import { gramsOf } from '../../train/summary.js';
import { foldBiases } from '../head.js';
import { framesToCompare, judgeBeside, type JudgedMeasurement } from '../judged.js';
import type { MonitorDocument, SeriesPoint } from './document.js';
import { contradictionsOf } from './contradictions.js';
import { hasFile, measureEpoch, readEpoch, type BesideAll, type MeasuredEpoch } from './epochs.js';
import { standingOf, type Standing } from './ended.js';
import { checkHead, headSentence, type HeadCheck, type HeadPrecision } from './headCheck.js';
import { problemPosed, type PosedProblem } from './problem.js';
import type { SettingInstead } from './setting.js';

export type MonitoredProgress =
  CeProgress | { readonly phase: 'read'; readonly done: number; readonly total: number };

export interface MonitoredArguments {
  readonly store: MonitorStore;
  readonly instead: SettingInstead;
  /** What the user says: that it has ended, or that it goes on; by default what the folder says. */
  readonly ended?: boolean | undefined;
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
    refuseFile(
      store.location,
      'expected an epoch with finite features',
      epochs.length === 0 ? 'none yet' : `none in ${epochs.length} measured`,
    );
  const from = headFrom(manifest, args.instead);
  const last = await readEpoch(store, lastLine, from);
  const check = checkHead(
    { weights: last.tensors.weights, bias: foldBiases(last.tensors.weights, last.tensors.biases) },
    last.tensors.sample,
    precisionOf(lastLine),
    blas,
  );
  const { features } = last.snapshots;
  const standing = standingOf(store, lastLine.epoch, args.ended);
  const judged = await judgeLast(args, {
    line: lastLine,
    snapshot: features.snapshot,
    check,
    from,
    standing,
  });
  const series: SeriesPoint[] = [];
  let end: MeasuredEpoch | null = null;
  for (const [i, line] of finite.entries()) {
    host.onProgress({ phase: 'read', done: i, total: finite.length });
    await host.yield();
    if (host.signal.aborted) break;
    const { snapshots } = line === lastLine ? last : await readEpoch(store, line, from);
    end = measureEpoch(line, snapshots, judged.beside, blas);
    series.push(end.point);
  }
  const { problem, verdict } = judged;
  const whole = series.length === finite.length;
  const { measurement } = end ?? measureEpoch(lastLine, last.snapshots, judged.beside, blas);
  return {
    runDirectory: store.location,
    status: whole ? 'finished' : 'interrupted',
    ...{ ended: standing.ended, end: store.end, network: manifest },
    classLabels: last.snapshots.classLabels,
    classNames: manifest.classNames,
    absentClasses: last.snapshots.absentClasses,
    dimension: features.snapshot.statistics.means.cols,
    depth: manifest.head.length - from,
    features: features.layer.name,
    conventions: measurement.conventions,
    headCheck: check,
    nonNegative: from === 0 && isNonNegative(last.tensors.sample.features),
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
    contradictions: contradictionsOf(manifest, manifest.head.slice(from), args.instead),
    notes: [...notesOf(store, lastLine, check), ...(standing.sentence === null ? [] : [standing.sentence])],
  };
}

function isNonNegative({ data }: Matrix): boolean {
  return data.every((value) => value >= 0);
}

/** The layer of the head, from 0, with which it begins; that of the folder unless the user names fewer. */
function headFrom({ head }: MonitorManifest, { head: names }: SettingInstead): number {
  if (names === undefined) return 0;
  const from = head.length - names.length;
  if (from < 0 || names.length === 0 || names.some((name, m) => name !== head[from + m].name))
    throw new InputError(
      'argument',
      'weights',
      `the last layers of the head, of ${head.map(({ name }) => name).join(', ')}`,
      names.join(', '),
      undefined,
      'weights',
    );
  return from;
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
  last: {
    readonly line: MonitoredEpoch;
    readonly snapshot: Snapshot;
    readonly check: HeadCheck;
    readonly from: number;
    readonly standing: Standing;
  },
): Promise<JudgedLast> {
  const { line, snapshot, check, from, standing } = last;
  const none = (why: string): JudgedLast => ({
    problem: null,
    beside: null,
    verdict: null,
    why: `no prediction: ${why}`,
  });
  const { manifest } = store;
  const layers = manifest.head.slice(from);
  const posed = problemPosed({ manifest, layers, epoch: line, snapshot, check }, instead, blas);
  if (posed.problem === null) return none(posed.why);
  const { problem } = posed;
  try {
    const judged = await judgeBeside({
      ...{ problem, snapshot, blas },
      measured: measureSnapshot(snapshot, { blas }),
      settled: standing.settled,
      biasKnown: instead.bias === undefined && instead.variations?.biasDecay == null,
      predict: (from) =>
        predictInSlices(problem, blas, {
          from,
          host,
        }),
    });
    const { prediction, verdict } = judged;
    return {
      problem: posed,
      beside: {
        prediction,
        frames: framesToCompare(prediction),
        layers: expectLayers(prediction, blas),
        settled: standing.settled,
      },
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
  { manifest: { headIsChain, head, optimizer, dropout } }: MonitorStore,
  { precision, groups }: MonitoredEpoch,
  check: HeadCheck,
): string[] {
  const sentence = headSentence(check);
  const rounded = precision !== null && (precision.tf32 || precision.autocast);
  const decays = (optimizer?.groups ?? []).map(({ weightDecay }) => weightDecay);
  const moved = decays.some((decay, i) => groups !== null && groups.at(i)?.weightDecay !== decay);
  const names = head.map(({ name }) => name).join(', ');
  return [
    ...(sentence === null ? [] : [sentence]),
    ...(headIsChain
      ? []
      : [`the layers ${names} do not read each other's outputs as they are: something stands between them`]),
    ...(rounded
      ? [
          'features were computed in TF32 or under autocast: their rounding counts as variability within classes',
        ]
      : []),
    ...(dropout.length > 0
      ? [
          `dropout stands before the head (${dropout.map(({ name, p }) => `${name}, p = ${p}`).join('; ')}): training had noise in its features, which theory has not`,
        ]
      : []),
    ...(moved ? ["the optimiser's decays are not those of the first epoch, which theory has here"] : []),
  ];
}

function withoutGeometry({ prediction }: BesideAll): MonitorDocument['prediction'] {
  // eslint-disable-next-line @typescript-eslint/no-unused-vars
  const { geometry, ...rest } = documentOf(prediction);
  return rest;
}
