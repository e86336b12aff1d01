/** What an MSE solution says of each class: norms, regime, share, fit, margin and limits; and the name of its frame. */
import type { Blas } from '../../core/blas.js';
import { isBalanced, type FrameName } from '../../model/index.js';
import { largestDecay } from '../mode.js';
import { SEPARATION, type ClassPrediction } from '../prediction.js';
import { blockMatrix, projectorDiagonal } from './blocks.js';
import { centring, featureSquare, valuesOf } from './geometry.js';
import { eigenspace, type MseSolution } from './solve.js';

export function predictClasses(solution: MseSolution, blas: Blas): ClassPrediction[] {
  const { problem, partition, constants, solved } = solution;
  const sums = sumOverModes(solution);
  const margins = problem.bias === 'free' ? biasedMargins(solution, blas) : sums.fit;
  const ranges = normRanges(solution, sums);
  const perBlock = partition.blocks.map(({ count }, b): ClassPrediction => {
    const part = sums.main[b] < 0 ? null : solved[sums.main[b]];
    const cut = sums.cut[b] === 1;
    const limits = part === null || cut ? null : largestDecay(constants, part.level.targetSquare);
    const margin = problem.counts.length === 1 ? null : margins[b];
    return {
      count,
      weightNorm: Math.sqrt(sums.weights[b]),
      featureNorm: Math.sqrt(Math.max(0, sums.features[b])),
      weightNormRange: ranges.get(b)?.weights ?? null,
      featureNormRange: ranges.get(b)?.features ?? null,
      regime: cut && part !== null ? 'cut' : (part?.solution.regime ?? null),
      share: sums.share[b],
      fit: sums.fit[b],
      margin,
      separated: margin === null ? null : margin > SEPARATION,
      maxWeightDecay: limits?.fixedFeatureDecay ?? null,
      maxTiedDecay: limits?.tiedFeatureDecay ?? null,
    };
  });
  return Array.from(partition.blockOf, (block) => perBlock[block]);
}

/** What each block of classes gets from the modes. */
interface BlockSums {
  /** Index in `solved` of the mode with the largest share, −1 where no mode has one (K = 1 with bias). */
  readonly main: Int32Array;
  readonly share: Float64Array;
  /** 1 where the kept part of the main mode does not reach the block. */
  readonly cut: Uint8Array;
  readonly fit: Float64Array;
  /** Diagonals of PPᵀ and H̄ᵀH̄. */
  readonly weights: Float64Array;
  readonly features: Float64Array;
}

function sumOverModes(solution: MseSolution): BlockSums {
  const { problem, partition, constants } = solution;
  const B = partition.blocks.length;
  const free = problem.bias === 'free';
  // (TTᵀ)_kk: n, or n − n²/N with a free bias.
  const whole = partition.blocks.map(({ count }) => (free ? count * (1 - count / constants.samples) : count));
  const sums: BlockSums = {
    main: new Int32Array(B).fill(-1),
    share: new Float64Array(B),
    cut: new Uint8Array(B),
    fit: new Float64Array(B),
    weights: new Float64Array(B),
    features: new Float64Array(B),
  };
  solution.solved.forEach(({ level, solution: mode, space }, j) => {
    if (mode.target === 0) return;
    const all = projectorDiagonal(partition, eigenspace(partition, level, undefined));
    all.blocks.forEach((b, i) => {
      const portion = (level.targetSquare * all.values[i]) / whole[b];
      // Levels come by falling τ, so a tie goes to the smaller one. Of a cut level the kept part comes first and stays.
      const again = sums.main[b] >= 0 && solution.solved[sums.main[b]].level === level;
      if (again || portion === 0 || portion < sums.share[b] * (1 - 1e-12)) return;
      sums.share[b] = portion;
      sums.main[b] = j;
      sums.cut[b] = 1;
    });
    if (space === null) return;
    const diagonal = projectorDiagonal(partition, space);
    diagonal.blocks.forEach((b, i) => {
      if (sums.main[b] === j) sums.cut[b] = 0;
      if (mode.value === 0) return;
      sums.fit[b] += ((level.targetSquare * diagonal.values[i]) / whole[b]) * mode.fit;
      sums.weights[b] += diagonal.values[i] * mode.weightSquare;
      sums.features[b] += diagonal.values[i] * featureSquare(solution, mode);
    });
  });
  if (free) centreDiagonal(solution, sums.features);
  return sums;
}

/** Turns the diagonal of A = U·diag(h²)·Uᵀ into that of C A Cᵀ. */
function centreDiagonal(solution: MseSolution, diagonal: Float64Array): void {
  const { spaces, x } = valuesOf(solution, (mode) => featureSquare(solution, mode));
  const { w, mean } = centring(solution, spaces, x);
  for (let b = 0; b < diagonal.length; b++) diagonal[b] += mean - 2 * w[b];
}

/** margin_k with a free bias: logits U·diag(f)·Uᵀ·Cᵀ + n/N, by block. */
function biasedMargins(solution: MseSolution, blas: Blas): Float64Array {
  const { partition, constants } = solution;
  const { blocks } = partition;
  const B = blocks.length;
  const { spaces, x } = valuesOf(solution, (mode) => mode.fit);
  const { between, extra } = blockMatrix(blas, partition, spaces, x);
  const { w } = centring(solution, spaces, x);
  const level = (j: number) => blocks[j].count / constants.samples - w[j];
  return Float64Array.from(blocks, ({ members }, k) => {
    let rival = -Infinity;
    for (let j = 0; j < B; j++)
      if (j !== k || members.length > 1) rival = Math.max(rival, between.data[j * B + k] + level(j));
    return between.data[k * B + k] + extra[k] + level(k) - rival;
  });
}

interface NormRanges {
  readonly weights: readonly [number, number];
  readonly features: readonly [number, number];
}

/**
 * Where a bottleneck keeps r of the m dimensions of a tie, any r-dimensional part of it will do. The projection of a
 * class on that part has a square between 0 and its projection on the whole tie, so each norm has a range.
 * (On the feature side a free bias projects e_k − n/N, which for zero-sum vectors on equal counts is the same.)
 */
function normRanges(solution: MseSolution, sums: BlockSums): Map<number, NormRanges> {
  const ranges = new Map<number, NormRanges>();
  if (solution.split < 0) return ranges;
  const { partition, solved } = solution;
  const part = solved[solution.split];
  const whole = projectorDiagonal(partition, eigenspace(partition, part.level, undefined));
  const partDiagonal = new Map<number, number>();
  if (part.space !== null) {
    const entries = projectorDiagonal(partition, part.space);
    entries.blocks.forEach((b, i) => partDiagonal.set(b, entries.values[i]));
  }
  whole.blocks.forEach((b, i) => {
    const has = partDiagonal.get(b) ?? 0;
    const range = (total: number, square: number): [number, number] => [
      Math.sqrt(Math.max(0, total - square * has)),
      Math.sqrt(Math.max(0, total + square * (whole.values[i] - has))),
    ];
    ranges.set(b, {
      weights: range(sums.weights[b], part.solution.weightSquare),
      features: range(sums.features[b], featureSquare(solution, part.solution)),
    });
  });
  return ranges;
}

export function nameFrame(solution: MseSolution, rank: number): FrameName {
  const { problem } = solution;
  if (rank === 0) return 'nothing: every class lost';
  if (problem.bias === 'none') return isBalanced(problem) ? 'orthogonal frame' : 'general orthogonal frame';
  if (!isBalanced(problem)) return 'general frame, free bias';
  return rank === problem.counts.length - 1 ? 'simplex ETF' : 'projected simplex';
}
