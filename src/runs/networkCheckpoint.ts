/**
 * A checkpoint of a network's training: the engine's arrays in float32 and, as text, where the run is.
 *
 * The text names the BLAS and its threads: continuation is bit-identical for the same two.
 */
import { GENERATOR_WORDS, type RandomState } from '../core/random.js';
import type { ArrayFile } from '../data/index.js';
import { blasShape, checkSum, encodeState, finiteValues, readState } from './checkpointState.js';
import {
  brief,
  fields,
  finite,
  integer,
  list,
  maybe,
  measure,
  Misshapen,
  text,
  whole,
  type Shape,
} from './jsonShape.js';

export interface NetworkCheckpoint {
  /** `TrainingProgress` of the nets room. */
  readonly progress: {
    readonly epoch: number;
    readonly stepInEpoch: number;
    readonly step: number;
    readonly shuffle: RandomState;
    readonly augmentation: RandomState;
    readonly lossSum: number;
    readonly correct: number;
    readonly seen: number;
    readonly ceiling: number | null;
  };
  /** Seconds of training so far. */
  readonly seconds: number;
  /** Mean loss of the last whole epoch; null in the first. */
  readonly epochLoss: number | null;
  readonly blas: { readonly name: string; readonly threads: number | null };
  /** SHA-256 of the data it was trained on. */
  readonly data: string;
  readonly arrays: ReadonlyMap<string, Float32Array>;
}

const FORMAT = 'collapsar network checkpoint 1';

/** Shapes of parameters by name; what the optimiser keeps of `P` is called `KIND:P` and has the shape of `P`. */
export type ParameterShapes = ReadonlyMap<string, readonly number[]>;

/**
 * The bytes of a checkpoint; the same state gives the same bytes. Arrays of which no shape is known are written as vectors,
 * as all of them were at first; reading takes either.
 */
export function encodeNetworkCheckpoint(
  { arrays, ...rest }: NetworkCheckpoint,
  shapes: ParameterShapes = new Map(),
): Uint8Array {
  const tensors = [...arrays].map(([name, values]) => {
    const shape = shapes.get(name.slice(name.indexOf(':') + 1)) ?? [values.length];
    return { name, shape, dtype: 'float32' as const, values };
  });
  return encodeState(FORMAT, rest, tensors);
}

const randomState: Shape<RandomState> = (value, name) => {
  const state = fields({ generator: list(integer), spare: maybe })(value, name);
  if (state.generator.length !== GENERATOR_WORDS)
    throw new Misshapen(`${name}.generator has ${state.generator.length} items, not ${GENERATOR_WORDS}`);
  // From zeros a generator gives zeros, of which no normal variate is ever made.
  if (state.generator.every((word) => word === 0) || state.generator.some((word) => word !== (word | 0)))
    throw new Misshapen(`${name}.generator is ${brief(state.generator)}, no state of a generator`);
  return state;
};

const stateShape = fields({
  progress: fields({
    epoch: whole,
    stepInEpoch: whole,
    step: whole,
    shuffle: randomState,
    augmentation: randomState,
    lossSum: finite,
    correct: whole,
    seen: whole,
    // Older checkpoints have no ceiling: it is taken anew at the next step.
    ceiling: measure,
  }),
  seconds: finite,
  epochLoss: measure,
  blas: blasShape,
  data: text,
});

/** Reads a checkpoint back. Throws a format error for any other file. */
export async function decodeNetworkCheckpoint(file: ArrayFile): Promise<NetworkCheckpoint> {
  const state = readState(file, FORMAT, stateShape);
  const arrays = new Map<string, Float32Array>();
  for (const name of file.names) {
    const entry = await file.get(name);
    const values = Float32Array.from(await entry.rows(0, entry.rowCount));
    arrays.set(name, values);
  }
  checkSum(file, [...arrays]);
  for (const [name, values] of arrays) finiteValues(file, name, values);
  return { ...state, arrays };
}
