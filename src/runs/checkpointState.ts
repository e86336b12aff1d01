/** What both kinds of checkpoints share: a text of JSON beside the arrays, and arrays of finite numbers. */
import { InputError } from '../core/errors.js';
import type { ArrayFile } from '../data/index.js';
import { fields, Misshapen, orNull, parseJson, text, whole, type Shape } from './jsonShape.js';

export const blasShape = fields({ name: text, threads: orNull(whole) });

/** The state that the metadata of a file of this format holds. */
export function readState<T>(file: ArrayFile, format: string, shape: Shape<T>): T {
  const written = file.metadata.get('format');
  const state = file.metadata.get('state');
  if (written !== format || state === undefined)
    throw new InputError(
      'format',
      file.name,
      `a file that says "${format}"`,
      written === undefined ? 'none' : JSON.stringify(written.slice(0, 60)),
    );
  try {
    return shape(parseJson(state), 'state');
  } catch (error) {
    if (!(error instanceof Misshapen)) throw error;
    return refuseCheckpoint(file, 'the state of a training', error.what);
  }
}

/** The values, all of them finite. */
export function finiteValues<T extends Float32Array | Float64Array>(
  file: ArrayFile,
  name: string,
  values: T,
): T {
  const bad = values.findIndex((value) => !Number.isFinite(value));
  return bad < 0
    ? values
    : refuseCheckpoint(file, `finite numbers in ${name}`, `${values[bad]} at place ${bad}`);
}

export function refuseCheckpoint(file: ArrayFile, requirement: string, got: string): never {
  throw new InputError('format', file.name, requirement, got, 'the checkpoint is damaged');
}
