/**
 * Deviations of samples from a row that belongs to their class, in float64. A sample has d numbers, float32 (`single`) or float64.
 */

/** sums ← sums + (x − r); returns ‖x − r‖². */
export function gather(x: usize, single: bool, d: i32, r: usize, sums: usize): f64 {
  return single ? gatherOf(x, true, d, r, sums) : gatherOf(x, false, d, r, sums);
}

/** out ← scale·(x − r), rounded to float32 where `narrow`; returns the square of its norm before rounding. */
export function deviate(x: usize, single: bool, d: i32, r: usize, scale: f64, out: usize, narrow: bool): f64 {
  if (single) return narrow ? deviateOf(x, true, d, r, scale, out, true) : deviateOf(x, true, d, r, scale, out, false);
  return narrow ? deviateOf(x, false, d, r, scale, out, true) : deviateOf(x, false, d, r, scale, out, false);
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function two(x: usize, single: bool, j: usize): v128 {
  return single ? f64x2.promote_low_f32x4(v128.load64_zero(x + (j << 2))) : v128.load(x + (j << 3));
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function one(x: usize, single: bool, j: usize): f64 {
  return single ? <f64>load<f32>(x + (j << 2)) : load<f64>(x + (j << 3));
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function gatherOf(x: usize, single: bool, d: i32, r: usize, sums: usize): f64 {
  const n = <usize>d;
  let s0 = f64x2.splat(0), s1 = s0;
  let j: usize = 0;
  for (; j + 4 <= n; j += 4) {
    const at = j << 3;
    const a = f64x2.sub(two(x, single, j), v128.load(r + at));
    const b = f64x2.sub(two(x, single, j + 2), v128.load(r + at, 16));
    v128.store(sums + at, f64x2.add(v128.load(sums + at), a));
    v128.store(sums + at, f64x2.add(v128.load(sums + at, 16), b), 16);
    s0 = f64x2.add(s0, f64x2.mul(a, a));
    s1 = f64x2.add(s1, f64x2.mul(b, b));
  }
  let square = total(f64x2.add(s0, s1));
  for (; j < n; j++) {
    const at = j << 3;
    const a = one(x, single, j) - load<f64>(r + at);
    store<f64>(sums + at, load<f64>(sums + at) + a);
    square += a * a;
  }
  return square;
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function deviateOf(x: usize, single: bool, d: i32, r: usize, scale: f64, out: usize, narrow: bool): f64 {
  const n = <usize>d;
  const S = f64x2.splat(scale);
  let s0 = f64x2.splat(0), s1 = s0;
  let j: usize = 0;
  for (; j + 4 <= n; j += 4) {
    const at = j << 3;
    const a = f64x2.mul(S, f64x2.sub(two(x, single, j), v128.load(r + at)));
    const b = f64x2.mul(S, f64x2.sub(two(x, single, j + 2), v128.load(r + at, 16)));
    if (narrow) {
      const low = f32x4.demote_f64x2_zero(a), high = f32x4.demote_f64x2_zero(b);
      v128.store(out + (j << 2), v128.shuffle<f32>(low, high, 0, 1, 4, 5));
    } else {
      v128.store(out + at, a);
      v128.store(out + at, b, 16);
    }
    s0 = f64x2.add(s0, f64x2.mul(a, a));
    s1 = f64x2.add(s1, f64x2.mul(b, b));
  }
  let square = total(f64x2.add(s0, s1));
  for (; j < n; j++) {
    const a = (one(x, single, j) - load<f64>(r + (j << 3))) * scale;
    if (narrow) store<f32>(out + (j << 2), <f32>a);
    else store<f64>(out + (j << 3), a);
    square += a * a;
  }
  return square;
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function total(a: v128): f64 {
  return f64x2.extract_lane(a, 0) + f64x2.extract_lane(a, 1);
}
