/**
 * The transforms of Winograd convolution F(2×2, 3×3) (Lavin & Gray, Fast Algorithms for Convolutional Neural Networks,
 * 2016), four channels at a time, and their transposes for the backward pass.
 *
 *   Y = Aᵀ[(G g Gᵀ) ∘ (Bᵀ d B)]A,   Bᵀ = [1 0 −1 0; 0 1 1 0; 0 −1 1 0; 0 1 0 −1],
 *   G = [1 0 0; ½ ½ ½; ½ −½ ½; 0 0 1],   Aᵀ = [1 1 1 0; 0 1 −1 −1].
 *
 * A tile is 2×2 outputs and the 4×4 inputs they need (padding 1). Tiles are counted over (image, row, column) of a map of
 * height×width×channels; channels are a multiple of 4. A transformed chunk of tiles [first, last) is sixteen matrices
 * (last − first)×channels, one after another. Reads outside the map go to `zeros`, writes to `waste`: each `channels` numbers.
 */

/**
 * Bytes between one matrix of a transformed chunk and the next. Without them all sixteen would fall on the same sets of the
 * first cache wherever tiles×channels is a power of two, and storing them takes four times as long.
 */
export const APART: usize = 64;

// @ts-ignore: decorator
@inline
function inside(y: i32, x: i32, height: i32, width: i32): bool {
  return (y >= 0) & (y < height) & (x >= 0) & (x < width);
}

// @ts-ignore: decorator
@inline
export function at(map: usize, y: i32, x: i32, height: i32, width: i32, rowBytes: usize, pixelBytes: usize, other: usize): usize {
  return inside(y, x, height, width) ? map + <usize>y * rowBytes + <usize>x * pixelBytes : other;
}

/** V ← Bᵀ d B for tiles [first, last) of x. */
export function winogradInput(
  x: usize, height: i32, width: i32, channels: i32, first: i32, last: i32, V: usize, zeros: usize,
): void {
  const pixel = <usize>channels << 2;
  const row = pixel * width;
  const across = (width + 1) >> 1;
  const perImage = across * ((height + 1) >> 1);
  const stride = <usize>(last - first) * pixel + APART;
  for (let t = first; t < last; t++) {
    const image = t / perImage;
    const ty = (t % perImage) / across;
    const tx = t % across;
    const map = x + <usize>image * height * row;
    const y0 = 2 * ty - 1, x0 = 2 * tx - 1;
    const p00 = at(map, y0, x0, height, width, row, pixel, zeros), p01 = at(map, y0, x0 + 1, height, width, row, pixel, zeros);
    const p02 = at(map, y0, x0 + 2, height, width, row, pixel, zeros), p03 = at(map, y0, x0 + 3, height, width, row, pixel, zeros);
    const p10 = at(map, y0 + 1, x0, height, width, row, pixel, zeros), p11 = at(map, y0 + 1, x0 + 1, height, width, row, pixel, zeros);
    const p12 = at(map, y0 + 1, x0 + 2, height, width, row, pixel, zeros), p13 = at(map, y0 + 1, x0 + 3, height, width, row, pixel, zeros);
    const p20 = at(map, y0 + 2, x0, height, width, row, pixel, zeros), p21 = at(map, y0 + 2, x0 + 1, height, width, row, pixel, zeros);
    const p22 = at(map, y0 + 2, x0 + 2, height, width, row, pixel, zeros), p23 = at(map, y0 + 2, x0 + 3, height, width, row, pixel, zeros);
    const p30 = at(map, y0 + 3, x0, height, width, row, pixel, zeros), p31 = at(map, y0 + 3, x0 + 1, height, width, row, pixel, zeros);
    const p32 = at(map, y0 + 3, x0 + 2, height, width, row, pixel, zeros), p33 = at(map, y0 + 3, x0 + 3, height, width, row, pixel, zeros);
    let out = V + <usize>(t - first) * pixel;
    for (let c: usize = 0; c < pixel; c += 16, out += 16) {
      const d20 = v128.load(p20 + c), d21 = v128.load(p21 + c), d22 = v128.load(p22 + c), d23 = v128.load(p23 + c);
      const d10 = v128.load(p10 + c), d11 = v128.load(p11 + c), d12 = v128.load(p12 + c), d13 = v128.load(p13 + c);
      let a0 = f32x4.sub(v128.load(p00 + c), d20), a1 = f32x4.sub(v128.load(p01 + c), d21);
      let a2 = f32x4.sub(v128.load(p02 + c), d22), a3 = f32x4.sub(v128.load(p03 + c), d23);
      let o = out;
      v128.store(o, f32x4.sub(a0, a2)); o += stride;
      v128.store(o, f32x4.add(a1, a2)); o += stride;
      v128.store(o, f32x4.sub(a2, a1)); o += stride;
      v128.store(o, f32x4.sub(a1, a3)); o += stride;
      a0 = f32x4.add(d10, d20); a1 = f32x4.add(d11, d21); a2 = f32x4.add(d12, d22); a3 = f32x4.add(d13, d23);
      v128.store(o, f32x4.sub(a0, a2)); o += stride;
      v128.store(o, f32x4.add(a1, a2)); o += stride;
      v128.store(o, f32x4.sub(a2, a1)); o += stride;
      v128.store(o, f32x4.sub(a1, a3)); o += stride;
      a0 = f32x4.sub(d20, d10); a1 = f32x4.sub(d21, d11); a2 = f32x4.sub(d22, d12); a3 = f32x4.sub(d23, d13);
      v128.store(o, f32x4.sub(a0, a2)); o += stride;
      v128.store(o, f32x4.add(a1, a2)); o += stride;
      v128.store(o, f32x4.sub(a2, a1)); o += stride;
      v128.store(o, f32x4.sub(a1, a3)); o += stride;
      a0 = f32x4.sub(d10, v128.load(p30 + c)); a1 = f32x4.sub(d11, v128.load(p31 + c));
      a2 = f32x4.sub(d12, v128.load(p32 + c)); a3 = f32x4.sub(d13, v128.load(p33 + c));
      v128.store(o, f32x4.sub(a0, a2)); o += stride;
      v128.store(o, f32x4.add(a1, a2)); o += stride;
      v128.store(o, f32x4.sub(a2, a1)); o += stride;
      v128.store(o, f32x4.sub(a1, a3));
    }
  }
}

/** x ← x + B dV Bᵀ for tiles [first, last): the transpose of winogradInput. Tiles overlap: one thread an image. */
export function winogradInputGradient(
  dV: usize, height: i32, width: i32, channels: i32, first: i32, last: i32, x: usize, waste: usize,
): void {
  const pixel = <usize>channels << 2;
  const row = pixel * width;
  const across = (width + 1) >> 1;
  const perImage = across * ((height + 1) >> 1);
  const stride = <usize>(last - first) * pixel + APART;
  for (let t = first; t < last; t++) {
    const image = t / perImage;
    const ty = (t % perImage) / across;
    const tx = t % across;
    const map = x + <usize>image * height * row;
    const y0 = 2 * ty - 1, x0 = 2 * tx - 1;
    const from = dV + <usize>(t - first) * pixel;
    // Column by column of the patch: Bᵀ acts on the right, then on the left.
    for (let j = 0; j < 4; j++) {
      const q0 = at(map, y0, x0 + j, height, width, row, pixel, waste), q1 = at(map, y0 + 1, x0 + j, height, width, row, pixel, waste);
      const q2 = at(map, y0 + 2, x0 + j, height, width, row, pixel, waste), q3 = at(map, y0 + 3, x0 + j, height, width, row, pixel, waste);
      for (let c: usize = 0; c < pixel; c += 16) {
        const r0 = column(from + c, stride, j), r1 = column(from + c + 4 * stride, stride, j);
        const r2 = column(from + c + 8 * stride, stride, j), r3 = column(from + c + 12 * stride, stride, j);
        v128.store(q0 + c, f32x4.add(v128.load(q0 + c), r0));
        v128.store(q1 + c, f32x4.add(v128.load(q1 + c), f32x4.add(f32x4.sub(r1, r2), r3)));
        v128.store(q2 + c, f32x4.add(v128.load(q2 + c), f32x4.sub(f32x4.add(r1, r2), r0)));
        v128.store(q3 + c, f32x4.sub(v128.load(q3 + c), r3));
      }
    }
  }
}

/** Entry j of v Bᵀ for a row v of four. */
// @ts-ignore: decorator
@inline
function column(v: usize, stride: usize, j: i32): v128 {
  if (j == 0) return v128.load(v);
  if (j == 3) return f32x4.neg(v128.load(v + 3 * stride));
  const v1 = v128.load(v + stride), v2 = v128.load(v + 2 * stride);
  if (j == 1) return f32x4.add(f32x4.sub(v1, v2), v128.load(v + 3 * stride));
  return f32x4.sub(f32x4.add(v1, v2), v128.load(v));
}

/** y ← Aᵀ M A + bias for tiles [first, last). bias: channels numbers. */
export function winogradOutput(
  M: usize, height: i32, width: i32, channels: i32, first: i32, last: i32, y: usize, bias: usize, waste: usize,
): void {
  const pixel = <usize>channels << 2;
  const row = pixel * width;
  const across = (width + 1) >> 1;
  const perImage = across * ((height + 1) >> 1);
  const stride = <usize>(last - first) * pixel + APART;
  for (let t = first; t < last; t++) {
    const image = t / perImage;
    const ty = (t % perImage) / across;
    const tx = t % across;
    const map = y + <usize>image * height * row;
    const q00 = at(map, 2 * ty, 2 * tx, height, width, row, pixel, waste), q01 = at(map, 2 * ty, 2 * tx + 1, height, width, row, pixel, waste);
    const q10 = at(map, 2 * ty + 1, 2 * tx, height, width, row, pixel, waste), q11 = at(map, 2 * ty + 1, 2 * tx + 1, height, width, row, pixel, waste);
    let from = M + <usize>(t - first) * pixel;
    for (let c: usize = 0; c < pixel; c += 16, from += 16) {
      let i = from;
      const m00 = v128.load(i); i += stride; const m01 = v128.load(i); i += stride;
      const m02 = v128.load(i); i += stride; const m03 = v128.load(i); i += stride;
      const m10 = v128.load(i); i += stride; const m11 = v128.load(i); i += stride;
      const m12 = v128.load(i); i += stride; const m13 = v128.load(i); i += stride;
      const m20 = v128.load(i); i += stride; const m21 = v128.load(i); i += stride;
      const m22 = v128.load(i); i += stride; const m23 = v128.load(i); i += stride;
      const m30 = v128.load(i); i += stride; const m31 = v128.load(i); i += stride;
      const m32 = v128.load(i); i += stride; const m33 = v128.load(i);
      const s0 = f32x4.add(f32x4.add(m00, m10), m20), s1 = f32x4.add(f32x4.add(m01, m11), m21);
      const s2 = f32x4.add(f32x4.add(m02, m12), m22), s3 = f32x4.add(f32x4.add(m03, m13), m23);
      const u0 = f32x4.sub(f32x4.sub(m10, m20), m30), u1 = f32x4.sub(f32x4.sub(m11, m21), m31);
      const u2 = f32x4.sub(f32x4.sub(m12, m22), m32), u3 = f32x4.sub(f32x4.sub(m13, m23), m33);
      const b = v128.load(bias + c);
      v128.store(q00 + c, f32x4.add(b, f32x4.add(f32x4.add(s0, s1), s2)));
      v128.store(q01 + c, f32x4.add(b, f32x4.sub(f32x4.sub(s1, s2), s3)));
      v128.store(q10 + c, f32x4.add(b, f32x4.add(f32x4.add(u0, u1), u2)));
      v128.store(q11 + c, f32x4.add(b, f32x4.sub(f32x4.sub(u1, u2), u3)));
    }
  }
}

/** dM ← A dy Aᵀ for tiles [first, last): the transpose of winogradOutput. */
export function winogradOutputGradient(
  dy: usize, height: i32, width: i32, channels: i32, first: i32, last: i32, dM: usize, zeros: usize,
): void {
  const pixel = <usize>channels << 2;
  const row = pixel * width;
  const across = (width + 1) >> 1;
  const perImage = across * ((height + 1) >> 1);
  const stride = <usize>(last - first) * pixel + APART;
  for (let t = first; t < last; t++) {
    const image = t / perImage;
    const ty = (t % perImage) / across;
    const tx = t % across;
    const map = dy + <usize>image * height * row;
    const q00 = at(map, 2 * ty, 2 * tx, height, width, row, pixel, zeros), q01 = at(map, 2 * ty, 2 * tx + 1, height, width, row, pixel, zeros);
    const q10 = at(map, 2 * ty + 1, 2 * tx, height, width, row, pixel, zeros), q11 = at(map, 2 * ty + 1, 2 * tx + 1, height, width, row, pixel, zeros);
    let out = dM + <usize>(t - first) * pixel;
    for (let c: usize = 0; c < pixel; c += 16, out += 16) {
      const y00 = v128.load(q00 + c), y01 = v128.load(q01 + c), y10 = v128.load(q10 + c), y11 = v128.load(q11 + c);
      let o = spread(out, stride, y00, y01);
      o = spread(o, stride, f32x4.add(y00, y10), f32x4.add(y01, y11));
      o = spread(o, stride, f32x4.sub(y00, y10), f32x4.sub(y01, y11));
      spread(o, stride, f32x4.neg(y10), f32x4.neg(y11));
    }
  }
}

/** Stores (a, b)Aᵀ, four matrices apart; returns where the next row begins. */
// @ts-ignore: decorator
@inline
function spread(out: usize, stride: usize, a: v128, b: v128): usize {
  v128.store(out, a); out += stride;
  v128.store(out, f32x4.add(a, b)); out += stride;
  v128.store(out, f32x4.sub(a, b)); out += stride;
  v128.store(out, f32x4.neg(b));
  return out + stride;
}

/**
 * U ← G g Gᵀ for entries [first, last) (multiples of 4) of the `size` = inputs·outputs of each tap. g: nine taps one after
 * another, U: sixteen, APART bytes between them.
 */
export function winogradWeights(g: usize, size: i32, first: i32, last: i32, U: usize): void {
  const tap = <usize>size << 2;
  const stride = tap + APART;
  const half = f32x4.splat(0.5);
  for (let c = <usize>first << 2; c < <usize>last << 2; c += 16) {
    for (let i = 0; i < 4; i++) {
      // Row i of Gg, three columns.
      const r0 = rowOf(g + c, 3 * tap, half, i), r1 = rowOf(g + c + tap, 3 * tap, half, i), r2 = rowOf(g + c + 2 * tap, 3 * tap, half, i);
      const o = U + c + <usize>(4 * i) * stride;
      const sum = f32x4.mul(half, f32x4.add(r0, r2)), middle = f32x4.mul(half, r1);
      v128.store(o, r0);
      v128.store(o + stride, f32x4.add(sum, middle));
      v128.store(o + 2 * stride, f32x4.sub(sum, middle));
      v128.store(o + 3 * stride, r2);
    }
  }
}

// @ts-ignore: decorator
@inline
function rowOf(g: usize, stride: usize, half: v128, i: i32): v128 {
  if (i == 0) return v128.load(g);
  if (i == 3) return v128.load(g + 2 * stride);
  const sum = f32x4.mul(half, f32x4.add(v128.load(g), v128.load(g + 2 * stride)));
  const middle = f32x4.mul(half, v128.load(g + stride));
  return i == 1 ? f32x4.add(sum, middle) : f32x4.sub(sum, middle);
}

/**
 * dg ← scale·dg + Gᵀ(Σ_parts dU)G for entries [first, last) (multiples of 4). A part, one a thread, is sixteen taps,
 * APART bytes between them.
 */
export function winogradWeightGradient(dU: usize, parts: i32, size: i32, first: i32, last: i32, scale: f32, dg: usize): void {
  const tap = <usize>size << 2;
  const stride = tap + APART;
  const half = f32x4.splat(0.5);
  const factor = f32x4.splat(scale);
  for (let c = <usize>first << 2; c < <usize>last << 2; c += 16) {
    for (let j = 0; j < 3; j++) {
      const u0 = gathered(dU + c, parts, stride, half, j), u1 = gathered(dU + c + 4 * stride, parts, stride, half, j);
      const u2 = gathered(dU + c + 8 * stride, parts, stride, half, j), u3 = gathered(dU + c + 12 * stride, parts, stride, half, j);
      const sum = f32x4.mul(half, f32x4.add(u1, u2)), difference = f32x4.mul(half, f32x4.sub(u1, u2));
      let o = dg + c + <usize>j * tap;
      accumulate(o, factor, f32x4.add(u0, sum)); o += 3 * tap;
      accumulate(o, factor, difference); o += 3 * tap;
      accumulate(o, factor, f32x4.add(sum, u3));
    }
  }
}

/** Entry j of (Σ_parts row)·G for a row of four. */
// @ts-ignore: decorator
@inline
function gathered(row: usize, parts: i32, stride: usize, half: v128, j: i32): v128 {
  const u1 = summed(row + stride, parts, stride), u2 = summed(row + 2 * stride, parts, stride);
  if (j == 1) return f32x4.mul(half, f32x4.sub(u1, u2));
  const sum = f32x4.mul(half, f32x4.add(u1, u2));
  return f32x4.add(sum, summed(j == 0 ? row : row + 3 * stride, parts, stride));
}

// @ts-ignore: decorator
@inline
function summed(entry: usize, parts: i32, stride: usize): v128 {
  let total = v128.load(entry);
  for (let p = 1; p < parts; p++) total = f32x4.add(total, v128.load(entry + <usize>p * 16 * stride));
  return total;
}

// @ts-ignore: decorator
@inline
function accumulate(to: usize, scale: v128, value: v128): void {
  v128.store(to, f32x4.add(f32x4.mul(scale, v128.load(to)), value));
}
