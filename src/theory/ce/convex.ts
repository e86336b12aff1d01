/**
 * Cross-entropy, one linear layer, features wide enough: the convex problem, solved to high accuracy.
 *
 * Minimise f(Z, b) + μ‖Z‖_*, μ = √(λ_Wλ_H), Z = Z̄·D^{1/2} (theory: the regularisers of any W, H with WH = Z are least at the
 * balanced factors, where they are μ‖Z‖_*). The problem is convex and does not change when classes of equal counts are
 * exchanged, so a minimiser of the grouped form (`groups.ts`) is one. It is factored, B = W·V with ½(‖W‖² + ‖V‖²), and
 * c_a = t_a²/(2(m_a − 1)), which makes it smooth; a factored point of full width has no bad local minimum. L-BFGS brings it
 * near, and a trust-region Newton method with conjugate gradients (Steihaug; Nocedal & Wright 2006, algorithm 7.2) finishes
 * on gradients, where objectives no longer tell points apart. What was reached is told by the certificate, never assumed.
 */
import type { Blas } from '../../core/blas.js';
import type { StopSignal } from '../../core/host.js';
import { createLbfgs } from '../../core/lbfgs.js';
import { matrix, zeros, type Matrix } from '../../core/matrix.js';
import type { Pausable } from '../../core/pausable.js';
import {
  createGradient,
  createSoftmax,
  gradientInto,
  logitsInto,
  softmaxInto,
  softmaxTangentInto,
  type ClassGroups,
  type GroupedState,
} from './groups.js';

export interface ConvexOptions {
  readonly blas: Blas;
  /** Ends when ‖∇‖ is below this part of ‖(W, V, t, β)‖, both in units where μ = 1. Default 1e-11, more for many groups. */
  readonly tolerance?: number;
  /** Read at every pause: it ends the solver where it is, and must stay aborted. */
  readonly signal?: StopSignal | undefined;
  /**
   * Variables of the factored problem to start from, as `onEnd` gave them for the same groups at a smaller μ: what is zero
   * there stays zero, so a start from a larger μ could miss classes that live.
   */
  readonly from?: Float64Array | null | undefined;
  readonly onEnd?: ((variables: Float64Array) => void) | undefined;
  /** Called after each step of either method, with F and the largest relative entry of the gradient. */
  readonly onStep?: ((objective: number, steepest: number) => void) | undefined;
}

/** The factored problem at `x` = [W g×r | V r×g | t g | β g]; all values are divided by μ. */
interface FactoredProblem {
  readonly x: Float64Array;
  evaluate(gradient: Float64Array): number;
  /** H·v at the last evaluated x. */
  hessian(v: Float64Array, out: Float64Array): void;
  state(): GroupedState;
}

interface Layout {
  readonly W: Matrix;
  readonly V: Matrix;
  readonly t: Float64Array;
  readonly beta: Float64Array;
}

function createFactored(groups: ClassGroups, mu: number, free: boolean, blas: Blas): FactoredProblem {
  const g = groups.counts.length;
  const r = g;
  const { sizes } = groups;
  const lay = (flat: Float64Array): Layout => ({
    W: matrix(flat.subarray(0, g * r), g, r),
    V: matrix(flat.subarray(g * r, 2 * g * r), r, g),
    t: flat.subarray(2 * g * r, 2 * g * r + g),
    beta: flat.subarray(2 * g * r + g),
  });
  const x = new Float64Array(2 * g * r + g + (free ? g : 0));
  const point = lay(x);
  // Curvature along b_a is about Σ n(1 − p)/N over the group, or μ·m_a√n_a; along the other variables it is about μ.
  const scale = Float64Array.from(sizes, (m, a) => 1 / Math.sqrt(m * Math.sqrt(groups.counts[a])));
  const B = zeros(g, g);
  const contrasts = new Float64Array(g);
  const bias = free ? new Float64Array(g) : null;
  const logits = { others: zeros(g, g), own: new Float64Array(g) };
  const softmax = createSoftmax(g);
  const G = createGradient(g);
  const [dB, dc] = [zeros(g, g), new Float64Array(g)];
  const dbias = free ? new Float64Array(g) : null;
  const dlogits = { others: zeros(g, g), own: new Float64Array(g) };
  const dsoftmax = createSoftmax(g);
  const dG = createGradient(g);

  const place = () => {
    blas.gemm('N', 'N', 1, point.W, point.V, 0, B);
    for (let a = 0; a < g; a++) contrasts[a] = sizes[a] > 1 ? point.t[a] ** 2 / (2 * (sizes[a] - 1)) : 0;
    if (bias !== null) for (let a = 0; a < g; a++) bias[a] = scale[a] * point.beta[a];
  };
  return {
    x,
    evaluate(gradient) {
      place();
      logitsInto(groups, B, contrasts, bias, logits);
      const data = softmaxInto(groups, logits, softmax);
      gradientInto(groups, softmax, G);
      const out = lay(gradient);
      gradient.set(x);
      if (free) out.beta.fill(0);
      const squares = blas.dot(gradient, gradient);
      blas.gemm('N', 'T', 1 / mu, G.between, point.V, 1, out.W);
      blas.gemm('T', 'N', 1 / mu, point.W, G.between, 1, out.V);
      for (let a = 0; a < g; a++) out.t[a] += (G.contrasts[a] / mu) * point.t[a];
      if (free) for (let a = 0; a < g; a++) out.beta[a] = (scale[a] * G.bias[a]) / mu;
      return data / mu + squares / 2;
    },
    hessian(v, out) {
      const d = lay(v);
      blas.gemm('N', 'N', 1, d.W, point.V, 0, dB);
      blas.gemm('N', 'N', 1, point.W, d.V, 1, dB);
      for (let a = 0; a < g; a++) dc[a] = sizes[a] > 1 ? (point.t[a] * d.t[a]) / (sizes[a] - 1) : 0;
      if (dbias !== null) for (let a = 0; a < g; a++) dbias[a] = scale[a] * d.beta[a];
      logitsInto(groups, dB, dc, dbias, dlogits);
      softmaxTangentInto(groups, softmax, dlogits, dsoftmax);
      gradientInto(groups, dsoftmax, dG);
      out.set(v);
      const o = lay(out);
      blas.gemm('N', 'T', 1 / mu, dG.between, point.V, 1, o.W);
      blas.gemm('N', 'T', 1 / mu, G.between, d.V, 1, o.W);
      blas.gemm('T', 'N', 1 / mu, point.W, dG.between, 1, o.V);
      blas.gemm('T', 'N', 1 / mu, d.W, G.between, 1, o.V);
      for (let a = 0; a < g; a++) o.t[a] += (dG.contrasts[a] * point.t[a] + G.contrasts[a] * d.t[a]) / mu;
      if (free) for (let a = 0; a < g; a++) o.beta[a] = (scale[a] * dG.bias[a]) / mu;
    },
    state() {
      place();
      return {
        groups,
        between: { data: B.data.slice(), rows: g, cols: g },
        contrasts: contrasts.slice(),
        bias: bias === null ? null : bias.slice(),
      };
    },
  };
}

/**
 * A start near the solution of separate classes: 1 − p_k = Nμ/√n_k (G = −μ·I on the span), other logits equal. Groups
 * beyond reach start small but alive, so that the first steps decide.
 */
function start(groups: ClassGroups, mu: number, x: Float64Array): void {
  const { counts, sizes, samples } = groups;
  const g = counts.length;
  let K = 0;
  for (const m of sizes) K += m;
  for (let a = 0; a < g; a++) {
    const leak = Math.min((samples * mu) / Math.sqrt(counts[a]), (0.9 * (K - 1)) / K);
    const sigma = Math.sqrt(counts[a]) * Math.log(((K - 1) * (1 - leak)) / leak);
    const root = Math.sqrt(sigma);
    x[a * g + a] = root;
    x[g * g + a * g + a] = root;
    x[2 * g * g + a] = sizes[a] > 1 ? Math.sqrt(2 * (sizes[a] - 1) * sigma) : 0;
  }
}

/** The largest entry of the gradient (μ = 1) at which Newton's method takes over, and the most steps before that. */
const HANDOVER = 0.02;
/** Above this many groups a Newton step costs seconds; the relative gap ends near three times the tolerance. */
const LARGE = 200;
const LBFGS_STEPS = 60;

/** Solves the convex problem from a structured start, pausing after each product with the Hessian. The caller certifies. */
export function* solveConvexCe(
  groups: ClassGroups,
  mu: number,
  bias: 'none' | 'free',
  options: ConvexOptions,
): Pausable<GroupedState> {
  const { blas, signal, onStep } = options;
  const g = groups.counts.length;
  const tolerance = options.tolerance ?? (g > LARGE ? 1e-9 * (g / LARGE) ** 2 : 1e-11);
  const problem = createFactored(groups, mu, bias === 'free', blas);
  if (options.from?.length === problem.x.length) problem.x.set(options.from);
  else start(groups, mu, problem.x);
  const steepestOf = (v: Float64Array) => {
    let most = 0;
    for (const entry of v) most = Math.max(most, Math.abs(entry));
    return most;
  };
  let last = { value: 0, steepest: 0 };
  const watched = {
    x: problem.x,
    evaluate(gradient: Float64Array) {
      const value = problem.evaluate(gradient);
      last = { value, steepest: steepestOf(gradient) };
      return value;
    },
  };
  const lbfgs = createLbfgs(watched, { memory: 8, tolerance: HANDOVER, blas });
  for (let i = 0; i < LBFGS_STEPS; i++) {
    if (lbfgs.iterate() !== 'moved' || signal?.aborted === true) break;
    onStep?.(last.value * mu, last.steepest);
    yield;
  }
  yield* finishByNewton(problem, tolerance, options, mu);
  options.onEnd?.(problem.x);
  return problem.state();
}

const NEWTON_STEPS = 60;
/** The most products with the Hessian in a step: near the end, and while the quadratic model is not yet to be trusted. */
const CG_STEPS = 200;
const EARLY_CG_STEPS = 40;

/** Vectors of the size of x that a step writes into. */
interface Workspace {
  gradient: Float64Array;
  trial: Float64Array;
  readonly origin: Float64Array;
  readonly p: Float64Array;
  readonly residual: Float64Array;
  readonly direction: Float64Array;
  readonly product: Float64Array;
}

/** Trust-region Newton with conjugate gradients, on gradients once objectives agree to rounding. */
function* finishByNewton(
  problem: FactoredProblem,
  tolerance: number,
  options: ConvexOptions,
  mu: number,
): Pausable<void> {
  const { blas, signal, onStep } = options;
  const stopped = () => signal?.aborted === true;
  const { x } = problem;
  const vector = () => new Float64Array(x.length);
  const space: Workspace = {
    ...{ gradient: vector(), trial: vector(), origin: vector(), p: vector() },
    ...{ residual: vector(), direction: vector(), product: vector() },
  };
  const norm = (v: Float64Array) => Math.sqrt(blas.dot(v, v));
  let value = problem.evaluate(space.gradient);
  let radius = 0.03 * norm(x) + 1e-3;
  for (let step = 0; step < NEWTON_STEPS; step++) {
    const size = norm(space.gradient);
    const least = tolerance * norm(x);
    onStep?.(value * mu, size);
    if (size <= least || stopped()) return;
    // Superlinear, but no further than is asked for.
    const target = Math.max(Math.min(0.1, Math.sqrt(size / (1 + norm(x)))) * size, 0.3 * least);
    const products = size > 1e-3 * norm(x) ? EARLY_CG_STEPS : CG_STEPS;
    const atBoundary = yield* steihaug(problem, space, { blas, radius, target, products, stopped });
    const taken = tryStep(problem, space, { blas, value, radius, atBoundary });
    ({ radius } = taken);
    if (taken.value === null) {
      x.set(space.origin);
      value = problem.evaluate(space.gradient);
      if (radius < 1e-14 * norm(x)) return;
    } else {
      [space.gradient, space.trial] = [space.trial, space.gradient];
      ({ value } = taken);
    }
  }
}

/** Steihaug: p ← least of the quadratic model within the radius, residual ← g + Hp. Whether p ends at the boundary. */
function* steihaug(
  problem: FactoredProblem,
  { gradient, p, residual, direction, product }: Workspace,
  within: {
    readonly blas: Blas;
    readonly radius: number;
    /** The residual at which p is good enough. */
    readonly target: number;
    /** Products with the Hessian at most. */
    readonly products: number;
    readonly stopped: () => boolean;
  },
): Pausable<boolean> {
  const { blas, radius, target, products, stopped } = within;
  p.fill(0);
  residual.set(gradient);
  for (let i = 0; i < p.length; i++) direction[i] = -gradient[i];
  const size = Math.sqrt(blas.dot(gradient, gradient));
  let square = size * size;
  for (let i = 0; i < products; i++) {
    yield;
    problem.hessian(direction, product);
    const curvature = blas.dot(direction, product);
    const alpha = square / curvature;
    const [pp, pd, dd] = [blas.dot(p, p), blas.dot(p, direction), blas.dot(direction, direction)];
    if (curvature <= 0 || pp + 2 * alpha * pd + alpha * alpha * dd >= radius * radius) {
      const tau = (-pd + Math.sqrt(Math.max(0, pd * pd + dd * (radius * radius - pp)))) / dd;
      blas.axpy(tau, direction, p);
      blas.axpy(tau, product, residual);
      return true;
    }
    blas.axpy(alpha, direction, p);
    blas.axpy(alpha, product, residual);
    const next = blas.dot(residual, residual);
    if (Math.sqrt(next) <= target || stopped()) return false;
    const ratio = next / square;
    for (let j = 0; j < p.length; j++) direction[j] = ratio * direction[j] - residual[j];
    square = next;
  }
  return false;
}

/** The step p, or a part of it: x moves, and the trial gradient is that of where it moved to; `value` null where no part serves. */
function tryStep(
  problem: FactoredProblem,
  { gradient, trial, origin, p, residual }: Workspace,
  from: {
    readonly blas: Blas;
    readonly value: number;
    readonly radius: number;
    readonly atBoundary: boolean;
  },
): { readonly value: number | null; readonly radius: number } {
  const { blas, value, radius, atBoundary } = from;
  const { x } = problem;
  const norm = (v: Float64Array) => Math.sqrt(blas.dot(v, v));
  // Model decrease: gᵀp + ½pᵀHp with Hp = residual − g.
  const predicted = -(blas.dot(gradient, p) + blas.dot(residual, p)) / 2;
  origin.set(x);
  blas.axpy(1, p, x);
  const reached = problem.evaluate(trial);
  // Below this objectives are rounding noise, and the gradient decides.
  const noise = 1e-13 * Math.abs(value);
  const length = norm(p);
  if (!(predicted > 100 * noise)) {
    const accepted = norm(trial) < norm(gradient) && reached <= value + noise;
    return accepted ? { value: reached, radius } : { value: null, radius: 0.25 * Math.min(radius, length) };
  }
  const decrease = value - reached;
  if (decrease > 0.05 * predicted) {
    if (decrease < 0.25 * predicted) return { value: reached, radius: 0.5 * length };
    return { value: reached, radius: atBoundary && decrease > 0.75 * predicted ? 3 * radius : radius };
  }
  // The direction has cost many products: a part of it often serves (Nocedal & Yuan 1998).
  const slope = blas.dot(gradient, p);
  let tried = 0.25 * Math.min(radius, length);
  for (let part = 0.25; part > 1e-3; part /= 4) {
    x.set(origin);
    blas.axpy(part, p, x);
    const there = problem.evaluate(trial);
    tried = 2 * part * length;
    if (value - there > -1e-3 * part * slope) return { value: there, radius: tried };
  }
  return { value: null, radius: tried };
}
