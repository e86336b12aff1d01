/**
 * A checkpoint: all the state of a training, in one safetensors file with float64 arrays.
 *
 * Beside the trainer's arrays it holds the basis of the reduced columns (so that single samples can be recovered) and, as
 * text, the step, how the columns were reduced, and which BLAS with how many threads computed: bit-identical continuation
 * holds for the same two.
 */
import { InputError, refuse } from '../core/errors.js';
import { matrix, type Matrix } from '../core/matrix.js';
import { encodeSafetensors, type ArrayFile, type ArrayToWrite } from '../data/index.js';

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

/** Reads a checkpoint back. Throws a format error for any other file. */
export async function decodeCheckpoint(file: ArrayFile): Promise<Checkpoint> {
  const text = file.metadata.get('state');
  if (file.metadata.get('format') !== FORMAT || text === undefined)
    throw new InputError(
      'format',
      file.name,
      `a file that says "${FORMAT}"`,
      file.metadata.get('format') ?? 'none',
    );
  let rest: Omit<Checkpoint, 'arrays' | 'basis'>;
  try {
    rest = JSON.parse(text) as Omit<Checkpoint, 'arrays' | 'basis'>;
  } catch {
    throw new InputError('format', file.name, 'JSON in its state', 'something else');
  }
  if (
    ![rest.step, rest.columns].every((count) => Number.isSafeInteger(count) && count >= 0) ||
    typeof rest.ceiling !== 'number'
  )
    refuse(`${file.name}: state`, 'a step, a ceiling and a number of columns', text);
  const arrays: Record<string, Float64Array> = {};
  for (const name of file.names)
    if (name.startsWith('state.')) arrays[name.slice('state.'.length)] = await (await file.get(name)).all();
  const kind = file.metadata.get('basis');
  let basis: Checkpoint['basis'] =
    kind === 'identity' || kind === 'samples' || kind === 'collapsed' ? kind : null;
  if (kind === 'matrix') {
    const entry = await file.get('basis');
    basis = matrix(await entry.all(), entry.shape[0], entry.shape[1]);
  }
  return { ...rest, arrays, basis };
}
