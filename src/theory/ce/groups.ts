/**
 * Cross-entropy at the class means, with classes gathered in groups that are treated alike.
 *
 * Features of a class coincide at a minimiser, so the data part of the objective is Σ_k (n_k/N)·CE(z̄_k + b, k) with
 * Z̄ ∈ R^{K×K}. Where a solution does not change when equal classes are exchanged, Z = Z̄·D^{1/2} is fixed by few numbers:
 * with u_a = 1_a/√m_a the normed indicator of group a (m_a classes of n_a samples each),
 *
 *     Z = Σ_ab B_ab u_a u_bᵀ + Σ_a c_a (I_a − u_a u_aᵀ),
 *
 * so the singular values of Z are those of B (g×g), and c_a, m_a − 1 times. The simplex ETF is one group with B = 0, the
 * orthoplex K/2 groups of two with B = 0, and a general Z is K groups of one with B = Z. Gradients split in the same way.
 *
 * Probabilities of wrong classes and 1 − p of the right one are kept with relative precision (log-sum-exp over the
 * wrong classes only), so that objectives of 1e-10 keep their digits.
 */
import { zeros, type Matrix } from '../../core/matrix.js';

/** Classes that a solution treats alike. */
export interface ClassGroups {
  /** The group of each class, K entries. */
  readonly groupOf: Int32Array;
  /** n_a, samples of each class in group a. */
  readonly counts: Float64Array;
  /** m_a, classes in group a. */
  readonly sizes: Float64Array;
  /** N. */
  readonly samples: number;
}

/** Z = Z̄·D^{1/2} by groups, without bias. */
export interface GroupedState {
  readonly groups: ClassGroups;
  /** B, g×g; null stands for zeros. */
  readonly between: Matrix | null;
  /** c_a; 0 for a group of one. */
  readonly contrasts: Float64Array;
  /** b_a of each class of group a; null without bias. */
  readonly bias: Float64Array | null;
}

/** Groups of equal counts, in the order of their first class. */
export function groupsByCount(counts: readonly number[]): ClassGroups {
  const index = new Map<number, number>();
  return gather(
    counts,
    counts.map((n) => {
      const known = index.get(n);
      if (known !== undefined) return known;
      index.set(n, index.size);
      return index.size - 1;
    }),
  );
}

/** Every class its own group. */
export function singletonGroups(counts: readonly number[]): ClassGroups {
  return gather(
    counts,
    counts.map((_, k) => k),
  );
}

/** Classes 2i and 2i + 1 together. */
export function pairGroups(counts: readonly number[]): ClassGroups {
  return gather(
    counts,
    counts.map((_, k) => k >> 1),
  );
}

function gather(counts: readonly number[], groupOf: readonly number[]): ClassGroups {
  let g = 0;
  for (const a of groupOf) g = Math.max(g, a + 1);
  const countOf = new Float64Array(g);
  const sizes = new Float64Array(g);
  let samples = 0;
  counts.forEach((n, k) => {
    countOf[groupOf[k]] = n;
    sizes[groupOf[k]]++;
    samples += n;
  });
  return { groupOf: Int32Array.from(groupOf), counts: countOf, sizes, samples };
}

/** Logits at the class means, bias included. */
export interface GroupedLogits {
  /** Entry (a, b): logit of a class of group a at the mean of a class of group b; for a = b, of another class. g×g. */
  readonly others: Matrix;
  /** Logit of a class at its own mean. */
  readonly own: Float64Array;
}

/** Writes the logits of Z = (B, c) and b. Entries (a, a) of a group of one stand for nothing, and are not read later. */
export function logitsInto(
  groups: ClassGroups,
  B: Matrix | null,
  contrasts: ArrayLike<number>,
  bias: ArrayLike<number> | null,
  out: GroupedLogits,
): void {
  const { counts, sizes } = groups;
  const g = counts.length;
  const column = Float64Array.from(counts, (n, b) => 1 / Math.sqrt(n * sizes[b]));
  const o = out.others.data;
  for (let a = 0; a < g; a++) {
    const row = 1 / Math.sqrt(sizes[a]);
    const shift = bias === null ? 0 : bias[a];
    for (let b = 0; b < g; b++) o[a * g + b] = (B === null ? 0 : B.data[a * g + b] * row * column[b]) + shift;
    const spread = contrasts[a] / Math.sqrt(counts[a]);
    o[a * g + a] -= spread / sizes[a];
    out.own[a] = o[a * g + a] + spread;
  }
}

/** Softmax at the class means. */
export interface GroupedSoftmax {
  /** Entry (a, b): probability of one (wrong) class of group a at a class of group b; 0 where no such class exists. */
  readonly wrong: Matrix;
  /** 1 − p of the right class. */
  readonly leak: Float64Array;
  /** The part of `leak` that goes to other groups. */
  readonly away: Float64Array;
  /** log p of the right class, with the sign changed: the loss of each sample. */
  readonly loss: Float64Array;
}

export function createSoftmax(g: number): GroupedSoftmax {
  return {
    wrong: zeros(g, g),
    leak: new Float64Array(g),
    away: new Float64Array(g),
    loss: new Float64Array(g),
  };
}

/** Number of classes of group a that are wrong at a class of group b. */
function wrongClasses(sizes: Float64Array, a: number, b: number): number {
  return a === b ? sizes[a] - 1 : sizes[a];
}

/** Softmax of the logits, and Σ_k (n_k/N)·loss_k, which is returned. */
export function softmaxInto(groups: ClassGroups, logits: GroupedLogits, out: GroupedSoftmax): number {
  const { counts, sizes, samples } = groups;
  const g = counts.length;
  const l = logits.others.data;
  const p = out.wrong.data;
  const { leak, away, loss } = out;
  const most = leak.fill(-Infinity);
  for (let a = 0; a < g; a++)
    for (let b = 0; b < g; b++)
      if ((a !== b || sizes[a] > 1) && l[a * g + b] > most[b]) most[b] = l[a * g + b];
  away.fill(0);
  for (let a = 0; a < g; a++) {
    const m = sizes[a];
    for (let b = 0; b < g; b++) {
      if (a === b) continue;
      const e = Math.exp(l[a * g + b] - most[b]);
      p[a * g + b] = e;
      away[b] += m * e;
    }
    p[a * g + a] = m > 1 ? Math.exp(l[a * g + a] - most[a]) : 0;
  }
  let total = 0;
  const factor = new Float64Array(g);
  for (let b = 0; b < g; b++) {
    const sum = away[b] + (sizes[b] - 1) * p[b * g + b];
    // With one class in all, nothing can go wrong.
    const t = sum === 0 ? -Infinity : most[b] - logits.own[b] + Math.log(sum);
    loss[b] = t > 0 ? t + Math.log1p(Math.exp(-t)) : Math.log1p(Math.exp(t));
    leak[b] = 1 / (1 + Math.exp(-t));
    factor[b] = sum === 0 ? 0 : leak[b] / sum;
    away[b] *= factor[b];
    total += ((sizes[b] * counts[b]) / samples) * loss[b];
  }
  for (let a = 0; a < g; a++) for (let b = 0; b < g; b++) p[a * g + b] *= factor[b];
  return total;
}

/** Derivatives of the data part by B (g×g) and b_a; by c_a it is (m_a − 1)·contrasts[a]. */
export interface GroupedGradient {
  /** G = (P − I)D^{1/2}/N in the basis of the u_a, g×g. */
  readonly between: Matrix;
  /** The singular value of G on the contrasts of group a, with its sign: −√n_a (1 − p + p_twin)/N. */
  readonly contrasts: Float64Array;
  readonly bias: Float64Array;
}

export function createGradient(g: number): GroupedGradient {
  return { between: zeros(g, g), contrasts: new Float64Array(g), bias: new Float64Array(g) };
}

/** G from the probabilities. Also takes tangents (dP, dleak, daway), being linear in them. */
export function gradientInto(
  groups: ClassGroups,
  softmax: Pick<GroupedSoftmax, 'wrong' | 'leak' | 'away'>,
  out: GroupedGradient,
): void {
  const { counts, sizes, samples } = groups;
  const g = counts.length;
  const p = softmax.wrong.data;
  const G = out.between.data;
  for (let a = 0; a < g; a++) {
    const rootA = Math.sqrt(sizes[a]) / samples;
    let inflow = 0;
    for (let b = 0; b < g; b++) {
      if (a === b) continue;
      const weight = sizes[b] * counts[b];
      G[a * g + b] = rootA * Math.sqrt(weight) * p[a * g + b];
      inflow += weight * p[a * g + b];
    }
    G[a * g + a] = (-Math.sqrt(counts[a]) * softmax.away[a]) / samples;
    out.contrasts[a] =
      sizes[a] > 1 ? (-Math.sqrt(counts[a]) * (softmax.leak[a] + p[a * g + a])) / samples : 0;
    out.bias[a] = (sizes[a] * (inflow - counts[a] * softmax.away[a])) / samples;
  }
}

/** The change of the probabilities along a change of the logits. */
export function softmaxTangentInto(
  groups: ClassGroups,
  softmax: GroupedSoftmax,
  change: GroupedLogits,
  out: Pick<GroupedSoftmax, 'wrong' | 'leak' | 'away'>,
): void {
  const { sizes } = groups;
  const g = sizes.length;
  const p = softmax.wrong.data;
  const dl = change.others.data;
  const dp = out.wrong.data;
  const mean = new Float64Array(g);
  for (let a = 0; a < g; a++)
    for (let b = 0; b < g; b++) {
      const part = p[a * g + b] * (dl[a * g + b] - change.own[b]);
      dp[a * g + b] = part;
      mean[b] += wrongClasses(sizes, a, b) * part;
    }
  out.away.fill(0);
  for (let a = 0; a < g; a++)
    for (let b = 0; b < g; b++) {
      dp[a * g + b] -= p[a * g + b] * mean[b];
      if (a !== b) out.away[b] += sizes[a] * dp[a * g + b];
    }
  for (let b = 0; b < g; b++) out.leak[b] = mean[b] * (1 - softmax.leak[b]);
}
