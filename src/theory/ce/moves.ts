/**
 * Changes of a point of the search (`terms.ts`) from which it descends again: which class sits where, and other kicks.
 *
 * With unequal counts the cost depends on which class has which place of an arrangement, and a descent never changes that:
 * two classes exchange their rows of a, their biases, and their columns of v so that the logits stay what they were.
 */
import type { Random } from '../../core/random.js';
import type { Terms } from './terms.js';

/** Exchanges the places of classes j and k: the logits at either place are kept. */
export function exchangeInto(terms: Terms, x: Float64Array, j: number, k: number): void {
  const { K, rank, roots, biasScale, bias, free } = terms;
  const swap = (a: number, b: number, ratio: number) => {
    const atA = x[a];
    x[a] = x[b] * ratio;
    x[b] = atA / ratio;
  };
  for (let i = 0; i < rank; i++) {
    swap(i * K + j, i * K + k, 1);
    swap((rank + i) * K + j, (rank + i) * K + k, roots[j] / roots[k]);
  }
  if (free) swap(bias + j, bias + k, biasScale[k] / biasScale[j]);
}

export interface Pair {
  readonly j: number;
  readonly k: number;
  /** The change of F/μ that the exchange makes by itself, before anything adapts to it. */
  readonly change: number;
}

/**
 * Every pair of classes with different counts, the least change first: (n_k − n_j)(loss_j − loss_k)/N of loss, and
 * ½‖v_j‖²(n_k/n_j − 1) + ½‖v_k‖²(n_j/n_k − 1) of regulariser. (Half of the exchanges that help are among the first tenth.)
 * `terms` must have been evaluated at x last.
 */
export function pairsToExchange(terms: Terms, x: Float64Array, counts: readonly number[]): Pair[] {
  const { K, rank, mu, losses } = terms;
  const samples = counts.reduce((a, b) => a + b, 0);
  const squares = new Float64Array(K);
  for (let i = 0; i < rank; i++) for (let k = 0; k < K; k++) squares[k] += x[(rank + i) * K + k] ** 2;
  const pairs: Pair[] = [];
  for (let k = 1; k < K; k++)
    for (let j = 0; j < k; j++) {
      const ratio = counts[k] / counts[j];
      if (ratio === 1) continue;
      const loss = ((counts[k] - counts[j]) * (losses[j] - losses[k])) / samples / mu;
      pairs.push({ j, k, change: loss + (squares[j] * (ratio - 1) + squares[k] * (1 / ratio - 1)) / 2 });
    }
  return pairs.sort((a, b) => a.change - b.change);
}

/** A kick of a point; the last two change its rank and are not for every point. */
export const KICKS = ['place', 'places', 'shake', 'more', 'less'] as const;
export type Kick = (typeof KICKS)[number];

/**
 * Writes into `out`, a point of `there`, the kicked x of `from`; both have the same rank but for `more` (one more) and `less`
 * (one less).
 */
export function kickInto(
  kick: Kick,
  from: Terms,
  x: Float64Array,
  there: Terms,
  out: Float64Array,
  random: Random,
): void {
  const { K, rank } = from;
  switch (kick) {
    case 'place':
      out.set(x);
      placeInto(from, out, random);
      return;
    case 'places':
      out.set(x);
      for (let i = 0; i < 3; i++) placeInto(from, out, random);
      return;
    case 'shake': {
      out.set(x);
      const noise = new Float64Array(from.scales);
      random.normalsInto(noise, (0.1 + 0.5 * random.uniform()) * spread(from, x));
      for (let i = 0; i < noise.length; i++) out[i] += noise[i];
      return;
    }
    case 'more':
    case 'less': {
      const left = kick === 'less' ? below(rank, random) : rank;
      out.fill(0);
      let at = 0;
      for (let i = 0; i < rank; i++) if (i !== left) copyTerm(from, x, i, there, out, at++);
      if (kick === 'more') {
        const noise = new Float64Array(2 * K);
        random.normalsInto(noise, spread(from, x));
        out.set(noise.subarray(0, K), at * K);
        out.set(noise.subarray(K), (there.rank + at) * K);
        if (there.depth > 1) {
          let most = 0;
          for (let i = from.scales; i < from.bias; i++) most = Math.max(most, Math.abs(x[i]));
          out[there.scales + at] = most;
        }
      }
      if (from.free) out.set(x.subarray(from.bias), there.bias);
      return;
    }
    default:
      return kick satisfies never;
  }
}

/** Puts one class at a random place, about as far out as others. */
function placeInto(terms: Terms, x: Float64Array, random: Random): void {
  const { K, rank, roots, biasScale, bias, free } = terms;
  const [k, j, l] = [below(K, random), below(K, random), below(K, random)];
  const g = new Float64Array(rank);
  random.normalsInto(g, 1);
  for (let i = 0; i < rank; i++) {
    const [a, v] = [i * K, (rank + i) * K];
    const reach = Math.max(Math.abs(x[v + j]) / roots[j], Math.abs(x[v + l]) / roots[l]);
    x[a + k] = Math.max(Math.abs(x[a + j]), Math.abs(x[a + l])) * g[i];
    x[v + k] = reach * roots[k] * g[i];
  }
  if (free) x[bias + k] = (x[bias + j] * biasScale[j]) / biasScale[k];
}

function copyTerm(
  from: Terms,
  x: Float64Array,
  i: number,
  there: Terms,
  out: Float64Array,
  at: number,
): void {
  const { K, rank } = from;
  out.set(x.subarray(i * K, (i + 1) * K), at * K);
  out.set(x.subarray((rank + i) * K, (rank + i + 1) * K), (there.rank + at) * K);
  if (from.depth > 1) out[there.scales + at] = x[from.scales + i];
}

/** Root mean square of the entries of all a and v. */
function spread({ scales }: Terms, x: Float64Array): number {
  let squares = 0;
  for (let i = 0; i < scales; i++) squares += x[i] * x[i];
  return Math.sqrt(squares / scales);
}

function below(n: number, random: Random): number {
  return Math.floor(random.uniform() * n);
}
