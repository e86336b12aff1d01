/**
 * The measures over pairs of many classes, from blocks of rows of the K×K matrices; see pairs.ts.
 *
 * ‖Â − F̂‖ is summed entry by entry, as 2 − 2⟨Â, F̂⟩ would lose half of the digits near collapse. The norm of A is only known
 * at the end, so the entries are scaled by a guess a₀ (from d×d matrices), and with r = ‖A‖/a₀
 *   ‖Â − F̂‖² = D/r² + (2/r)(1/r − 1)E + (1/r − 1)²,  D = ‖A/a₀ − F̂‖²,  E = ⟨A/a₀ − F̂, F̂⟩,
 * which loses nothing while the guess is right to a few digits. The spread of the cosines is summed about their mean, which
 * the sum of the unit vectors gives beforehand. A product with the means is that with the centred means and one number a row and a
 * column more, so that each of H̄ᵀH̄, PPᵀ and PH̄ is swept once.
 */
import type { Blas } from '../core/blas.js';
import { refuseShape } from '../core/errors.js';
import { frobenius, zeros, type Matrix } from '../core/matrix.js';
import { frameNorm, frameSize, type Frame, type PredictedGeometry } from '../model/index.js';
import { NO_DISTANCES, type FrameDistances, type MeanAngles } from './nc2.js';

export interface PairInput {
  /** K×d. */
  readonly means: Matrix;
  /** K×d: the means less the global mean. */
  readonly centred: Matrix;
  /** h_G, d. */
  readonly centre: Float64Array;
  /** K×d; null without a head. */
  readonly P: Matrix | null;
  /** v_k, K of them. */
  readonly variances: Float64Array | null;
  readonly predicted: PredictedGeometry | null;
  readonly blas: Blas;
}

export interface PairMeasures {
  readonly angles: MeanAngles;
  readonly cdnv: number | null;
  /** Of PPᵀ, of H̄ᵀH̄ and of PH̄. */
  readonly weights: FrameDistances;
  readonly features: FrameDistances;
  readonly logits: FrameDistances;
}

/** Entries of a block: 16 MB. */
const BLOCK_ENTRIES = 2 ** 21;
/** Below this share of the squared norms the squared distance of two means is taken directly; see cdnv.ts. */
const CANCELLATION = 1e-4;

/** `entries`: of a block. */
export function sweepPairs(
  { means, centred, centre, P, variances, predicted, blas }: PairInput,
  entries = BLOCK_ENTRIES,
): PairMeasures {
  const K = means.rows;
  const identity = uniformFrame(K, 1, 0);
  const etf = uniformFrame(K, 1 - 1 / K, -1 / K);
  const sumOf = (frame: Frame | undefined, norm: number) => {
    const reference = frame === undefined ? null : referenceOf(frame, K);
    return reference === null ? null : distanceSum(reference, norm);
  };
  const norms = normsOfProducts(blas, entries);

  const ofCentred = distanceSum(etf, norms(centred, centred));
  const normOfMeans = norms(means, means);
  const ofMeans = [distanceSum(identity, normOfMeans), sumOf(predicted?.features, normOfMeans)] as const;
  const pairs = centredSums(centred, variances);
  // h̄_k·h̄_l = c_k·c_l + (c_k·h_G + ‖h_G‖²/2) + (c_l·h_G + ‖h_G‖²/2).
  const half = dotOf(centre, centre) / 2;
  const offsets = products(centred, centre).map((value) => value + half);
  sweep(centred, centred, blas, entries, (block) => {
    ofCentred.add(block);
    pairs.add(block);
    addInto(block, offsets, offsets);
    for (const sum of ofMeans) sum?.add(block);
  });
  const features = {
    orthogonal: ofMeans[0].result(),
    etf: ofCentred.result(),
    predicted: resultOf(ofMeans[1]),
  };
  if (P === null) return { ...pairs.result(), weights: NO_DISTANCES, features, logits: NO_DISTANCES };

  const normOfWeights = norms(P, P);
  const ofWeights = [
    distanceSum(identity, normOfWeights),
    distanceSum(etf, normOfWeights),
    sumOf(predicted?.weights, normOfWeights),
  ] as const;
  sweep(P, P, blas, entries, (block) => {
    for (const sum of ofWeights) sum?.add(block);
  });

  const normOfLogits = norms(P, means);
  const ofCentredLogits = distanceSum(etf, norms(P, centred));
  const ofLogits = [distanceSum(identity, normOfLogits), sumOf(predicted?.logits, normOfLogits)] as const;
  const shifts = products(P, centre);
  sweep(P, centred, blas, entries, (block) => {
    ofCentredLogits.add(block);
    addInto(block, shifts, null);
    for (const sum of ofLogits) sum?.add(block);
  });
  return {
    ...pairs.result(),
    weights: {
      orthogonal: ofWeights[0].result(),
      etf: ofWeights[1].result(),
      predicted: resultOf(ofWeights[2]),
    },
    features,
    logits: {
      orthogonal: ofLogits[0].result(),
      etf: ofCentredLogits.result(),
      predicted: resultOf(ofLogits[1]),
    },
  };
}

function resultOf(sum: ReturnType<typeof distanceSum> | null): number | null {
  return sum === null ? null : sum.result();
}

/** A·x, K. */
function products(A: Matrix, x: Float64Array): Float64Array {
  return Float64Array.from({ length: A.rows }, (_, k) =>
    dotOf(A.data.subarray(k * A.cols, (k + 1) * A.cols), x),
  );
}

function dotOf(x: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < x.length; j++) sum += x[j] * y[j];
  return sum;
}

/** Adds a number of its row, and of its column, to each entry that counts. */
function addInto(
  { data, rows, width, first, from }: Block,
  byRow: Float64Array,
  byColumn: Float64Array | null,
) {
  for (let i = 0; i < rows; i++) {
    const value = byRow[first + i];
    const at = i * width;
    if (byColumn === null) for (let j = 0; j < width; j++) data[at + j] += value;
    else for (let j = 0; j < width; j++) data[at + j] += value + byColumn[from + j];
  }
}

/**
 * Some rows of ABᵀ (K×K): entry (i, j) of the block is entry (first + i, from + j) of the matrix. Of a symmetric matrix a
 * block has the columns from its first row on, and only what lies right of the diagonal counts, twice.
 */
interface Block {
  readonly data: Float64Array;
  readonly rows: number;
  readonly width: number;
  readonly first: number;
  readonly from: number;
  readonly symmetric: boolean;
}

/** Visits ABᵀ block by block; symmetric where A and B are one matrix. The block is reused for the next one. */
function sweep(A: Matrix, B: Matrix, blas: Blas, entries: number, visit: (block: Block) => void): void {
  const [K, d] = [A.rows, A.cols];
  const symmetric = A === B;
  const together = Math.max(1, Math.min(K, Math.floor(entries / K)));
  const buffer = new Float64Array(together * K);
  for (let first = 0; first < K; first += together) {
    const rows = Math.min(together, K - first);
    const from = symmetric ? first : 0;
    const width = K - from;
    const data = buffer.subarray(0, rows * width);
    blas.gemm('N', 'T', 1, rowsFrom(A, first, rows), rowsFrom(B, from, width), 0, {
      data,
      rows,
      cols: width,
    });
    visit({ data, rows, width, first, from, symmetric });
  }

  function rowsFrom({ data }: Matrix, start: number, rows: number): Matrix {
    return { data: data.subarray(start * d, (start + rows) * d), rows, cols: d };
  }
}

/** A frame scaled to norm 1: its diagonal and one number elsewhere, or dense. */
type Reference =
  | { readonly kind: 'uniform'; readonly diagonal: Float64Array; readonly elsewhere: number }
  | { readonly kind: 'dense'; readonly K: number; readonly data: Float64Array; readonly scale: number };

function uniformFrame(K: number, diagonal: number, elsewhere: number): Reference {
  const norm = Math.sqrt(K * diagonal ** 2 + K * (K - 1) * elsewhere ** 2);
  return {
    kind: 'uniform',
    diagonal: new Float64Array(K).fill(diagonal / norm),
    elsewhere: elsewhere / norm,
  };
}

/** Null for a frame that is zero. */
function referenceOf(frame: Frame, K: number): Reference | null {
  if (frameSize(frame) !== K)
    refuseShape('predicted geometry', `a frame of ${K} classes`, `one of ${frameSize(frame)}`);
  const norm = frameNorm(frame);
  if (norm === 0) return null;
  return frame.kind === 'diagonal'
    ? { kind: 'uniform', diagonal: frame.entries.map((value) => value / norm), elsewhere: 0 }
    : { kind: 'dense', K, data: frame.matrix.data, scale: 1 / norm };
}

/**
 * ‖ABᵀ‖ by ‖ABᵀ‖² = ⟨AᵀA, BᵀB⟩ (d×d), a guess; where that is not positive ‖A‖‖B‖ has to do. 0 where either is zero. More
 * features than classes make d×d too large: then a sweep of its own gives the norm.
 */
function normsOfProducts(blas: Blas, entries: number): (A: Matrix, B: Matrix) => number {
  /** AᵀA/‖A‖², once for the same A. */
  const grams = new Map<Matrix, Matrix>();
  const gramOf = (A: Matrix, size: number): Matrix => {
    const known = grams.get(A);
    if (known !== undefined) return known;
    const gram = zeros(A.cols, A.cols);
    blas.gramInto(1 / size / size, A, 0, gram);
    grams.set(A, gram);
    return gram;
  };
  return (A, B) => {
    const [a, b] = [frobenius(A), frobenius(B)];
    if (a === 0 || b === 0) return 0;
    if (A.cols > A.rows) {
      const whole = distanceSum(uniformFrame(A.rows, 1, 0), a * b);
      sweep(A, B, blas, entries, (block) => {
        whole.add(block);
      });
      return a * b * (whole.norm() > 0 ? whole.norm() : 1);
    }
    const sum = dotOf(gramOf(A, a).data, gramOf(B, b).data);
    return a * b * (sum > 0 ? Math.sqrt(sum) : 1);
  };
}

/** The sums D, E and ‖A/a₀‖² of one frame; `guess` is a₀. */
function distanceSum(frame: Reference, guess: number) {
  const inverse = 1 / guess;
  let [D, E, S] = [0, 0, 0];
  const target =
    frame.kind === 'uniform'
      ? (i: number, j: number) => (i === j ? frame.diagonal[i] : frame.elsewhere)
      : (i: number, j: number) => frame.data[i * frame.K + j] * frame.scale;
  return {
    add({ data, rows, width, first, from, symmetric }: Block): void {
      const weight = symmetric ? 2 : 1;
      const step = (at: number, i: number, j: number, times: number): void => {
        const value = data[at] * inverse;
        const wanted = target(i, j);
        const difference = value - wanted;
        D += times * difference * difference;
        E += times * difference * wanted;
        S += times * value * value;
      };
      for (let i = 0; i < rows; i++) {
        const row = first + i;
        const diagonal = row - from;
        const start = symmetric ? diagonal + 1 : 0;
        step(i * width + diagonal, row, row, 1);
        if (frame.kind === 'dense') {
          for (let j = start; j < width; j++) if (j !== diagonal) step(i * width + j, row, from + j, weight);
          continue;
        }
        // The common case, in local sums: one number all along the row.
        const wanted = frame.elsewhere;
        let [d, e, s] = [0, 0, 0];
        for (let part = 0; part < 2; part++) {
          const [low, high] = part === 0 ? [start, diagonal] : [diagonal + 1, width];
          for (let at = i * width + low; at < i * width + high; at++) {
            const value = data[at] * inverse;
            const difference = value - wanted;
            d += difference * difference;
            e += difference;
            s += value * value;
          }
        }
        D += weight * d;
        E += weight * e * wanted;
        S += weight * s;
      }
    },
    /** ‖A‖/a₀. */
    norm: (): number => Math.sqrt(S),
    result(): number | null {
      if (guess === 0 || S === 0) return null;
      const r = Math.sqrt(S);
      const shift = 1 / r - 1;
      const square = D / S + (2 / r) * shift * E + shift * shift;
      return Number.isFinite(square) ? Math.sqrt(Math.max(0, square)) : null;
    },
  };
}

/** Angles of the centred means and CDNV, from blocks of their Gram matrix. */
function centredSums(centred: Matrix, variances: Float64Array | null) {
  const [K, d] = [centred.rows, centred.cols];
  const c = centred.data;
  const norms = Float64Array.from({ length: K }, (_, k) =>
    frobenius({ data: c.subarray(k * d, (k + 1) * d), rows: 1, cols: d }),
  );
  const inverses = norms.map((norm) => 1 / norm);
  const pairs = (K * (K - 1)) / 2;
  const ideal = -1 / (K - 1);
  const near = meanCosine(centred, inverses) - ideal;
  let [sum, size, square, ratio] = [0, 0, 0, 0];
  const direct = (k: number, l: number): number => {
    let distance = 0;
    for (let j = 0; j < d; j++) distance += (c[k * d + j] - c[l * d + j]) ** 2;
    return distance;
  };
  return {
    add({ data, rows, width, first, from }: Block): void {
      for (let i = 0; i < rows; i++) {
        const k = first + i;
        const inverse = inverses[k];
        let [s1, s2, s3, q] = [0, 0, 0, 0];
        for (let j = k + 1 - from; j < width; j++) {
          const l = from + j;
          const inner = data[i * width + j];
          const deviation = inner * inverse * inverses[l] - ideal;
          s1 += deviation - near;
          s2 += Math.abs(deviation);
          s3 += (deviation - near) * (deviation - near);
          if (variances === null) continue;
          const both = norms[k] * norms[k] + norms[l] * norms[l];
          let distance = both - 2 * inner;
          if (distance < CANCELLATION * both) distance = direct(k, l);
          q += (variances[k] + variances[l]) / distance;
        }
        sum += s1;
        size += s2;
        square += s3;
        ratio += q;
      }
    },
    result(): { readonly angles: MeanAngles; readonly cdnv: number | null } {
      const average = norms.reduce((total, norm) => total + norm, 0) / K;
      const spread = norms.reduce((total, norm) => total + (norm - average) ** 2, 0) / K;
      const equinorm = average > 0 ? Math.sqrt(spread) / average : null;
      const mean = ratio / (K * (K - 1));
      const offset = sum / pairs;
      return {
        cdnv: variances === null || !Number.isFinite(mean) ? null : mean,
        angles: norms.includes(0)
          ? { equinorm, equiangular: null, cosineMean: null, cosineSd: null }
          : {
              equinorm,
              equiangular: size / pairs,
              cosineMean: ideal + near + offset,
              cosineSd: Math.sqrt(Math.max(0, square / pairs - offset * offset)),
            },
      };
    },
  };
}

/** The mean cosine over pairs, from the sum u of the unit vectors: (‖u‖² − K)/(K(K − 1)). */
function meanCosine({ data, rows: K, cols: d }: Matrix, inverses: Float64Array): number {
  const u = new Float64Array(d);
  for (let k = 0; k < K; k++) for (let j = 0; j < d; j++) u[j] += data[k * d + j] * inverses[k];
  const square = u.reduce((sum, value) => sum + value * value, 0);
  const mean = (square - K) / (K * (K - 1));
  return Number.isFinite(mean) ? mean : 0;
}
