/**
 * The patches that a convolution reads, as rows of a matrix: kernel·kernel·channels numbers for each output position, zero
 * outside the map (padding (kernel − 1)/2); and the transpose, which adds rows back where they came from.
 */

import { addInto } from './elementwise';

/** Rows of `images` maps of height×width×channels, one after another. */
export function gatherPatches(
  x: usize, images: i32, height: i32, width: i32, channels: i32, kernel: i32, stride: i32, rows: usize,
): void {
  const pixel = <usize>channels << 2;
  const line = pixel * kernel;
  const pad = (kernel - 1) >> 1;
  const down = (height - 1) / stride + 1, across = (width - 1) / stride + 1;
  for (let n = 0; n < images; n++, x += pixel * width * height)
    for (let i = 0; i < down; i++)
      for (let j = 0; j < across; j++)
        for (let ky = 0; ky < kernel; ky++, rows += line) {
          const row = i * stride + ky - pad;
          if ((row < 0) | (row >= height)) {
            memory.fill(rows, 0, line);
            continue;
          }
          // Of the pixels of a line, those [from, to) lie within the map, one after another.
          const first = j * stride - pad;
          const from = <usize>max(0, -first) * pixel, to = <usize>min(kernel, width - first) * pixel;
          const source = x + <usize>row * width * pixel + (<usize>first * pixel);
          if (from > 0) memory.fill(rows, 0, from);
          copy(source + from, rows + from, to - from);
          if (to < line) memory.fill(rows + to, 0, line - to);
        }
}

/** `bytes` bytes, a multiple of 4: a call to the memory's own copy costs more than a short line does. */
// @ts-ignore: decorator
@inline
function copy(from: usize, to: usize, bytes: usize): void {
  const even = bytes & ~15;
  for (let i: usize = 0; i < even; i += 16) v128.store(to + i, v128.load(from + i));
  for (let i = even; i < bytes; i += 4) store<u32>(to + i, load<u32>(from + i));
}

/** x ← x + the rows, added where gatherPatches took them. */
export function scatterPatches(
  rows: usize, images: i32, height: i32, width: i32, channels: i32, kernel: i32, stride: i32, x: usize,
): void {
  const pixel = <usize>channels << 2;
  const line = pixel * kernel;
  const pad = (kernel - 1) >> 1;
  const down = (height - 1) / stride + 1, across = (width - 1) / stride + 1;
  for (let n = 0; n < images; n++, x += pixel * width * height)
    for (let i = 0; i < down; i++)
      for (let j = 0; j < across; j++)
        for (let ky = 0; ky < kernel; ky++, rows += line) {
          const row = i * stride + ky - pad;
          if ((row < 0) | (row >= height)) continue;
          const first = j * stride - pad;
          const from = <usize>max(0, -first) * pixel, to = <usize>min(kernel, width - first) * pixel;
          addInto(rows + from, x + <usize>row * width * pixel + (<usize>first * pixel) + from, to - from);
        }
}
