/**
 * What the companion for PyTorch writes beside its tensors: `collapsar.json`, what is measured, and `epochs.jsonl`, a line for
 * each measured epoch and, from version 2 on, one when training has ended. python/README.md describes the format, of which this reads
 * versions 1 and 2.
 *
 * Every line but a torn last one is read; of two lines of one epoch the later counts, and of an end only the last line.
 */
import {
  fields,
  finite,
  flag,
  list,
  maybe,
  measure,
  Misshapen,
  oneOf,
  orNull,
  parseJson,
  positiveWhole,
  text,
  whole,
  type Shape,
} from './jsonShape.js';

export const MONITOR_FORMAT = 'collapsar monitor';
export const MONITOR_VERSION = 2;
const FIRST_VERSION = 1;

/** A layer of the head, nearest the features first. Decays are null where no group of the optimiser has the parameter. */
export interface MonitoredHeadLayer {
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  readonly bias: boolean;
  readonly weightDecay: number | null;
  readonly biasDecay: number | null;
}

export interface MonitoredLayer {
  readonly name: string;
  readonly place: 'backbone' | 'features' | 'head';
  readonly dimension: number;
  /** How maps became rows, in words; null where nothing was to be done. */
  readonly pooling: string | null;
}

export interface MonitoredLoss {
  /** `nll`: cross-entropy where the network returns log-probabilities. */
  readonly name: 'ce' | 'nll' | 'mse' | 'bce' | 'other';
  /** `mean`, `sum`, `none`; `paper` is 1/(2N)·Σ‖z − y‖². */
  readonly reduction: string | null;
  readonly labelSmoothing: number;
  readonly classWeights: readonly number[] | null;
  /** The class of the loss object; null for a loss by its word. */
  readonly module: string | null;
}

export interface MonitoredOptimizer {
  readonly name: string;
  /** AdamW: decay beside the gradient; null where that is not known. */
  readonly decoupled: boolean | null;
  readonly groups: readonly { readonly weightDecay: number | null }[];
}

/** `collapsar.json`. */
export interface MonitorManifest {
  /** Of the format. */
  readonly version: number;
  readonly collapsar: string;
  readonly torch: string;
  readonly device: string;
  /** K. */
  readonly classes: number;
  /** Rows of the last weight: K, or 1 for one logit of two classes. */
  readonly outputs: number;
  readonly classNames: readonly string[] | null;
  readonly head: readonly MonitoredHeadLayer[];
  readonly headIsLast: boolean;
  readonly headIsChain: boolean;
  /** Dropout before or within the head. */
  readonly dropout: readonly { readonly name: string; readonly p: number }[];
  readonly layers: readonly MonitoredLayer[];
  readonly loss: MonitoredLoss | null;
  readonly optimizer: MonitoredOptimizer | null;
}

/** One line of `epochs.jsonl`. */
export interface MonitoredEpoch {
  readonly epoch: number;
  /** Within the folder; null where the features were not finite. */
  readonly file: string | null;
  readonly bytes: number | null;
  /** That measuring took. */
  readonly seconds: number;
  /** Training samples that were measured; null where the line does not say. */
  readonly samples: number | null;
  /** B of a training step, over all processes, where the user said it. */
  readonly batch: number | null;
  /** Steps of the optimiser in an epoch; null where they were not counted. */
  readonly steps: number | null;
  /** Processes that trained together; null where the line does not say. */
  readonly ranks: number | null;
  /** Of each group of the optimiser; null without one. */
  readonly groups:
    readonly { readonly learningRate: number | null; readonly weightDecay: number | null }[] | null;
  readonly precision: {
    readonly features: string;
    readonly autocast: boolean;
    readonly tf32: boolean;
  } | null;
  readonly notes: readonly string[];
}

/** `epochs`: its last epoch was announced; `said`: by a word; `exit`: the program came to its end; `exception`: it was stopped by one. */
export const MONITOR_ENDS = ['epochs', 'said', 'exit', 'exception'] as const;

/** How training ended. */
export interface MonitoredEnd {
  readonly why: (typeof MONITOR_ENDS)[number];
  /** The last that was trained, whether or not it was measured. */
  readonly epoch: number;
}

/** Only names of the companion's own making lead anywhere. */
const FILE = /^epochs\/\d{1,12}\.safetensors$/;

const fileName: Shape<string> = (value, name) => {
  const path = text(value, name);
  if (!FILE.test(path)) throw new Misshapen(`${name} is no file of the folder epochs`);
  return path;
};

/** Without what it says of itself as a file. */
export const manifestShape: Shape<MonitorManifest> = fields({
  version: whole,
  collapsar: text,
  torch: text,
  device: text,
  classes: positiveWhole,
  outputs: positiveWhole,
  classNames: orNull(list(text)),
  head: list(
    fields({
      name: text,
      inputs: positiveWhole,
      outputs: positiveWhole,
      bias: flag,
      weightDecay: maybe,
      biasDecay: maybe,
    }),
  ),
  headIsLast: flag,
  headIsChain: flag,
  dropout: (value, name) => (value === undefined ? [] : list(fields({ name: text, p: finite }))(value, name)),
  layers: list(
    fields({
      name: text,
      place: oneOf(['backbone', 'features', 'head']),
      dimension: positiveWhole,
      pooling: orNull(text),
    }),
  ),
  loss: orNull(
    fields({
      name: oneOf(['ce', 'nll', 'mse', 'bce', 'other']),
      reduction: orNull(text),
      labelSmoothing: finite,
      classWeights: orNull(list(finite)),
      module: orNull(text),
    }),
  ),
  optimizer: orNull(
    fields({
      name: text,
      decoupled: orNull(flag),
      groups: (value, name) => (value === undefined ? [] : list(fields({ weightDecay: maybe }))(value, name)),
    }),
  ),
});

const epochShape: Shape<MonitoredEpoch> = fields({
  epoch: whole,
  file: orNull(fileName),
  bytes: orNull(whole),
  seconds: finite,
  samples: (value, name) => (value === undefined ? null : fields({ train: whole })(value, name).train),
  batch: orNull(positiveWhole),
  steps: (value, name) => {
    const steps = measure(value, name);
    if (steps !== null && !(steps > 0)) throw new Misshapen(`${name} is ${steps}, not above 0`);
    return steps;
  },
  ranks: (value, name) => (value === undefined ? null : positiveWhole(value, name)),
  groups: orNull(list(fields({ learningRate: maybe, weightDecay: measure }))),
  precision: (value, name) =>
    value === undefined ? null : orNull(fields({ features: text, autocast: flag, tf32: flag }))(value, name),
  notes: list(text),
});

const endShape = fields({ end: oneOf(MONITOR_ENDS), epoch: whole });

const kind = fields({ format: oneOf([MONITOR_FORMAT]), version: whole });

/** The manifest of a text. Throws `Misshapen` for any other. */
export function readManifest(content: string): MonitorManifest {
  const value = parseJson(content);
  const { version } = kind(value, '');
  if (version < FIRST_VERSION || version > MONITOR_VERSION)
    throw new Misshapen(
      `version is ${version}, and this program reads ${FIRST_VERSION} to ${MONITOR_VERSION}`,
    );
  const manifest = manifestShape(value, '');
  const { head, layers, classes, outputs, classNames } = manifest;
  const features = layers.filter(({ place }) => place === 'features');
  if (head.length === 0) throw new Misshapen('head is empty');
  if (features.length !== 1) throw new Misshapen(`layers has ${features.length} places called features`);
  head.slice(1).forEach(({ inputs }, m) => {
    if (inputs !== head[m].outputs)
      throw new Misshapen(`head.${m + 1}.inputs is ${inputs}, after ${head[m].outputs} outputs`);
  });
  if (features[0].dimension !== head[0].inputs)
    throw new Misshapen(`head.0.inputs is ${head[0].inputs}, for ${features[0].dimension} features`);
  const last = head[head.length - 1].outputs;
  if (last !== outputs) throw new Misshapen(`outputs is ${outputs}, and the last layer has ${last}`);
  if (classes !== Math.max(2, outputs)) throw new Misshapen(`classes is ${classes}, for ${outputs} outputs`);
  const ofHead = layers.filter(({ place }) => place === 'head').map(({ dimension }) => dimension);
  if (ofHead.length !== head.length || ofHead.some((size, m) => size !== head[m].outputs))
    throw new Misshapen('layers does not end with the outputs of the head');
  if (classNames !== null && classNames.length !== classes)
    throw new Misshapen(`classNames has ${classNames.length} names for ${classes} classes`);
  return manifest;
}

export interface ReadEpochs {
  /** Ascending. */
  readonly epochs: readonly MonitoredEpoch[];
  /** How training ended; null where the last line is that of an epoch. */
  readonly end: MonitoredEnd | null;
  /** The first bad line, from 1, and what is bad about it; later ones are not read. */
  readonly damage: { readonly line: number; readonly what: string } | null;
}

/** Whole lines; what stands behind the last line end was torn by a kill. */
export function readEpochs(content: string): ReadEpochs {
  const epochs = new Map<number, MonitoredEpoch>();
  let end: MonitoredEnd | null = null;
  let damage: ReadEpochs['damage'] = null;
  for (const [i, line] of content.split('\n').slice(0, -1).entries()) {
    if (line.trim() === '') continue;
    try {
      const read = readLine(line);
      end = 'why' in read ? read : null;
      if (!('why' in read)) epochs.set(read.epoch, read);
    } catch (error) {
      if (!(error instanceof Misshapen)) throw error;
      damage = { line: i + 1, what: error.what };
      break;
    }
  }
  return { epochs: [...epochs.values()].sort((a, b) => a.epoch - b.epoch), end, damage };
}

function readLine(line: string): MonitoredEpoch | MonitoredEnd {
  const value = parseJson(line);
  if (typeof value !== 'object' || value === null || !('end' in value)) return epochShape(value, '');
  const { end, epoch } = endShape(value, '');
  return { why: end, epoch };
}
