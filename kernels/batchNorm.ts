/**
 * Batch normalisation over rows of `channels` numbers (all positions of all images, or all samples of vectors).
 *
 * Sums run over 64 rows in float32 and from there on in float64. ReLU is fused: `floor` is 0 where one follows and −∞ where
 * none does; backward, the mask is recomputed as a·x + b > floor.
 */
const BLOCK: i32 = 64;

/** Adds Σ x to sums[c] and Σ x² to sums[channels + c], float64, over `rows` rows. */
export function channelSums(x: usize, rows: i32, channels: i32, sums: usize): void {
  const apart = <usize>channels << 2;
  const squares = sums + (<usize>channels << 3);
  for (let first = 0; first < rows; first += BLOCK) {
    const count = min(BLOCK, rows - first);
    const block = x + <usize>first * apart;
    let c = 0;
    for (; c + 4 <= channels; c += 4) {
      let total = f32x4.splat(0), square = f32x4.splat(0);
      let p = block + (<usize>c << 2);
      for (let r = 0; r < count; r++, p += apart) {
        const value = v128.load(p);
        total = f32x4.add(total, value);
        square = f32x4.add(square, f32x4.mul(value, value));
      }
      addWide(sums + (<usize>c << 3), total);
      addWide(squares + (<usize>c << 3), square);
    }
    for (; c < channels; c++) {
      let total: f32 = 0, square: f32 = 0;
      let p = block + (<usize>c << 2);
      for (let r = 0; r < count; r++, p += apart) {
        const value = load<f32>(p);
        total += value;
        square += value * value;
      }
      addOne(sums + (<usize>c << 3), total);
      addOne(squares + (<usize>c << 3), square);
    }
  }
}

/** y ← max(a·x + b, floor), channel by channel; x and y may be one. */
export function scaleShift(x: usize, y: usize, rows: i32, channels: i32, a: usize, b: usize, floor: f32): void {
  const bytes = <usize>channels << 2;
  const even = bytes & ~15;
  const low = f32x4.splat(floor);
  for (let r = 0; r < rows; r++, x += bytes, y += bytes) {
    for (let c: usize = 0; c < even; c += 16)
      v128.store(y + c, f32x4.max(f32x4.add(f32x4.mul(v128.load(x + c), v128.load(a + c)), v128.load(b + c)), low));
    for (let c = even; c < bytes; c += 4)
      store<f32>(y + c, max<f32>(load<f32>(x + c) * load<f32>(a + c) + load<f32>(b + c), floor));
  }
}

/** z ← max(a·x + b + y, floor): normalisation, residual and ReLU in one pass. */
export function scaleShiftAdd(
  x: usize, y: usize, z: usize, rows: i32, channels: i32, a: usize, b: usize, floor: f32,
): void {
  const bytes = <usize>channels << 2;
  const even = bytes & ~15;
  const low = f32x4.splat(floor);
  for (let r = 0; r < rows; r++, x += bytes, y += bytes, z += bytes) {
    for (let c: usize = 0; c < even; c += 16) {
      const value = f32x4.add(f32x4.mul(v128.load(x + c), v128.load(a + c)), v128.load(b + c));
      v128.store(z + c, f32x4.max(f32x4.add(value, v128.load(y + c)), low));
    }
    for (let c = even; c < bytes; c += 4) {
      const value = load<f32>(x + c) * load<f32>(a + c) + load<f32>(b + c);
      store<f32>(z + c, max<f32>(value + load<f32>(y + c), floor));
    }
  }
}

/** Adds Σ g to sums[c] and Σ g(x − mean) to sums[channels + c], float64, where g is dy masked by a·x + b > floor. */
export function gradientSums(
  x: usize, dy: usize, rows: i32, channels: i32, a: usize, b: usize, mean: usize, floor: f32, sums: usize,
): void {
  const apart = <usize>channels << 2;
  const products = sums + (<usize>channels << 3);
  const low = f32x4.splat(floor);
  for (let first = 0; first < rows; first += BLOCK) {
    const count = min(BLOCK, rows - first);
    const start = <usize>first * apart;
    let c = 0;
    for (; c + 4 <= channels; c += 4) {
      const at = <usize>c << 2;
      const av = v128.load(a + at), bv = v128.load(b + at), centre = v128.load(mean + at);
      let total = f32x4.splat(0), product = f32x4.splat(0);
      let p = x + start + at, q = dy + start + at;
      for (let r = 0; r < count; r++, p += apart, q += apart) {
        const value = v128.load(p);
        const g = v128.and(v128.load(q), f32x4.gt(f32x4.add(f32x4.mul(value, av), bv), low));
        total = f32x4.add(total, g);
        product = f32x4.add(product, f32x4.mul(g, f32x4.sub(value, centre)));
      }
      addWide(sums + (<usize>c << 3), total);
      addWide(products + (<usize>c << 3), product);
    }
    for (; c < channels; c++) {
      const at = <usize>c << 2;
      const av = load<f32>(a + at), bv = load<f32>(b + at), centre = load<f32>(mean + at);
      let total: f32 = 0, product: f32 = 0;
      let p = x + start + at, q = dy + start + at;
      for (let r = 0; r < count; r++, p += apart, q += apart) {
        const value = load<f32>(p);
        if (!(value * av + bv > floor)) continue;
        const g = load<f32>(q);
        total += g;
        product += g * (value - centre);
      }
      addOne(sums + (<usize>c << 3), total);
      addOne(products + (<usize>c << 3), product);
    }
  }
}

/** dx ← a·g + slope·(x − mean) + level, g as in gradientSums; dy and dx may be one. */
export function normGradient(
  x: usize, dy: usize, dx: usize, rows: i32, channels: i32,
  a: usize, b: usize, mean: usize, slope: usize, level: usize, floor: f32,
): void {
  const bytes = <usize>channels << 2;
  const even = bytes & ~15;
  const low = f32x4.splat(floor);
  for (let r = 0; r < rows; r++, x += bytes, dy += bytes, dx += bytes) {
    for (let c: usize = 0; c < even; c += 16) {
      const value = v128.load(x + c), av = v128.load(a + c);
      const g = v128.and(v128.load(dy + c), f32x4.gt(f32x4.add(f32x4.mul(value, av), v128.load(b + c)), low));
      const line = f32x4.add(f32x4.mul(v128.load(slope + c), f32x4.sub(value, v128.load(mean + c))), v128.load(level + c));
      v128.store(dx + c, f32x4.add(f32x4.mul(av, g), line));
    }
    for (let c = even; c < bytes; c += 4) {
      const value = load<f32>(x + c), av = load<f32>(a + c);
      const g: f32 = value * av + load<f32>(b + c) > floor ? load<f32>(dy + c) : 0;
      store<f32>(dx + c, av * g + load<f32>(slope + c) * (value - load<f32>(mean + c)) + load<f32>(level + c));
    }
  }
}

// @ts-ignore: decorator
@inline
function addWide(to: usize, value: v128): void {
  v128.store(to, f64x2.add(v128.load(to), f64x2.promote_low_f32x4(value)));
  const high = i8x16.shuffle(value, value, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15);
  v128.store(to + 16, f64x2.add(v128.load(to + 16), f64x2.promote_low_f32x4(high)));
}

// @ts-ignore: decorator
@inline
function addOne(to: usize, value: f32): void {
  store<f64>(to, load<f64>(to) + <f64>value);
}
