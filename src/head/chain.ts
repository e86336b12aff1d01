/**
 * The deep linear chain P = W_M … W_1, worked from the class side.
 *
 * With L_m = W_M … W_{m+1} (K×d_m) and R_1 = ∂F/∂P (K×d_0), R_{m+1} = R_m W_mᵀ, the gradient of layer m is
 * L_mᵀR_m (d_m×d_{m−1}): a rank-K update. K rows go through the layers instead of N samples, so M layers cost
 * O(M K d²). It holds for any loss of the logits, and for the head of a real network: the backbone needs P only.
 *
 * All of L, R and P are kept transposed (d×K), so that a block of rows of W_m meets contiguous blocks of them. Wide layers
 * are memory-bound: the backward pass goes through each W_m once, block by block, and hands every finished block to the
 * caller while it is still in cache.
 */
import type { Blas } from '../core/blas.js';
import { refuseShape } from '../core/errors.js';
import { shape, type Floats, type Matrix } from '../core/matrix.js';

/** Called when rows [start, end) of layer m's gradient are final; the same rows of W_m are not read again in this pass. */
export type BlockVisitor = (layer: number, start: number, end: number) => void;

export interface HeadChain<T extends Floats> {
  /** Recomputes the L_m from the weights as they are now and returns Pᵀ, d_0×K; overwritten by the next call. */
  product(): Matrix<T>;
  /**
   * G_m ← scale·G_m + L_mᵀR_m for every layer, given R_1ᵀ = (∂F/∂P)ᵀ (d_0×K). Call `product` first; regularisers are
   * the caller's. `gradients[m]` has the shape of `weights[m]`.
   */
  backward(R1: Matrix<T>, gradients: readonly Matrix<T>[], scale: number, visit?: BlockVisitor): void;
}

/** Entries of a block of rows: W and G of one block fit the second-level cache of the cores together. */
export const BLOCK_ENTRIES = 2 ** 17;

/** Refuses weights W_1 … W_M (W_m: d_m×d_{m−1}) that do not chain. `names` are what a user calls them. */
export function checkChain(
  weights: readonly Matrix<Floats>[],
  names = weights.map((_, m) => `W${m + 1}`),
): void {
  if (weights.length === 0) refuseShape('head', 'at least one layer', 'no weights');
  for (let m = 1; m < weights.length; m++)
    if (weights[m].cols !== weights[m - 1].rows)
      refuseShape(
        'head',
        `${names[m]} (out×in) with as many columns as ${names[m - 1]} has rows`,
        weights.map((W, i) => `${names[i]} of ${shape(W)}`).join(', '),
      );
}

/** Rows [start, end) of a matrix, as a view. */
export function rowBlock<T extends Floats>(A: Matrix<T>, start: number, end: number): Matrix<T> {
  return { data: A.data.subarray(start * A.cols, end * A.cols) as T, rows: end - start, cols: A.cols };
}

/** The row ranges of blocks of about `BLOCK_ENTRIES` entries. */
export function rowBlocks(rows: number, cols: number): { readonly start: number; readonly end: number }[] {
  const height = Math.max(1, Math.floor(BLOCK_ENTRIES / Math.max(1, cols)));
  const blocks = [];
  for (let start = 0; start < rows; start += height)
    blocks.push({ start, end: Math.min(rows, start + height) });
  return blocks;
}

/** A chain over `weights`, which it reads in place. Float32 or float64 throughout; buffers are allocated once. */
export function createHeadChain<T extends Floats>(blas: Blas, weights: readonly Matrix<T>[]): HeadChain<T> {
  checkChain(weights);
  const depth = weights.length;
  const K = weights[depth - 1].rows;
  const zerosLike = (rows: number): Matrix<T> => ({
    data: new (weights[0].data.constructor as new (length: number) => T)(rows * K),
    rows,
    cols: K,
  });
  // left[m] = (W_M … W_{m+1})ᵀ, d_m×K; the last is the identity, and spares a product by staying implicit.
  const left = weights.map((W) => zerosLike(W.cols));
  const right = weights.map((W) => zerosLike(W.cols));
  const last = weights[depth - 1];
  const blocks = weights.map((W, m) =>
    rowBlocks(W.rows, W.cols).map(({ start, end }) => ({
      start,
      end,
      W: rowBlock(W, start, end),
      left: m === depth - 1 ? null : rowBlock(left[m + 1], start, end),
      right: m === depth - 1 ? null : rowBlock(right[m + 1], start, end),
    })),
  );
  const gradientBlocks = new WeakMap<Matrix<T>, Matrix<T>[]>();
  const blocksOf = (G: Matrix<T>, m: number): Matrix<T>[] => {
    let gradientRows = gradientBlocks.get(G);
    if (gradientRows === undefined) {
      gradientRows = blocks[m].map(({ start, end }) => rowBlock(G, start, end));
      gradientBlocks.set(G, gradientRows);
    }
    return gradientRows;
  };

  return {
    product() {
      transposeInto(last, left[depth - 1]);
      for (let m = depth - 2; m >= 0; m--) blas.gemm('T', 'N', 1, weights[m], left[m + 1], 0, left[m]);
      return left[0];
    },
    backward(R1, gradients, scale, visit) {
      let R = R1;
      for (let m = 0; m < depth; m++) {
        const parts = blocksOf(gradients[m], m);
        blocks[m].forEach((block, i) => {
          if (block.left === null || block.right === null) addTransposed(R, scale, parts[i], block.start);
          else {
            blas.gemm('N', 'N', 1, block.W, R, 0, block.right);
            blas.gemm('N', 'T', 1, block.left, R, scale, parts[i]);
          }
          visit?.(m, block.start, block.end);
        });
        if (m < depth - 1) R = right[m + 1];
      }
    },
  };
}

/** G ← scale·G + (columns [start, …) of R)ᵀ: the gradient of the last layer, whose L is the identity. R: d×K. */
function addTransposed<T extends Floats>(R: Matrix<T>, scale: number, G: Matrix<T>, start: number): void {
  const g = G.data;
  const r = R.data;
  for (let k = 0; k < G.rows; k++)
    for (let j = 0; j < G.cols; j++) {
      const i = k * G.cols + j;
      // With scale 0 the old value is not read: it may be anything.
      g[i] = (scale === 0 ? 0 : scale * g[i]) + r[j * R.cols + start + k];
    }
}

function transposeInto<T extends Floats>(A: Matrix<T>, out: Matrix<T>): void {
  for (let i = 0; i < A.rows; i++)
    for (let j = 0; j < A.cols; j++) out.data[j * A.rows + i] = A.data[i * A.cols + j];
}

/** P = W_M … W_1 in new storage, K×d_0. */
export function headProduct<T extends Floats>(blas: Blas, weights: readonly Matrix<T>[]): Matrix<T> {
  const Pt = createHeadChain(blas, weights).product();
  const P: Matrix<T> = { data: Pt.data.slice() as T, rows: Pt.cols, cols: Pt.rows };
  transposeInto(Pt, P);
  return P;
}
