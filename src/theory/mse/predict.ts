/**
 * MSE: the global minimum for any counts, depth, widths, decays, with or without a free bias.
 *
 * For a fixed Z = PH the least regularisation is (L/2)·Σ_i (Λσ_i(Z)²)^{1/L}, L = M + 1, so the objective depends on
 * singular values only and, by von Neumann's trace inequality, the target decides the directions: T = U·diag(τ)·Vᵀ,
 * Z = U·diag(σ)·Vᵀ, each σ_i solving its own scalar problem (`mode.ts`), and only the R largest surviving the bottleneck.
 * The bias-free case is Dang et al. (ICML 2023); a free bias with unequal counts uses the same formula with the
 * eigenvectors of D − nnᵀ/N, which the paper does not treat (arXiv 2411.17278 studies that case).
 */
import type { Blas } from '../../core/blas.js';
import { refuse } from '../../core/errors.js';
import { copy } from '../../core/matrix.js';
import { portableBlas } from '../../core/portableBlas.js';
import {
  type FrameName,
  bottleneckOf,
  isBalanced,
  samplesOf,
  type Frame,
  type PredictedGeometry,
  type Problem,
} from '../../model/index.js';
import {
  applyToBlocks,
  blockMatrix,
  expandBlocks,
  partitionOf,
  projectorDiagonal,
  type Eigenspace,
  type Partition,
} from './blocks.js';
import { mseLowerBound } from './bound.js';
import {
  cutMode,
  largestDecay,
  modeConstants,
  solveMode,
  type ModeConstants,
  type ModeSolution,
} from '../mode.js';
import {
  SEPARATION,
  SOLUTION_NAMES,
  type ClassPrediction,
  type ModeLevel,
  type Prediction,
} from '../prediction.js';
import { targetSpectrum, type Level, type TargetSpectrum } from './spectrum.js';

/** One level with its solution; the level that a bottleneck cuts in two appears as a kept and a cut part. */
export interface SolvedLevel {
  readonly level: Level;
  readonly solution: ModeSolution;
  readonly multiplicity: number;
  /** The eigenspace that carries this part in the representative minimiser; null for what is cut. */
  readonly space: Eigenspace | null;
}

/** The whole solution in spectral form: what `predictMse`, the geometry and the explicit minimiser are read from. */
export interface MseSolution {
  readonly problem: Problem;
  readonly constants: ModeConstants;
  readonly spectrum: TargetSpectrum;
  readonly partition: Partition;
  readonly solved: readonly SolvedLevel[];
  /** Index in `solved` of the kept part of a level that the bottleneck cuts while it is alive, or −1. */
  readonly split: number;
}

/** Solves the problem mode by mode. O(K log K) without bias. Throws an argument error unless the loss is MSE. */
export function solveMse(problem: Problem): MseSolution {
  if (problem.loss !== 'mse') refuse('solveMse: loss', 'mse', problem.loss);
  const spectrum = targetSpectrum(problem.counts, problem.bias);
  const constants = modeConstants(problem);
  let left = bottleneckOf(problem);
  let cut: { group: number; keep: number } | null = null;
  const parts: { level: Level; solution: ModeSolution; multiplicity: number; kept: boolean }[] = [];
  for (const level of spectrum.levels) {
    const keep = Math.min(left, level.dimension);
    left -= keep;
    if (keep > 0)
      parts.push({
        level,
        solution: solveMode(constants, level.targetSquare),
        multiplicity: keep,
        kept: true,
      });
    if (keep < level.dimension)
      parts.push({
        level,
        solution: cutMode(constants, level.targetSquare),
        multiplicity: level.dimension - keep,
        kept: false,
      });
    if (keep > 0 && keep < level.dimension && level.kind !== 'secular')
      // r zero-sum vectors live on r + 1 classes.
      cut = { group: level.group, keep: level.kind === 'classes' ? keep : keep + 1 };
  }
  const partition = partitionOf(spectrum, cut);
  const solved = parts.map(({ kept, ...part }) => ({
    ...part,
    space: kept ? eigenspace(partition, part.level, cut?.group) : null,
  }));
  const split =
    cut === null
      ? -1
      : solved.findIndex((part, j) => part.space !== null && part.level === solved[j + 1]?.level);
  return {
    problem,
    constants,
    spectrum,
    partition,
    solved,
    split: split >= 0 && solved[split].solution.value > 0 ? split : -1,
  };
}

/** The eigenspace of a whole level, or of the kept part of a level whose group the bottleneck cuts. */
function eigenspace(partition: Partition, level: Level, cutGroup: number | undefined): Eigenspace {
  if (level.kind === 'secular')
    return {
      kind: 'vector',
      values: Float64Array.from(partition.blocks, ({ group }) => level.vector[group]),
    };
  const blocks = partition.blocksOfGroup[level.group];
  // The first block of a cut group is the part that was kept.
  const kept = level.group === cutGroup ? blocks.slice(0, 1) : blocks;
  return { kind: level.kind === 'classes' ? 'units' : 'contrasts', blocks: kept };
}

/** The prediction for an MSE problem. No K×K matrix is formed unless `geometry()` is called. */
export function predictMse(problem: Problem, blas: Blas = portableBlas): Prediction {
  const solution = solveMse(problem);
  const { solved, constants } = solution;
  let [objective, rank, everythingLost] = [0, 0, 0];
  for (const { solution: mode, multiplicity } of solved) {
    objective += multiplicity * mode.objective;
    everythingLost += (multiplicity * mode.target ** 2) / (2 * constants.samples);
    if (mode.value > 0) rank += multiplicity;
  }
  const lowerBound = mseLowerBound(problem);
  const gap = objective - lowerBound;
  const samples = samplesOf(problem);
  return {
    problem,
    objective,
    optimality: 'global',
    interrupted: false,
    unique: solution.split < 0,
    rank,
    levels: solved.map(({ solution: mode, multiplicity }): ModeLevel => ({ solution: mode, multiplicity })),
    classes: predictClasses(solution, blas),
    frame: nameFrame(solution, rank),
    bias: problem.bias === 'free' ? Float64Array.from(problem.counts, (n) => n / samples) : null,
    geometry: once(() => mseGeometry(solution, blas)),
    certificate: { lowerBound, gap, relativeGap: gap / Math.max(Math.abs(objective), Number.MIN_VALUE) },
    alternatives: rank === 0 ? [] : [{ kind: 'lost', name: SOLUTION_NAMES.lost, objective: everythingLost }],
    search: null,
  };
}

function once<T>(build: () => T): () => T {
  let built: { value: T } | null = null;
  return () => (built ??= { value: build() }).value;
}

/** x per kept eigenspace, for x = s², h² or f of its mode. */
function valuesOf(
  solution: MseSolution,
  pick: (mode: ModeSolution) => number,
): { spaces: Eigenspace[]; x: number[] } {
  const spaces: Eigenspace[] = [];
  const x: number[] = [];
  for (const { space, solution: mode } of solution.solved)
    if (space !== null && mode.value > 0) {
      spaces.push(space);
      x.push(pick(mode));
    }
  return { spaces, x };
}

/** h² = s²/(s² + Nλ_H)²: what H̄ᵀH̄ carries along a mode. */
function featureSquare({ constants }: MseSolution, mode: ModeSolution): number {
  const reach = mode.weightSquare + constants.samples * constants.featureDecay;
  return mode.weightSquare / reach / reach;
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
    const own = projectorDiagonal(partition, space);
    own.blocks.forEach((b, i) => {
      if (sums.main[b] === j) sums.cut[b] = 0;
      if (mode.value === 0) return;
      sums.fit[b] += ((level.targetSquare * own.values[i]) / whole[b]) * mode.fit;
      sums.weights[b] += own.values[i] * mode.weightSquare;
      sums.features[b] += own.values[i] * featureSquare(solution, mode);
    });
  });
  if (free) centreDiagonal(solution, sums.features);
  return sums;
}

function predictClasses(solution: MseSolution, blas: Blas): ClassPrediction[] {
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
      regime: part === null ? null : cut ? 'cut' : part.solution.regime,
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

/** A n/N by block, for A = Σ x_j E_j: what the centring C = I − 1nᵀ/N subtracts. */
function centring(
  solution: MseSolution,
  spaces: readonly Eigenspace[],
  x: readonly number[],
): { w: Float64Array; mean: number } {
  const { partition, constants } = solution;
  const counts = partition.blocks.map(({ count }) => count);
  const w = applyToBlocks(partition, spaces, x, counts).map((value) => value / constants.samples);
  let mean = 0;
  partition.blocks.forEach(({ count, members }, b) => {
    mean += (members.length * count * w[b]) / constants.samples;
  });
  return { w, mean };
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
  const own = new Map<number, number>();
  if (part.space !== null) {
    const entries = projectorDiagonal(partition, part.space);
    entries.blocks.forEach((b, i) => own.set(b, entries.values[i]));
  }
  whole.blocks.forEach((b, i) => {
    const has = own.get(b) ?? 0;
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

function nameFrame(solution: MseSolution, rank: number): FrameName {
  const { problem } = solution;
  if (rank === 0) return 'nothing: every class lost';
  if (problem.bias === 'none') return isBalanced(problem) ? 'orthogonal frame' : 'general orthogonal frame';
  if (!isBalanced(problem)) return 'general frame, free bias';
  return rank === problem.counts.length - 1 ? 'simplex ETF' : 'projected simplex';
}

/** PPᵀ, H̄ᵀH̄, PH̄ and Δ of the representative minimiser. */
function mseGeometry(solution: MseSolution, blas: Blas): PredictedGeometry {
  const { problem, partition } = solution;
  const picks = {
    weights: (mode: ModeSolution) => mode.weightSquare,
    features: (mode: ModeSolution) => featureSquare(solution, mode),
    logits: (mode: ModeSolution) => mode.fit,
  };
  const frame = (which: keyof typeof picks): Frame => {
    const { spaces, x } = valuesOf(solution, picks[which]);
    if (problem.bias === 'none') {
      const entries = new Float64Array(problem.counts.length);
      spaces.forEach((space, j) => {
        const diagonal = projectorDiagonal(partition, space);
        diagonal.blocks.forEach((b, i) => {
          for (const k of partition.blocks[b].members) entries[k] += x[j] * diagonal.values[i];
        });
      });
      return { kind: 'diagonal', entries };
    }
    const A = blockMatrix(blas, partition, spaces, x);
    const { w, mean } = centring(solution, spaces, x);
    const add =
      which === 'features'
        ? (i: number, k: number) => mean - w[i] - w[k]
        : which === 'logits'
          ? (i: number) => -w[i]
          : () => 0;
    return { kind: 'dense', matrix: expandBlocks(partition, A, add) };
  };
  const weights = frame('weights');
  return {
    weights,
    features: frame('features'),
    logits: frame('logits'),
    duality: dualityFrame(solution, weights),
  };
}

/**
 * Δ = U·diag(s² + Nλ_H)·Uᵀ over all modes with a target: PPᵀ + Nλ_H·I, or PPᵀ + Nλ_H(I − 11ᵀ/K) with a free bias. Collapsed
 * modes count too: stationarity in H alone gives p = (PᵀP + Nλ_H)h, so a dying class still has p = Nλ_H·h.
 */
function dualityFrame({ problem, constants }: MseSolution, weights: Frame): Frame {
  const shift = constants.samples * constants.featureDecay;
  if (weights.kind === 'diagonal')
    return { kind: 'diagonal', entries: weights.entries.map((square) => square + shift) };
  const K = problem.counts.length;
  const matrix = copy(weights.matrix);
  for (let i = 0; i < K; i++)
    for (let j = 0; j < K; j++) matrix.data[i * K + j] += shift * ((i === j ? 1 : 0) - 1 / K);
  return { kind: 'dense', matrix };
}
