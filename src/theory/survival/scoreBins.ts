/**
 * How the samples of a class and those of all others lie along a few directions, gathered in one pass.
 *
 * A score is t·x̃ for a unit direction t. Of up to 256 samples every score is kept; of more the scores are binned, 256 bins over
 * sixteen standard deviations, and a bin stands at the mean of what fell into it: sums over samples of a smooth function are then
 * right to the square of a bin, a sixteenth of a deviation, and nothing is cut off. Memory does not grow with N.
 */
import type { Blas } from '../../core/blas.js';
import { zeros, type Floats, type Matrix } from '../../core/matrix.js';
import type { RidgeBasis } from './ridgePath.js';
import { ridgeDirections } from './ridgePath.js';

/** Scores with their part of the loss: `weights` add up to the share of the class, or of all others. */
export interface Scores {
  readonly values: Float64Array;
  readonly weights: Float64Array;
}

/** Along one direction. */
export interface DirectionScores {
  readonly inside: Scores;
  readonly outside: Scores;
}

export interface ScoreBins {
  /** Adds samples: inputs B×D (rows are samples), labels B of 0 … K−1. */
  add(inputs: Matrix<Floats>, labels: Int32Array): void;
  /** Those of class k, one for each direction. */
  of(k: number): DirectionScores[];
}

const BINS = 256;
/** Standard deviations of all samples to either side. */
const REACH = 8;

/** Ridges as parts of the largest eigenvalue: fourteen over seven decades. */
export const RIDGES: readonly number[] = Array.from({ length: 14 }, (_, j) => 10 ** (-6 + (7 * j) / 13));

export function createScoreBins(basis: RidgeBasis, counts: readonly number[], blas: Blas): ScoreBins {
  const K = counts.length;
  const J = RIDGES.length;
  const N = counts.reduce((sum, n) => sum + n, 0);
  const size = basis.values.length;
  const D = basis.centre.length;
  const directions = zeros(K * J, size);
  for (let k = 0; k < K; k++) directions.data.set(ridgeDirections(basis, k, RIDGES).data, k * J * size);
  const deviations = Float64Array.from({ length: K * J }, (_, c) => {
    let square = 0;
    for (let i = 0; i < size; i++) square += basis.values[i] * directions.data[c * size + i] ** 2;
    return Math.sqrt(square);
  });
  // D×KJ, in the space of the inputs.
  const T = zeros(D, K * J);
  blas.gemm('N', 'T', 1, basis.vectors, directions, 0, T);
  const offsets = new Float64Array(K * J);
  for (let i = 0; i < D; i++)
    for (let c = 0; c < K * J; c++) offsets[c] += basis.centre[i] * T.data[i * K * J + c];

  /** Of one sample of each class. */
  const part = basis.shares.map((share, k) => share / counts[k]);
  const gather = (c: number, samples: number) => gatherer(samples, deviations[c]);
  const inside = Array.from({ length: K * J }, (_, c) => gather(c, counts[Math.floor(c / J)]));
  const outside = Array.from({ length: K * J }, (_, c) => gather(c, N - counts[Math.floor(c / J)]));
  return {
    add(inputs, labels) {
      const X = { ...inputs, data: Float64Array.from(inputs.data) };
      const S = zeros(inputs.rows, K * J);
      blas.gemm('N', 'N', 1, X, T, 0, S);
      for (let i = 0; i < inputs.rows; i++)
        for (let c = 0, k = 0; k < K; k++) {
          const side = labels[i] === k ? inside : outside;
          for (let j = 0; j < J; j++, c++) side[c].add(S.data[i * K * J + c] - offsets[c], part[labels[i]]);
        }
    },
    of: (k) =>
      RIDGES.map((_, j) => ({ inside: inside[k * J + j].scores(), outside: outside[k * J + j].scores() })),
  };
}

interface Gatherer {
  add(score: number, weight: number): void;
  scores(): Scores;
}

/** Of `samples` scores. */
function gatherer(samples: number, deviation: number): Gatherer {
  if (samples <= BINS) {
    const [values, weights] = [new Float64Array(samples), new Float64Array(samples)];
    let filled = 0;
    return {
      add(score, weight) {
        values[filled] = score;
        weights[filled++] = weight;
      },
      scores: () => ({ values, weights }),
    };
  }
  const [sums, total] = [new Float64Array(BINS), new Float64Array(BINS)];
  const scale = deviation > 0 ? BINS / (2 * REACH * deviation) : 0;
  return {
    add(score, weight) {
      const bin = Math.min(BINS - 1, Math.max(0, Math.floor(score * scale + BINS / 2)));
      sums[bin] += weight * score;
      total[bin] += weight;
    },
    scores() {
      const used = Array.from(total.keys()).filter((bin) => total[bin] > 0);
      return {
        values: Float64Array.from(used, (bin) => sums[bin] / total[bin]),
        weights: Float64Array.from(used, (bin) => total[bin]),
      };
    },
  };
}
