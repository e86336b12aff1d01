/**
 * NC4 (Papyan et al. 2020) and accuracy: does the classifier, bias included, name the class of the nearest class mean?
 *
 * With δ = x − h̄_y, y the label of x, and c_k the centred means, the class named is the largest of
 *   nearest mean:  δ·c_k + (c_y·c_k − ‖c_k‖²/2)        classifier:  δ·p_k + (p_k·h̄_y + b_k),
 * all δ·c and δ·p of a batch being one matrix product, in the precision of the features, beside tables of what stands in
 * brackets in float64. Of many classes such tables would not fit: there the global mean h_G stands in the place of h̄_y.
 * Rounding moves a score by at most γ‖δ‖·max‖c‖ (resp. ‖p‖) plus the same for the table, γ = (d+8)·ε; where the
 * runner-up is within twice that bound, ‖x − h̄_k‖² and p_k·x + b_k are computed anew in float64 for the classes in
 * question. So single-precision products cost no sample its class. Ties go to the lowest class.
 */
import type { Blas } from '../core/blas.js';
import type { Floats, Matrix } from '../core/matrix.js';
import { zeros } from '../core/matrix.js';
import { centreMeans } from './betweenClass.js';
import { inUnitsOf, type Classifier, type ScaledHead } from './classifier.js';
import type { ClassStatistics, SampleAgreement } from '../model/index.js';
import { hasTopFive, isAmongTopFive } from './topFive.js';

/** Half the distance from 1 to the next number. */
const UNIT = { single: 2 ** -24, double: 2 ** -53 } as const;

export interface AgreementPass {
  /**
   * Judges n samples. deviations: n×d, scale·(x − h̄_y) in the precision of the pass, scale as given at the start; norms: n, ‖x − h̄_y‖; features: the
   * rows themselves, from row `first` on; labels: the same.
   */
  add(
    deviations: Matrix<Floats>,
    norms: Float64Array,
    features: Matrix<Floats>,
    labels: Int32Array,
    first: number,
  ): void;
  result(): SampleAgreement;
}

/** One of the two rules: rows R (m×d), and scores (x − z)·r_k + table[z, k] for points z. */
interface Rule {
  readonly rows: Matrix;
  /** The table (n×m) of n points, as they are and less the global mean, n×d both. */
  readonly table: (points: Matrix, centred: Matrix) => Matrix;
  /** A power of two that brings the rows to unit size for the product. */
  readonly scale: number;
  readonly longest: number;
  /** Bound of the rounding of the table's entries. */
  readonly tableError: number;
  /** The score of class k for x = data[at …], in float64 from first principles. */
  readonly exact: (data: Floats, at: number, k: number) => number;
}

/** Entries of the two tables: 8 MB. */
const WHOLE_TABLE = 2 ** 20;

/**
 * Starts the pass. `scale` is a power of two: the deviations come multiplied by it. `outputs`: where the classifier has more
 * outputs than there are classes, the output of each class (K).
 */
export function createAgreementPass(
  statistics: ClassStatistics,
  classifier: Classifier,
  outputs: Int32Array | null,
  precision: 'single' | 'double',
  scale: number,
  blas: Blas,
): AgreementPass {
  const { means, counts } = statistics;
  const [K, d] = [means.rows, means.cols];
  const { centre, centred } = centreMeans(means, counts);
  const rules = [
    nearestMean(means, centre, centred, blas),
    linearClassifier(inUnitsOf(classifier, statistics.exponent ?? 0), means, blas),
  ] as const;
  // The rows of both rules, one below the other.
  const width = K + classifier.P.rows;
  const starts = [0, K];
  const stack = floats(precision, width, d);
  rules.forEach(({ rows, scale: size }, r) => {
    for (let i = 0; i < rows.data.length; i++) stack.data[starts[r] * d + i] = rows.data[i] * size;
  });
  const few = K * width <= WHOLE_TABLE;
  const tables = rules.map(({ table }) =>
    few ? table(means, centred) : table({ data: centre, rows: 1, cols: d }, zeros(1, d)),
  );
  const lengths = few ? null : Float64Array.from({ length: K }, (_, k) => norm(centred.data, k * d, d));
  let shifted = floats(precision, 0, d);
  const outputOf = (k: number): number => (outputs === null ? k : outputs[k]);
  const gamma = (d + 8) * UNIT[precision];
  const correct = new Float64Array(K);
  const nearestRight = new Float64Array(K);
  const agreeing = new Float64Array(K);
  const scores = hasTopFive(classifier.P.rows) ? new Float64Array(classifier.P.rows) : null;
  let amongFive = 0;
  let products = floats(precision, 0, width);

  /** The class that a rule names for sample i of the batch. */
  const named = (
    rule: Rule,
    r: number,
    i: number,
    table: Matrix,
    tableRow: number,
    norm: number,
    data: Floats,
    at: number,
  ): number => {
    const factor = 1 / (rule.scale * scale);
    const [p, t, size] = [products.data, table.data, table.cols];
    const [from, row] = [i * width + starts[r], tableRow * size];
    const { best, lead } = leading(p, from, t, row, factor, size);
    const bound = gamma * norm * rule.longest + rule.tableError;
    if (lead > 2 * bound) return best;
    const threshold = factor * p[from + best] + t[row + best] - 2 * bound;
    let winner = -1;
    let highest = -Infinity;
    for (let k = 0; k < size; k++) {
      if (factor * p[from + k] + t[row + k] < threshold) continue;
      const score = rule.exact(data, at, k);
      if (score > highest) [winner, highest] = [k, score];
    }
    return winner;
  };

  /** Whether output y of sample i is among the five largest; only what is too close to its score is computed anew. */
  const namedAmongFive = (
    y: number,
    i: number,
    table: Matrix,
    tableRow: number,
    norm: number,
    data: Floats,
    at: number,
    into: Float64Array,
  ): boolean => {
    const rule = rules[1];
    const [from, row] = [i * width + starts[1], tableRow * table.cols];
    const factor = 1 / (rule.scale * scale);
    const bound = gamma * norm * rule.longest + rule.tableError;
    const score = (k: number): number => factor * products.data[from + k] + table.data[row + k];
    const [label, exact] = [score(y), rule.exact(data, at, y)];
    for (let k = 0; k < into.length; k++) {
      const lead = score(k) - label;
      // On one side of zero, whatever the scores are in truth; a score that is not finite is computed anew as well.
      if (lead > 2 * bound) into[k] = Infinity;
      else if (lead < -2 * bound) into[k] = -Infinity;
      else into[k] = k === y ? exact : rule.exact(data, at, k);
    }
    return isAmongTopFive(into, y);
  };

  /** scale·(x − h_G) from scale·(x − h̄_y). */
  const aboutCentre = (deviations: Matrix<Floats>, labels: Int32Array, first: number): Matrix<Floats> => {
    const n = deviations.rows;
    if (shifted.rows < n) shifted = floats(precision, n, d);
    for (let i = 0; i < n; i++) {
      const y = labels[first + i];
      for (let j = 0; j < d; j++)
        shifted.data[i * d + j] = deviations.data[i * d + j] + scale * centred.data[y * d + j];
    }
    return { data: shifted.data.subarray(0, n * d), rows: n, cols: d };
  };

  return {
    add(deviations, norms, features, labels, first) {
      const n = deviations.rows;
      if (products.data.length < n * width) products = floats(precision, n, width);
      blas.gemm('N', 'T', 1, few ? deviations : aboutCentre(deviations, labels, first), stack, 0, {
        data: products.data.subarray(0, n * width),
        rows: n,
        cols: width,
      });
      for (let i = 0; i < n; i++) {
        const y = labels[first + i];
        const at = (first + i) * d;
        const row = few ? y : 0;
        const size = norms[i] + (lengths === null ? 0 : lengths[y]);
        const nearest = outputOf(named(rules[0], 0, i, tables[0], row, size, features.data, at));
        const chosen = named(rules[1], 1, i, tables[1], row, size, features.data, at);
        if (nearest === chosen) agreeing[y]++;
        if (nearest === outputOf(y)) nearestRight[y]++;
        if (chosen === outputOf(y)) correct[y]++;
        if (scores === null) continue;
        if (
          chosen === outputOf(y) ||
          namedAmongFive(outputOf(y), i, tables[1], row, size, features.data, at, scores)
        )
          amongFive++;
      }
    },
    result() {
      const N = counts.reduce((sum, n) => sum + n, 0);
      const share = (hits: Float64Array) => hits.reduce((sum, n) => sum + n, 0) / N;
      const byClass = (hits: Float64Array) => hits.map((n, k) => n / counts[k]);
      return {
        nc4: share(agreeing),
        accuracy: share(correct),
        classAccuracy: byClass(correct),
        ...(scores === null ? {} : { top5Accuracy: share(Float64Array.of(amongFive)) }),
        nccAccuracy: share(nearestRight),
        classNccAccuracy: byClass(nearestRight),
        classAgreement: byClass(agreeing),
      };
    },
  };
}

/** The largest score, the lowest class that has it, and its lead over the next (NaN if a score is not finite). */
function leading(
  p: Floats,
  from: number,
  t: Float64Array,
  row: number,
  factor: number,
  K: number,
): { best: number; lead: number } {
  let best = 0;
  let highest = -Infinity;
  let second = -Infinity;
  for (let k = 0; k < K; k++) {
    const score = factor * p[from + k] + t[row + k];
    if (score > highest) {
      second = highest;
      highest = score;
      best = k;
    } else if (score > second) second = score;
  }
  return { best, lead: highest - second };
}

function nearestMean(means: Matrix, centre: Float64Array, centred: Matrix, blas: Blas): Rule {
  const [K, d] = [means.rows, means.cols];
  const halves = Float64Array.from({ length: K }, (_, k) => norm(centred.data, k * d, d) ** 2 / 2);
  const longest = longestRow(centred);
  // The means themselves are rounded, and their centring: ε(‖h_G‖ + ‖c‖) of each.
  const size = longest * (longest + norm(centre, 0, d));
  return {
    rows: centred,
    table: (_, points) => {
      const table = zeros(points.rows, K);
      blas.gemm('N', 'T', 1, points, centred, 0, table);
      for (let i = 0; i < points.rows; i++) for (let k = 0; k < K; k++) table.data[i * K + k] -= halves[k];
      return table;
    },
    scale: powerOfTwo(longest),
    longest,
    tableError: (d + 8) * 2 * UNIT.double * size,
    exact: (x, at, k) => {
      let sum = 0;
      for (let j = 0; j < d; j++) {
        const step = x[at + j] - means.data[k * d + j];
        sum += step * step;
      }
      return -sum;
    },
  };
}

function linearClassifier({ P, bias }: ScaledHead, means: Matrix, blas: Blas): Rule {
  const [K, d] = [P.rows, P.cols];
  const largestBias = bias === null ? 0 : bias.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const longest = longestRow(P);
  return {
    rows: P,
    table: (points) => {
      const table = zeros(points.rows, K);
      blas.gemm('N', 'T', 1, points, P, 0, table);
      if (bias !== null)
        for (let i = 0; i < points.rows; i++) for (let k = 0; k < K; k++) table.data[i * K + k] += bias[k];
      return table;
    },
    scale: powerOfTwo(longest),
    longest,
    tableError: (d + 8) * 2 * UNIT.double * (longest * longestRow(means) + largestBias),
    exact: (x, at, k) => {
      let sum = 0;
      for (let j = 0; j < d; j++) sum += x[at + j] * P.data[k * d + j];
      return bias === null ? sum : sum + bias[k];
    },
  };
}

function floats(precision: 'single' | 'double', rows: number, cols: number): Matrix<Floats> {
  const data = precision === 'single' ? new Float32Array(rows * cols) : new Float64Array(rows * cols);
  return { data, rows, cols };
}

/** 2^−e with e the exponent of `size`; 1 for zero. */
export function powerOfTwo(size: number): number {
  if (!(size > 0) || size === Infinity) return 1;
  return 2 ** Math.max(-1000, Math.min(1000, -Math.floor(Math.log2(size))));
}

function longestRow(A: Matrix): number {
  let longest = 0;
  for (let i = 0; i < A.rows; i++) longest = Math.max(longest, norm(A.data, i * A.cols, A.cols));
  return longest;
}

function norm(x: Float64Array, at: number, n: number): number {
  let sum = 0;
  for (let j = 0; j < n; j++) sum += x[at + j] * x[at + j];
  return Math.sqrt(sum);
}
