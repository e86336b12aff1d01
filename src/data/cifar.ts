/**
 * The binary version of CIFAR-10 and CIFAR-100: records of one label byte (two in CIFAR-100: superclass and class) and 3072
 * bytes of pixels, planes R, G, B of 32×32.
 *
 * Source: "binary version" at https://www.cs.toronto.edu/~kriz/cifar.html. Pixels come out as NHWC. Limits: at most 2^18
 * records in all (the sets have 60 000).
 */
import { type ByteSource, readRange } from './byteSource.js';
import { CIFAR_LAYOUTS, type CifarKind } from './cifarFacts.js';
import { refuseBytes } from './refuseBytes.js';

const SIDE = 32;
const PLANE = SIDE * SIDE;
const MAX_recordS = 2 ** 18;
/** Read at a time: 3 MB. */
const RECORDS_AT_ONCE = 1024;

/** Samples in the order of the files. */
export interface CifarRecords {
  readonly samples: number;
  /** N×32×32×3. */
  readonly pixels: Uint8Array;
  /** N of 0 … K−1. */
  readonly labels: Int32Array;
}

/**
 * Reads batches one after another, each once from its first byte to its last. Throws a format error for a file whose
 * length is not a positive multiple of a record's (3073 or 3074), or a label beyond the classes; it names the file and the
 * record, counted from 0.
 */
export async function readCifar(batches: readonly ByteSource[], kind: CifarKind): Promise<CifarRecords> {
  const { title, labelBytes, labelAt, classes } = CIFAR_LAYOUTS[kind];
  const record = labelBytes + 3 * PLANE;
  let samples = 0;
  for (const { name, size } of batches) {
    if (size === 0 || size % record !== 0)
      refuseBytes(name, `a positive multiple of ${record} bytes (${title}'s records)`, `${size} bytes`);
    samples += size / record;
    if (samples > MAX_recordS) refuseBytes(name, `at most ${MAX_recordS} records in all`, samples);
  }
  const pixels = new Uint8Array(samples * 3 * PLANE);
  const labels = new Int32Array(samples);
  let done = 0;
  for (const batch of batches) {
    const records = batch.size / record;
    for (let first = 0; first < records; first += RECORDS_AT_ONCE) {
      const count = Math.min(RECORDS_AT_ONCE, records - first);
      const bytes = await readRange(batch, batch.name, 'records', first * record, count * record);
      for (let i = 0; i < count; i++, done++) {
        const label = bytes[i * record + labelAt];
        if (label >= classes)
          refuseBytes(
            batch.name,
            `a label of 0 to ${classes - 1} in record ${first + i}`,
            label,
            `is it the binary version of ${title}?`,
          );
        labels[done] = label;
        interleave(bytes, i * record + labelBytes, pixels, done * 3 * PLANE);
      }
    }
  }
  return { samples, pixels, labels };
}

/** Planes R, G, B of 32×32 at `from` to pixels RGB at `to`. */
export function interleave(planes: Uint8Array, from: number, out: Uint8Array, to: number): void {
  for (let i = 0; i < PLANE; i++) {
    out[to + 3 * i] = planes[from + i];
    out[to + 3 * i + 1] = planes[from + PLANE + i];
    out[to + 3 * i + 2] = planes[from + 2 * PLANE + i];
  }
}
