/** From R^K to three dimensions: which linear map, and its name. */
import { portableBlas, zeros, type Matrix } from 'collapsar/core';
import type { ProjectionName } from '../link/labState.js';
import { overlap, polar, type Embedding } from '../theory/embed.js';

export const PROJECTION_NAMES: Readonly<Record<ProjectionName, string>> = {
  alike: 'all classes alike',
  principal: 'the three strongest directions',
  classes: 'three classes',
};

/** 3×K with orthonormal rows (fewer where K < 3), times one number for `alike`. */
export function projectionOf(name: ProjectionName, axes: readonly number[], embedding: Embedding): Matrix {
  const K = embedding.classes;
  if (K <= 3) return corner(K);
  switch (name) {
    case 'alike':
      return alike(K);
    case 'principal':
      return principal(embedding);
    case 'classes':
      return ofClasses(axes, K);
    default:
      return name satisfies never;
  }
}

/** Of up to three classes, turned so that no axis points at the eye: as one looks into the corner of a room. */
function corner(K: number): Matrix {
  const Q = zeros(3, K);
  const [c, s] = [Math.cos(CORNER_TURN), Math.sin(CORNER_TURN)];
  const turned = [c, 0, -s, 0, 1, 0, s, 0, c];
  for (let i = 0; i < 3; i++) for (let k = 0; k < K; k++) Q.data[i * K + k] = turned[3 * i + k];
  return Q;
}

/** So that, seen as the page opens, two of three right angles look like no other angle: one upright, one across. */
const CORNER_TURN = 0.17;

/** Distances below this share are rounding. */
const EXACT = 1e-6;

/** Whether a picture has all lengths and angles of the predicted vectors, up to one scale. */
export function isExact(Q: Matrix, { classes: K, points }: Embedding): boolean {
  const X = { data: points, rows: 2 * K, cols: K };
  const shown = zeros(2 * K, Q.rows);
  portableBlas.gemm('N', 'T', 1, X, Q, 0, shown);
  const [whole, seen] = [X, shown].map((A) => {
    const gram = zeros(2 * K, 2 * K);
    portableBlas.gemm('N', 'T', 1, A, A, 0, gram);
    return gram.data;
  });
  let [both, size] = [0, 0];
  for (let i = 0; i < seen.length; i++) {
    both += whole[i] * seen[i];
    size += seen[i] * seen[i];
  }
  if (size === 0) return whole.every((entry) => entry === 0);
  const scale = both / size;
  let [off, all] = [0, 0];
  for (let i = 0; i < seen.length; i++) {
    off += (whole[i] - scale * seen[i]) ** 2;
    all += whole[i] * whole[i];
  }
  return off <= EXACT * all;
}

function ofClasses(axes: readonly number[], K: number): Matrix {
  const Q = zeros(3, K);
  axes.forEach((k, i) => (Q.data[i * K + k] = 1));
  return Q;
}

/** Axis k of a regular tetrahedron, by columns. */
const TETRAHEDRON = [1, 1, -1, -1, 1, -1, 1, -1, 1, -1, -1, 1].map((sign) => sign / 2);

/**
 * The K axes spread over the sphere (Fibonacci's spiral), made orthonormal, and enlarged by √(K/3): an axis of R^K then has
 * length about 1 in the picture, and no class is favoured.
 */
function alike(K: number): Matrix {
  const spread = zeros(3, K);
  if (K === 4) spread.data.set(TETRAHEDRON);
  else
    for (let k = 0; k < K; k++) {
      const height = 1 - (2 * k + 1) / K;
      const angle = k * Math.PI * (3 - Math.sqrt(5));
      const radius = Math.sqrt(1 - height * height);
      spread.data[k] = radius * Math.cos(angle);
      spread.data[K + k] = height;
      spread.data[2 * K + k] = radius * Math.sin(angle);
    }
  const Q = K === 4 ? spread : polar(spread);
  for (let i = 0; i < Q.data.length; i++) Q.data[i] *= Math.sqrt(K / 3);
  return Q;
}

/** The three leading eigenvectors of the vectors' second moments, each with its largest entry positive. */
function principal({ classes: K, points }: Embedding): Matrix {
  const X = { data: points, rows: 2 * K, cols: K };
  const { vectors } = portableBlas.eigenSymmetric(overlap(X, X));
  const Q = zeros(3, K);
  for (let i = 0; i < 3; i++) {
    let largest = 0;
    for (let k = 0; k < K; k++) {
      const value = vectors.data[k * K + K - 1 - i];
      if (Math.abs(value) > Math.abs(largest) + 1e-9) largest = value;
    }
    for (let k = 0; k < K; k++) Q.data[i * K + k] = vectors.data[k * K + K - 1 - i] * (largest < 0 ? -1 : 1);
  }
  return Q;
}
