/**
 * `summary.json` read back: every key checked, lists of classes and layers as long as the problem says.
 *
 * Summaries of before `schema` are read too: their kind is told by whether they speak of a network.
 */
import {
  BIASES,
  FEATURE_SIGNS,
  FRAME_NAMES,
  LOSSES,
  OPTIMALITIES,
  REGIMES,
  SOLUTION_KINDS,
  SURVIVALS,
  VITALITIES,
} from '../model/index.js';
import {
  fields,
  finite,
  flag,
  integer,
  list,
  maybe,
  measure,
  Misshapen,
  objectOf,
  oneOf,
  orNull,
  pair,
  parseJson,
  positiveWhole,
  table,
  text,
  whole,
  type Shape,
} from './jsonShape.js';
import { layerShape, MEASURES } from './readRecords.js';
import {
  RUN_STATUSES,
  SUMMARY_SCHEMA,
  type GramMatrices,
  type NetworkDetails,
  type PredictionRecord,
  type RunSummary,
  type TrainRecord,
} from './records.js';

const prediction: Shape<PredictionRecord> = fields({
  objective: finite,
  optimality: oneOf(OPTIMALITIES),
  unique: orNull(flag),
  rank: whole,
  frame: oneOf(FRAME_NAMES),
  certificate: orNull(fields({ lowerBound: finite, gap: finite, relativeGap: finite })),
  alternatives: list(fields({ kind: oneOf(SOLUTION_KINDS), name: text, objective: finite })),
  note: orNull(text),
});

const problemOf = <T>(featureDecay: Shape<T>) =>
  fields(
    {
      counts: list(positiveWhole),
      depth: positiveWhole,
      widths: list(positiveWhole),
      loss: oneOf(LOSSES),
      bias: oneOf(BIASES),
      weightDecays: list(finite),
      featureDecay,
    },
    {
      biasDecay: finite,
      classWeights: list(finite),
      labelSmoothing: finite,
      targets: list(list(finite)),
      focal: finite,
      featureSign: oneOf(FEATURE_SIGNS),
      logitAdjustment: fields({ offsets: list(finite), scales: list(finite) }),
    },
  );

const matrices: Shape<GramMatrices> = fields({
  weights: list(list(finite)),
  features: list(list(finite)),
  logits: list(list(finite)),
});
const angles = fields({ classes: list(whole), weights: measure, features: measure });

const shared = {
  schema: (value: unknown, name: string): typeof SUMMARY_SCHEMA =>
    value === SUMMARY_SCHEMA ? value : otherSchema(value, name),
  collapsar: text,
  command: text,
  status: oneOf(RUN_STATUSES),
  step: whole,
  objective: maybe,
  measuredAtStep: whole,
  seconds: finite,
  stepsPerSecond: measure,
  blas: fields({ name: text, threads: orNull(whole) }),
  seli: orNull(fields({ weights: measure, features: measure, logits: measure })),
  minority: orNull(fields({ minority: angles, majority: angles })),
  ...MEASURES,
  classes: list(
    fields(
      {
        count: positiveWhole,
        weightNorm: measure,
        featureNorm: measure,
        fit: measure,
        accuracy: measure,
        predictedWeightNorm: measure,
        predictedFeatureNorm: measure,
        predictedFit: measure,
        regime: orNull(oneOf(REGIMES)),
        measured: orNull(oneOf(VITALITIES)),
      },
      { centredFeatureNorm: measure },
    ),
  ),
  geometry: orNull(fields({ measured: matrices, predicted: matrices })),
  verdict: fields({ held: orNull(flag), sentence: text }),
};
const divergence = fields({ step: whole, objective: maybe, stableLearningRate: measure }, { loss: maybe });

const sgd = fields({ name: oneOf(['sgd']), learningRate: finite, momentum: finite });
const lbfgs = fields({ name: oneOf(['lbfgs']), memory: positiveWhole, tolerance: finite });
const drawn = fields({ std: finite, seed: integer });
const fromFile = fields({ file: text });
const training = fields({
  optimizer: (value: unknown, name: string) =>
    objectOf(value, name).name === 'lbfgs' ? lbfgs(value, name) : sgd(value, name),
  init: (value: unknown, name: string) =>
    'file' in objectOf(value, name) ? fromFile(value, name) : drawn(value, name),
});

const survival = fields({
  weightDecay: finite,
  weightLayers: positiveWhole,
  classes: list(fields({ estimate: maybe, low: maybe, high: maybe, atDecay: orNull(oneOf(SURVIVALS)) })),
});

const network: Shape<NetworkDetails> = fields(
  {
    architecture: table<string | number | boolean>((value, name) => {
      if (typeof value === 'boolean') return value;
      return typeof value === 'string' ? text(value, name) : finite(value, name);
    }),
    parameters: whole,
    data: fields(
      { set: text, checksum: text, classNames: list(text), testSamples: whole },
      { incomplete: flag, notes: list(text) },
    ),
    epoch: whole,
    batch: positiveWhole,
    imagesPerSecond: measure,
    threads: measure,
    testAccuracy: measure,
    testClassAccuracy: orNull(list(maybe)),
    featureDecay: fields({ source: oneOf(['exact', 'fitted']), range: orNull(pair(finite)) }),
    objective: fields({
      data: finite,
      head: finite,
      features: finite,
      backbone: finite,
      bias: finite,
      total: finite,
    }),
    layers: list(layerShape),
  },
  {
    top5Accuracy: maybe,
    testTop5Accuracy: maybe,
    survival: orNull(survival),
    survivalNote: orNull(text),
  },
);

const summaryShapes = {
  ufm: fields(
    { kind: oneOf(['ufm']), ...shared, problem: problemOf(finite), prediction },
    { training, divergence, layers: list(layerShape) },
  ),
  network: fields(
    {
      kind: oneOf(['network']),
      ...shared,
      problem: problemOf(maybe),
      prediction: orNull(prediction),
      network,
    },
    { divergence },
  ),
};

/** Reads the text of `summary.json`. Throws `Misshapen`. */
export function readSummary(content: string): RunSummary {
  const source = upgraded(objectOf(parseJson(content), ''));
  const kind = oneOf(['ufm', 'network'])(source.kind, 'kind');
  const summary = summaryShapes[kind](source, '');
  checkLengths(summary);
  return summary;
}

/** Why a summary cannot be of the run of these records; null where it can. Only classes are compared. */
export function unlikeRecords({ problem }: RunSummary, records: readonly TrainRecord[]): string | null {
  const K = problem.counts.length;
  const norms = records.at(0)?.weightNorms?.length ?? K;
  return K === norms ? null : `it has ${K} classes and the records ${norms}, so they are not of one run`;
}

function otherSchema(value: unknown, name: string): never {
  const newer = typeof value === 'number' && value > SUMMARY_SCHEMA;
  throw new Misshapen(
    newer ? `${name} is ${value}, of a newer version than this one` : `${name} is not ${SUMMARY_SCHEMA}`,
  );
}

/** A summary of before `schema`, with what it did not say. */
function upgraded(summary: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (summary.schema !== undefined) return summary;
  const kind = summary.network === undefined ? 'ufm' : 'network';
  return {
    seli: null,
    minority: null,
    ...summary,
    schema: SUMMARY_SCHEMA,
    kind,
    prediction: upgradedPrediction(summary.prediction),
    classes: Array.isArray(summary.classes) ? summary.classes.map(withNewWords) : summary.classes,
  };
}

/** A class that vanishes was called collapsed by theory and dead by measurement. */
function withNewWords(compared: unknown): unknown {
  if (typeof compared !== 'object' || compared === null) return compared;
  const { regime, measured } = compared as { readonly regime?: unknown; readonly measured?: unknown };
  return {
    ...compared,
    ...(regime === 'collapsed' ? { regime: 'lost' } : {}),
    ...(measured === 'dead' ? { measured: 'lost' } : {}),
  };
}

/** Solutions had names and no kinds. */
function upgradedPrediction(prediction: unknown): unknown {
  if (typeof prediction !== 'object' || prediction === null) return prediction;
  const { alternatives = [], note = null } = prediction as Readonly<Record<string, unknown>>;
  if (!Array.isArray(alternatives)) return prediction;
  const { frame } = prediction as { readonly frame?: unknown };
  return {
    ...prediction,
    ...(frame === 'nothing: every class collapsed' ? { frame: 'nothing: every class lost' } : {}),
    note,
    alternatives: alternatives.map(withKind),
  };
}

function withKind(solution: unknown): unknown {
  if (typeof solution !== 'object' || solution === null || 'kind' in solution) return solution;
  const name = String((solution as { readonly name?: unknown }).name);
  const kind = SOLUTION_KINDS.find((word) => name.includes(word));
  return { ...solution, kind: kind ?? (name.startsWith('every class') ? 'lost' : 'search') };
}

/** Throws where a list has not as many items as there are classes or layers. */
function checkLengths(summary: RunSummary): void {
  const { problem, classes, geometry } = summary;
  const { counts, depth, widths, weightDecays } = problem;
  const K = counts.length;
  const lengths: [string, readonly unknown[], number, string][] = [
    ['problem.widths', widths, depth, 'layers'],
    ['problem.weightDecays', weightDecays, depth, 'layers'],
    ['classes', classes, K, 'classes'],
  ];
  for (const [side, grams] of Object.entries(geometry ?? {}))
    for (const [name, rows] of Object.entries<GramMatrices['weights']>({ ...grams }))
      for (const [part, items] of [['', rows] as const, ...rows.map((row, i) => [`.${i}`, row] as const)])
        lengths.push([`geometry.${side}.${name}${part}`, items, K, 'classes']);
  if (summary.kind === 'network') {
    const { data, testClassAccuracy, survival: estimated } = summary.network;
    lengths.push(['network.data.classNames', data.classNames, K, 'classes']);
    if (estimated !== null && estimated !== undefined)
      lengths.push(['network.survival.classes', estimated.classes, K, 'classes']);
    if (testClassAccuracy !== null)
      lengths.push(['network.testClassAccuracy', testClassAccuracy, K, 'classes']);
  }
  if (K === 0) throw new Misshapen('problem.counts is empty');
  for (const [name, items, length, what] of lengths)
    if (items.length !== length)
      throw new Misshapen(`${name} has ${items.length} items for ${length} ${what}`);
}
