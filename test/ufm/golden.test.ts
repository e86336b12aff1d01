import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createProblem, type Frame, type PredictedGeometry, type Problem } from '../../src/model/index.js';
import { measureSnapshot } from '../../src/metrics/index.js';
import { predictMse } from '../../src/theory/index.js';
import { createTrainer, givenStart, type StartTensors } from '../../src/ufm/index.js';
import { BLASES, NATIVE_NOTE } from '../support/blases.js';
import { readAll, SHARED_IS_THERE, sharedPath } from '../support/shared.js';

const GOLDEN = [
  'balanced-M1-bias',
  'balanced-M1-nobias',
  'balanced-M3-bias',
  'balanced-M3-nobias',
  'imbalanced-M1',
  'imbalanced-M3',
  'imbalanced-M6',
];

/** The authors' runs: λ = 5e-4 throughout, gradient descent 0.1 with momentum 0.9. */
async function open(name: string) {
  const arrays = await readAll(LOCAL.includes(name) ? localPath(name) : sharedPath(`golden/${name}.npz`));
  const weights = [];
  for (let m = 1; arrays.has(`W${m}`); m++) weights.push(arrays.get(`W${m}`)!);
  const labels = Int32Array.from(arrays.get('labels')!.data);
  const counts = new Array<number>(4).fill(0);
  for (const label of labels) counts[label]++;
  const bias = arrays.get('b')?.data ?? null;
  const tensors: StartTensors = { labels, features: arrays.get('H')!, weights, bias };
  const problem = createProblem({
    counts,
    depth: weights.length,
    widths: 64,
    weightDecays: 5e-4,
    featureDecay: 5e-4,
    bias: bias === null ? 'none' : 'free',
  });
  return {
    problem,
    tensors,
    trajectory: arrays.get('trajectory')!,
    official: arrays.get('s_official')!.data,
  };
}

/** Two of them are in the project, so that every machine follows a run with and one without bias. */
const LOCAL = ['balanced-M3-bias', 'imbalanced-M3'];
const localPath = (name: string) => fileURLToPath(new URL(`../golden/${name}.npz`, import.meta.url));
const THERE = GOLDEN.filter((name) => SHARED_IS_THERE || LOCAL.includes(name));
const NOTE = SHARED_IS_THERE ? '' : ' [five of seven skipped: ../shared is not beside the project]';

/** The authors' frames: diagonal, from s = s_official^M, which their solver finds in float32. */
function officialFrames(problem: Problem, official: Float64Array): PredictedGeometry {
  const frame = (f: (square: number) => number): Frame => ({
    kind: 'diagonal',
    entries: official.map((s) => f(s ** (2 * problem.widths.length))),
  });
  const c = 400 * problem.featureDecay;
  return {
    weights: frame((square) => square),
    features: frame((square) => square / (square + c) ** 2),
    logits: frame((square) => square / (square + c)),
    duality: frame((square) => square + c),
  };
}

describe(`the authors' trajectories${NOTE}${NATIVE_NOTE}`, () => {
  for (const blas of BLASES)
    it.each(THERE)(`%s, ${blas.name}: the same loss and measures at every recorded step`, async (name) => {
      const { problem, tensors, trajectory, official } = await open(name);
      const start = givenStart(problem, tensors, blas, name);
      const trainer = createTrainer(problem, start, { name: 'sgd', learningRate: 0.1, momentum: 0.9 }, blas);
      const predicted = officialFrames(problem, official);
      const balanced = name.startsWith('balanced');
      let worst = 0;
      for (let row = 0; row < trajectory.rows; row++) {
        const [step, loss, ...measures] = trajectory.data.subarray(
          row * trajectory.cols,
          (row + 1) * trajectory.cols,
        );
        while (trainer.step < step) trainer.advance();
        worst = Math.max(worst, Math.abs(trainer.objective() - loss) / loss);
        const { nc1, nc2, nc3 } = measureSnapshot(trainer.snapshot('classes'), { blas, predicted });
        const frame = problem.bias === 'none' ? ('orthogonal' as const) : ('etf' as const);
        const found = balanced
          ? [nc1.pinv, nc2.weights[frame], nc3[frame]]
          : [nc1.pinv, nc2.weights.predicted, nc2.features.predicted, nc3.predicted, nc3.dualityPredicted];
        expect(measures).toHaveLength(found.length);
        // Rounding of measures that are differences of numbers of size 1.
        found.forEach((value, i) =>
          expect(Math.abs((value ?? NaN) - measures[i]), `step ${step}, measure ${i}`).toBeLessThan(
            1e-8 * measures[i] + 1e-13,
          ),
        );
      }
      expect(trainer.step).toBe(3000);
      // Rounding, carried through 3000 steps of a contraction: two orders above the 2e-15 of one way of summing.
      expect(worst).toBeLessThan(2e-13);
    });

  it.each(THERE.filter((name) => name.startsWith('imbalanced')))(
    '%s: the authors’ s to their float32 precision',
    async (name) => {
      const { problem, official } = await open(name);
      predictMse(problem).classes.forEach(({ weightNorm }, k) =>
        // A float32 solver; the power M multiplies its relative error.
        expect(Math.abs(official[k] ** problem.widths.length / weightNorm - 1)).toBeLessThan(3e-5),
      );
    },
  );
});
