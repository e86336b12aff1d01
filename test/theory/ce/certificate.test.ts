import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/random.js';
import { zeros, type Matrix } from '../../../src/core/matrix.js';
import { createProblem } from '../../../src/model/index.js';
import { ceCertificate, predictCe } from '../../../src/theory/index.js';
import { BLASES } from '../../support/blases.js';
import { naiveConvex } from './naive.js';

const blas = BLASES[BLASES.length - 1];
const random = createRandom(7);
const whole = (from: number, to: number) => from + Math.floor(random.uniform() * (to - from + 1));

/** A random problem and its certified minimum. */
function draw(K: number) {
  const counts = Array.from({ length: K }, () => Math.max(1, Math.round(10 ** (3 * random.uniform()))));
  const [weightDecay, featureDecay] = [10 ** -(4 + 3 * random.uniform()), 10 ** -(1 + 2 * random.uniform())];
  const bias = random.uniform() < 0.5 ? ('none' as const) : ('free' as const);
  const problem = createProblem({
    counts,
    depth: 1,
    widths: K,
    loss: 'ce',
    bias,
    weightDecays: weightDecay,
    featureDecay,
  });
  const prediction = predictCe(problem, { blas });
  const { logits } = prediction.geometry();
  if (logits.kind !== 'dense') throw new Error('dense logits expected');
  return { counts, weightDecay, featureDecay, prediction, logits: logits.matrix };
}

function add(A: Matrix, std: number): Matrix {
  return { ...A, data: A.data.map((a) => a + std * random.normal()) };
}

describe('ceCertificate', () => {
  it('never exceeds the minimum, from thousands of wrong points', () => {
    let points = 0;
    for (let i = 0; i < 60; i++) {
      const K = i < 54 ? 2 + (i % 9) : whole(11, 50);
      const { counts, weightDecay, featureDecay, prediction, logits } = draw(K);
      const least = prediction.objective;
      // The minimum itself is known to its own certificate.
      expect(prediction.certificate!.relativeGap).toBeLessThan(1e-8);
      const limit = least * (1 + 1e-13);
      for (let j = 0; j < 40; j++) {
        const std = 10 ** (-8 + 10 * random.uniform());
        const scale = j % 4 === 0 ? 10 ** (6 * random.uniform() - 3) : 1;
        const moved = j % 8 === 7 ? add(zeros(K, K), std) : add(logits, j % 3 === 2 ? 0 : std);
        const point: Matrix = { ...moved, data: moved.data.map((z) => z * scale) };
        const bias =
          prediction.bias === null
            ? null
            : prediction.bias.map((b) => b + (j % 3 === 0 ? 0 : std * random.normal()));
        const mu = Math.sqrt(weightDecay * featureDecay);
        const objective = naiveConvex(counts, mu, point, bias).value;
        const found = ceCertificate(
          { logits: point, counts, weightDecay, featureDecay, bias, objective },
          blas,
        );
        expect(found.lowerBound).toBeLessThanOrEqual(limit);
        expect(found.gap).toBeGreaterThanOrEqual(0);
        expect(found.lowerBound).toBeGreaterThanOrEqual(0);
        points++;
      }
    }
    expect(points).toBe(2400);
  });

  it('needs the repair of a free bias: the bound without it is above the minimum', () => {
    const counts = [100, 10, 1];
    const problem = createProblem({
      counts,
      depth: 1,
      widths: 3,
      loss: 'ce',
      bias: 'free',
      weightDecays: 0.005,
      featureDecay: 0.005,
    });
    const { objective } = predictCe(problem, { blas });
    const logits = zeros(3, 3);
    const point = { logits, counts, weightDecay: 0.005, featureDecay: 0.005, objective: Math.log(3) };
    // The same wrong point (b = 0): as a problem without bias the bound is much higher, and rightly so there.
    expect(ceCertificate({ ...point, bias: null }).lowerBound).toBeGreaterThan(objective + 0.05);
    expect(ceCertificate({ ...point, bias: [0, 0, 0] }).lowerBound).toBeLessThanOrEqual(objective);
    expect(ceCertificate({ ...point, bias: [0, 0, 0] }).lowerBound).toBeGreaterThan(0);
  });

  it('is tight at the minimum, with every BLAS, and takes logits of 1e4 and decays from 1e-12 to 1e2', () => {
    const { counts, weightDecay, featureDecay, prediction, logits } = draw(9);
    for (const each of BLASES) {
      const { bias, objective } = prediction;
      const found = ceCertificate({ logits, counts, weightDecay, featureDecay, bias, objective }, each);
      expect(found.relativeGap).toBeLessThan(1e-8);
    }
    const counts2 = [20, 7, 2, 1];
    for (const decay of [1e-12, 1e-6, 1e-2, 1, 100])
      for (const size of [1, 100, 1e4])
        for (const bias of [null, [0, 30, -5e3, 1]]) {
          const point = add(zeros(4, 4), size);
          const objective = naiveConvex(counts2, decay, point, bias && Float64Array.from(bias)).value;
          const found = ceCertificate(
            { logits: point, counts: counts2, weightDecay: decay, featureDecay: decay, bias, objective },
            blas,
          );
          const problem = createProblem({
            counts: counts2,
            depth: 1,
            widths: 4,
            loss: 'ce',
            bias: bias === null ? 'none' : 'free',
            weightDecays: decay,
            featureDecay: decay,
          });
          expect(found.lowerBound).toBeLessThanOrEqual(predictCe(problem, { blas }).objective * (1 + 1e-13));
          expect(found.lowerBound).toBeGreaterThanOrEqual(0);
        }
  });

  it('refuses what is not a point', () => {
    const point = { counts: [2, 1], weightDecay: 1, featureDecay: 1, bias: null, objective: 1 };
    expect(() => ceCertificate({ ...point, logits: zeros(3, 3) })).toThrow('2×2');
    const logits = { ...zeros(2, 2), data: Float64Array.of(0, NaN, 0, 0) };
    expect(() => ceCertificate({ ...point, logits })).toThrow('finite');
    expect(() => ceCertificate({ ...point, logits: zeros(2, 2), bias: [1] })).toThrow('2 numbers');
  });
});
