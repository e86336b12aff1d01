/** Measures have no scale: of a start of 1e-150 they are those of the same start at 1. */
import { expect, it } from 'vitest';
import { measureSnapshot } from '../../src/metrics/index.js';
import { createProblem } from '../../src/model/index.js';
import { createTrainer, drawStart } from '../../src/ufm/index.js';
import { BLASES } from '../support/blases.js';

const problem = createProblem({
  ...{ counts: [9, 5, 2], depth: 1, widths: 4 },
  ...{ weightDecays: 1e-3, featureDecay: 1e-3 },
});
const sgd = { name: 'sgd', learningRate: 0.1, momentum: 0 } as const;

it.each(BLASES.map((blas) => [blas.name, blas] as const))('on %s', (_, blas) => {
  const measured = (std: number) => {
    const trainer = createTrainer(problem, drawStart(problem, std, 4, blas), sgd, blas);
    return measureSnapshot(trainer.snapshot('samples'), { blas });
  };
  const usual = measured(1);
  for (const std of [1e-150, 1e-100, 1e100]) {
    const { nc1, nc2, nc3, nc4, cdnv, accuracy } = measured(std);
    expect(nc1.pinv! / usual.nc1.pinv!, `${std}`).toBeCloseTo(1, 6);
    expect(nc1.quotient! / usual.nc1.quotient!).toBeCloseTo(1, 6);
    expect(cdnv! / usual.cdnv!).toBeCloseTo(1, 6);
    expect(nc2.equinorm! / usual.nc2.equinorm!).toBeCloseTo(1, 6);
    expect(nc2.features.etf! / usual.nc2.features.etf!).toBeCloseTo(1, 6);
    expect(nc3.duality! / usual.nc3.duality!).toBeCloseTo(1, 6);
    expect([nc4, accuracy]).toEqual([usual.nc4, usual.accuracy]);
  }
});
