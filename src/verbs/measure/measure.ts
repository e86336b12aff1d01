/**
 * `measure`: how collapsed a real network is, next to what theory predicts for its counts, widths and decays.
 */
import type { Blas } from '../../core/blas.js';
import { InputError } from '../../core/errors.js';
import { hostOf, type Host } from '../../core/host.js';
import type { ArrayFile } from '../../data/index.js';
import {
  furtherMeasures,
  measuredGeometry,
  measureFeatures,
  measureOutOfDistribution,
  measureTest,
  type GlobalMean,
  type Measurement,
  type MinorityAngles,
} from '../../metrics/index.js';
import { DENSE_LIMIT, frameRows, type Geometry, type Snapshot } from '../../model/index.js';
import { GRAM_LIMIT, type GramMatrices, type SeliDistances } from '../../runs/index.js';
import type { CeProgress, Prediction } from '../../theory/index.js';
import { anglesOf, compareClasses, measuresRecord, seliDistances } from '../../judge/index.js';
import { documentOf } from '../predict/predict.js';
import { uniqueUpTo, type PredictionDocument } from '../predict/document.js';
import type { MeasureDocument, MeasuredGrams, TestDocument } from './document.js';
import { openFeatureFiles, type FeatureFile } from './featureFile.js';
import { layersAsked, linearLayers, measureLayers } from './layers.js';
import type { JudgedMeasurement } from './judged.js';
import { openOther, openTest } from './otherFiles.js';
import { holdAgainst } from './held.js';
import type { TrainedWith } from './posed.js';
import type { Reading } from './roles.js';
import { watchSigns } from './signs.js';

export interface MeasureArguments extends TrainedWith {
  readonly file: ArrayFile;
  /** Further files with samples of the same network: shards of one snapshot. */
  readonly shards?: readonly ArrayFile[] | undefined;
  readonly names: Reading;
  /** Files of test samples, measured about the means of training. */
  readonly test?: readonly ArrayFile[] | undefined;
  /** Features of other data, for NC5. */
  readonly outOfDistribution?: ArrayFile | undefined;
  /** h_G; by default the mean over all samples. */
  readonly globalMean?: GlobalMean | undefined;
  readonly blas: Blas;
  /** Reports rows as they are read, then a prediction that is solved numerically; stopped, that is the best so far. */
  readonly host?: Host<MeasureProgress> | undefined;
}

/** Rows read so far, of two passes over all; or where the solver is. */
export type MeasureProgress =
  { readonly phase: 'read'; readonly done: number; readonly total: number } | CeProgress;

export async function measure(args: MeasureArguments): Promise<MeasureDocument> {
  return (await measureWithFrames(args)).document;
}

/** Matrices of the measurement as it was compared, and of the prediction. */
export interface ComparedFrames {
  readonly measured: GramMatrices;
  readonly predicted: GramMatrices;
}

export interface MeasuredWithFrames {
  readonly document: MeasureDocument;
  /** Null without a prediction and above `GRAM_LIMIT` classes. */
  readonly frames: ComparedFrames | null;
}

/** The same with what the document leaves out, to draw it. */
export async function measureWithFrames(args: MeasureArguments): Promise<MeasuredWithFrames> {
  try {
    return await measureFile(args);
  } catch (error) {
    // What is wrong with the numbers of a file is said with the file's name.
    if (
      !(error instanceof InputError) ||
      !/^(features|labels|dimension|class means|class statistics)/.test(error.where)
    )
      throw error;
    throw new InputError(
      error.code,
      `${args.file.name}: ${error.where}`,
      error.requirement,
      error.got,
      error.hint,
      error.argument,
    );
  }
}

async function measureFile(args: MeasureArguments): Promise<MeasuredWithFrames> {
  const { file, names, blas, globalMean = 'samples' } = args;
  const host = hostOf(args.host);
  const files = [file, ...(args.shards ?? [])];
  const { reading, headAsked } = layersAsked(file, names);
  const opened = await openFeatureFiles(files, reading);
  const options = { blas, globalMean, classes: opened.counts.length };
  const watched = watchSigns(opened.batches);
  const { snapshot, measurement: bare } = await measureFeatures(watched.source, {
    ...options,
    head: opened.head,
    all: opened.all,
    onProgress: (done, total) => host.onProgress({ phase: 'read', done, total }),
  });
  const held = await holdAgainst(args, host, {
    opened,
    snapshot,
    bare,
    globalMean,
    negative: watched.negative(),
  });
  const { note, fitted, convention, judged, geometries } = held;
  const prediction = judged?.prediction ?? null;
  const measurement = judged?.measurement ?? bare;
  const compared = judged?.classes ?? compareClasses(bare, null, []);
  const { samples, counts, dimension, depth, rank, conventions, balancedness } = measurement;
  const {
    classes: variances,
    singletons,
    ...further
  } = furtherMeasures(snapshot, bare, { blas, globalMean });
  const ofHead = await linearLayers(opened, judged, {
    ...{ snapshot, features: measurement, blas, globalMean, required: headAsked },
  });
  const document: MeasureDocument = {
    file: file.name,
    files: files.map(({ name }) => name),
    samples,
    counts,
    classLabels: opened.classLabels,
    classNames: opened.classNames,
    absentClasses: opened.absentClasses,
    singletons: singletons.map((k) => opened.classLabels[k]),
    notes: [...opened.notes, ...ofHead.notes],
    notUsed: opened.notUsed,
    logitsCheck: opened.logits,
    dimension,
    depth,
    rank,
    conventions: { ...conventions, normalized: names.normalize === true },
    ...measuresRecord(measurement),
    ...further,
    balancedness,
    classes: compared.map((each, k) => ({ ...each, ...variances[k] })),
    geometry: gramsOf(measurement),
    prediction: prediction === null ? null : withoutGeometry(prediction),
    predictionNote:
      prediction?.interrupted === true ? 'the prediction was interrupted: it is the best so far' : note,
    uniqueUpTo: prediction === null ? null : uniqueUpTo(prediction),
    fittedFeatureDecay: fitted,
    lossConvention: convention,
    verdict: judged?.verdict ?? null,
    geometries,
    seli: seliOf(args, opened, measurement),
    minority: withLabels(anglesOf(measurement), opened.classLabels),
    layers: [...(await measureLayers(opened.layers, options)), ...ofHead.layers],
    ...(await measureOthers(args, opened, snapshot)),
  };
  return { document, frames: judged === null ? null : framesOf(judged) };
}

/** Files beside that of training. */
async function measureOthers(
  args: MeasureArguments,
  opened: FeatureFile,
  snapshot: Snapshot,
): Promise<Pick<MeasureDocument, 'test' | 'outOfDistribution'>> {
  const { means } = snapshot.statistics;
  const { test, outOfDistribution: other, names } = args;
  return {
    test: test === undefined ? null : await testBeside(test, args, opened, snapshot),
    outOfDistribution:
      other === undefined
        ? null
        : await measureOutOfDistribution(await openOther(other, names, means.cols), means),
  };
}

/** For cross-entropy alone. */
function seliOf(
  { loss, blas }: MeasureArguments,
  { outsideTheory, head }: FeatureFile,
  measurement: Measurement,
): SeliDistances | null {
  if (loss !== 'ce' || outsideTheory !== null) return null;
  return seliDistances(measurement, head?.bias == null ? 'none' : 'free', blas);
}

async function testBeside(
  files: readonly ArrayFile[],
  { names, blas, globalMean }: MeasureArguments,
  training: FeatureFile,
  snapshot: Snapshot,
): Promise<TestDocument> {
  const source = await openTest(files, names, training, snapshot.statistics.means.cols);
  const measured = await measureTest(source, { training: snapshot, all: training.all, globalMean, blas });
  return { files: files.map(({ name }) => name), ...measured };
}

/** Groups of classes by their labels in the file. */
function withLabels(angles: MinorityAngles | null, labels: readonly number[]): MinorityAngles | null {
  if (angles === null) return null;
  const relabelled = (group: MinorityAngles['minority']) => ({
    ...group,
    classes: group.classes.map((k) => labels[k]),
  });
  return { minority: relabelled(angles.minority), majority: relabelled(angles.majority) };
}

function framesOf({ compared, prediction }: JudgedMeasurement): ComparedFrames | null {
  const measured = compared.counts.length > GRAM_LIMIT ? null : measuredGeometry(compared);
  return measured === null
    ? null
    : { measured: allRows(measured), predicted: allRows(prediction.geometry()) };
}

function allRows({ weights, features, logits }: Geometry): GramMatrices {
  return { weights: frameRows(weights), features: frameRows(features), logits: frameRows(logits) };
}

/** Null where the matrices are products that nobody has formed. */
function gramsOf({ geometry, counts }: Measurement): MeasuredGrams | null {
  const { weights, features, logits } = geometry;
  if (counts.length > DENSE_LIMIT || features.kind === 'product') return null;
  const rows = (frame: typeof weights) =>
    frame === null || frame.kind === 'product' ? null : frameRows(frame);
  return { weights: rows(weights), features: frameRows(features), logits: rows(logits) };
}

function withoutGeometry(prediction: Prediction): Omit<PredictionDocument, 'geometry'> {
  // eslint-disable-next-line @typescript-eslint/no-unused-vars
  const { geometry, ...rest } = documentOf(prediction);
  return rest;
}
