/**
 * Cross-entropy, equal counts, M = 1: label smoothing, and focal loss, as one scalar.
 *
 * Z̄ = a(I − 11ᵀ/K), no bias helps. Label smoothing ε: F(a) = log(1 + (K−1)e^{−a}) + ε(1 − 1/K)a + (K−1)√(Λn)·a, so
 * 1 − p = ε(1 − 1/K) + (K−1)√(Λn), and everything is lost iff √Λ ≥ (1 − ε)/(K√n); the certificate (`dual.ts`) proves it. Focal loss
 * γ: −(1 − p)^γ log p in place of the first term; the loss is not convex, so its minimum is the best known.
 */
import type { Blas } from '../../core/blas.js';
import type { Problem } from '../../model/index.js';
import { balancedFactors, type Rank1 } from '../factors.js';
import { describePoint, logitsAt, type PointPrediction } from '../point.js';
import { ceDualCertificate } from './dual.js';

export function predictSmoothed(problem: Problem, blas: Blas): PointPrediction {
  const { counts, focal, bias } = problem;
  const [K, n] = [counts.length, counts[0]];
  const cost = (K - 1) * Math.sqrt(problem.weightDecays[0]) * Math.sqrt(problem.featureDecay) * Math.sqrt(n);
  const scalar = scalarLoss(problem, cost);
  const scale = () => (focal > 0 ? focalScale(scalar) : smoothedScale(problem, cost));
  const a = K < 2 ? 0 : scale();
  const terms: Rank1[] = [];
  if (a > 0)
    for (let i = 0; i + 1 < K; i++) {
      const norm = Math.sqrt((i + 1) * (i + 2));
      const u = new Float64Array(K).fill(1 / norm, 0, i + 1);
      u[i + 1] = -(i + 1) / norm;
      terms.push({ sigma: a * Math.sqrt(n), u, v: u });
    }
  const point = balancedFactors(problem, terms, bias === 'none' ? null : new Float64Array(K));
  const objective = K < 2 ? 0 : scalar.value(a);
  const certificate = focal > 0 ? null : ceDualCertificate(problem, logitsAt(point, blas), objective, blas);
  return describePoint(
    {
      ...{ problem, point, objective, frame: 'simplex ETF', search: null, certificate },
      optimality: focal > 0 ? 'best-known' : 'global',
      unique: focal > 0 ? null : true,
    },
    blas,
  );
}

interface ScalarLoss {
  readonly value: (a: number) => number;
  /** dF/da. */
  readonly slope: (a: number) => number;
}

function scalarLoss({ counts, labelSmoothing, focal }: Problem, cost: number): ScalarLoss {
  const K = counts.length;
  const softplus = (t: number) => (t > 0 ? t + Math.log1p(Math.exp(-t)) : Math.log1p(Math.exp(t)));
  const linear = labelSmoothing * (1 - 1 / K) + cost;
  const parts = (a: number) => {
    const loss = softplus(Math.log(K - 1) - a);
    return { loss, leak: -Math.expm1(-loss), p: Math.exp(-loss) };
  };
  return {
    value(a) {
      const { loss, leak } = parts(a);
      return leak ** focal * loss + linear * a;
    },
    slope(a) {
      const { loss, leak, p } = parts(a);
      const inner = focal === 0 ? 1 : leak ** focal + focal * leak ** (focal - 1) * p * loss;
      return -leak * inner + linear;
    },
  };
}

/** From 1 − p = ε(1 − 1/K) + cost. */
function smoothedScale({ counts, labelSmoothing }: Problem, cost: number): number {
  const K = counts.length;
  const leak = labelSmoothing * (1 - 1 / K) + cost;
  if (!(leak < 1 - 1 / K)) return 0;
  return Math.max(0, Math.log(K - 1) + Math.log1p(-leak) - Math.log(leak));
}

/** The lowest of 0 and every minimum on a grid, to the last bit by bisection on the slope. */
const LARGEST_SCALE = 1000;
const PIECES = 4000;

function focalScale({ value, slope }: ScalarLoss): number {
  let [best, lowest] = [0, value(0)];
  let [low, falling] = [0, slope(0) < 0];
  for (let i = 1; i <= PIECES; i++) {
    const high = LARGEST_SCALE * (i / PIECES) ** 2;
    const next = slope(high) < 0;
    if (falling && !next) {
      const a = turn(slope, low, high);
      if (value(a) < lowest) [best, lowest] = [a, value(a)];
    }
    [low, falling] = [high, next];
  }
  return best;
}

function turn(slope: (a: number) => number, from: number, to: number): number {
  let [low, high] = [from, to];
  for (let i = 0; i < 200; i++) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) break;
    if (slope(middle) < 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
