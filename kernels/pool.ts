/** Pooling of maps of height×width×channels. */

/** 2×2 maxima of `images` maps, stride 2; an odd last row or column is dropped. */
export function maxPool(x: usize, y: usize, images: i32, height: i32, width: i32, channels: i32): void {
  const pixel = <usize>channels << 2;
  const even = pixel & ~15;
  const row = pixel * width;
  for (let n = 0; n < images; n++, x += row * height)
    for (let i = 0; i < height >> 1; i++)
      for (let j = 0; j < width >> 1; j++, y += pixel) {
        const p = x + <usize>(2 * i) * row + <usize>(2 * j) * pixel;
        for (let c: usize = 0; c < even; c += 16) {
          const top = f32x4.max(v128.load(p + c), v128.load(p + pixel + c));
          const bottom = f32x4.max(v128.load(p + row + c), v128.load(p + row + pixel + c));
          v128.store(y + c, f32x4.max(top, bottom));
        }
        for (let c = even; c < pixel; c += 4) {
          const top = max<f32>(load<f32>(p + c), load<f32>(p + pixel + c));
          const bottom = max<f32>(load<f32>(p + row + c), load<f32>(p + row + pixel + c));
          store<f32>(y + c, max<f32>(top, bottom));
        }
      }
}

/** dx ← dy at the first of the maxima (in row order), 0 elsewhere. */
export function maxPoolGradient(
  x: usize, y: usize, dy: usize, dx: usize, images: i32, height: i32, width: i32, channels: i32,
): void {
  const pixel = <usize>channels << 2;
  const row = pixel * width;
  const odd = ((height | width) & 1) != 0;
  for (let n = 0; n < images; n++, x += row * height, dx += row * height) {
    if (odd) memory.fill(dx, 0, row * height);
    for (let i = 0; i < height >> 1; i++)
      for (let j = 0; j < width >> 1; j++, y += pixel, dy += pixel) {
        const at = <usize>(2 * i) * row + <usize>(2 * j) * pixel;
        const p = x + at, q = dx + at;
        const even = pixel & ~15;
        for (let c: usize = 0; c < even; c += 16) {
          const top = v128.load(y + c);
          let left = v128.load(dy + c);
          left = passOn(p + c, q + c, top, left);
          left = passOn(p + pixel + c, q + pixel + c, top, left);
          left = passOn(p + row + c, q + row + c, top, left);
          passOn(p + row + pixel + c, q + row + pixel + c, top, left);
        }
        for (let c = even; c < pixel; c += 4) {
          const top = load<f32>(y + c);
          let left = load<f32>(dy + c);
          for (let k = 0; k < 4; k++) {
            const shift = (k >= 2 ? row : 0) + (k & 1 ? pixel : 0) + c;
            const here = load<f32>(p + shift) == top;
            store<f32>(q + shift, here ? left : 0);
            if (here) left = 0;
          }
        }
      }
  }
}

/** Gives `left` to where x equals the maximum, and returns what is left for the next. */
// @ts-ignore: decorator
@inline
function passOn(x: usize, dx: usize, top: v128, left: v128): v128 {
  const here = f32x4.eq(v128.load(x), top);
  v128.store(dx, v128.and(left, here));
  return v128.andnot(left, here);
}

/** y ← the mean over `positions` positions of each of `images` maps. */
export function averagePool(x: usize, y: usize, images: i32, positions: i32, channels: i32): void {
  const pixel = <usize>channels << 2;
  const share: f32 = 1 / <f32>positions;
  for (let n = 0; n < images; n++, x += pixel * positions, y += pixel)
    for (let c: usize = 0; c < pixel; c += 4) {
      let total: f32 = 0;
      for (let p = 0; p < positions; p++) total += load<f32>(x + <usize>p * pixel + c);
      store<f32>(y + c, total * share);
    }
}

/** dx ← dy/positions at every position. */
export function averagePoolGradient(dy: usize, dx: usize, images: i32, positions: i32, channels: i32): void {
  const pixel = <usize>channels << 2;
  const share: f32 = 1 / <f32>positions;
  for (let n = 0; n < images; n++, dy += pixel)
    for (let p = 0; p < positions; p++, dx += pixel)
      for (let c: usize = 0; c < pixel; c += 4) store<f32>(dx + c, load<f32>(dy + c) * share);
}
