import { describe, expect, it } from 'vitest';
import { createProblem } from '../../src/model/index.js';
import { createTrainer, givenStart, type StartTensors } from '../../src/ufm/index.js';
import { BLASES, NATIVE_NOTE } from '../support/blases.js';
import { readAll, SHARED_IS_THERE, SHARED_NOTE, sharedPath } from '../support/shared.js';

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
  const arrays = await readAll(sharedPath(`golden/${name}.npz`));
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
  return { problem, tensors, trajectory: arrays.get('trajectory')! };
}

describe.skipIf(!SHARED_IS_THERE)(`the authors' trajectories${SHARED_NOTE}${NATIVE_NOTE}`, () => {
  for (const blas of BLASES)
    it.each(GOLDEN)(`%s, ${blas.name}: the same loss at every recorded step`, async (name) => {
      const { problem, tensors, trajectory } = await open(name);
      const start = givenStart(problem, tensors, blas, name);
      const trainer = createTrainer(problem, start, { name: 'sgd', learningRate: 0.1, momentum: 0.9 }, blas);
      let worst = 0;
      for (let row = 0; row < trajectory.rows; row++) {
        const [step, loss] = trajectory.data.subarray(row * trajectory.cols);
        while (trainer.step < step) trainer.advance();
        worst = Math.max(worst, Math.abs(trainer.objective() - loss) / loss);
      }
      expect(trainer.step).toBe(3000);
      // Rounding, carried through 3000 steps of a contraction: two orders above the 2e-15 of one way of summing.
      expect(worst).toBeLessThan(2e-13);
    });
});
