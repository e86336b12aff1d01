/**
 * A checkpoint of a network's training: the engine's arrays in float32 and, as text, where the run is.
 *
 * The text names the BLAS and its threads: continuation is bit-identical for the same two.
 */
import { InputError } from '../core/errors.js';
import type { RandomState } from '../core/random.js';
import { encodeSafetensors, type ArrayFile, type ArrayToWrite } from '../data/index.js';

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
  const tensors = [...arrays].map(([name, values]): ArrayToWrite => {
    const shape = shapes.get(name.slice(name.indexOf(':') + 1)) ?? [values.length];
    return { name, shape, dtype: 'float32', values };
  });
  return encodeSafetensors(tensors, { format: FORMAT, state: JSON.stringify(rest) });
}

/** Reads a checkpoint back. Throws a format error for any other file. */
export async function decodeNetworkCheckpoint(file: ArrayFile): Promise<NetworkCheckpoint> {
  const text = file.metadata.get('state');
  const format = file.metadata.get('format');
  if (format !== FORMAT || text === undefined)
    throw new InputError('format', file.name, `a file that says "${FORMAT}"`, format ?? 'none');
  let rest: Omit<NetworkCheckpoint, 'arrays'>;
  try {
    rest = JSON.parse(text) as Omit<NetworkCheckpoint, 'arrays'>;
  } catch {
    throw new InputError('format', file.name, 'JSON in its state', 'something else');
  }
  const { epoch, stepInEpoch, step } = rest.progress;
  if (![epoch, stepInEpoch, step].every((count) => Number.isSafeInteger(count) && count >= 0))
    throw new InputError('format', file.name, 'an epoch and steps', text.slice(0, 80));
  const arrays = new Map<string, Float32Array>();
  for (const name of file.names) {
    const entry = await file.get(name);
    const values = Float32Array.from(await entry.rows(0, entry.rowCount));
    const bad = values.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0)
      throw new InputError(
        'format',
        file.name,
        `finite numbers in ${name}`,
        `${values[bad]} at place ${bad}`,
        'the checkpoint is damaged',
      );
    arrays.set(name, values);
  }
  // Older checkpoints have no ceiling: it is taken anew at the next step.
  const { ceiling = null } = rest.progress as Partial<NetworkCheckpoint['progress']>;
  return { ...rest, progress: { ...rest.progress, ceiling }, arrays };
}
