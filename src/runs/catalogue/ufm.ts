/**
 * Direct optimisation of the unconstrained-features model, with the settings of the authors' public code: samples, d, λ = 5e-4,
 * gradient descent 0.1 with momentum 0.9, 30 000 steps, a normal start of standard deviation 0.1.
 */
import { QUICK_UFM } from './quick.js';
import type { Experiment, Variants } from './variant.js';

interface UfmExperiment extends Pick<Experiment, 'name' | 'title' | 'shows'> {
  readonly counts: readonly number[];
  readonly variants: Variants;
}

function ufmExperiment({ counts, ...words }: UfmExperiment): Experiment {
  return {
    ...words,
    origin: 'paper',
    kind: 'ufm',
    data: null,
    quick: QUICK_UFM,
    specOf: (_, { depth, width, bias, loss }, seed) => ({
      kind: 'ufm',
      name: words.name,
      counts: [...counts],
      depth,
      width,
      loss,
      bias,
      weightDecay: 5e-4,
      featureDecay: 5e-4,
      optimizer: { name: 'sgd', learningRate: 0.1, momentum: 0.9 },
      steps: 30_000,
      measureEvery: 100,
      init: { std: 0.1, seed },
    }),
  };
}

export const UFM_EXPERIMENTS: readonly Experiment[] = [
  ufmExperiment({
    name: 'ufm-balanced',
    title: 'Direct optimisation, balanced',
    shows:
      'Free features under a deep linear head reach the predicted frame on equal counts: orthogonal without a last bias, a simplex with one.',
    counts: [100, 100, 100, 100],
    variants: { depths: [1, 3], widths: [64], biases: ['none', 'free'], losses: ['mse'] },
  }),
  ufmExperiment({
    name: 'ufm-imbalanced',
    title: 'Direct optimisation, imbalanced',
    shows:
      'On unequal counts the frame stays orthogonal, and the norm of each class is the one its count predicts.',
    counts: [200, 100, 50, 50],
    variants: { depths: [1, 3, 6, 9], widths: [64, 2048], biases: ['none'], losses: ['mse'] },
  }),
];
