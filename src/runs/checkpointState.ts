/**
 * What both kinds of checkpoints share: a text of JSON beside the arrays, arrays of finite numbers, and a checksum over both,
 * so that a bit that flipped on the disk is called damage and not taken for a training that went wrong.
 */
import { InputError, show } from '../core/errors.js';
import { crc32, encodeSafetensors, type ArrayFile, type ArrayToWrite } from '../data/index.js';
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

type Arrays = readonly (readonly [name: string, values: Float32Array | Float64Array])[];

/** The bytes of a checkpoint; the same state gives the same bytes. */
export function encodeState(
  format: string,
  state: unknown,
  arrays: readonly (ArrayToWrite & { readonly values: Float32Array | Float64Array })[],
  texts: Readonly<Record<string, string>> = {},
): Uint8Array {
  const metadata = { ...texts, format, state: JSON.stringify(state) };
  const checksum = checksumOf(
    metadata,
    arrays.map(({ name, values }) => [name, values] as const),
  );
  return encodeSafetensors(arrays, { ...metadata, checksum });
}

/** What the metadata of files without a checksum hold. */
const OLDER_TEXTS = ['basis', 'format', 'state'];

/** Refuses a file whose checksum is not that of its texts and arrays; older files have none. */
export function checkSum(file: ArrayFile, arrays: Arrays): void {
  const { checksum, ...texts } = Object.fromEntries(file.metadata) as Partial<Record<string, string>>;
  if (checksum === undefined) {
    // One of the texts that older files have not is this one, with a damaged name.
    const strange = Object.keys(texts).find((name) => !OLDER_TEXTS.includes(name));
    if (strange !== undefined) refuseCheckpoint(file, 'a checksum', show(strange));
    return;
  }
  const computed = checksumOf(texts as Readonly<Record<string, string>>, arrays);
  if (computed !== checksum)
    refuseCheckpoint(file, `the bytes that have the checksum ${show(checksum)}`, computed);
}

/** CRC-32 over names, texts and the bytes of the numbers, in the order of the names. */
function checksumOf(texts: Readonly<Record<string, string>>, arrays: Arrays): string {
  const byName = (a: readonly [string, ...unknown[]], b: readonly [string, ...unknown[]]) =>
    a[0] < b[0] ? -1 : 1;
  let crc = 0;
  for (const [name, value] of Object.entries(texts).sort(byName))
    crc = crc32(bytesOf(`${name}\n${value}\n`), crc);
  for (const [name, values] of [...arrays].sort(byName)) {
    crc = crc32(bytesOf(`${name} ${values.length}\n`), crc);
    crc = crc32(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), crc);
  }
  return crc.toString(16).padStart(8, '0');
}

/** Low and high byte of each unit: no encoder of texts is needed for a checksum. */
function bytesOf(value: string): Uint8Array {
  return Uint8Array.from(
    { length: 2 * value.length },
    (_, i) => (value.charCodeAt(i >> 1) >> (8 * (i & 1))) & 255,
  );
}
