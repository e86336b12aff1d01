/**
 * Cross-entropy, equal counts: arrangements of one scalar, the simplex ETF and the orthoplex.
 *
 * Simplex ETF (neural collapse): Z̄ = a(I − 11ᵀ/K), all K − 1 singular values of Z are a√n, and
 * F(a) = log(1 + (K−1)e^{−a}) + (K−1)(L/2)(Λa²n)^{1/L}. For M = 1 and d ≥ K − 1 its minimum is the global one.
 * Orthoplex (K even): classes in antipodal pairs, Z̄ has blocks [[c, −c], [−c, c]], K/2 singular values 2c√n, and
 * F(c) = log(1 + e^{−2c} + (K−2)e^{−c}) + (K/2)(L/2)(4Λc²n)^{1/L}. Garrod & Keating (NeurIPS 2025) use such low-rank
 * arrangements to show that neural collapse is not the global minimum for large K or depth. A bias does not help either.
 */
import { depthOf, type Problem } from '../../model/index.js';
import { groupsByCount, pairGroups, type GroupedState } from './groups.js';

/** log Λ of Λ = λ_H·Π λ_m: the product of tiny decays may underflow. */
export function logLambda(problem: Problem): number {
  return problem.weightDecays.reduce((sum, decay) => sum + Math.log(decay), Math.log(problem.featureDecay));
}

/** A solution of one scalar; `scale` is a or c, and 0 where nothing lives. */
export interface ScalarSolution {
  readonly scale: number;
  readonly objective: number;
  readonly state: GroupedState;
}

/** One family: the log-odds t(c) of a wrong class, its slope, the singular values and their number. */
interface Family {
  readonly logOdds: (c: number) => number;
  readonly slope: (c: number) => number;
  readonly perUnit: number;
  readonly multiplicity: number;
}

/** The simplex ETF at its best scale. K ≥ 2 equal counts. */
export function simplexSolution(problem: Problem): ScalarSolution {
  const K = problem.counts.length;
  const root = Math.sqrt(problem.counts[0]);
  const family: Family = {
    logOdds: (a) => Math.log(K - 1) - a,
    slope: () => -1,
    perUnit: root,
    multiplicity: K - 1,
  };
  const { scale, objective } = bestScale(problem, family);
  return { scale, objective, state: equalState(problem, 'one', scale * root) };
}

/** The orthoplex at its best scale; null for odd K, and for K = 2, where it is the simplex. */
export function orthoplexSolution(problem: Problem): ScalarSolution | null {
  const K = problem.counts.length;
  if (K % 2 === 1 || K < 4) return null;
  const root = Math.sqrt(problem.counts[0]);
  const family: Family = {
    logOdds: (c) => -c + Math.log(K - 2 + Math.exp(-c)),
    slope: (c) => -1 - Math.exp(-c) / (K - 2 + Math.exp(-c)),
    perUnit: 2 * root,
    multiplicity: K / 2,
  };
  const { scale, objective } = bestScale(problem, family);
  return { scale, objective, state: equalState(problem, 'pairs', 2 * scale * root) };
}

function equalState(problem: Problem, kind: 'one' | 'pairs', value: number): GroupedState {
  const groups = kind === 'one' ? groupsByCount(problem.counts) : pairGroups(problem.counts);
  const g = groups.sizes.length;
  return {
    groups,
    between: null,
    contrasts: new Float64Array(g).fill(value),
    bias: problem.bias === 'free' ? new Float64Array(g) : null,
  };
}

/** Scales that are looked at: 400 a decade would find no other valley, 40 do. Logits reach log(1/Λ), some hundreds. */
const LEAST = 1e-9;
const MOST = 1e5;
const PER_DECADE = 40;

function bestScale(problem: Problem, family: Family): { scale: number; objective: number } {
  const L = depthOf(problem) + 1;
  // R c^{2/L} is the regulariser.
  const logR =
    Math.log((family.multiplicity * L) / 2) + (logLambda(problem) + 2 * Math.log(family.perUnit)) / L;
  const value = (c: number) => {
    const t = family.logOdds(c);
    const loss = t > 0 ? t + Math.log1p(Math.exp(-t)) : Math.log1p(Math.exp(t));
    return loss + (c === 0 ? 0 : Math.exp(logR + (2 / L) * Math.log(c)));
  };
  /** log of the pull of the loss over that of the regulariser: positive where F falls. */
  const falls = (c: number) => {
    const t = family.logOdds(c);
    const logLeak = t > 0 ? -Math.log1p(Math.exp(-t)) : t - Math.log1p(Math.exp(t));
    return logLeak + Math.log(-family.slope(c)) + Math.log(L / 2) - logR + (1 - 2 / L) * Math.log(c);
  };
  const best = { scale: 0, objective: value(0) };
  const steps = Math.round(Math.log10(MOST / LEAST) * PER_DECADE);
  let low = LEAST;
  let rising = falls(low) > 0;
  for (let i = 1; i <= steps; i++) {
    const high = LEAST * Math.pow(10, i / PER_DECADE);
    const next = falls(high) > 0;
    if (rising && !next) {
      const scale = root(falls, low, high);
      const objective = value(scale);
      if (objective < best.objective) Object.assign(best, { scale, objective });
    }
    low = high;
    rising = next;
  }
  return best;
}

/** The sign change of a function that is positive at `low` and not at `high`, to the last bit. */
function root(f: (c: number) => number, low: number, high: number): number {
  for (let i = 0; i < 200; i++) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) break;
    if (f(middle) > 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
