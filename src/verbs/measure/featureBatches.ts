/** Samples of several files as one source of batches: those that do not count are left out, rows divided by their norms on demand. */
import { matrix, type Floats } from '../../core/matrix.js';
import { isSingle, type ArrayEntry } from '../../data/index.js';
import type { FeatureBatch, FeatureBatches } from '../../metrics/index.js';

/** The samples of one file. */
export interface Part {
  readonly features: ArrayEntry;
  /** Class indices; −1 for a sample that does not count. */
  readonly labels: Int32Array;
}

/** About 4 MB of numbers at once: larger buffers lose time to fresh memory. */
const BATCH_ENTRIES = 2 ** 20;

export function batchesOf(parts: readonly Part[], d: number, normalize: boolean): FeatureBatches {
  const counted = parts.map(({ labels }) => labels.reduce((sum, label) => sum + (label < 0 ? 0 : 1), 0));
  const rows = Math.max(1, Math.floor(BATCH_ENTRIES / Math.max(1, d)));
  return {
    samples: counted.reduce((sum, count) => sum + count, 0),
    dimension: d,
    kind: parts.every(({ features }) => isSingle(features.dtype)) ? 'float32' : 'float64',
    async *batches() {
      const pieces = piecesOf(parts, rows);
      let ahead = nextPiece(pieces);
      while (ahead !== null) {
        const { p, labels, reading } = ahead;
        const data = await reading;
        // The next rows are read while these are worked on.
        ahead = nextPiece(pieces);
        if (normalize) divideByNorms(data, d);
        const whole = counted[p] === parts[p].labels.length;
        const batch = whole ? { data, labels } : withoutIgnored(data, labels, d);
        if (batch.labels.length > 0) yield batchOf(batch.data, batch.labels, d);
      }
    },
  };
}

/** Some rows of part p, not yet read. */
interface Piece {
  readonly p: number;
  readonly labels: Int32Array;
  readonly read: () => Promise<Floats>;
}

function* piecesOf(parts: readonly Part[], rows: number): Generator<Piece, undefined> {
  for (const [p, { features, labels }] of parts.entries())
    for (let start = 0; start < labels.length; start += rows) {
      const count = Math.min(rows, labels.length - start);
      yield {
        p,
        labels: labels.subarray(start, start + count),
        read: () => features.rows(start, count),
      };
    }
}

/** Begins to read the next piece; null after the last. */
function nextPiece(pieces: Iterator<Piece, undefined>) {
  const { value, done } = pieces.next();
  if (done === true) return null;
  const reading = value.read();
  // A failure is told where it is awaited; nobody may come to await it.
  reading.catch(() => undefined);
  return { ...value, reading };
}

function batchOf(data: Floats, labels: Int32Array, d: number): FeatureBatch {
  return data instanceof Float32Array
    ? { features: matrix(data, labels.length, d), labels }
    : { features: matrix(data, labels.length, d), labels };
}

/** Moves the rows that count to the front, in place. */
function withoutIgnored(data: Floats, labels: Int32Array, d: number) {
  let counted = 0;
  const left = new Int32Array(labels.length);
  labels.forEach((label, i) => {
    if (label < 0) return;
    if (counted < i) data.copyWithin(counted * d, i * d, (i + 1) * d);
    left[counted++] = label;
  });
  return { data: data.subarray(0, counted * d), labels: left.subarray(0, counted) };
}

/** Rows of norm 1, in place; a row of zeros stays one. */
export function divideByNorms(data: Floats, d: number): void {
  for (let at = 0; at < data.length; at += d) {
    let largest = 0;
    for (let j = 0; j < d; j++) largest = Math.max(largest, Math.abs(data[at + j]));
    if (!(largest > 0 && largest < Infinity)) continue;
    let sum = 0;
    for (let j = 0; j < d; j++) sum += (data[at + j] / largest) ** 2;
    const norm = Math.sqrt(sum);
    for (let j = 0; j < d; j++) data[at + j] = data[at + j] / largest / norm;
  }
}
