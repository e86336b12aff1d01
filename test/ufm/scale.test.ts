/** Measures have no scale: of a start of 1e-300 they are those of the same start at 1. */
import { expect, it } from 'vitest';
import {
  centreFeatures,
  measureSnapshot,
  timesPowerOfTwo,
  type Measurement,
} from '../../src/metrics/index.js';
import { createProblem } from '../../src/model/index.js';
import { createTrainer, drawStart, givenStart } from '../../src/ufm/index.js';
import { BLASES } from '../support/blases.js';
import { randomTensors } from './support.js';

const problem = createProblem({
  ...{ counts: [9, 5, 2], depth: 1, widths: 4 },
  ...{ weightDecays: 1e-3, featureDecay: 1e-3 },
});
const sgd = { name: 'sgd', learningRate: 0.1, momentum: 0 } as const;

/** The measures without a scale, each that there is beside the same at the usual scale. */
function expectAlike(measured: Measurement, usual: Measurement, what: string): void {
  const numbers = ({ nc1, nc2, nc3, nc4, cdnv, accuracy, classes }: Measurement) => ({
    ...{ nc1, nc3, cdnv, nc4, accuracy },
    ...{ equinorm: nc2.equinorm, cosines: nc2.cosineSd, features: nc2.features, weights: nc2.weights },
    classes: classes.map((row) => row.accuracy),
  });
  const [is, was] = [flat(numbers(measured)), flat(numbers(usual))];
  expect(was.size).toBeGreaterThanOrEqual(8);
  expect([...is.keys()]).toEqual([...was.keys()]);
  for (const [key, value] of is)
    expect(Math.abs(value - (was.get(key) ?? NaN)), `${what}: ${key}`).toBeLessThan(
      1e-10 * (1 + Math.abs(value)),
    );
}

function flat(value: unknown, path = ''): Map<string, number> {
  if (typeof value === 'number') return new Map([[path, value]]);
  if (typeof value !== 'object' || value === null) return new Map();
  return new Map(Object.entries(value).flatMap(([key, inner]) => [...flat(inner, `${path}.${key}`)]));
}

const SCALES = [1e-300, 1e-200, 1e-160, 1e-155, 1e-100, 1e100, 1e150];

it.each(BLASES.map((blas) => [blas.name, blas] as const))('of features and head, on %s', (_, blas) => {
  const measured = (std: number) => {
    const trainer = createTrainer(problem, drawStart(problem, std, 4, blas), sgd, blas);
    return measureSnapshot(trainer.snapshot('samples'), { blas });
  };
  const usual = measured(1);
  for (const std of SCALES) expectAlike(measured(std), usual, `${std}`);
});

it.each(BLASES.map((blas) => [blas.name, blas] as const))('of every linear layer, on %s', (_, blas) => {
  const deep = createProblem({
    ...{ counts: [9, 5, 2], depth: 3, widths: [5, 4, 3] },
    ...{ weightDecays: 1e-3, featureDecay: 1e-3 },
  });
  const snapshots = (std: number) =>
    createTrainer(deep, drawStart(deep, std, 4, blas), sgd, blas).layerSnapshots();
  const usual = snapshots(1);
  const plain = usual.map((snapshot) => measureSnapshot(snapshot, { blas }));
  for (const std of [1e-160, 1e-100, 1e70])
    snapshots(std).forEach((snapshot, i) => {
      expectAlike(measureSnapshot(snapshot, { blas }), plain[i], `z${i + 1} at ${std}`);
      // z_m is a product of m + 1 factors std; here its size without them.
      const { means, exponent = 0 } = snapshot.statistics;
      const size = Math.log2(Math.abs(means.data[0])) + exponent - (i + 2) * Math.log2(std);
      expect(size).toBeCloseTo(Math.log2(Math.abs(usual[i].statistics.means.data[0])), 8);
    });
});

it('says by which power of two the numbers were divided', () => {
  const [blas] = BLASES;
  const means = (std: number) => {
    const trainer = createTrainer(problem, drawStart(problem, std, 4, blas), sgd, blas);
    return trainer.snapshot('samples').statistics;
  };
  expect(means(1).exponent ?? 0).toBe(0);
  const tiny = means(2 ** -600);
  means(1).means.data.forEach((value, i) => {
    expect(timesPowerOfTwo(tiny.means.data[i], (tiny.exponent ?? 0) + 600)).toBeCloseTo(value, 12);
  });
});

it('takes an offset of any size into the bias', () => {
  const [blas] = BLASES;
  const free = createProblem({
    ...{ counts: [4, 3, 2], depth: 1, widths: 3, bias: 'free' },
    ...{ weightDecays: 1e-3, featureDecay: 1e-3 },
  });
  const tensors = randomTensors(free, 0.7, 3);
  const centred = (e: number) => {
    const start = givenStart(
      free,
      {
        ...tensors,
        features: { ...tensors.features, data: tensors.features.data.map((x) => x * 2 ** e) },
        weights: tensors.weights.map((W) => ({ ...W, data: W.data.map((x) => x * 2 ** -e) })),
      },
      blas,
      'test',
    );
    const result = centreFeatures(createTrainer(free, start, sgd, blas).snapshot('samples'), blas);
    if (result === null) throw new Error('a head with a bias was expected');
    return result;
  };
  const usual = centred(0);
  for (const e of [-600, 600]) {
    const { snapshot, offset } = centred(e);
    snapshot.head?.bias?.forEach((value, k) => {
      expect(value).toBeCloseTo(usual.snapshot.head?.bias?.[k] ?? NaN, 12);
    });
    expect(timesPowerOfTwo(offset.norm, -e)).toBeCloseTo(usual.offset.norm, 12);
    expect(timesPowerOfTwo(offset.spread, -e)).toBeCloseTo(usual.offset.spread, 12);
  }
});
