/** What lets an eye read three arrows in space: a square in each right angle, a circle through arrows that lie flat. */
import type { createEye } from './camera.js';

type Eye = ReturnType<typeof createEye>;
type Vector = readonly [number, number, number];

const SQUARE = 0.17;
const CIRCLE_POINTS = 60;
/** Cosines and volumes below this are zero. */
const FLAT = 1e-3;

/** Paths of `rows`, the three predicted rows in the picture's space; none where neither can be said of them. */
export function guidesOf(rows: readonly Vector[], eye: Eye): string[] {
  if (rows.length !== 3) return [];
  const lengths = rows.map(norm);
  if (Math.min(...lengths) < FLAT) return [];
  const [a, b, c] = rows.map((row, k) => scaled(row, 1 / lengths[k]));
  const cosines = [dot(a, b), dot(b, c), dot(a, c)];
  if (cosines.every((cosine) => Math.abs(cosine) < FLAT))
    return [
      [a, b],
      [b, c],
      [a, c],
    ].map(([u, v]) => path([scaled(u, SQUARE), scaled(sum(u, v), SQUARE), scaled(v, SQUARE)], eye));
  const volume = Math.abs(dot(a, cross(b, c)));
  if (volume > FLAT) return [];
  const across = sum(b, scaled(a, -dot(a, b)));
  const w = scaled(across, 1 / norm(across));
  const radius = Math.max(...lengths);
  const circle = Array.from({ length: CIRCLE_POINTS + 1 }, (_, i) => {
    const angle = (2 * Math.PI * i) / CIRCLE_POINTS;
    return sum(scaled(a, radius * Math.cos(angle)), scaled(w, radius * Math.sin(angle)));
  });
  return [path(circle, eye)];
}

function path(points: readonly Vector[], eye: Eye): string {
  return points
    .map(([x, y, z], i) => {
      const at = eye(x, y, z);
      return `${i === 0 ? 'M' : 'L'}${at.x.toFixed(3)} ${at.y.toFixed(3)}`;
    })
    .join('');
}

function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function norm(a: Vector): number {
  return Math.sqrt(dot(a, a));
}

function scaled(a: Vector, factor: number): Vector {
  return [factor * a[0], factor * a[1], factor * a[2]];
}

function sum(a: Vector, b: Vector): Vector {
  return [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
}

function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}
