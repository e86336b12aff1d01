/**
 * The transforms of Winograd convolution F(4×4, 3×3), and their transposes for the backward pass: 36 products of matrices for
 * sixteen outputs, where F(2×2, 3×3) (winograd.ts, whose conventions hold here) takes 64.
 *
 *   Y = Aᵀ[(G g Gᵀ) ∘ (Bᵀ d B)]A by interpolation at 0, ±a, ±b and ∞ (Toom and Cook; Lavin & Gray 2016), N_p = Π_{q≠p}(p − q):
 *   Bᵀ: rows Π_{q≠p}(x − q) and, at ∞, x(x² − a²)(x² − b²);  G: rows (1, p, p²)/N_p and (0, 0, 1);  A: rows (1, p, p², p³), (0, 0, 0, 1).
 *
 * With a = √½ and b = √2 the error is half of that with the usual 1 and 2, and about three times that of F(2×2, 3×3).
 *
 * A tile is 4×4 outputs and the 6×6 inputs they need (padding 1). A plane is transformed along its rows, then along its columns,
 * for a block of channels at once; between the two it lies in `work`, which has room for 18 × 512 numbers. Weights, too, lie APART bytes from each other.
 */
import { APART, at } from './winograd';

/** √½; b = 2a. */
const A_POINT: f32 = 0.7071067811865476;
/** Channels of a block, in bytes. */
const BLOCK: usize = 256;
/** Entries of a block of weights, in bytes: long runs, since 36 of them a time leave prefetching little to go by. */
const TAPS: usize = 2048;

/** What is done with a block of channels of a tile. */
const INPUT = 0, INPUT_GRADIENT = 1, OUTPUT = 2, OUTPUT_GRADIENT = 3;

/**
 * Goes over tiles [first, last) of the images at `maps`, a block of channels at a time. `margin` is how far a tile begins beside its
 * outputs, `outside` what stands for the pixels beside the map, and `matrices` the first of 36, tiles×channels, for the chunk.
 */
// @ts-ignore: decorator
@inline
function overTiles(
  kind: i32, maps: usize, height: i32, width: i32, channels: i32, first: i32, last: i32, margin: i32, matrices: usize, outside: usize,
  bias: usize, work: usize,
): void {
  const pixel = <usize>channels << 2;
  const row = pixel * width;
  const across = (width + 3) >> 2;
  const perImage = across * ((height + 3) >> 2);
  const stride = <usize>(last - first) * pixel + APART;
  for (let t = first; t < last; t++) {
    const image = maps + <usize>(t / perImage) * height * row;
    const y0 = 4 * ((t % perImage) / across) - margin, x0 = 4 * (t % across) - margin;
    const tile = matrices + <usize>(t - first) * pixel;
    for (let c: usize = 0; c < pixel; c += BLOCK) {
      // A pixel of the block, inside the map or not, lies as far into its place as the block does.
      const map = image + c, other = outside + c, plane = tile + c, bytes = min(BLOCK, pixel - c);
      if (kind == INPUT) inputBlock(map, y0, x0, height, width, row, pixel, other, plane, stride, bytes, work);
      else if (kind == INPUT_GRADIENT) inputGradientBlock(map, y0, x0, height, width, row, pixel, other, plane, stride, bytes, work);
      else if (kind == OUTPUT) outputBlock(map, y0, x0, height, width, row, pixel, other, plane, stride, bytes, bias + c, work);
      else outputGradientBlock(map, y0, x0, height, width, row, pixel, other, plane, stride, bytes, work);
    }
  }
}

/** V ← Bᵀ d B for tiles [first, last) of x. */
export function winograd4Input(
  x: usize, height: i32, width: i32, channels: i32, first: i32, last: i32, V: usize, zeros: usize, work: usize,
): void {
  overTiles(INPUT, x, height, width, channels, first, last, 1, V, zeros, 0, work);
}

function inputBlock(
  map: usize, y0: i32, x0: i32, height: i32, width: i32, row: usize, pixel: usize, outside: usize, plane: usize, stride: usize,
  bytes: usize, work: usize,
): void {
  for (let i = 0; i < 6; i++) {
    const y = y0 + i;
    inputLine(
      at(map, y, x0, height, width, row, pixel, outside), at(map, y, x0 + 1, height, width, row, pixel, outside),
      at(map, y, x0 + 2, height, width, row, pixel, outside), at(map, y, x0 + 3, height, width, row, pixel, outside),
      at(map, y, x0 + 4, height, width, row, pixel, outside), at(map, y, x0 + 5, height, width, row, pixel, outside),
      work + <usize>i * 6 * BLOCK, BLOCK, bytes,
    );
  }
  for (let j = 0; j < 6; j++) {
    const p = work + <usize>j * BLOCK;
    inputLine(p, p + 6 * BLOCK, p + 12 * BLOCK, p + 18 * BLOCK, p + 24 * BLOCK, p + 30 * BLOCK, plane + <usize>j * stride, 6 * stride, bytes);
  }
}

/** Bᵀ of a line of six. */
function inputLine(p0: usize, p1: usize, p2: usize, p3: usize, p4: usize, p5: usize, out: usize, apart: usize, bytes: usize): void {
  const a = f32x4.splat(A_POINT), b = f32x4.splat(2 * A_POINT), half = f32x4.splat(0.5), two = f32x4.splat(2), most = f32x4.splat(2.5);
  for (let c: usize = 0; c < bytes; c += 16) {
    const x1 = v128.load(p1 + c), x2 = v128.load(p2 + c), x3 = v128.load(p3 + c), x4 = v128.load(p4 + c);
    const e = f32x4.sub(x4, f32x4.mul(two, x2)), o = f32x4.mul(a, f32x4.sub(x3, f32x4.mul(two, x1)));
    const f = f32x4.sub(x4, f32x4.mul(half, x2)), q = f32x4.mul(b, f32x4.sub(x3, f32x4.mul(half, x1)));
    let to = out + c;
    v128.store(to, f32x4.add(f32x4.sub(v128.load(p0 + c), f32x4.mul(most, x2)), x4)); to += apart;
    v128.store(to, f32x4.add(e, o)); to += apart;
    v128.store(to, f32x4.sub(e, o)); to += apart;
    v128.store(to, f32x4.add(f, q)); to += apart;
    v128.store(to, f32x4.sub(f, q)); to += apart;
    v128.store(to, f32x4.add(f32x4.sub(x1, f32x4.mul(most, x3)), v128.load(p5 + c)));
  }
}

/** x ← x + B dV Bᵀ for tiles [first, last): the transpose of winograd4Input. Tiles overlap: one thread an image. */
export function winograd4InputGradient(
  dV: usize, height: i32, width: i32, channels: i32, first: i32, last: i32, x: usize, waste: usize, work: usize,
): void {
  overTiles(INPUT_GRADIENT, x, height, width, channels, first, last, 1, dV, waste, 0, work);
}

function inputGradientBlock(
  map: usize, y0: i32, x0: i32, height: i32, width: i32, row: usize, pixel: usize, outside: usize, plane: usize, stride: usize,
  bytes: usize, work: usize,
): void {
  for (let j = 0; j < 6; j++) {
    const to = work + <usize>j * BLOCK;
    inputGradientLine(
      plane + <usize>j * stride, 6 * stride,
      to, to + 6 * BLOCK, to + 12 * BLOCK, to + 18 * BLOCK, to + 24 * BLOCK, to + 30 * BLOCK, bytes, false,
    );
  }
  for (let i = 0; i < 6; i++) {
    const y = y0 + i;
    // Outside the map: nothing to add to.
    if ((y < 0) | (y >= height)) continue;
    inputGradientLine(
      work + <usize>i * 6 * BLOCK, BLOCK,
      at(map, y, x0, height, width, row, pixel, outside), at(map, y, x0 + 1, height, width, row, pixel, outside),
      at(map, y, x0 + 2, height, width, row, pixel, outside), at(map, y, x0 + 3, height, width, row, pixel, outside),
      at(map, y, x0 + 4, height, width, row, pixel, outside), at(map, y, x0 + 5, height, width, row, pixel, outside),
      bytes, true,
    );
  }
}

/** B of a line of six, stored or added to what is there. */
// @ts-ignore: decorator
@inline
function inputGradientLine(
  from: usize, apart: usize, q0: usize, q1: usize, q2: usize, q3: usize, q4: usize, q5: usize, bytes: usize, adds: bool,
): void {
  const a = f32x4.splat(A_POINT), b = f32x4.splat(2 * A_POINT), half = f32x4.splat(0.5), two = f32x4.splat(2), most = f32x4.splat(2.5);
  for (let c: usize = 0; c < bytes; c += 16) {
    let p = from + c;
    const v0 = v128.load(p); p += apart;
    const v1 = v128.load(p); p += apart;
    const v2 = v128.load(p); p += apart;
    const v3 = v128.load(p); p += apart;
    const v4 = v128.load(p); p += apart;
    const v5 = v128.load(p);
    const s = f32x4.add(v1, v2), d = f32x4.sub(v1, v2), z = f32x4.add(v3, v4), w = f32x4.sub(v3, v4);
    put(q0 + c, v0, adds);
    put(q1 + c, f32x4.sub(v5, f32x4.add(f32x4.mul(b, d), f32x4.mul(a, w))), adds);
    put(q2 + c, f32x4.neg(f32x4.add(f32x4.mul(most, v0), f32x4.add(f32x4.mul(two, s), f32x4.mul(half, z)))), adds);
    put(q3 + c, f32x4.sub(f32x4.add(f32x4.mul(a, d), f32x4.mul(b, w)), f32x4.mul(most, v5)), adds);
    put(q4 + c, f32x4.add(v0, f32x4.add(s, z)), adds);
    put(q5 + c, v5, adds);
  }
}

// @ts-ignore: decorator
@inline
function put(to: usize, value: v128, adds: bool): void {
  v128.store(to, adds ? f32x4.add(v128.load(to), value) : value);
}

/** y ← Aᵀ M A + bias for tiles [first, last). bias: channels numbers. */
export function winograd4Output(
  M: usize, height: i32, width: i32, channels: i32, first: i32, last: i32, y: usize, bias: usize, waste: usize, work: usize,
): void {
  overTiles(OUTPUT, y, height, width, channels, first, last, 0, M, waste, bias, work);
}

function outputBlock(
  map: usize, y0: i32, x0: i32, height: i32, width: i32, row: usize, pixel: usize, outside: usize, plane: usize, stride: usize,
  bytes: usize, bias: usize, work: usize,
): void {
  for (let j = 0; j < 6; j++) {
    const to = work + <usize>j * BLOCK;
    outputLine(plane + <usize>j * stride, 6 * stride, to, to + 6 * BLOCK, to + 12 * BLOCK, to + 18 * BLOCK, bytes, 0);
  }
  for (let i = 0; i < 4; i++) {
    const line = y0 + i;
    if (line >= height) break;
    outputLine(
      work + <usize>i * 6 * BLOCK, BLOCK,
      at(map, line, x0, height, width, row, pixel, outside), at(map, line, x0 + 1, height, width, row, pixel, outside),
      at(map, line, x0 + 2, height, width, row, pixel, outside), at(map, line, x0 + 3, height, width, row, pixel, outside),
      bytes, bias,
    );
  }
}

/** Aᵀ of a line of six, and a bias unless it lies at 0. */
// @ts-ignore: decorator
@inline
function outputLine(from: usize, apart: usize, q0: usize, q1: usize, q2: usize, q3: usize, bytes: usize, bias: usize): void {
  const a = f32x4.splat(A_POINT), half = f32x4.splat(0.5), two = f32x4.splat(2), four = f32x4.splat(4);
  for (let c: usize = 0; c < bytes; c += 16) {
    let p = from + c;
    const m0 = v128.load(p); p += apart;
    const m1 = v128.load(p); p += apart;
    const m2 = v128.load(p); p += apart;
    const m3 = v128.load(p); p += apart;
    const m4 = v128.load(p); p += apart;
    const m5 = v128.load(p);
    const s = f32x4.add(m1, m2), d = f32x4.sub(m1, m2), z = f32x4.add(m3, m4), w = f32x4.sub(m3, m4);
    const b = bias == 0 ? f32x4.splat(0) : v128.load(bias + c);
    v128.store(q0 + c, f32x4.add(b, f32x4.add(m0, f32x4.add(s, z))));
    v128.store(q1 + c, f32x4.add(b, f32x4.mul(a, f32x4.add(d, f32x4.mul(two, w)))));
    v128.store(q2 + c, f32x4.add(b, f32x4.add(f32x4.mul(half, s), f32x4.mul(two, z))));
    v128.store(q3 + c, f32x4.add(b, f32x4.add(f32x4.mul(a, f32x4.add(f32x4.mul(half, d), f32x4.mul(four, w))), m5)));
  }
}

/** dM ← A dy Aᵀ for tiles [first, last): the transpose of winograd4Output. */
export function winograd4OutputGradient(
  dy: usize, height: i32, width: i32, channels: i32, first: i32, last: i32, dM: usize, zeros: usize, work: usize,
): void {
  overTiles(OUTPUT_GRADIENT, dy, height, width, channels, first, last, 0, dM, zeros, 0, work);
}

function outputGradientBlock(
  map: usize, y0: i32, x0: i32, height: i32, width: i32, row: usize, pixel: usize, outside: usize, plane: usize, stride: usize,
  bytes: usize, work: usize,
): void {
  for (let i = 0; i < 4; i++) {
    const y = y0 + i;
    outputGradientLine(
      at(map, y, x0, height, width, row, pixel, outside), at(map, y, x0 + 1, height, width, row, pixel, outside),
      at(map, y, x0 + 2, height, width, row, pixel, outside), at(map, y, x0 + 3, height, width, row, pixel, outside),
      work + <usize>i * 6 * BLOCK, BLOCK, bytes,
    );
  }
  for (let j = 0; j < 6; j++) {
    const p = work + <usize>j * BLOCK;
    outputGradientLine(p, p + 6 * BLOCK, p + 12 * BLOCK, p + 18 * BLOCK, plane + <usize>j * stride, 6 * stride, bytes);
  }
}

/** A of a line of four. */
function outputGradientLine(p0: usize, p1: usize, p2: usize, p3: usize, out: usize, apart: usize, bytes: usize): void {
  const a = f32x4.splat(A_POINT), b = f32x4.splat(2 * A_POINT), half = f32x4.splat(0.5), two = f32x4.splat(2);
  for (let c: usize = 0; c < bytes; c += 16) {
    const y0 = v128.load(p0 + c), y1 = v128.load(p1 + c), y2 = v128.load(p2 + c), y3 = v128.load(p3 + c);
    const e = f32x4.add(y0, f32x4.mul(half, y2)), o = f32x4.mul(a, f32x4.add(y1, f32x4.mul(half, y3)));
    const f = f32x4.add(y0, f32x4.mul(two, y2)), q = f32x4.mul(b, f32x4.add(y1, f32x4.mul(two, y3)));
    let to = out + c;
    v128.store(to, y0); to += apart;
    v128.store(to, f32x4.add(e, o)); to += apart;
    v128.store(to, f32x4.sub(e, o)); to += apart;
    v128.store(to, f32x4.add(f, q)); to += apart;
    v128.store(to, f32x4.sub(f, q)); to += apart;
    v128.store(to, y3);
  }
}

/**
 * U ← G g Gᵀ for entries [first, last) (multiples of 4) of the `size` = inputs·outputs of each tap. g: nine taps one after
 * another, U: 36, APART bytes between them.
 */
export function winograd4Weights(g: usize, size: i32, first: i32, last: i32, U: usize, work: usize): void {
  const tap = <usize>size << 2;
  const stride = tap + APART;
  const end = <usize>last << 2;
  for (let c = <usize>first << 2; c < end; c += TAPS) {
    const bytes = min(TAPS, end - c);
    for (let j = 0; j < 3; j++) {
      const p = g + c + <usize>j * tap;
      weightLine(p, p + 3 * tap, p + 6 * tap, work + <usize>j * TAPS, 3 * TAPS, bytes);
    }
    for (let i = 0; i < 6; i++) {
      const p = work + <usize>i * 3 * TAPS;
      weightLine(p, p + TAPS, p + 2 * TAPS, U + c + <usize>i * 6 * stride, stride, bytes);
    }
  }
}

/** G of a line of three. */
function weightLine(p0: usize, p1: usize, p2: usize, out: usize, apart: usize, bytes: usize): void {
  const half = f32x4.splat(0.5), two = f32x4.splat(2);
  const third = f32x4.splat(-2.0 / 3), sixth = f32x4.splat(1.0 / 6);
  const oddA = f32x4.splat((-2.0 / 3) * A_POINT), oddB = f32x4.splat((1.0 / 3) * A_POINT);
  for (let c: usize = 0; c < bytes; c += 16) {
    const g0 = v128.load(p0 + c), g1 = v128.load(p1 + c), g2 = v128.load(p2 + c);
    const e = f32x4.mul(third, f32x4.add(g0, f32x4.mul(half, g2))), o = f32x4.mul(oddA, g1);
    const f = f32x4.mul(sixth, f32x4.add(g0, f32x4.mul(two, g2))), q = f32x4.mul(oddB, g1);
    let to = out + c;
    v128.store(to, g0); to += apart;
    v128.store(to, f32x4.add(e, o)); to += apart;
    v128.store(to, f32x4.sub(e, o)); to += apart;
    v128.store(to, f32x4.add(f, q)); to += apart;
    v128.store(to, f32x4.sub(f, q)); to += apart;
    v128.store(to, g2);
  }
}

/**
 * dg ← scale·dg + Gᵀ(Σ_parts dU)G for entries [first, last) (multiples of 4). A part, one a thread, is 36 taps, APART bytes
 * between them.
 */
export function winograd4WeightGradient(
  dU: usize, parts: i32, size: i32, first: i32, last: i32, scale: f32, dg: usize, work: usize,
): void {
  const tap = <usize>size << 2;
  const stride = tap + APART;
  const end = <usize>last << 2;
  for (let c = <usize>first << 2; c < end; c += TAPS) {
    const bytes = min(TAPS, end - c);
    for (let i = 0; i < 6; i++) {
      const to = work + <usize>i * 3 * TAPS;
      weightGradientLine(dU + c + <usize>i * 6 * stride, stride, parts, 36 * stride, to, to + TAPS, to + 2 * TAPS, bytes, 0, false);
    }
    for (let j = 0; j < 3; j++) {
      const to = dg + c + <usize>j * tap;
      weightGradientLine(work + <usize>j * TAPS, 3 * TAPS, 1, 0, to, to + 3 * tap, to + 6 * tap, bytes, scale, true);
    }
  }
}

/** Gᵀ of a line of six, summed over parts; stored, or added to `scale` times what is there. */
// @ts-ignore: decorator
@inline
function weightGradientLine(
  from: usize, apart: usize, parts: i32, part: usize, q0: usize, q1: usize, q2: usize, bytes: usize, scale: f32, adds: bool,
): void {
  const factor = f32x4.splat(scale);
  const third = f32x4.splat(1.0 / 3), two = f32x4.splat(-2.0 / 3), sixth = f32x4.splat(1.0 / 6);
  const oddA = f32x4.splat((-2.0 / 3) * A_POINT), oddB = f32x4.splat((1.0 / 3) * A_POINT);
  for (let c: usize = 0; c < bytes; c += 16) {
    let p = from + c;
    const u0 = summed(p, parts, part); p += apart;
    const u1 = summed(p, parts, part); p += apart;
    const u2 = summed(p, parts, part); p += apart;
    const u3 = summed(p, parts, part); p += apart;
    const u4 = summed(p, parts, part); p += apart;
    const u5 = summed(p, parts, part);
    const s = f32x4.add(u1, u2), z = f32x4.add(u3, u4);
    const g0 = f32x4.add(u0, f32x4.add(f32x4.mul(two, s), f32x4.mul(sixth, z)));
    const g1 = f32x4.add(f32x4.mul(oddA, f32x4.sub(u1, u2)), f32x4.mul(oddB, f32x4.sub(u3, u4)));
    const g2 = f32x4.add(f32x4.mul(third, f32x4.sub(z, s)), u5);
    v128.store(q0 + c, adds ? f32x4.add(f32x4.mul(factor, v128.load(q0 + c)), g0) : g0);
    v128.store(q1 + c, adds ? f32x4.add(f32x4.mul(factor, v128.load(q1 + c)), g1) : g1);
    v128.store(q2 + c, adds ? f32x4.add(f32x4.mul(factor, v128.load(q2 + c)), g2) : g2);
  }
}

// @ts-ignore: decorator
@inline
function summed(entry: usize, parts: i32, part: usize): v128 {
  let total = v128.load(entry);
  for (let p = 1; p < parts; p++) total = f32x4.add(total, v128.load(entry + <usize>p * part));
  return total;
}
