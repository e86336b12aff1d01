/** Options and keys beyond the plain problem: read, and refused by name where they are not covered. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from '../../src/cli/args.js';
import { PROBLEM_OPTIONS, problemFrom } from '../../src/cli/problemOptions.js';
import { encodeNpz } from '../../src/data/index.js';
import { variationFields } from '../../src/model/index.js';
import { checkSpec, formatSpec, parseSpec, problemOf, type UfmSpec } from '../../src/runs/index.js';
import { temporaryFolder } from '../support/cli.js';

const read = (...words: string[]) => problemFrom(parse('predict', words, PROBLEM_OPTIONS, []));
const counts = ['--counts', '8,4,2'];

describe('options of a problem', () => {
  it('reads each variation', async () => {
    const problem = await read(
      ...[...counts, '--loss', 'focal:2', '--bias', 'decayed', '--bias-decay', '0.25'],
      ...['--class-weights', '1,2,3', '--feature-sign', 'nonnegative', '--logit-adjust', '1.5,0.5'],
    );
    expect(problem).toMatchObject({ loss: 'ce', bias: 'decayed' });
    expect(variationFields(problem)).toEqual({
      biasDecay: 0.25,
      classWeights: [1, 2, 3],
      focal: 2,
      featureSign: 'nonnegative',
      logitAdjustment: {
        offsets: [8, 4, 2].map((n) => 1.5 * Math.log(n / 14)),
        scales: [8, 4, 2].map((n) => Math.sqrt(n / 8)),
      },
    });
    expect((await read(...counts, '--label-smoothing', '0.1')).labelSmoothing).toBe(0.1);
    expect((await read(...counts, '--class-weights', 'inverse')).classWeights?.[2]).toBeCloseTo(14 / 6, 12);
  });

  it('reads targets from a file, with a class for each column where no counts are given', async () => {
    const path = join(temporaryFolder(), 'targets.npz');
    const values = Float64Array.from([1, 0, 2, 0, 1, -1]);
    writeFileSync(path, encodeNpz([{ name: 'T', shape: [2, 3], dtype: 'float64', values }]));
    const problem = await read('--targets', path);
    expect(problem.counts).toEqual([1, 1, 1]);
    expect(problem.targets).toEqual([
      [1, 0, 2],
      [0, 1, -1],
    ]);
    expect((await read(...counts, '--targets', path)).counts).toEqual([8, 4, 2]);
  });

  it.each([
    [['--loss', 'focal'], /--loss: mse, ce or focal:G/],
    [['--class-weights', 'sqrt'], /--class-weights: inverse, inverse-sqrt, equal-survival or a number/],
    [['--bias', 'weak'], /--bias: none or free or decayed/],
    [['--logit-adjust', '1,2,3'], /--logit-adjust: one number, or two/],
    [['--feature-sign', 'positive'], /--feature-sign: free or nonnegative/],
  ] as const)('refuses %s', async (words, message) => {
    await expect(read(...counts, ...words)).rejects.toThrow(message);
  });
});

describe('keys of a spec', () => {
  const spec = {
    ...{
      kind: 'ufm',
      counts: [8, 4, 2],
      depth: 1,
      width: 3,
      weightDecay: 0.01,
      featureDecay: 0.01,
      steps: 5,
    },
    ...{ loss: 'focal:2', bias: 'decayed', biasDecay: 0.1, classWeights: 'inverse', logitAdjust: 1 },
  };

  it('are read, written and read again', () => {
    const read = checkSpec(spec, 'spec') as UfmSpec;
    const again = parseSpec(formatSpec(read), 'again') as UfmSpec;
    expect(problemOf(again)).toEqual(problemOf(read));
    expect(variationFields(problemOf(read))).toMatchObject({ focal: 2, biasDecay: 0.1 });
  });

  it.each([
    [{ loss: 'hinge' }, /spec: loss: mse, ce or focal:G/],
    [{ classWeights: 'sqrt' }, /spec: classWeights: inverse, inverse-sqrt/],
    [{ labelSmoothing: 2 }, /labelSmoothing/],
    [{ targets: [[1]], loss: 'mse' }, /targets, row 0: 3 columns/],
  ])('are refused: %o', (change, message) => {
    expect(() => checkSpec({ ...spec, loss: 'ce', ...change }, 'spec')).toThrow(message);
  });
});
