/**
 * The binary version of CIFAR-10: records of one label byte and 3072 bytes of pixels, planes R, G, B of 32×32.
 *
 * Source: "binary version" at https://www.cs.toronto.edu/~kriz/cifar.html. Pixels come out as NHWC. Limits: at most 2^18
 * records in all (the set has 60 000); CIFAR-100, whose records have two labels, is not read.
 */
import { type ByteSource, readRange } from './byteSource.js';
import { refuseBytes } from './refuseBytes.js';

const SIDE = 32;
const PLANE = SIDE * SIDE;
const RECORD = 1 + 3 * PLANE;
const CLASSES = 10;
const MAX_RECORDS = 2 ** 18;
/** Read at a time: 3 MB. */
const RECORDS_AT_ONCE = 1024;

/** Samples in the order of the files. */
export interface CifarRecords {
  readonly samples: number;
  /** N×32×32×3. */
  readonly pixels: Uint8Array;
  /** N of 0 … 9. */
  readonly labels: Int32Array;
}

/**
 * Reads batches one after another, each once from its first byte to its last. Throws a format error for a file whose
 * length is not a positive multiple of 3073, or a label above 9; it names the file and the record, counted from 0.
 */
export async function readCifar10(batches: readonly ByteSource[]): Promise<CifarRecords> {
  let samples = 0;
  for (const { name, size } of batches) {
    if (size === 0 || size % RECORD !== 0)
      refuseBytes(name, `a positive multiple of ${RECORD} bytes (CIFAR-10's records)`, `${size} bytes`);
    samples += size / RECORD;
    if (samples > MAX_RECORDS) refuseBytes(name, `at most ${MAX_RECORDS} records in all`, samples);
  }
  const pixels = new Uint8Array(samples * 3 * PLANE);
  const labels = new Int32Array(samples);
  let done = 0;
  for (const batch of batches) {
    const records = batch.size / RECORD;
    for (let first = 0; first < records; first += RECORDS_AT_ONCE) {
      const count = Math.min(RECORDS_AT_ONCE, records - first);
      const bytes = await readRange(batch, batch.name, 'records', first * RECORD, count * RECORD);
      for (let i = 0; i < count; i++, done++) {
        const label = bytes[i * RECORD];
        if (label >= CLASSES)
          refuseBytes(
            batch.name,
            `a label of 0 to ${CLASSES - 1} in record ${first + i}`,
            label,
            'is it the binary version of CIFAR-10?',
          );
        labels[done] = label;
        interleave(bytes, i * RECORD + 1, pixels, done * 3 * PLANE);
      }
    }
  }
  return { samples, pixels, labels };
}

/** Planes R, G, B at `from` to pixels RGB at `to`. */
function interleave(planes: Uint8Array, from: number, out: Uint8Array, to: number): void {
  for (let i = 0; i < PLANE; i++) {
    out[to + 3 * i] = planes[from + i];
    out[to + 3 * i + 1] = planes[from + PLANE + i];
    out[to + 3 * i + 2] = planes[from + 2 * PLANE + i];
  }
}
