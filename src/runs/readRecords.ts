/**
 * The lines of `records.jsonl`, which may be damaged: what stands before the first bad line is read, the bad line named.
 *
 * Limits: whether the numbers are those of a training is not known; they are finite or null, steps do not decrease, and every
 * record has the same classes.
 */
import {
  fields,
  finite,
  list,
  maybe,
  orNull,
  measure,
  Misshapen,
  oneOf,
  parseJson,
  text,
  whole,
  type Shape,
} from './jsonShape.js';
import type { FrameDistancesRecord, LayerRecord, MeasuresRecord, TrainRecord } from './records.js';

export interface ReadRecords {
  readonly records: readonly TrainRecord[];
  /** Lines that are not blank. */
  readonly lines: number;
  /** The first bad line, from 1, and what is bad about it: "step is -3, no whole number from 0". */
  readonly damage: { readonly line: number; readonly what: string } | null;
}

const distances: Shape<FrameDistancesRecord> = fields({
  orthogonal: measure,
  etf: measure,
  predicted: measure,
});

/** The shapes of NC1 … NC4; a measure that an older version did not take is null. */
export const MEASURES = {
  nc1: fields({ pinv: measure, pinvWeighted: measure, quotient: measure }),
  cdnv: measure,
  nc2: fields({
    equinorm: measure,
    equiangular: measure,
    cosineMean: measure,
    cosineSd: measure,
    weights: distances,
    features: distances,
  }),
  nc3: fields({
    orthogonal: measure,
    etf: measure,
    predicted: measure,
    duality: measure,
    dualityCentred: measure,
    dualityPredicted: measure,
  }),
  nc4: measure,
  accuracy: measure,
} satisfies { readonly [K in keyof MeasuresRecord]: Shape<MeasuresRecord[K]> };

const ofLayer = { nc1: fields({ pinv: measure, quotient: measure }), cdnv: measure };
const { nc2, nc3 } = MEASURES;

export const layerShape: Shape<LayerRecord> = fields(
  { name: text, place: oneOf(['backbone', 'features', 'head']), ...ofLayer },
  { nc2, nc3, predicted: orNull(fields({ ...ofLayer, nc2, nc3 })) },
);

const recordShape: Shape<TrainRecord> = fields(
  { step: whole, objective: maybe, ...MEASURES, seconds: finite },
  {
    weightNorms: list(orNull(finite)),
    featureNorms: list(finite),
    fits: list(finite),
    layers: list(layerShape),
    network: fields(
      {
        epoch: whole,
        trainingLoss: maybe,
        learningRate: maybe,
        testAccuracy: maybe,
        featureDecay: maybe,
        layers: list(layerShape),
      },
      { top5Accuracy: maybe, testTop5Accuracy: maybe },
    ),
  },
);

/** Reads up to the first bad line. */
export function readRecords(content: string): ReadRecords {
  const records: TrainRecord[] = [];
  let lines = 0;
  let damage: ReadRecords['damage'] = null;
  for (const [i, line] of content
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    if (line.trim() === '') continue;
    lines++;
    if (damage !== null) continue;
    try {
      records.push(readRecord(line, records));
    } catch (error) {
      if (!(error instanceof Misshapen)) throw error;
      damage = { line: i + 1, what: error.what };
    }
  }
  return { records, lines, damage };
}

function readRecord(line: string, before: readonly TrainRecord[]): TrainRecord {
  const record = recordShape(parseJson(line), '');
  const last = before.at(-1);
  notBefore('step', record.step, last?.step);
  notBefore('network.epoch', record.network?.epoch, last?.network?.epoch);
  sameClasses(record, before.at(0));
  return record;
}

function notBefore(name: string, value: number | undefined, least: number | undefined): void {
  if (value !== undefined && least !== undefined && value < least)
    throw new Misshapen(`${name} is ${value}, after ${least}`);
}

/** Lists of classes, where there are any (above 100 classes there are none), are as long as those of the first record. */
function sameClasses(record: TrainRecord, first: TrainRecord | undefined): void {
  let K = first?.weightNorms?.length;
  for (const name of ['weightNorms', 'featureNorms', 'fits'] as const) {
    const classes = record[name]?.length;
    if (classes === undefined) continue;
    K ??= classes;
    if (classes !== K) throw new Misshapen(`${name} has ${classes} classes, not ${K}`);
  }
}
