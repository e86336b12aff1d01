/**
 * Whether head · features + bias really is what the network returned, on the samples that the companion kept. What else it is, of
 * what is known, is named: a log-softmax, a bias or a number for all logits that the head has not, a cosine head.
 */
import type { Blas } from '../../../core/blas.js';
import { refuseShape } from '../../../core/errors.js';
import { shape, type Matrix } from '../../../core/matrix.js';
import { classifierOf } from '../../../metrics/index.js';
import type { Head } from '../../../model/index.js';
import type { MonitoredSample } from '../../../runs/index.js';

export const HEAD_FINDINGS = [
  'same',
  'log-softmax',
  'per sample',
  'per class',
  'scaled',
  'cosine',
  'other',
] as const;
/**
 * `log-softmax`: what is returned is the log-softmax of the head's logits; `per sample`: logits differ by some other number a sample,
 * which changes no class; `per class`: by one number a
 * class, a bias that the head has not; `scaled`: by a factor; `cosine`: they are s·cos(p_k, h).
 */
export type HeadFinding = (typeof HEAD_FINDINGS)[number];

export interface HeadCheck {
  readonly samples: number;
  /** Largest |logit − (P·h + b)|. */
  readonly largestDifference: number;
  /** Largest |logit|: what to hold it against. */
  readonly largestLogit: number;
  readonly finding: HeadFinding;
  /** s of a scaled or a cosine head; else null. */
  readonly scale: number | null;
}

/** Of the largest logit. Networks in 16 bits, or under autocast or TF32, round their logits to as many digits. */
export type HeadPrecision = 'single' | 'tf32' | 'half';
const TOLERANCE: Readonly<Record<HeadPrecision, number>> = { single: 1e-4, tf32: 1e-2, half: 5e-2 };

/** head: with its biases folded, as many outputs as the sample has logits. */
export function checkHead(
  head: Head,
  sample: MonitoredSample,
  precision: HeadPrecision,
  blas: Blas,
): HeadCheck {
  const { features, logits } = sample;
  const [n, K] = [logits.rows, logits.cols];
  const answers = answersOf(head, features);
  const largestLogit = largest(logits.data);
  const close = TOLERANCE[precision] * Math.max(largestLogit, Number.MIN_VALUE);
  const difference = (expected: Float64Array) =>
    logits.data.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i])), 0);
  const result = { samples: n, largestDifference: difference(answers), largestLogit };
  const checked = (finding: HeadFinding, scale: number | null = null): HeadCheck => ({
    ...result,
    finding,
    scale,
  });
  if (result.largestDifference <= close) return checked('same');
  const gaps = logits.data.map((value, i) => value - answers[i]);
  const bySample = (i: number) => Math.floor(i / K);
  const byClass = (i: number) => i % K;
  const spread = (group: (i: number) => number, groups: number) => {
    const sums = new Float64Array(groups);
    gaps.forEach((gap, i) => (sums[group(i)] += gap));
    const size = gaps.length / groups;
    return gaps.reduce((most, gap, i) => Math.max(most, Math.abs(gap - sums[group(i)] / size)), 0);
  };
  if (K > 1 && spread(bySample, n) <= close)
    return checked(areLogProbabilities(logits, close) ? 'log-softmax' : 'per sample');
  if (n > 1 && spread(byClass, K) <= close) return checked('per class');
  const scale = scaleOf(logits.data, answers);
  if (difference(answers.map((value) => scale * value)) <= close) return checked('scaled', scale);
  const cosines = cosinesOf(head, features, blas);
  const s = scaleOf(logits.data, cosines);
  return difference(cosines.map((value) => s * value)) <= close ? checked('cosine', s) : checked('other');
}

/** The rest in words; null where the head is the network. */
export function headSentence({
  samples,
  largestDifference,
  largestLogit,
  finding,
  scale,
}: HeadCheck): string | null {
  const size = `up to ${round(largestDifference)} (largest logit ${round(largestLogit)}, ${samples} samples)`;
  switch (finding) {
    case 'same':
      return null;
    case 'log-softmax':
      return `the network returns the log-softmax of the head's logits: they differ by a number for each sample, ${size}, and which class is largest does not change with it`;
    case 'per sample':
      return `the network returns the head's logits less a number for each sample, ${size}: which class is largest does not change with it`;
    case 'per class':
      return `the network's logits differ from the head's by one number for each class, ${size}: a bias that the head has not; name all of its layers`;
    case 'scaled':
      return `the network returns ${round(scale ?? 0)} times the head's logits: norms are those of the head as it is, and no prediction is made`;
    case 'cosine':
      return `the network has a cosine head: it returns ${round(scale ?? 0)} times the cosines of weights and features, and no prediction is made`;
    case 'other':
      return `head · features + bias is not the network: its logits differ by ${size}; what is measured with the head (NC2 and NC3 of PPᵀ and PH̄) is not that of the network, and no prediction is made`;
    default:
      return finding satisfies never;
  }
}

/** Whether the head gives the network's logits up to what no class, and no cross-entropy, notices. */
export function headIsNetwork({ finding }: Pick<HeadCheck, 'finding'>): boolean {
  return finding === 'same' || finding === 'log-softmax' || finding === 'per sample';
}

/** Whether Σ_j e^{z_j} = 1 for each sample. */
function areLogProbabilities({ data, rows, cols }: Matrix, close: number): boolean {
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    for (let j = 0; j < cols; j++) sum += Math.exp(data[i * cols + j]);
    if (!(Math.abs(Math.log(sum)) <= close)) return false;
  }
  return true;
}

function answersOf({ weights, bias }: Head, features: Matrix): Float64Array {
  const z = productOf(weights, features);
  const K = z.cols;
  return bias === null ? z.data : z.data.map((value, i) => value + bias[i % K]);
}

function cosinesOf(head: Head, features: Matrix, blas: Blas): Float64Array {
  const { weights } = head;
  const { P } = classifierOf(head, weights[0].cols, weights[weights.length - 1].rows, blas);
  return productOf([unitRows(P)], unitRows(features)).data;
}

/** Rows x of X (n×d) through the layers: n×K. */
function productOf(weights: readonly Matrix[], X: Matrix): Matrix {
  let rows = X;
  for (const W of weights) {
    if (W.cols !== rows.cols) refuseShape('head', `${rows.cols} columns`, shape(W));
    const out = new Float64Array(rows.rows * W.rows);
    for (let i = 0; i < rows.rows; i++)
      for (let k = 0; k < W.rows; k++) {
        let sum = 0;
        for (let j = 0; j < W.cols; j++) sum += W.data[k * W.cols + j] * rows.data[i * W.cols + j];
        out[i * W.rows + k] = sum;
      }
    rows = { data: out, rows: rows.rows, cols: W.rows };
  }
  return rows;
}

function unitRows({ data, rows, cols }: Matrix): Matrix {
  const out = data.slice();
  for (let i = 0; i < rows; i++) {
    const row = out.subarray(i * cols, (i + 1) * cols);
    const norm = Math.hypot(...row);
    if (norm > 0) row.forEach((value, j) => (row[j] = value / norm));
  }
  return { data: out, rows, cols };
}

/** The s of least squares in logits ≈ s·expected. */
function scaleOf(logits: Float64Array, expected: Float64Array): number {
  const square = expected.reduce((sum, value) => sum + value * value, 0);
  return square === 0 ? 0 : expected.reduce((sum, value, i) => sum + value * logits[i], 0) / square;
}

function largest(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

function round(value: number): string {
  return String(Number(value.toPrecision(3)));
}
