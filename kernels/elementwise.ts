/** Elementwise kernels over `bytes` bytes from an address, a multiple of 4 each. */

/** y ← max(x, 0); x and y may be one. */
export function relu(x: usize, y: usize, bytes: usize): void {
  const zero = f32x4.splat(0);
  const even = bytes & ~15;
  for (let i: usize = 0; i < even; i += 16) v128.store(y + i, f32x4.max(v128.load(x + i), zero));
  for (let i = even; i < bytes; i += 4) store<f32>(y + i, max<f32>(load<f32>(x + i), 0));
}

/** dx ← dy where y > 0, else 0; dy and dx may be one. */
export function reluGradient(y: usize, dy: usize, dx: usize, bytes: usize): void {
  const zero = f32x4.splat(0);
  const even = bytes & ~15;
  for (let i: usize = 0; i < even; i += 16)
    v128.store(dx + i, v128.and(v128.load(dy + i), f32x4.gt(v128.load(y + i), zero)));
  for (let i = even; i < bytes; i += 4) store<f32>(dx + i, load<f32>(y + i) > 0 ? load<f32>(dy + i) : 0);
}

/** y ← y + x. */
export function addInto(x: usize, y: usize, bytes: usize): void {
  const even = bytes & ~15;
  for (let i: usize = 0; i < even; i += 16) v128.store(y + i, f32x4.add(v128.load(y + i), v128.load(x + i)));
  for (let i = even; i < bytes; i += 4) store<f32>(y + i, load<f32>(y + i) + load<f32>(x + i));
}

/** z ← x + y, or max(x + y, 0) with `rectify`. */
export function sum(x: usize, y: usize, z: usize, bytes: usize, rectify: bool): void {
  const floor = f32x4.splat(rectify ? 0 : -Infinity);
  const even = bytes & ~15;
  for (let i: usize = 0; i < even; i += 16)
    v128.store(z + i, f32x4.max(f32x4.add(v128.load(x + i), v128.load(y + i)), floor));
  for (let i = even; i < bytes; i += 4) {
    const value = load<f32>(x + i) + load<f32>(y + i);
    store<f32>(z + i, rectify ? max<f32>(value, 0) : value);
  }
}

/** z ← scale·z + Σ of `parts` arrays that lie `apart` bytes from each other. */
export function sumParts(parts: usize, count: i32, apart: usize, scale: f32, z: usize, bytes: usize): void {
  const factor = f32x4.splat(scale);
  const even = bytes & ~15;
  for (let i: usize = 0; i < even; i += 16) {
    let total = v128.load(parts + i);
    for (let p = 1; p < count; p++) total = f32x4.add(total, v128.load(parts + <usize>p * apart + i));
    v128.store(z + i, f32x4.add(f32x4.mul(factor, v128.load(z + i)), total));
  }
  for (let i = even; i < bytes; i += 4) {
    let total = load<f32>(parts + i);
    for (let p = 1; p < count; p++) total += load<f32>(parts + <usize>p * apart + i);
    store<f32>(z + i, scale * load<f32>(z + i) + total);
  }
}

/** Adds bias (columns numbers) to each of `rows` rows that lie `apart` bytes from each other. */
export function addBias(y: usize, rows: i32, columns: i32, apart: usize, bias: usize): void {
  const bytes = <usize>columns << 2;
  const even = bytes & ~15;
  for (let r = 0; r < rows; r++, y += apart) {
    for (let i: usize = 0; i < even; i += 16) v128.store(y + i, f32x4.add(v128.load(y + i), v128.load(bias + i)));
    for (let i = even; i < bytes; i += 4) store<f32>(y + i, load<f32>(y + i) + load<f32>(bias + i));
  }
}

/**
 * sums ← scale·sums + the column sums of a block of rows that lie `apart` bytes from each other. Sixteen columns at once: a
 * cache line of each row; 64 rows in float32, then float64.
 */
export function columnSums(x: usize, rows: i32, columns: i32, apart: usize, scale: f32, sums: usize): void {
  let c = 0;
  for (; c + 16 <= columns; c += 16) {
    const at = <usize>c << 2;
    let w0 = f64x2.splat(0), w1 = w0, w2 = w0, w3 = w0, w4 = w0, w5 = w0, w6 = w0, w7 = w0;
    for (let first = 0; first < rows; first += 64) {
      const count = min(64, rows - first);
      let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
      let p = x + <usize>first * apart + at;
      for (let r = 0; r < count; r++, p += apart) {
        s0 = f32x4.add(s0, v128.load(p));
        s1 = f32x4.add(s1, v128.load(p + 16));
        s2 = f32x4.add(s2, v128.load(p + 32));
        s3 = f32x4.add(s3, v128.load(p + 48));
      }
      w0 = f64x2.add(w0, f64x2.promote_low_f32x4(s0)); w1 = f64x2.add(w1, f64x2.promote_low_f32x4(upper(s0)));
      w2 = f64x2.add(w2, f64x2.promote_low_f32x4(s1)); w3 = f64x2.add(w3, f64x2.promote_low_f32x4(upper(s1)));
      w4 = f64x2.add(w4, f64x2.promote_low_f32x4(s2)); w5 = f64x2.add(w5, f64x2.promote_low_f32x4(upper(s2)));
      w6 = f64x2.add(w6, f64x2.promote_low_f32x4(s3)); w7 = f64x2.add(w7, f64x2.promote_low_f32x4(upper(s3)));
    }
    accumulatePair(sums + at, scale, w0, w1);
    accumulatePair(sums + at + 16, scale, w2, w3);
    accumulatePair(sums + at + 32, scale, w4, w5);
    accumulatePair(sums + at + 48, scale, w6, w7);
  }
  for (; c < columns; c++) {
    let total: f64 = 0;
    for (let r = 0; r < rows; r++) total += load<f32>(x + <usize>r * apart + (<usize>c << 2));
    const at = sums + (<usize>c << 2);
    store<f32>(at, scale * load<f32>(at) + <f32>total);
  }
}

// @ts-ignore: decorator
@inline
function upper(value: v128): v128 {
  return i8x16.shuffle(value, value, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15);
}

// @ts-ignore: decorator
@inline
function accumulatePair(to: usize, scale: f32, low: v128, high: v128): void {
  const four = v128.shuffle<f32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
  v128.store(to, f32x4.add(f32x4.mul(f32x4.splat(scale), v128.load(to)), four));
}
