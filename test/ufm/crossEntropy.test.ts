import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { zeros } from '../../src/core/matrix.js';
import { createRandom } from '../../src/core/random.js';
import { createProblem, samplesOf, type Problem } from '../../src/model/index.js';
import {
  createObjective,
  createTrainer,
  drawStart,
  expandColumns,
  givenStart,
  layParameters,
  type StartTensors,
} from '../../src/ufm/index.js';
import { BLASES, NATIVE_NOTE } from '../support/blases.js';
import { labelsOf, multiply, transposed } from '../support/naive.js';

/** F in the definition's own words: logits of every sample, −log softmax by log-sum-exp, regularisers. */
function naiveCe(problem: Problem, { labels, features, weights, bias }: StartTensors): number {
  const N = samplesOf(problem);
  const K = problem.counts.length;
  let Z = features;
  for (const W of weights) Z = multiply(W, Z);
  let value = 0;
  for (let i = 0; i < N; i++) {
    const z = Array.from({ length: K }, (_, k) => Z.data[k * N + i] + (bias?.[k] ?? 0));
    const top = Math.max(...z);
    value += (top + Math.log(z.reduce((sum, one) => sum + Math.exp(one - top), 0)) - z[labels[i]]) / N;
  }
  const square = (data: Float64Array) => data.reduce((sum, a) => sum + a * a, 0);
  weights.forEach((W, m) => (value += (problem.weightDecays[m] / 2) * square(W.data)));
  return value + (problem.featureDecay / 2) * square(features.data);
}

function randomTensors(problem: Problem, seed: number, std: number, collapsed: boolean): StartTensors {
  const random = createRandom(seed);
  const K = problem.counts.length;
  const labels = labelsOf(problem.counts);
  const features = zeros(problem.widths[0], labels.length);
  const centres = zeros(problem.widths[0], K);
  random.normalsInto(centres.data, std);
  for (let r = 0; r < features.rows; r++)
    labels.forEach(
      (k, i) =>
        (features.data[r * features.cols + i] =
          centres.data[r * K + k] + (collapsed ? 0 : std * random.normal())),
    );
  const outs = [...problem.widths.slice(1), K];
  const weights = problem.widths.map((width, m) => {
    const W = zeros(outs[m], width);
    random.normalsInto(W.data, std);
    return W;
  });
  const bias = problem.bias === 'free' ? random.normalsInto(new Float64Array(K), std) : null;
  return { labels, features, weights, bias };
}

const problems = fc
  .record({
    counts: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 2, maxLength: 4 }),
    depth: fc.integer({ min: 1, max: 3 }),
    width: fc.integer({ min: 1, max: 5 }),
    bias: fc.constantFrom('none' as const, 'free' as const),
  })
  .map(({ counts, depth, width, bias }) =>
    createProblem({
      counts,
      depth,
      widths: width,
      loss: 'ce',
      bias,
      weightDecays: Array.from({ length: depth }, (_, m) => 0.01 * (1 + m)),
      featureDecay: 0.007,
    }),
  );

describe(`cross-entropy in the unconstrained-features model${NATIVE_NOTE}`, () => {
  for (const blas of BLASES) {
    it(`${blas.name}: value and gradient are those of the definition`, () => {
      fc.assert(
        fc.property(problems, fc.integer(), fc.boolean(), (problem, seed, collapsed) => {
          const tensors = randomTensors(problem, seed, 0.7, collapsed);
          const { reduced, parameters } = givenStart(problem, tensors, blas, 'test');
          // One sample a class is collapsed however it is drawn.
          const together = collapsed || problem.counts.every((n) => n === 1);
          expect(reduced.basis).toBe(together ? 'collapsed' : 'samples');
          const objective = createObjective(problem, reduced, parameters, blas);
          // Sums of at most 24·4 terms of size about 1.
          expect(Math.abs(objective.value() - naiveCe(problem, tensors))).toBeLessThan(1e-12);
          const G = layParameters(problem, reduced.columns.cols);
          objective.forward();
          objective.gradientInto(G, 0);
          const { flat } = parameters;
          for (let i = 0; i < flat.length; i++) {
            const at = flat[i];
            const h = 1e-5;
            flat[i] = at + h;
            const above = objective.value();
            flat[i] = at - h;
            const below = objective.value();
            flat[i] = at;
            // Central differences: truncation h²·F‴ and rounding 1e-16/h are both about 1e-10.
            expect(Math.abs(G.flat[i] - (above - below) / (2 * h))).toBeLessThan(1e-8);
          }
        }),
        { numRuns: 30 },
      );
    });

    it(`${blas.name}: class columns give the iterates of all samples when features start collapsed`, () => {
      const problem = createProblem({
        counts: [7, 3, 2],
        depth: 2,
        widths: 4,
        loss: 'ce',
        bias: 'free',
        weightDecays: 0.01,
        featureDecay: 0.005,
      });
      const tensors = randomTensors(problem, 5, 0.5, true);
      const short = givenStart(problem, tensors, blas, 'test');
      // The same start with every sample as a column of its own.
      const columns = tensors.features;
      const long = {
        reduced: { counts: problem.counts, columns, basis: 'samples' as const },
        parameters: layParameters(problem, columns.cols),
      };
      tensors.weights.forEach((W, m) => long.parameters.weights[m].data.set(W.data));
      long.parameters.columns.data.set(columns.data);
      long.parameters.bias!.set(tensors.bias!);
      const optimizer = { name: 'sgd', learningRate: 0.3, momentum: 0.9 } as const;
      const [a, b] = [
        createTrainer(problem, short, optimizer, blas),
        createTrainer(problem, long, optimizer, blas),
      ];
      for (let step = 0; step < 200; step++) {
        a.advance();
        b.advance();
        // Rounding through 200 steps.
        expect(Math.abs(a.objective() - b.objective())).toBeLessThan(1e-12);
      }
      const [ha, hb] = [a, b].map((one) =>
        transposed(expandColumns(one.reduced, one.parameters.columns, blas).features),
      );
      ha.data.forEach((value, i) => expect(Math.abs(value - hb.data[i])).toBeLessThan(1e-11));
      const [sa, sb] = [a.snapshot('samples'), b.snapshot('samples')];
      expect(sa.agreement).toEqual(sb.agreement);
      expect(sb.statistics.withinTrace).toBeLessThan(1e-28);
    });
  }

  it('does not overflow at logits of 1e4, and continues bit for bit from a saved state', () => {
    const problem = createProblem({
      counts: [4, 2, 2],
      depth: 1,
      widths: 3,
      loss: 'ce',
      bias: 'none',
      weightDecays: 1e-6,
      featureDecay: 1e-6,
    });
    const [blas] = BLASES;
    const start = givenStart(problem, randomTensors(problem, 1, 100, false), blas, 'test');
    const objective = createObjective(problem, start.reduced, start.parameters, blas);
    const G = layParameters(problem, start.reduced.columns.cols);
    expect(Number.isFinite(objective.forward())).toBe(true);
    objective.gradientInto(G, 0);
    expect(G.flat.every(Number.isFinite)).toBe(true);
    for (const optimizer of [
      { name: 'sgd', learningRate: 0.1, momentum: 0.9 },
      { name: 'lbfgs', memory: 5, tolerance: 1e-12 },
    ] as const) {
      const drawn = drawStart(problem, 0.3, 2, blas);
      const whole = createTrainer(problem, drawn, optimizer, blas);
      for (let i = 0; i < 20; i++) whole.advance();
      const saved = whole.state();
      for (let i = 0; i < 20; i++) whole.advance();
      const again = createTrainer(problem, drawn, optimizer, blas, saved);
      for (let i = 0; i < 20; i++) again.advance();
      expect(again.parameters.flat).toEqual(whole.parameters.flat);
    }
  });
});
