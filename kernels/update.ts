/** Optimiser steps over a range of a parameter, as PyTorch defines them. */

/** m ← m + decay·p, p ← p − rate·m; m holds μ·m + gradient already. */
export function sgd(p: usize, m: usize, bytes: usize, rate: f32, decay: f32): void {
  const lambda = f32x4.splat(decay), eta = f32x4.splat(rate);
  const even = bytes & ~15;
  for (let i: usize = 0; i < even; i += 16) {
    const w = v128.load(p + i);
    const v = f32x4.add(v128.load(m + i), f32x4.mul(lambda, w));
    v128.store(m + i, v);
    v128.store(p + i, f32x4.sub(w, f32x4.mul(eta, v)));
  }
  for (let i = even; i < bytes; i += 4) {
    const w = load<f32>(p + i);
    const v = load<f32>(m + i) + decay * w;
    store<f32>(m + i, v);
    store<f32>(p + i, w - rate * v);
  }
}

/** Adam (Kingma & Ba 2015): rate = η/(1 − β₁ᵗ), root = √(1 − β₂ᵗ); the decay enters the gradient g. */
export function adam(
  p: usize, g: usize, first: usize, second: usize, bytes: usize,
  rate: f32, root: f32, beta1: f32, beta2: f32, epsilon: f32, decay: f32,
): void {
  const lambda = f32x4.splat(decay), eta = f32x4.splat(rate), eps = f32x4.splat(epsilon), inverse = f32x4.splat(1 / root);
  const b1 = f32x4.splat(beta1), c1 = f32x4.splat(1 - beta1), b2 = f32x4.splat(beta2), c2 = f32x4.splat(1 - beta2);
  const even = bytes & ~15;
  for (let i: usize = 0; i < even; i += 16) {
    const w = v128.load(p + i);
    const d = f32x4.add(v128.load(g + i), f32x4.mul(lambda, w));
    const m = f32x4.add(f32x4.mul(b1, v128.load(first + i)), f32x4.mul(c1, d));
    const v = f32x4.add(f32x4.mul(b2, v128.load(second + i)), f32x4.mul(c2, f32x4.mul(d, d)));
    v128.store(first + i, m);
    v128.store(second + i, v);
    const size = f32x4.add(f32x4.mul(f32x4.sqrt(v), inverse), eps);
    v128.store(p + i, f32x4.sub(w, f32x4.div(f32x4.mul(eta, m), size)));
  }
  for (let i = even; i < bytes; i += 4) {
    const w = load<f32>(p + i);
    const d = load<f32>(g + i) + decay * w;
    const m = beta1 * load<f32>(first + i) + (1 - beta1) * d;
    const v = beta2 * load<f32>(second + i) + (1 - beta2) * d * d;
    store<f32>(first + i, m);
    store<f32>(second + i, v);
    store<f32>(p + i, w - (rate * m) / (sqrt<f32>(v) * (1 / root) + epsilon));
  }
}
