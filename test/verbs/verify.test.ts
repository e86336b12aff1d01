import { describe, expect, it } from 'vitest';
import { portableBlas } from '../../src/core/portableBlas.js';
import { createProblem, type ProblemInput } from '../../src/model/index.js';
import { solutionFile, verify, type Verified } from '../../src/verbs/index.js';
import { openArrays } from '../../src/data/index.js';
import { memorySource } from '../../src/data/index.js';

async function search(input: ProblemInput, restarts: number, seed = 0): Promise<Verified> {
  return verify({
    problem: createProblem(input),
    blas: portableBlas,
    budget: 60,
    restarts,
    seed,
    clock: () => performance.now(),
    pause: () => Promise.resolve(),
    stopAsked: () => false,
    onProgress: () => undefined,
  });
}

const ROWS: readonly ProblemInput[] = [
  { counts: [8, 4, 2, 2], depth: 1, widths: 6, weightDecays: 0.005, featureDecay: 0.005 },
  { counts: [8, 4, 2, 2], depth: 1, widths: 6, weightDecays: 0.005, featureDecay: 0.02, bias: 'free' },
  { counts: [8, 4, 2, 2], depth: 2, widths: [6, 5], weightDecays: 0.005, featureDecay: 0.005 },
  {
    counts: [8, 4, 2, 2],
    depth: 3,
    widths: [6, 5, 6],
    weightDecays: [0.005, 0.01, 0.003],
    featureDecay: 0.005,
  },
  {
    counts: [8, 4, 2, 2],
    depth: 3,
    widths: [6, 5, 6],
    weightDecays: [0.005, 0.01, 0.003],
    featureDecay: 0.005,
    bias: 'free',
  },
  { counts: [8, 4, 2, 2], depth: 1, widths: 2, weightDecays: 0.005, featureDecay: 0.005 },
  { counts: [5, 5, 5, 5], depth: 2, widths: 6, weightDecays: 0.005, featureDecay: 0.005, bias: 'free' },
  { counts: [5, 5, 5, 5], depth: 2, widths: [6, 2], weightDecays: 0.005, featureDecay: 0.005, bias: 'free' },
  { counts: [12, 6, 1, 1], depth: 3, widths: 6, weightDecays: 0.01, featureDecay: 0.01 },
];

describe('verify, MSE', () => {
  it.each(ROWS)(
    'certifies $counts, widths $widths, bias $bias, and the search agrees to 1e-12',
    async (input) => {
      const { document } = await search(input, 28);
      expect(document.verdict).toBe('certified');
      // Two ways to one number: a closed form, and L-BFGS to a vanishing gradient.
      expect(Math.abs(document.gap)).toBeLessThan(1e-12);
      expect(document.best).toBeGreaterThan(document.lowerBound! - 1e-12);
      // Starts near the prediction alone would prove little.
      const others = document.kinds
        .filter(({ kind }) => kind !== 'near the prediction')
        .map(({ best }) => best);
      expect(Math.min(...others) - document.predicted).toBeLessThan(1e-9);
    },
  );

  it('repeats itself from its seed', async () => {
    const [a, b, c] = [
      await search(ROWS[3], 14, 5),
      await search(ROWS[3], 14, 5),
      await search(ROWS[3], 14, 6),
    ];
    expect({ ...a.document, seconds: 0 }).toEqual({ ...b.document, seconds: 0 });
    expect(a.document.kinds).not.toEqual(c.document.kinds);
  });

  it('hands out the best point, in the widths of the problem', async () => {
    const { best } = await search(ROWS[3], 7);
    const file = await openArrays(memorySource('best', solutionFile(createProblem(ROWS[3]), best)));
    expect(file.names).toEqual(['features', 'labels', 'W1', 'W2', 'W3']);
    expect((await file.get('W2')).shape).toEqual([6, 5]);
    expect((await file.get('features')).shape).toEqual([16, 6]);
  });
});
