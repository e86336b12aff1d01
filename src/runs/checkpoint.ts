/**
 * A checkpoint: all the state of a training, in one safetensors file with float64 arrays.
 *
 * Beside the trainer's arrays it holds the basis of the reduced columns (so that single samples can be recovered) and, as
 * text, the step, how the columns were reduced, and which BLAS with how many threads computed: bit-identical continuation
 * holds for the same two.
 */
import { matrix, type Matrix } from '../core/matrix.js';
import { encodeSafetensors, type ArrayFile, type ArrayToWrite } from '../data/index.js';
import { blasShape, finiteValues, readState, refuseCheckpoint } from './checkpointState.js';
import { brief, fields, finite, measure, positiveWhole, whole } from './jsonShape.js';

export interface Checkpoint {
  readonly step: number;
  readonly ceiling: number;
  readonly value: number | null;
  readonly blas: { readonly name: string; readonly threads: number | null };
  /** Flat float64 arrays by name, among them `parameters`. */
  readonly arrays: Readonly<Record<string, Float64Array>>;
  /** How columns lead back to samples; see `ColumnBasis` of the unconstrained-features model. */
  readonly basis: Matrix | 'identity' | 'samples' | 'collapsed' | null;
  /** Columns that stand for the samples. */
  readonly columns: number;
}

const FORMAT = 'collapsar checkpoint 1';

/** The bytes of a checkpoint; the same state gives the same bytes. */
export function encodeCheckpoint(checkpoint: Checkpoint): Uint8Array {
  const { arrays, basis, ...rest } = checkpoint;
  const tensors: ArrayToWrite[] = Object.entries(arrays).map(([name, values]) => ({
    name: `state.${name}`,
    shape: [values.length],
    dtype: 'float64',
    values,
  }));
  if (basis !== null && typeof basis !== 'string')
    tensors.push({ name: 'basis', shape: [basis.rows, basis.cols], dtype: 'float64', values: basis.data });
  const kind = basis === null ? 'none' : typeof basis === 'string' ? basis : 'matrix';
  return encodeSafetensors(tensors, { format: FORMAT, basis: kind, state: JSON.stringify(rest) });
}

const stateShape = fields({
  step: whole,
  ceiling: finite,
  value: measure,
  blas: blasShape,
  columns: positiveWhole,
});

/** Reads a checkpoint back. Throws a format error for any other file. */
export async function decodeCheckpoint(file: ArrayFile): Promise<Checkpoint> {
  const state = readState(file, FORMAT, stateShape);
  const arrays: Record<string, Float64Array> = {};
  for (const name of file.names)
    if (name.startsWith('state.'))
      arrays[name.slice('state.'.length)] = finiteValues(file, name, await (await file.get(name)).all());
  return { ...state, arrays, basis: await readBasis(file) };
}

async function readBasis(file: ArrayFile): Promise<Checkpoint['basis']> {
  const kind = file.metadata.get('basis') ?? 'none';
  switch (kind) {
    case 'none':
      return null;
    case 'identity':
    case 'samples':
    case 'collapsed':
      return kind;
    case 'matrix': {
      const entry = await file.get('basis');
      if (entry.shape.length !== 2) refuseCheckpoint(file, 'a basis of rows and columns', 'another shape');
      return matrix(finiteValues(file, 'basis', await entry.all()), entry.shape[0], entry.shape[1]);
    }
    default:
      return refuseCheckpoint(file, 'a basis that this version knows', brief(kind));
  }
}
