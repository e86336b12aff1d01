import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import { createProblem, samplesOf } from '../../src/model/index.js';
import { createObjective, givenStart, layParameters } from '../../src/ufm/index.js';
import { BLASES, NATIVE_NOTE } from '../support/blases.js';
import { naiveMse } from '../support/naive.js';
import { problems, randomTensors, seeds } from './support.js';

const some = problems({ classes: 4, count: 6, depth: 4, width: 5, decays: [1e-3, 0.3] });

describe.each(BLASES.map((blas) => [blas.name, blas] as const))(
  `reduced objective on %s${NATIVE_NOTE}`,
  (_, blas) => {
    it('has the value of the full objective, and its data part is the rest without the regulariser', () => {
      fc.assert(
        fc.property(some, seeds, (problem, seed) => {
          const tensors = randomTensors(problem, 0.8, seed);
          const { parameters, reduced } = givenStart(problem, tensors, blas, 'test');
          const objective = createObjective(problem, reduced, parameters, blas);
          const naive = naiveMse(problem, tensors.labels, tensors).value;
          // Sums of some hundred squares in two orders.
          expect(Math.abs(objective.value() - naive)).toBeLessThan(1e-13 * Math.max(1, naive));
          expect(Math.abs(objective.forward() + objective.regulariser() - naive)).toBeLessThan(
            1e-13 * Math.max(1, naive),
          );
        }),
        { numRuns: 100 },
      );
    });

    it('∇F of weights and bias is that of the full objective, and ∇H is its reduction', () => {
      fc.assert(
        fc.property(some, seeds, (problem, seed) => {
          const tensors = randomTensors(problem, 0.8, seed);
          const { parameters, reduced } = givenStart(problem, tensors, blas, 'test');
          const objective = createObjective(problem, reduced, parameters, blas);
          const G = layParameters(problem, reduced.columns.cols);
          objective.forward();
          objective.gradientInto(G, 0);
          const naive = naiveMse(problem, tensors.labels, tensors);
          // Up to five products of small matrices with entries of order 1 to 10.
          const rounding = 1e-12;
          naive.weights.forEach((W, m) =>
            W.data.forEach((g, i) => expect(Math.abs(G.weights[m].data[i] - g)).toBeLessThan(rounding)),
          );
          if (G.bias !== null)
            G.bias.forEach((g, k) => expect(Math.abs(g - naive.bias[k])).toBeLessThan(rounding));
          // The map to √n_k·(class mean) is a part of an orthogonal one: it takes ∇H to the gradient of the mean columns.
          const N = samplesOf(problem);
          problem.counts.forEach((n, k) => {
            for (let r = 0; r < G.columns.rows; r++) {
              let sum = 0;
              for (let i = 0; i < N; i++) if (tensors.labels[i] === k) sum += naive.features.data[r * N + i];
              expect(Math.abs(G.columns.data[r * G.columns.cols + k] - sum / Math.sqrt(n))).toBeLessThan(
                rounding,
              );
            }
          });
          const square = (x: Float64Array) => x.reduce((sum, v) => sum + v * v, 0);
          const size = square(naive.features.data);
          expect(Math.abs(square(G.columns.data) - size)).toBeLessThan(rounding * Math.max(1, size));
        }),
        { numRuns: 100 },
      );
    });

    it('∇F is the derivative of F: central differences along random directions', () => {
      fc.assert(
        fc.property(some, seeds, (problem, seed) => {
          const start = givenStart(problem, randomTensors(problem, 0.6, seed), blas, 'test');
          const at = layParameters(problem, start.reduced.columns.cols, start.parameters.flat.slice());
          const objective = createObjective(problem, start.reduced, at, blas);
          const G = layParameters(problem, start.reduced.columns.cols);
          const value = objective.forward() + objective.regulariser();
          objective.gradientInto(G, 0);
          const v = createRandom(seed + 1).normalsInto(new Float64Array(at.flat.length), 1);
          const norm = Math.sqrt(v.reduce((sum, x) => sum + x * x, 0));
          const h = 1e-5;
          const shifted = (t: number) => {
            at.flat.forEach((_unused, i) => (at.flat[i] = start.parameters.flat[i] + (t * v[i]) / norm));
            return objective.value();
          };
          const slope = (shifted(h) - shifted(-h)) / (2 * h);
          const expected = G.flat.reduce((sum, g, i) => sum + (g * v[i]) / norm, 0);
          // Rounding of F over 2h: 1e-16·F/1e-5 = 1e-11·F; truncation h²/6 times a third derivative of order F: 2e-11·F. Times 100.
          expect(Math.abs(slope - expected)).toBeLessThan(3e-9 * Math.max(1, value));
        }),
        { numRuns: 100 },
      );
    });

    it('each single partial derivative, at one point of a deep problem with bias', () => {
      const problem = createProblem({
        counts: [5, 2, 1],
        depth: 3,
        widths: [3, 4, 2],
        weightDecays: [0.02, 0.05, 0.01],
        featureDecay: 0.03,
        bias: 'free',
      });
      const start = givenStart(problem, randomTensors(problem, 0.6, 3), blas, 'test');
      const at = layParameters(problem, start.reduced.columns.cols, start.parameters.flat.slice());
      const objective = createObjective(problem, start.reduced, at, blas);
      const G = layParameters(problem, start.reduced.columns.cols);
      objective.forward();
      objective.gradientInto(G, 0);
      at.flat.forEach((x, i) => {
        // F is quadratic in each single parameter, so a difference over any step is exact but for rounding.
        at.flat[i] = x + 0.25;
        const up = objective.value();
        at.flat[i] = x - 0.25;
        const down = objective.value();
        at.flat[i] = x;
        expect(Math.abs((up - down) / 0.5 - G.flat[i])).toBeLessThan(1e-13);
      });
    });

    it('gradientInto scales the old gradient, reads none with scale 0, and visits every parameter once, finished', () => {
      // A width at which W_1 (600×400) and the columns fall into several blocks.
      const problem = createProblem({
        counts: [500, 20],
        depth: 2,
        widths: [400, 600],
        weightDecays: [0.02, 0.05],
        featureDecay: 0.03,
        bias: 'free',
      });
      const start = givenStart(problem, randomTensors(problem, 0.05, 3), blas, 'test');
      const objective = createObjective(problem, start.reduced, start.parameters, blas);
      const size = start.parameters.flat.length;
      const cols = start.reduced.columns.cols;
      const plain = layParameters(problem, cols, new Float64Array(size).fill(NaN));
      objective.forward();
      objective.gradientInto(plain, 0);
      expect(plain.flat.every(Number.isFinite)).toBe(true);

      const scaled = layParameters(problem, cols, createRandom(4).normalsInto(new Float64Array(size), 1));
      const old = scaled.flat.slice();
      const seen = new Uint8Array(size);
      const atVisit = new Float64Array(size);
      objective.gradientInto(scaled, 0.9, (begin, end) => {
        for (let i = begin; i < end; i++) {
          seen[i]++;
          atVisit[i] = scaled.flat[i];
          // A visitor may change θ: nothing of these ranges is read again in this pass.
          start.parameters.flat[i] += 1e3;
        }
      });
      let worst = 0;
      for (let i = 0; i < size; i++) {
        if (seen[i] !== 1) expect.fail(`parameter ${i} was visited ${seen[i]} times`);
        worst = Math.max(
          worst,
          Math.abs(scaled.flat[i] - (0.9 * old[i] + plain.flat[i])),
          Math.abs(atVisit[i] - scaled.flat[i]),
        );
      }
      // Entries of order 1 to 5: some ten roundings.
      expect(worst).toBeLessThan(1e-14);
    });
  },
);
