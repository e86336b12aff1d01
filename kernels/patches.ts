/**
 * The patches that a convolution reads, as rows of a matrix: kernel·kernel·channels numbers for each output position, zero
 * outside the map (padding (kernel − 1)/2); and the transpose, which adds rows back where they came from.
 */

/** Rows of `images` maps of height×width×channels, one after another. */
export function gatherPatches(
  x: usize, images: i32, height: i32, width: i32, channels: i32, kernel: i32, stride: i32, rows: usize,
): void {
  const pixel = <usize>channels << 2;
  const pad = (kernel - 1) >> 1;
  const down = (height - 1) / stride + 1, across = (width - 1) / stride + 1;
  for (let n = 0; n < images; n++, x += pixel * width * height)
    for (let i = 0; i < down; i++)
      for (let j = 0; j < across; j++)
        for (let ky = 0; ky < kernel; ky++) {
          const row = i * stride + ky - pad;
          for (let kx = 0; kx < kernel; kx++, rows += pixel) {
            const column = j * stride + kx - pad;
            if ((row >= 0) & (row < height) & (column >= 0) & (column < width))
              memory.copy(rows, x + (<usize>row * width + column) * pixel, pixel);
            else memory.fill(rows, 0, pixel);
          }
        }
}

/** x ← x + the rows, added where gatherPatches took them. */
export function scatterPatches(
  rows: usize, images: i32, height: i32, width: i32, channels: i32, kernel: i32, stride: i32, x: usize,
): void {
  const pixel = <usize>channels << 2;
  const even = pixel & ~15;
  const pad = (kernel - 1) >> 1;
  const down = (height - 1) / stride + 1, across = (width - 1) / stride + 1;
  for (let n = 0; n < images; n++, x += pixel * width * height)
    for (let i = 0; i < down; i++)
      for (let j = 0; j < across; j++)
        for (let ky = 0; ky < kernel; ky++) {
          const row = i * stride + ky - pad;
          for (let kx = 0; kx < kernel; kx++, rows += pixel) {
            const column = j * stride + kx - pad;
            if (!((row >= 0) & (row < height) & (column >= 0) & (column < width))) continue;
            const to = x + (<usize>row * width + column) * pixel;
            for (let c: usize = 0; c < even; c += 16)
              v128.store(to + c, f32x4.add(v128.load(to + c), v128.load(rows + c)));
            for (let c = even; c < pixel; c += 4) store<f32>(to + c, load<f32>(to + c) + load<f32>(rows + c));
          }
        }
}
