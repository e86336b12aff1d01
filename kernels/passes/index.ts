/**
 * Passes over one wide layer of a deep linear model, float64: each reads a layer once, whatever is done with it.
 *
 * W and its velocity V are rows×cols, row-major. What stands for the K classes is kept the other way round, as 4·groups rows
 * (K, and zeros up to a multiple of four) of one length each: left 4·groups×rows, R and out 4·groups×cols. `pitch` is the bytes
 * from one of those rows to the next, even in numbers, so that two neighbours may be written where only one is wanted.
 *
 * WebAssembly has no prefetch, and a core that computes looks a few hundred bytes ahead only: the rows that come next are read
 * once in a loop of nothing else, which keeps many cache lines on their way, and are found in the cache when they are worked on.
 */
const AHEAD: i32 = 4;

/** Whatever was read goes here, so that the reading is not left out as useless. */
const SINK: usize = 1024;

function fetch(from: usize, bytes: usize): void {
  let seen = f64x2.splat(0);
  for (let j: usize = 0; j + 256 <= bytes; j += 256) {
    const a = v128.or(v128.load(from + j), v128.load(from + j, 64));
    const b = v128.or(v128.load(from + j, 128), v128.load(from + j, 192));
    seen = v128.or(seen, v128.or(a, b));
  }
  v128.store(SINK, seen);
}

/**
 * out ← left·W for columns [from, to), `from` even: 4·groups rows of sums over all rows of W.
 */
export function product(
  from: i32, to: i32, rows: i32, cols: i32, groups: i32, W: usize, left: usize, leftPitch: usize, out: usize, outPitch: usize,
): void {
  const row = <usize>cols << 3;
  const start = <usize>from << 3;
  const bytes = <usize>(to - from) << 3;
  for (let k = 0; k < 4 * groups; k++) memory.fill(out + <usize>k * outPitch + start, 0, bytes);
  for (let i = 0; i < rows; i += 2) {
    const w = W + <usize>i * row + start;
    if (i % AHEAD == 0) for (let r = 0; r < min(AHEAD, rows - i); r++) fetch(w + <usize>r * row, bytes);
    // The last of an odd number of rows goes with itself, times zero.
    const second = i + 1 < rows;
    const w1 = second ? w + row : w;
    for (let g = 0; g < groups; g++) {
      const l = left + (<usize>g << 2) * leftPitch + (<usize>i << 3);
      addTwo(bytes, w, w1, l, leftPitch, second, out + (<usize>g << 2) * outPitch + start, outPitch);
    }
  }
}

/** Adds two rows of W, times four numbers each, to four rows of sums. */
function addTwo(bytes: usize, w: usize, w1: usize, l: usize, leftPitch: usize, second: bool, out: usize, outPitch: usize): void {
  const zero = f64x2.splat(0);
  const l0 = v128.load64_splat(l), l1 = v128.load64_splat(l + leftPitch);
  const l2 = v128.load64_splat(l + 2 * leftPitch), l3 = v128.load64_splat(l + 3 * leftPitch);
  const m0 = second ? v128.load64_splat(l, 8) : zero, m1 = second ? v128.load64_splat(l + leftPitch, 8) : zero;
  const m2 = second ? v128.load64_splat(l + 2 * leftPitch, 8) : zero, m3 = second ? v128.load64_splat(l + 3 * leftPitch, 8) : zero;
  const even = bytes & ~15;
  for (let j: usize = 0; j < even; j += 16) {
    const a = v128.load(w + j), b = v128.load(w1 + j);
    const o = out + j;
    v128.store(o, f64x2.add(v128.load(o), f64x2.add(f64x2.mul(l0, a), f64x2.mul(m0, b))));
    const o1 = o + outPitch;
    v128.store(o1, f64x2.add(v128.load(o1), f64x2.add(f64x2.mul(l1, a), f64x2.mul(m1, b))));
    const o2 = o1 + outPitch;
    v128.store(o2, f64x2.add(v128.load(o2), f64x2.add(f64x2.mul(l2, a), f64x2.mul(m2, b))));
    const o3 = o2 + outPitch;
    v128.store(o3, f64x2.add(v128.load(o3), f64x2.add(f64x2.mul(l3, a), f64x2.mul(m3, b))));
  }
  if (even < bytes) {
    const a = load<f64>(w + even), b = load<f64>(w1 + even);
    addOne(out + even, a, b, l0, m0);
    addOne(out + outPitch + even, a, b, l1, m1);
    addOne(out + 2 * outPitch + even, a, b, l2, m2);
    addOne(out + 3 * outPitch + even, a, b, l3, m3);
  }
}

function addOne(o: usize, a: f64, b: f64, l: v128, m: v128): void {
  store<f64>(o, load<f64>(o) + (f64x2.extract_lane(l, 0) * a + f64x2.extract_lane(m, 0) * b));
}

/**
 * One step of gradient descent with momentum on rows [from, to) of a layer, `from` even, and what the next layer needs:
 * right ← R·Wᵀ with W as it was; V ← βV + λW + leftᵀR; W ← W − ηV. `spare` has room for one row of each.
 */
export function step(
  from: i32, to: i32, cols: i32, groups: i32, W: usize, V: usize, R: usize, pitch: usize, left: usize, right: usize,
  leftPitch: usize, beta: f64, lambda: f64, eta: f64, spare: usize,
): void {
  const row = <usize>cols << 3;
  for (let i = from; i < to; i += 2) {
    const w = W + <usize>i * row, v = V + <usize>i * row;
    if ((i - from) % AHEAD == 0) {
      const bytes = <usize>min(AHEAD, to - i) * row;
      fetch(w, bytes);
      fetch(v, bytes);
    }
    // The last of an odd number of rows goes with a row that nobody reads.
    const second = i + 1 < to;
    const w1 = second ? w + row : spare, v1 = second ? v + row : spare + row;
    const place = <usize>i << 3;
    for (let g = 0; g < groups; g++) {
      const group = <usize>g << 2;
      dotTwo(row, w, w1, R + group * pitch, pitch, right + group * leftPitch + place, leftPitch);
    }
    if (groups == 1) {
      descend(row, w, v, R, pitch, left + place, leftPitch, beta, lambda, eta);
      descend(row, w1, v1, R, pitch, left + place + 8, leftPitch, beta, lambda, eta);
    } else {
      for (let g = 0; g < groups; g++) {
        const group = <usize>g << 2;
        const first = g == 0;
        addGroup(row, w, v, R + group * pitch, pitch, left + group * leftPitch + place, leftPitch, first, beta, lambda);
        addGroup(row, w1, v1, R + group * pitch, pitch, left + group * leftPitch + place + 8, leftPitch, first, beta, lambda);
      }
      subtract(row, w, v, eta);
      subtract(row, w1, v1, eta);
    }
  }
}

/** right ← the products of two rows of W with four rows of R; the two go side by side. */
function dotTwo(row: usize, w: usize, w1: usize, R: usize, pitch: usize, right: usize, rightPitch: usize): void {
  const R1 = R + pitch, R2 = R1 + pitch, R3 = R2 + pitch;
  let a0 = f64x2.splat(0), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
  const even = row & ~15;
  for (let j: usize = 0; j < even; j += 16) {
    const x = v128.load(w + j), y = v128.load(w1 + j);
    let r = v128.load(R + j);
    a0 = f64x2.add(a0, f64x2.mul(x, r)); b0 = f64x2.add(b0, f64x2.mul(y, r));
    r = v128.load(R1 + j);
    a1 = f64x2.add(a1, f64x2.mul(x, r)); b1 = f64x2.add(b1, f64x2.mul(y, r));
    r = v128.load(R2 + j);
    a2 = f64x2.add(a2, f64x2.mul(x, r)); b2 = f64x2.add(b2, f64x2.mul(y, r));
    r = v128.load(R3 + j);
    a3 = f64x2.add(a3, f64x2.mul(x, r)); b3 = f64x2.add(b3, f64x2.mul(y, r));
  }
  let rest = f64x2.splat(0), s0 = rest, s1 = rest, s2 = rest, s3 = rest;
  if (even < row) {
    rest = f64x2.replace_lane(f64x2.splat(load<f64>(w + even)), 1, load<f64>(w1 + even));
    s0 = f64x2.mul(rest, v128.load64_splat(R + even));
    s1 = f64x2.mul(rest, v128.load64_splat(R1 + even));
    s2 = f64x2.mul(rest, v128.load64_splat(R2 + even));
    s3 = f64x2.mul(rest, v128.load64_splat(R3 + even));
  }
  v128.store(right, f64x2.add(s0, lanes(a0, b0)));
  v128.store(right + rightPitch, f64x2.add(s1, lanes(a1, b1)));
  v128.store(right + 2 * rightPitch, f64x2.add(s2, lanes(a2, b2)));
  v128.store(right + 3 * rightPitch, f64x2.add(s3, lanes(a3, b3)));
}

/** The sum of each vector's two numbers, side by side. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function lanes(a: v128, b: v128): v128 {
  return f64x2.add(v128.shuffle<f64>(a, b, 0, 2), v128.shuffle<f64>(a, b, 1, 3));
}

/** V ← βV + λW + Σ_k left_k R_k and W ← W − ηV on one row, four classes: all that is the same along the row stays in registers. */
function descend(
  row: usize, w: usize, v: usize, R: usize, pitch: usize, left: usize, leftPitch: usize, beta: f64, lambda: f64, eta: f64,
): void {
  const R1 = R + pitch, R2 = R1 + pitch, R3 = R2 + pitch;
  const B = f64x2.splat(beta), D = f64x2.splat(lambda), E = f64x2.splat(eta);
  const l0 = v128.load64_splat(left), l1 = v128.load64_splat(left + leftPitch);
  const l2 = v128.load64_splat(left + 2 * leftPitch), l3 = v128.load64_splat(left + 3 * leftPitch);
  const whole = row & ~31;
  let j: usize = 0;
  for (; j < whole; j += 32) {
    let x = v128.load(w + j);
    let g = f64x2.add(
      f64x2.add(f64x2.mul(l0, v128.load(R + j)), f64x2.mul(l1, v128.load(R1 + j))),
      f64x2.add(f64x2.mul(l2, v128.load(R2 + j)), f64x2.mul(l3, v128.load(R3 + j))),
    );
    let u = f64x2.add(f64x2.add(f64x2.mul(B, v128.load(v + j)), f64x2.mul(D, x)), g);
    v128.store(v + j, u);
    v128.store(w + j, f64x2.sub(x, f64x2.mul(E, u)));
    x = v128.load(w + j, 16);
    g = f64x2.add(
      f64x2.add(f64x2.mul(l0, v128.load(R + j, 16)), f64x2.mul(l1, v128.load(R1 + j, 16))),
      f64x2.add(f64x2.mul(l2, v128.load(R2 + j, 16)), f64x2.mul(l3, v128.load(R3 + j, 16))),
    );
    u = f64x2.add(f64x2.add(f64x2.mul(B, v128.load(v + j, 16)), f64x2.mul(D, x)), g);
    v128.store(v + j, u, 16);
    v128.store(w + j, f64x2.sub(x, f64x2.mul(E, u)), 16);
  }
  for (; j < row; j += 8) {
    addLast(w + j, v + j, R + j, pitch, left, leftPitch, beta, lambda);
    store<f64>(w + j, load<f64>(w + j) - eta * load<f64>(v + j));
  }
}

/** V ← βV + λW + Σ_k left_k R_k at one place. */
function addLast(w: usize, v: usize, R: usize, pitch: usize, left: usize, leftPitch: usize, beta: f64, lambda: f64): void {
  let sum = beta * load<f64>(v) + lambda * load<f64>(w);
  for (let k: usize = 0; k < 4; k++) sum += load<f64>(left + k * leftPitch) * load<f64>(R + k * pitch);
  store<f64>(v, sum);
}

/** Adds four classes to one row of V, the first of them after V ← βV + λW. */
function addGroup(
  row: usize, w: usize, v: usize, R: usize, pitch: usize, left: usize, leftPitch: usize, first: bool, beta: f64, lambda: f64,
): void {
  const R1 = R + pitch, R2 = R1 + pitch, R3 = R2 + pitch;
  const l0 = v128.load64_splat(left), l1 = v128.load64_splat(left + leftPitch);
  const l2 = v128.load64_splat(left + 2 * leftPitch), l3 = v128.load64_splat(left + 3 * leftPitch);
  const B = f64x2.splat(beta), D = f64x2.splat(lambda);
  const even = row & ~15;
  for (let j: usize = 0; j < even; j += 16) {
    const r0 = v128.load(R + j), r1 = v128.load(R1 + j), r2 = v128.load(R2 + j), r3 = v128.load(R3 + j);
    const g = f64x2.add(f64x2.add(f64x2.mul(l0, r0), f64x2.mul(l1, r1)), f64x2.add(f64x2.mul(l2, r2), f64x2.mul(l3, r3)));
    let u = v128.load(v + j);
    if (first) u = f64x2.add(f64x2.mul(B, u), f64x2.mul(D, v128.load(w + j)));
    v128.store(v + j, f64x2.add(u, g));
  }
  if (even < row) addLast(w + even, v + even, R + even, pitch, left, leftPitch, first ? beta : 1, first ? lambda : 0);
}

/** W ← W − ηV on one row. */
function subtract(row: usize, w: usize, v: usize, eta: f64): void {
  const E = f64x2.splat(eta);
  const even = row & ~15;
  for (let j: usize = 0; j < even; j += 16) v128.store(w + j, f64x2.sub(v128.load(w + j), f64x2.mul(E, v128.load(v + j))));
  if (even < row) store<f64>(w + even, load<f64>(w + even) - eta * load<f64>(v + even));
}
