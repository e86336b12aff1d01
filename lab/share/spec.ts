/** The state as a spec that `collapsar train` accepts: JSON, which is YAML too. */
import type { LabState } from '../link/labState.js';
import { step } from '../state/session.js';

/** As many steps as were trained here, or the paper's. */
const PAPER_STEPS = 30_000;

export function specText({ problem, training }: LabState): string {
  const { counts, depth, width, loss, bias, weighting, weightDecay, featureDecay } = problem;
  const spec = {
    kind: 'ufm',
    counts,
    depth,
    width,
    loss,
    bias,
    ...(weighting === 'none' ? {} : { classWeights: weighting }),
    weightDecay,
    featureDecay,
    optimizer: { name: 'sgd', learningRate: training.learningRate, momentum: training.momentum },
    steps: step.value > 0 ? step.value : PAPER_STEPS,
    measureEvery: 100,
    init: { std: training.scale, seed: training.seed },
  };
  return `${JSON.stringify(spec, null, 2)}\n`;
}
