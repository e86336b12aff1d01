/**
 * The search for low cross-entropy solutions, float64: the objective of a sum of rank-one terms with its gradient, and the vectors
 * of a descent. What they compute is said in src/theory/ce/terms.ts and descent.ts.
 *
 * Rows of K numbers lie `row` bytes apart, K rounded up to a multiple of four; what lies beyond K in P and Q is zero. Vectors of a
 * descent are padded to a multiple of four as well, with zeros.
 */
const LOG2E: f64 = 1.4426950408889634;
const LN2_HIGH: f64 = 0.6931471803691238;
const LN2_LOW: f64 = 1.9082149292705877e-10;
/** 1.5·2⁵²: a small number added to it is rounded to a whole one, which stands in the low bits. */
const ROUNDING: f64 = 6755399441055744;
/** The logit of what lies beyond K. */
const NOWHERE: f64 = -1e9;
/** A sum of exponentials beyond this stands for a point too far away. */
const MOST: f64 = 1e300;

/**
 * F(x)/μ, and its gradient by x. `constants` are four rows: √n_k, n_k^{−1/4}, n_k/N, and the losses of the classes, which are
 * written. `work` has room for 4 + 3·rank rows.
 */
export function evaluate(
  K: i32, rank: i32, depth: i32, free: i32, mu: f64, constants: usize, x: usize, gradient: usize, work: usize,
): f64 {
  const dense = <usize>K << 3;
  const row = <usize>((K + 3) & ~3) << 3;
  const roots = constants, biasScale = constants + row, share = biasScale + row, losses = share + row;
  const E0 = work, E1 = E0 + row, b = E1 + row, db = b + row;
  const P = db + row, Q = P + <usize>rank * row, dP = Q + <usize>rank * row;
  const v = x + <usize>rank * dense, scales = v + <usize>rank * dense;
  const beta = depth > 1 ? scales + (<usize>rank << 3) : scales;
  const dv = gradient + <usize>rank * dense;

  const squares = squaresOf(x, beta);
  factors(K, rank, depth, x, v, scales, roots, P, Q, row);
  memory.fill(db, 0, row);
  memory.fill(dP, 0, <usize>rank * row);
  for (let j: usize = 0; j < row; j += 8) {
    let logit: f64 = 0;
    if (j >= dense) logit = NOWHERE;
    else if (free != 0) logit = load<f64>(biasScale + j) * load<f64>(beta + j);
    store<f64>(b + j, logit);
  }

  let loss: f64 = 0;
  for (let k: usize = 0; k < dense; k += 16) {
    const second = k + 8 < dense;
    logits(rank, row, b, P, Q + k, E0, E1);
    const sum0 = exponentials(E0, row, k);
    if (!(sum0 < MOST)) return Infinity;
    loss += classLoss(E0, row, k, sum0, share, losses, mu);
    if (second) {
      const sum1 = exponentials(E1, row, k + 8);
      if (!(sum1 < MOST)) return Infinity;
      loss += classLoss(E1, row, k + 8, sum1, share, losses, mu);
    } else memory.fill(E1, 0, row);
    for (let i = 0; i < rank; i++) {
      const line = <usize>i * row;
      const at = <usize>i * dense + k;
      const sums = carryBack(row, E0, E1, P + line, dP + line, Q + line + k);
      store<f64>(dv + at, load<f64>(v + at) + f64x2.extract_lane(sums, 0) / load<f64>(roots + k));
      if (second) store<f64>(dv + at, load<f64>(v + at, 8) + f64x2.extract_lane(sums, 1) / load<f64>(roots + k, 8), 8);
    }
    if (free != 0)
      for (let j: usize = 0; j < row; j += 16)
        v128.store(db + j, f64x2.add(v128.load(db + j), f64x2.add(v128.load(E0 + j), v128.load(E1 + j))));
  }
  rowGradients(K, rank, depth, x, scales, P, dP, row, gradient);
  if (free != 0)
    for (let j: usize = 0; j < dense; j += 8) store<f64>(gradient + (beta - x) + j, load<f64>(biasScale + j) * load<f64>(db + j));
  return loss / mu + squares / 2;
}

function squaresOf(from: usize, end: usize): f64 {
  let sum: f64 = 0;
  for (let at = from; at < end; at += 8) sum += load<f64>(at) * load<f64>(at);
  return sum;
}

/** d^{M−1} of term i. */
function strengthOf(i: i32, depth: i32, scales: usize): f64 {
  if (depth == 1) return 1;
  const d = load<f64>(scales + (<usize>i << 3)) / Math.sqrt(<f64>(depth - 1));
  let power = d;
  for (let m = 2; m < depth; m++) power *= d;
  return power;
}

/** P: rows of the terms at their strength. Q: means of the classes, v/√n. */
function factors(
  K: i32, rank: i32, depth: i32, x: usize, v: usize, scales: usize, roots: usize, P: usize, Q: usize, row: usize,
): void {
  const dense = <usize>K << 3;
  for (let i = 0; i < rank; i++) {
    const s = strengthOf(i, depth, scales);
    const from = <usize>i * dense, to = <usize>i * row;
    for (let j: usize = 0; j < row; j += 8) {
      const inside = j < dense;
      store<f64>(P + to + j, inside ? s * load<f64>(x + from + j) : 0);
      store<f64>(Q + to + j, inside ? load<f64>(v + from + j) / load<f64>(roots + j) : 0);
    }
  }
}

/** E0, E1 ← logits at the means of two classes that stand side by side: b + Σ_i P_i Q_ik. `Q` is their place in the first row. */
function logits(rank: i32, row: usize, b: usize, P: usize, Q: usize, E0: usize, E1: usize): void {
  const end = <usize>rank * row;
  for (let j: usize = 0; j < row; j += 32) {
    let a0 = v128.load(b + j), a1 = v128.load(b + j, 16), c0 = a0, c1 = a1;
    for (let line: usize = 0; line < end; line += row) {
      const p0 = v128.load(P + line + j), p1 = v128.load(P + line + j, 16);
      const q = v128.load64_splat(Q + line), t = v128.load64_splat(Q + line, 8);
      a0 = f64x2.add(a0, f64x2.mul(q, p0));
      a1 = f64x2.add(a1, f64x2.mul(q, p1));
      c0 = f64x2.add(c0, f64x2.mul(t, p0));
      c1 = f64x2.add(c1, f64x2.mul(t, p1));
    }
    v128.store(E0 + j, a0);
    v128.store(E0 + j, a1, 16);
    v128.store(E1 + j, c0);
    v128.store(E1 + j, c1, 16);
  }
}

/** Entries e_j ← exp(l_j − own), own that at byte k, which becomes zero; their sum. Relative error 1e-15 and a half. */
function exponentials(e: usize, row: usize, k: usize): f64 {
  const own = v128.load64_splat(e + k);
  store<f64>(e + k, NOWHERE);
  let s0 = f64x2.splat(0), s1 = s0;
  for (let j: usize = 0; j < row; j += 32) {
    const a = exponential(f64x2.sub(v128.load(e + j), own));
    const b = exponential(f64x2.sub(v128.load(e + j, 16), own));
    v128.store(e + j, a);
    v128.store(e + j, b, 16);
    s0 = f64x2.add(s0, a);
    s1 = f64x2.add(s1, b);
  }
  store<f64>(e + k, 0);
  return total(f64x2.add(s0, s1));
}

/** e^v for v in [−708, 700], to which others are moved; NaN stays. Taylor's polynomial of degree 13 on |r| ≤ log(2)/2. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function exponential(argument: v128): v128 {
  const v = f64x2.pmin(f64x2.pmax(argument, f64x2.splat(-708)), f64x2.splat(700));
  const t = f64x2.add(f64x2.mul(v, f64x2.splat(LOG2E)), f64x2.splat(ROUNDING));
  const n = f64x2.sub(t, f64x2.splat(ROUNDING));
  const r = f64x2.sub(f64x2.sub(v, f64x2.mul(n, f64x2.splat(LN2_HIGH))), f64x2.mul(n, f64x2.splat(LN2_LOW)));
  const s = f64x2.mul(r, r), q = f64x2.mul(s, s);
  const c0 = f64x2.add(f64x2.splat(1), r);
  const c1 = f64x2.add(f64x2.splat(1.0 / 2), f64x2.mul(r, f64x2.splat(1.0 / 6)));
  const c2 = f64x2.add(f64x2.splat(1.0 / 24), f64x2.mul(r, f64x2.splat(1.0 / 120)));
  const c3 = f64x2.add(f64x2.splat(1.0 / 720), f64x2.mul(r, f64x2.splat(1.0 / 5040)));
  const c4 = f64x2.add(f64x2.splat(1.0 / 40320), f64x2.mul(r, f64x2.splat(1.0 / 362880)));
  const c5 = f64x2.add(f64x2.splat(1.0 / 3628800), f64x2.mul(r, f64x2.splat(1.0 / 39916800)));
  const c6 = f64x2.add(f64x2.splat(1.0 / 479001600), f64x2.mul(r, f64x2.splat(1.0 / 6227020800)));
  const high = f64x2.add(f64x2.add(c4, f64x2.mul(s, c5)), f64x2.mul(q, c6));
  const low = f64x2.add(f64x2.add(c0, f64x2.mul(s, c1)), f64x2.mul(q, f64x2.add(c2, f64x2.mul(s, c3))));
  const power = i64x2.shl(i64x2.add(t, i64x2.splat(1023)), 52);
  return f64x2.mul(f64x2.add(low, f64x2.mul(f64x2.mul(q, q), high)), power);
}

/** The loss of the class at byte k, whose exponentials become ∂f/∂logits, over μ; returns its share. */
function classLoss(e: usize, row: usize, k: usize, sum: f64, share: usize, losses: usize, mu: f64): f64 {
  const own = Math.log1p(sum);
  const part = load<f64>(share + k);
  store<f64>(losses + k, own);
  const factor = part / (1 + sum) / mu;
  const f = f64x2.splat(factor);
  for (let j: usize = 0; j < row; j += 16) v128.store(e + j, f64x2.mul(f, v128.load(e + j)));
  store<f64>(e + k, -sum * factor);
  return part * own;
}

/** dP ← dP + c_0 E0 + c_1 E1 for one term, c at Q; the products of E0 and E1 with P, side by side. */
function carryBack(row: usize, E0: usize, E1: usize, P: usize, dP: usize, Q: usize): v128 {
  const c0 = v128.load64_splat(Q), c1 = v128.load64_splat(Q, 8);
  let s0 = f64x2.splat(0), s1 = s0, t0 = s0, t1 = s0;
  for (let j: usize = 0; j < row; j += 32) {
    const a = v128.load(E0 + j), b = v128.load(E1 + j), p = v128.load(P + j);
    v128.store(dP + j, f64x2.add(v128.load(dP + j), f64x2.add(f64x2.mul(c0, a), f64x2.mul(c1, b))));
    s0 = f64x2.add(s0, f64x2.mul(a, p));
    t0 = f64x2.add(t0, f64x2.mul(b, p));
    const a1 = v128.load(E0 + j, 16), b1 = v128.load(E1 + j, 16), p1 = v128.load(P + j, 16);
    v128.store(dP + j, f64x2.add(v128.load(dP + j, 16), f64x2.add(f64x2.mul(c0, a1), f64x2.mul(c1, b1))), 16);
    s1 = f64x2.add(s1, f64x2.mul(a1, p1));
    t1 = f64x2.add(t1, f64x2.mul(b1, p1));
  }
  const s = f64x2.add(s0, s1), t = f64x2.add(t0, t1);
  return f64x2.add(v128.shuffle<f64>(s, t, 0, 2), v128.shuffle<f64>(s, t, 1, 3));
}

/** From dP to the gradient by a and δ. */
function rowGradients(
  K: i32, rank: i32, depth: i32, x: usize, scales: usize, P: usize, dP: usize, row: usize, gradient: usize,
): void {
  const dense = <usize>K << 3;
  const scale: f64 = depth > 1 ? 1 / Math.sqrt(<f64>(depth - 1)) : 0;
  for (let i = 0; i < rank; i++) {
    const s = strengthOf(i, depth, scales);
    const from = <usize>i * dense, line = dP + <usize>i * row;
    let along: f64 = 0;
    for (let j: usize = 0; j < dense; j += 8) {
      const a = load<f64>(x + from + j), d = load<f64>(line + j);
      store<f64>(gradient + from + j, a + s * d);
      along += a * d;
    }
    if (depth == 1) continue;
    const place = scales + (<usize>i << 3);
    const d = scale * load<f64>(place);
    let slope = <f64>(depth - 1) * scale;
    for (let m = 2; m < depth; m++) slope *= d;
    store<f64>(gradient + (place - x), load<f64>(place) + slope * along);
  }
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function total(a: v128): f64 {
  return f64x2.extract_lane(a, 0) + f64x2.extract_lane(a, 1);
}

/** aᵀb; vectors of `bytes`. */
export function dot(bytes: usize, a: usize, b: usize): f64 {
  let s0 = f64x2.splat(0), s1 = s0;
  for (let j: usize = 0; j < bytes; j += 32) {
    s0 = f64x2.add(s0, f64x2.mul(v128.load(a + j), v128.load(b + j)));
    s1 = f64x2.add(s1, f64x2.mul(v128.load(a + j, 16), v128.load(b + j, 16)));
  }
  return total(f64x2.add(s0, s1));
}

/** out ← a + c·b. */
export function sumInto(bytes: usize, a: usize, c: f64, b: usize, out: usize): void {
  const f = f64x2.splat(c);
  for (let j: usize = 0; j < bytes; j += 16) v128.store(out + j, f64x2.add(v128.load(a + j), f64x2.mul(f, v128.load(b + j))));
}

/**
 * p ← −(estimate of the inverse Hessian)·gradient by the two-loop recursion, from `held` pairs s, y in rings of `memory` vectors
 * each, the next place being `next`. `curvature` (sᵀy) and `alphas` have a number for each place.
 */
export function direction(
  bytes: usize, held: i32, next: i32, memory: i32, gradient: usize, p: usize, S: usize, Y: usize, curvature: usize, alphas: usize,
): void {
  for (let j: usize = 0; j < bytes; j += 16) v128.store(p + j, f64x2.neg(v128.load(gradient + j)));
  if (held == 0) return;
  for (let i = 1; i <= held; i++) {
    const at = <usize>((next - i + memory) % memory);
    const alpha = dot(bytes, S + at * bytes, p) / load<f64>(curvature + (at << 3));
    store<f64>(alphas + (at << 3), alpha);
    sumInto(bytes, p, -alpha, Y + at * bytes, p);
  }
  const last = <usize>((next - 1 + memory) % memory);
  const y = Y + last * bytes;
  const scale = f64x2.splat(load<f64>(curvature + (last << 3)) / dot(bytes, y, y));
  for (let j: usize = 0; j < bytes; j += 16) v128.store(p + j, f64x2.mul(scale, v128.load(p + j)));
  for (let i = held; i >= 1; i--) {
    const at = <usize>((next - i + memory) % memory);
    const rest = load<f64>(alphas + (at << 3)) - dot(bytes, Y + at * bytes, p) / load<f64>(curvature + (at << 3));
    sumInto(bytes, p, rest, S + at * bytes, p);
  }
}
