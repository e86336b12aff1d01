/** Features and weights whose squares leave the range of float64: the same measures, and norms that are right. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromRows, type Matrix } from '../../src/core/matrix.js';
import { portableBlas } from '../../src/core/portableBlas.js';
import {
  classifierOf,
  effectiveFeatureDecay,
  measureSnapshot,
  type Measurement,
} from '../../src/metrics/index.js';
import { measuredCeFits } from '../../src/judge/compare.js';
import { anglesOf, fitsOf, seliDistances } from '../../src/judge/index.js';
import { createProblem, type Head } from '../../src/model/index.js';
import { BLASES } from '../support/blases.js';
import { refusal } from '../data/helpers.js';
import { clouds, randomHead } from './naive.js';
import { allFinite, measured, title } from './support.js';

const times = (A: Matrix, e: number): Matrix => ({ ...A, data: A.data.map((x) => shifted(x, e)) });
/** x·2^e in steps of 2^±500, each exact but the last. */
function shifted(x: number, e: number): number {
  let value = x;
  for (let rest = Math.abs(e); rest > 0; rest -= 500) value *= 2 ** (Math.sign(e) * Math.min(500, rest));
  return value;
}

/** What no scale changes. */
function scaleFree(m: Measurement) {
  const { nc1, nc2, nc3, nc4, cdnv, accuracy, balancedness, rank } = m;
  const seli = seliDistances(m, 'free', portableBlas);
  return { nc1, nc2, nc3, nc4, cdnv, accuracy, balancedness, rank, seli, angles: anglesOf(m) };
}

const isNormal = (x: number) => Math.abs(x) > 1e-300 && Math.abs(x) < Infinity;

describe.each(BLASES.map((blas) => [title(blas), blas] as const))('extreme scales, %s', (_, blas) => {
  it('change no measure without a scale, and multiply norms, products and λ_H exactly', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 5 }),
        fc.integer({ min: 2, max: 7 }),
        fc.integer({ min: 1, max: 3 }),
        fc.boolean(),
        fc.integer({ min: -900, max: 900 }),
        fc.integer({ min: -900, max: 900 }),
        fc.integer(),
        async (counts, d, M, withBias, k, j, seed) => {
          const all = k + M * j;
          const bias = withBias && Math.abs(all) < 900;
          const samples = clouds({ counts, d, seed });
          const head = randomHead([d, ...new Array<number>(M - 1).fill(4), counts.length], seed + 1, bias);
          const scaledHead: Head = {
            weights: head.weights.map((W) => times(W, j)),
            bias: head.bias === null ? null : head.bias.map((b) => shifted(b, all)),
          };
          const scaled = { labels: samples.labels, features: times(samples.features, k) };
          const weightDecays = new Array<number>(M).fill(1e-3);
          const options = { blas, weightDecays, batchRows: 5 };
          const plain = await measured(samples, { ...options, head });
          const extreme = await measured(scaled, { ...options, head: scaledHead });
          expect(scaleFree(extreme.measurement)).toEqual(scaleFree(plain.measurement));
          allFinite(scaleFree(extreme.measurement));

          const want = plain.measurement;
          extreme.measurement.classes.forEach(({ weightNorm, featureNorm }, c) => {
            expect(featureNorm).toBe(shifted(want.classes[c].featureNorm, k));
            const norm = shifted(want.classes[c].weightNorm ?? NaN, M * j);
            if (norm === Infinity) expect(weightNorm).toBeNull();
            else if (isNormal(norm)) expect(weightNorm).toBe(norm);
          });
          for (const [name, e] of [
            ['weights', 2 * M * j],
            ['features', 2 * k],
            ['logits', all],
          ] as const) {
            const [was, is] = [want.geometry[name], extreme.measurement.geometry[name]];
            if (was?.kind !== 'dense' || is?.kind !== 'dense')
              throw new Error('few classes have dense frames');
            was.matrix.data.forEach((x, at) => {
              const value = shifted(x, e);
              if (isNormal(value)) expect(is.matrix.data[at]).toBe(value);
              else expect(is.matrix.data[at]).not.toBeNaN();
            });
          }

          if (!isNormal(shifted(1, 2 * j - 2 * k)) || Math.abs(2 * j - 2 * k) > 900) return;
          const fit = (result: typeof plain, layers: Head) => {
            const { P, exponent } = classifierOf(layers, d, counts.length, blas);
            const { statistics } = result.snapshot;
            const exponents = { weights: exponent, features: statistics.exponent ?? 0 };
            return effectiveFeatureDecay({ ...statistics, P, weightDecays, bias: 'none', blas, exponents });
          };
          const [was, is] = [fit(plain, head), fit(extreme, scaledHead)];
          expect(is.value / shifted(was.value, 2 * j - 2 * k)).toBeCloseTo(1, 12);
          expect(is.classes).toHaveLength(counts.length);
          is.classes.forEach((decay, c) => {
            expect((decay ?? NaN) / shifted(was.classes[c] ?? NaN, 2 * j - 2 * k)).toBeCloseTo(1, 10);
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  it('stand beside each other: a batch of large features after one of small ones', async () => {
    const { features, labels } = clouds({ counts: [4, 4], d: 3, seed: 5 });
    for (const e of [-700, 700]) {
      const mixed = { ...features, data: features.data.map((x, at) => (at < 12 ? x : shifted(x, e))) };
      const { measurement } = await measured({ features: mixed, labels }, { blas, batchRows: 4 });
      allFinite(measurement.nc1);
      const alone = mixed.data.map((x) => shifted(x, e > 0 ? -e : 0));
      const want = await measured({ features: { ...features, data: alone }, labels }, { blas });
      expect(measurement.nc1.pinv).toBe(want.measurement.nc1.pinv);
    }
  });

  it('are put right in a snapshot that comes from elsewhere', () => {
    const snapshot = (e: number) => ({
      statistics: {
        counts: [2, 3],
        means: times(fromRows([[1, 0.5], [-0.5, 2]]), e), // prettier-ignore
        variances: Float64Array.of(shifted(0.5, 2 * e), shifted(0.25, 2 * e)),
        withinTrace: shifted(0.35, 2 * e),
        within: { kind: 'factor' as const, X: times(fromRows([[0.5, 0.3]]), e) },
      },
      head: null,
      agreement: null,
    });
    const [plain, large] = [0, 300].map((e) => measureSnapshot(snapshot(e), { blas }));
    expect([large.nc1, large.cdnv, large.nc2]).toEqual([plain.nc1, plain.cdnv, plain.nc2]);
    expect(large.classes[1].featureNorm).toBe(shifted(plain.classes[1].featureNorm, 300));
  });

  it('let a bias decide that is beyond all logits, and keep one that is of their size', async () => {
    const features = fromRows([[1, 0], [0, 1], [1, 0.1], [0.1, 1]]); // prettier-ignore
    const labels = Int32Array.of(0, 1, 0, 1);
    const accuracy = async (k: number, j: number, bias: Float64Array) => {
      const head = { weights: [times(fromRows([[1, 0], [0, 1]]), j)], bias }; // prettier-ignore
      const { measurement } = await measured({ features: times(features, k), labels }, { blas, head });
      return measurement.accuracy;
    };
    expect(await accuracy(-900, 0, Float64Array.of(0, 1))).toBe(0.5);
    expect(await accuracy(-900, -900, Float64Array.of(0, 1))).toBe(0.5);
    expect(await accuracy(-900, 0, Float64Array.of(0, 2 ** -901))).toBe(1);
    expect(await accuracy(900, 900, Float64Array.of(0, 1))).toBe(1);
  });

  it('give no fit where logits are beyond the largest number, and class means too long one line', async () => {
    const samples = clouds({ counts: [3, 4], d: 3, seed: 2 });
    const head = randomHead([3, 2], 3, true);
    const scaledHead = { ...head, weights: head.weights.map((W) => times(W, 900)) };
    const huge = { ...samples, features: times(samples.features, 900) };
    const { measurement } = await measured(huge, { blas, head: scaledHead });
    const problem = createProblem({
      ...{ counts: [3, 4], depth: 1, widths: [3], loss: 'mse', bias: 'free' },
      ...{ weightDecays: [1e-3], featureDecay: 1e-3 },
    });
    expect(fitsOf(measurement, problem, head.bias)).toEqual([null, null]);
    for (const fit of measuredCeFits(measurement, head.bias)) expect(fit).not.toBeNaN();
    const long = { labels: Int32Array.of(0, 1), features: fromRows([[1.7e308, 1.7e308], [1, 2]]) }; // prettier-ignore
    const error = await refusal(() => measured(long, { blas }), 'argument');
    expect(error.message).toMatch(
      /^features: class means of finite length, got "a longer one for class 0"; /,
    );
  });
});
