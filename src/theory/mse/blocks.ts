/**
 * Symmetric K×K matrices that are constant on blocks of equal classes: M_ik = a[block(i)][block(k)] + δ_ik·e[block(i)].
 *
 * Every predicted matrix U·diag(x)·Uᵀ has this form, so it is held by its blocks and written out only when asked.
 */
import type { Blas } from '../../core/blas.js';
import { zeros, type Matrix } from '../../core/matrix.js';
import type { TargetSpectrum } from './spectrum.js';

/** A partition of the classes; classes of one block are interchangeable in the prediction. */
export interface Partition {
  /** Samples of each class of the block, and its class indices. */
  readonly blocks: readonly {
    readonly count: number;
    readonly members: readonly number[];
    readonly group: number;
  }[];
  /** Block of each class. */
  readonly blockOf: Int32Array;
  /** Blocks of each group of the spectrum: one, or two where a bottleneck cuts the group. */
  readonly blocksOfGroup: readonly (readonly number[])[];
}

/** Numbers on some of the blocks; the others are zero. */
export interface BlockEntries {
  readonly blocks: readonly number[];
  readonly values: ArrayLike<number>;
}

/** One eigenspace, or the kept part of one, in block terms: what it adds is x·(v vᵀ) or x·(I − 11ᵀ/m) or x·I. */
export type Eigenspace =
  | { readonly kind: 'units'; readonly blocks: readonly number[] }
  | { readonly kind: 'contrasts'; readonly blocks: readonly number[] }
  | { readonly kind: 'vector'; readonly values: Float64Array };

/**
 * The groups of a spectrum as a partition. When a bottleneck keeps only part of one group's eigenspace, `split` cuts
 * that group after its first `split.keep` members, in the user's order.
 */
export function partitionOf(
  spectrum: TargetSpectrum,
  split: { readonly group: number; readonly keep: number } | null,
): Partition {
  const blocks: { count: number; members: readonly number[]; group: number }[] = [];
  spectrum.groups.forEach(({ count, members }, group) => {
    if (split?.group !== group) blocks.push({ count, members, group });
    else {
      blocks.push({ count, members: members.slice(0, split.keep), group });
      blocks.push({ count, members: members.slice(split.keep), group });
    }
  });
  const nonEmpty = blocks.filter(({ members }) => members.length > 0);
  const blockOf = new Int32Array(spectrum.classes);
  const blocksOfGroup: number[][] = spectrum.groups.map(() => []);
  nonEmpty.forEach(({ members, group }, block) => {
    blocksOfGroup[group].push(block);
    for (const k of members) blockOf[k] = block;
  });
  return { blocks: nonEmpty, blockOf, blocksOfGroup };
}

/** Diagonal of the projector on an eigenspace, where it is not zero. */
export function projectorDiagonal(partition: Partition, space: Eigenspace): BlockEntries {
  switch (space.kind) {
    case 'units':
      return { blocks: space.blocks, values: space.blocks.map(() => 1) };
    case 'contrasts': {
      const m = sizeOf(partition, space.blocks);
      return { blocks: space.blocks, values: space.blocks.map(() => 1 - 1 / m) };
    }
    case 'vector':
      return {
        blocks: partition.blocks.map((_, b) => b),
        values: space.values.map((value) => value * value),
      };
    default:
      return space satisfies never;
  }
}

/** Σ_j x_j E_j applied to a vector that is constant on blocks; the result is too. */
export function applyToBlocks(
  partition: Partition,
  spaces: readonly Eigenspace[],
  x: readonly number[],
  vector: ArrayLike<number>,
): Float64Array {
  const { blocks } = partition;
  const out = new Float64Array(blocks.length);
  spaces.forEach((space, j) => {
    if (x[j] === 0) return;
    switch (space.kind) {
      case 'units':
        for (const block of space.blocks) out[block] += x[j] * vector[block];
        return;
      case 'contrasts': {
        const m = sizeOf(partition, space.blocks);
        let mean = 0;
        for (const block of space.blocks) mean += (blocks[block].members.length * vector[block]) / m;
        for (const block of space.blocks) out[block] += x[j] * (vector[block] - mean);
        return;
      }
      case 'vector': {
        let along = 0;
        for (let b = 0; b < blocks.length; b++)
          along += blocks[b].members.length * space.values[b] * vector[b];
        for (let b = 0; b < blocks.length; b++) out[b] += x[j] * along * space.values[b];
        return;
      }
      default:
        space satisfies never;
    }
  });
  return out;
}

/** M = Σ_j x_j E_j by blocks: `between` is B×B, `extra` is what the diagonal has beyond it. */
export interface BlockMatrix {
  readonly between: Matrix;
  readonly extra: Float64Array;
}

export function blockMatrix(
  blas: Blas,
  partition: Partition,
  spaces: readonly Eigenspace[],
  x: readonly number[],
): BlockMatrix {
  const B = partition.blocks.length;
  const between = zeros(B, B);
  const extra = new Float64Array(B);
  const vectors: Float64Array[] = [];
  const scales: number[] = [];
  spaces.forEach((space, j) => {
    if (x[j] === 0) return;
    switch (space.kind) {
      case 'units':
        for (const block of space.blocks) extra[block] += x[j];
        return;
      case 'contrasts': {
        const m = sizeOf(partition, space.blocks);
        for (const block of space.blocks) extra[block] += x[j];
        for (const a of space.blocks) for (const b of space.blocks) between.data[a * B + b] -= x[j] / m;
        return;
      }
      case 'vector':
        vectors.push(space.values);
        scales.push(x[j]);
        return;
      default:
        space satisfies never;
    }
  });
  const V = zeros(vectors.length, B);
  const scaled = zeros(vectors.length, B);
  vectors.forEach((vector, j) => {
    V.data.set(vector, j * B);
    for (let b = 0; b < B; b++) scaled.data[j * B + b] = scales[j] * vector[b];
  });
  if (vectors.length > 0) blas.gemm('T', 'N', 1, V, scaled, 1, between);
  return { between, extra };
}

/** The K×K matrix with entries between[i][k] + δ·extra + add(block of i, block of k). */
export function expandBlocks(
  partition: Partition,
  { between, extra }: BlockMatrix,
  add: (row: number, col: number) => number,
): Matrix {
  const { blockOf } = partition;
  const K = blockOf.length;
  const out = zeros(K, K);
  for (let i = 0; i < K; i++) {
    const a = blockOf[i];
    for (let k = 0; k < K; k++) {
      const b = blockOf[k];
      out.data[i * K + k] = between.data[a * between.cols + b] + add(a, b);
    }
    out.data[i * K + i] += extra[a];
  }
  return out;
}

function sizeOf(partition: Partition, blocks: readonly number[]): number {
  let size = 0;
  for (const block of blocks) size += partition.blocks[block].members.length;
  return size;
}
