/** Random problems and starts, and gradient descent in the definition's own words: N samples, no shortcut. */
import fc from 'fast-check';
import { zeros, type Matrix } from '../../src/core/matrix.js';
import { createRandom } from '../../src/core/random.js';
import { createProblem, samplesOf, type Problem } from '../../src/model/index.js';
import type { StartTensors } from '../../src/ufm/index.js';
import { labelsOf, naiveMse } from '../support/naive.js';

export const seeds = fc.integer({ min: 0, max: 2 ** 30 });

export interface Bounds {
  readonly classes: number;
  readonly count: number;
  readonly depth: number;
  readonly width: number;
  readonly decays: readonly [number, number];
}

/** Problems with unequal decays and widths, either bias, classes of one sample included. */
export function problems({
  classes,
  count,
  depth,
  width,
  decays: [min, max],
}: Bounds): fc.Arbitrary<Problem> {
  const decay = fc.double({ min, max, noNaN: true });
  return fc
    .tuple(
      fc.array(fc.integer({ min: 1, max: count }), { minLength: 1, maxLength: classes }),
      fc.array(fc.tuple(fc.integer({ min: 1, max: width }), decay), { minLength: 1, maxLength: depth }),
      decay,
      fc.constantFrom('none' as const, 'free' as const),
    )
    .map(([counts, layers, featureDecay, bias]) =>
      createProblem({
        counts,
        depth: layers.length,
        widths: layers.map(([w]) => w),
        weightDecays: layers.map(([, l]) => l),
        featureDecay,
        bias,
      }),
    );
}

/** Normal tensors with shuffled labels; a bias where the problem has one. */
export function randomTensors(problem: Problem, std: number, seed: number): StartTensors {
  const random = createRandom(seed);
  const K = problem.counts.length;
  const normal = (rows: number, cols: number): Matrix => {
    const A = zeros(rows, cols);
    random.normalsInto(A.data, std);
    return A;
  };
  const labels = labelsOf(problem.counts);
  for (let i = labels.length - 1; i > 0; i--) {
    const j = Math.floor(random.uniform() * (i + 1));
    [labels[i], labels[j]] = [labels[j], labels[i]];
  }
  return {
    labels,
    features: normal(problem.widths[0], samplesOf(problem)),
    weights: problem.widths.map((width, m) => normal(problem.widths[m + 1] ?? K, width)),
    bias: problem.bias === 'free' ? normal(1, K).data : null,
  };
}

/** Gradient descent with momentum on all N columns, as PyTorch's SGD does it: V ← βV + ∇F, θ ← θ − ηV. */
export function naiveDescent(problem: Problem, start: StartTensors, learningRate: number, momentum: number) {
  const copyOf = (A: Matrix): Matrix => ({ ...A, data: A.data.slice() });
  const state = {
    weights: start.weights.map(copyOf),
    features: copyOf(start.features),
    bias: start.bias?.slice() ?? null,
  };
  const parts = [
    ...state.weights.map((W) => W.data),
    state.features.data,
    ...(state.bias ? [state.bias] : []),
  ];
  const velocities = parts.map((x) => new Float64Array(x.length));
  return {
    state,
    objective: () => naiveMse(problem, start.labels, state).value,
    advance() {
      const { weights, features, bias } = naiveMse(problem, start.labels, state);
      [...weights.map((W) => W.data), features.data, ...(state.bias ? [bias] : [])].forEach((g, p) => {
        for (let i = 0; i < g.length; i++) {
          velocities[p][i] = momentum * velocities[p][i] + g[i];
          parts[p][i] -= learningRate * velocities[p][i];
        }
      });
    },
  };
}

/** Column i of features d×N. */
export function column(H: Matrix, i: number): number[] {
  return Array.from({ length: H.rows }, (_, r) => H.data[r * H.cols + i]);
}

/** For every sample in class order, its place among the shuffled ones. */
export function orderOf(labels: Int32Array, K: number): number[] {
  return Array.from({ length: K }, (_, k) => [...labels.keys()].filter((i) => labels[i] === k)).flat();
}
