/**
 * A checkpoint: all the state of a training, in one safetensors file with float64 arrays.
 *
 * Beside the trainer's arrays it holds the basis of the reduced columns (so that single samples can be recovered) and, as
 * text, the step, how the columns were reduced, and which BLAS with how many threads computed: bit-identical continuation
 * holds for the same two.
 */
import { matrix, type Matrix } from '../core/matrix.js';
import type { ArrayFile } from '../data/index.js';
import {
  blasShape,
  checkSum,
  encodeState,
  finiteValues,
  readState,
  refuseCheckpoint,
} from './checkpointState.js';
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
  const tensors = Object.entries(arrays).map(([name, values]) => ({
    ...{ name: `state.${name}`, shape: [values.length], dtype: 'float64' as const },
    values,
  }));
  const rows =
    basis === null || typeof basis === 'string'
      ? []
      : [
          {
            ...{ name: 'basis', shape: [basis.rows, basis.cols], dtype: 'float64' as const },
            values: basis.data,
          },
        ];
  const matrixKind = basis === null ? 'none' : 'matrix';
  const kind = typeof basis === 'string' ? basis : matrixKind;
  return encodeState(FORMAT, rest, [...tensors, ...rows], { basis: kind });
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
  const values = new Map<string, Float64Array>();
  for (const name of file.names) values.set(name, await (await file.get(name)).all());
  checkSum(file, [...values]);
  const arrays: Record<string, Float64Array> = {};
  for (const [name, numbers] of values)
    if (name.startsWith('state.')) arrays[name.slice('state.'.length)] = finiteValues(file, name, numbers);
  return { ...state, arrays, basis: await readBasis(file, values.get('basis')) };
}

async function readBasis(file: ArrayFile, values: Float64Array | undefined): Promise<Checkpoint['basis']> {
  const kind = file.metadata.get('basis') ?? 'none';
  switch (kind) {
    case 'none':
      return null;
    case 'identity':
    case 'samples':
    case 'collapsed':
      return kind;
    case 'matrix': {
      const { shape } = await file.get('basis');
      if (shape.length !== 2 || values === undefined)
        refuseCheckpoint(file, 'a basis of rows and columns', 'another shape');
      return matrix(finiteValues(file, 'basis', values), shape[0], shape[1]);
    }
    default:
      return refuseCheckpoint(file, 'a basis that this version knows', brief(kind));
  }
}
