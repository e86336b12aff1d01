/** The geometry of an MSE minimiser: PPᵀ, H̄ᵀH̄, PH̄ and Δ, summed over the eigenspaces of its modes. */
import type { Blas } from '../../core/blas.js';
import { copy } from '../../core/matrix.js';
import type { Frame, PredictedGeometry } from '../../model/index.js';
import type { ModeSolution } from '../mode.js';
import { applyToBlocks, blockMatrix, expandBlocks, projectorDiagonal, type Eigenspace } from './blocks.js';
import type { MseSolution } from './solve.js';

/** x per kept eigenspace, for x = s², h² or f of its mode. */
export function valuesOf(
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
export function featureSquare({ constants }: MseSolution, mode: ModeSolution): number {
  const reach = mode.weightSquare + constants.samples * constants.featureDecay;
  return mode.weightSquare / reach / reach;
}

/** A n/N by block, for A = Σ x_j E_j: what the centring C = I − 1nᵀ/N subtracts. */
export function centring(
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

/** PPᵀ, H̄ᵀH̄, PH̄ and Δ of the representative minimiser. */
export function mseGeometry(solution: MseSolution, blas: Blas): PredictedGeometry {
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
    const add = {
      features: (i: number, k: number) => mean - w[i] - w[k],
      logits: (i: number) => -w[i],
      weights: () => 0,
    };
    return { kind: 'dense', matrix: expandBlocks(partition, A, add[which]) };
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
