/**
 * MSE in spectral form: each singular value of PH solves its own scalar problem (`mode.ts`), and only the R largest survive the
 * bottleneck. Why that is the whole problem stands in `predict.ts`.
 */
import { refuse } from '../../core/errors.js';
import { bottleneckOf, requirePlain, type Problem } from '../../model/index.js';
import { cutMode, modeConstants, solveMode, type ModeConstants, type ModeSolution } from '../mode.js';
import { partitionOf, type Eigenspace, type Partition } from './blocks.js';
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
  requirePlain('solveMse', problem);
  const spectrum = targetSpectrum(problem.counts, problem.bias);
  const constants = modeConstants(problem);
  let left = bottleneckOf(problem);
  let cut: { group: number; keep: number } | null = null;
  const parts: { level: Level; solution: ModeSolution; multiplicity: number; inside: boolean }[] = [];
  for (const level of spectrum.levels) {
    const keep = Math.min(left, level.dimension);
    left -= keep;
    if (keep > 0)
      parts.push({
        level,
        solution: solveMode(constants, level.targetSquare),
        multiplicity: keep,
        inside: true,
      });
    if (keep < level.dimension)
      parts.push({
        level,
        solution: cutMode(constants, level.targetSquare),
        multiplicity: level.dimension - keep,
        inside: false,
      });
    if (keep > 0 && keep < level.dimension && level.kind !== 'secular')
      // r zero-sum vectors live on r + 1 classes.
      cut = { group: level.group, keep: level.kind === 'classes' ? keep : keep + 1 };
  }
  const partition = partitionOf(spectrum, cut);
  const solved = parts.map(({ inside, ...part }) => ({
    ...part,
    space: inside ? eigenspace(partition, part.level, cut?.group) : null,
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
export function eigenspace(partition: Partition, level: Level, cutGroup: number | undefined): Eigenspace {
  if (level.kind === 'secular')
    return {
      kind: 'vector',
      values: Float64Array.from(partition.blocks, ({ group }) => level.vector[group]),
    };
  const blocks = partition.blocksOfGroup[level.group];
  // The first block of a cut group is the part that was kept.
  const uncut = level.group === cutGroup ? blocks.slice(0, 1) : blocks;
  return { kind: level.kind === 'classes' ? 'units' : 'contrasts', blocks: uncut };
}
