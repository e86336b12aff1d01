/**
 * Writing safetensors files: the same tensors and texts give the same bytes, whatever order they come in.
 *
 * Tensors lie by item size, largest first, then by name, and spaces after the JSON bring the data to a
 * multiple of 8 bytes, so that every tensor is aligned to its own item size. Source of the format:
 * `safetensors.ts`.
 */
import { refuse, refuseShape } from '../core/errors.js';
import { encodeItems, itemSize } from './dtypes.js';
import { shapeText } from './layout.js';
import type { ArrayToWrite } from './npzWriter.js';
import { utf8Bytes } from './platform.js';
import { MAX_SAFETENSORS_HEADER, METADATA_KEY, SAFETENSORS_DTYPES } from './safetensors.js';
import { countItems } from './shape.js';

/**
 * The bytes of a safetensors file. Throws an argument error for a name that is taken, or a header longer than
 * the reader takes, a dimension error for a shape that does not count its values.
 */
export function encodeSafetensors(
  tensors: readonly ArrayToWrite[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const where = 'encodeSafetensors';
  const codes = new Map([...SAFETENSORS_DTYPES].map(([code, dtype]) => [dtype, code]));
  const order = [...tensors].sort(
    (a, b) => itemSize(b.dtype) - itemSize(a.dtype) || Number(a.name > b.name) - Number(a.name < b.name),
  );
  const used = new Set([METADATA_KEY]);
  const header: [string, unknown][] = [];
  const texts = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1));
  if (texts.length > 0) header.push([METADATA_KEY, Object.fromEntries(texts)]);
  let at = 0;
  for (const { name, shape, dtype, values } of order) {
    if (used.has(name)) refuse(where, `names that differ, none of them ${METADATA_KEY}`, name);
    used.add(name);
    if (countItems(`${where}[${name}]`, shape) !== values.length)
      refuseShape(
        `${where}[${name}]`,
        'a shape that counts the values',
        `${shapeText(shape)} for ${values.length}`,
      );
    const end = at + values.length * itemSize(dtype);
    header.push([name, { dtype: codes.get(dtype), shape, data_offsets: [at, end] }]);
    at = end;
  }
  const json = utf8Bytes(
    `{${header.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`,
  );
  const headerLength = Math.ceil(json.length / 8) * 8;
  if (headerLength > MAX_SAFETENSORS_HEADER)
    refuse(where, `a header of at most ${MAX_SAFETENSORS_HEADER} bytes`, headerLength);
  const out = new Uint8Array(8 + headerLength + at);
  new DataView(out.buffer).setBigUint64(0, BigInt(headerLength), true);
  out.set(json, 8);
  out.fill(0x20, 8 + json.length, 8 + headerLength);
  let offset = 8 + headerLength;
  for (const { name, dtype, values } of order) {
    const bytes = encodeItems(values, dtype, `${where}[${name}]`);
    out.set(bytes, offset);
    offset += bytes.length;
  }
  return out;
}
