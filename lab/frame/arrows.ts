/** The vectors of a frame as arrows on paper, far ones first. */
import type { Matrix } from 'collapsar/core';
import type { Dots } from '../workers/dots.js';
import type { createEye, Seen } from './camera.js';

export interface Arrow {
  readonly kind: 'weight' | 'feature';
  readonly k: number;
  readonly tip: Seen;
  readonly length: number;
}

type Eye = ReturnType<typeof createEye>;

/** Point i of R^K in the three dimensions of the picture; `Q`: 3×K. */
export function inSpace(points: Float64Array, i: number, Q: Matrix): readonly [number, number, number] {
  const K = Q.cols;
  const at: [number, number, number] = [0, 0, 0];
  for (let row = 0; row < 3; row++)
    for (let c = 0; c < K; c++) at[row] += Q.data[row * K + c] * points[i * K + c];
  return at;
}

/** The same on paper. */
function placed(points: Float64Array, i: number, Q: Matrix, eye: Eye): Seen {
  return eye(...inSpace(points, i, Q));
}

/** Samples by class, as paths of points that a round line cap makes dots: one element a class is moved fastest. */
export function spotsOf({ classes, points }: Dots, Q: Matrix, eye: Eye): string[] {
  const paths = new Array<string>(Q.cols).fill('');
  classes.forEach((k, i) => {
    const { x, y } = placed(points, i, Q, eye);
    paths[k] += `M${x.toFixed(3)} ${y.toFixed(3)}h0`;
  });
  return paths;
}

/** `points`: 2K×K by rows, as in `embed.ts`; `Q`: 3×K. */
export function arrowsOf(points: Float64Array, Q: Matrix, eye: Eye): Arrow[] {
  const K = Q.cols;
  const arrows: Arrow[] = [];
  for (let i = 0; i < 2 * K; i++) {
    const tip = placed(points, i, Q, eye);
    arrows.push({
      kind: i < K ? 'weight' : 'feature',
      k: i % K,
      tip,
      length: Math.hypot(tip.x, tip.y),
    });
  }
  return arrows.sort((a, b) => a.tip.depth - b.tip.depth);
}

/** Whether a projection shows the axis of class k at all: some leave whole classes out. */
export function hasDirection(k: number, Q: Matrix): boolean {
  return Math.hypot(...Array.from({ length: Q.rows }, (_, row) => Q.data[row * Q.cols + k])) > 0.15;
}

/** The axis of class k at a given length: where a class that is lost would point. */
export function axisTip(k: number, length: number, Q: Matrix, eye: Eye): Seen {
  const [x, y, z] = [0, 1, 2].map((row) => Q.data[row * Q.cols + k] * length);
  return eye(x, y, z);
}

export interface ArrowHead {
  /** Of a polygon; empty for an arrow too short to have a direction. */
  readonly points: string;
  /** Where the shaft ends. */
  readonly base: { readonly x: number; readonly y: number };
}

export function headOf({ tip, length }: Arrow, size: number): ArrowHead {
  if (length < 0.02) return { points: '', base: tip };
  const [ux, uy] = [tip.x / length, tip.y / length];
  const s = Math.min(size, 0.6 * length);
  const [bx, by] = [tip.x - s * ux, tip.y - s * uy];
  const p = (x: number, y: number) => `${x.toFixed(3)},${y.toFixed(3)}`;
  const points = [
    p(tip.x, tip.y),
    p(bx - 0.42 * s * uy, by + 0.42 * s * ux),
    p(bx + 0.42 * s * uy, by - 0.42 * s * ux),
  ].join(' ');
  return { points, base: { x: bx, y: by } };
}
