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

describe('verify, cross-entropy', () => {
  const equal = (K: number, depth: number, bias: 'none' | 'free'): ProblemInput => ({
    counts: new Array<number>(K).fill(10),
    depth,
    widths: K + 2,
    loss: 'ce',
    bias,
    weightDecays: 1e-3,
    featureDecay: 1e-3,
  });

  it.each([
    [6, 2, 'none', 3.96e-3],
    [10, 3, 'none', 2.28e-2],
    [10, 3, 'free', 2.4e-2],
  ] as const)('beats collapse for K = %i, M = %i, bias %s', async (K, depth, bias, by) => {
    const { document } = await search(equal(K, depth, bias), 42);
    expect(document.verdict).toBe('beaten');
    expect(document.claim).toMatch(/Dang et al/);
    expect(-document.gap).toBeGreaterThan(by);
    // Found without the help of the prediction, too.
    const others = document.kinds.filter(({ kind }) => !kind.startsWith('near'));
    expect(Math.min(...others.map(({ best }) => best))).toBeLessThan(document.predicted - 0.9 * by);
  });

  it('does not beat collapse for K = 3, M = 2', async () => {
    const { document } = await search(equal(3, 2, 'none'), 35);
    expect(document.verdict).toBe('not beaten');
    expect(document.lowerBound).toBeLessThan(document.best);
    expect(document.lowerBound).toBeGreaterThan(0.75 * document.best);
  });

  it.each([
    // Found here: 5 % lower than the simplex, 8e-12 in all.
    [{ counts: [6, 6, 6, 6, 6, 6, 6, 6, 6, 6], loss: 'ce', depth: 2, widths: 10 }, 'beaten'],
    [{ counts: [8, 4, 2, 2], depth: 2, widths: 6 }, 'certified'],
  ] as const)('judges relatively where decays are 1e-12: %j', async (input, verdict) => {
    const { document } = await search(
      { ...input, weightDecays: 1e-12, featureDecay: 1e-12 },
      verdict === 'beaten' ? 20 : 8,
    );
    expect(document.verdict).toBe(verdict);
    const { best, kinds, reached, restarts, predicted } = document;
    if (verdict === 'beaten') expect(best).toBeLessThan(0.96 * predicted);
    else expect(Math.abs(best / predicted - 1)).toBeLessThan(1e-6);
    // Kinds that ended well above the best cannot have ended at it.
    const elsewhere = kinds.filter((kind) => kind.best > 1.001 * best);
    const most = restarts - elsewhere.reduce((sum, kind) => sum + kind.restarts, 0);
    expect(reached).toBeGreaterThan(0);
    expect(reached).toBeLessThanOrEqual(most);
  });

  it('tells what became of the best known value, beside the claim', async () => {
    const { document } = await search(equal(6, 2, 'none'), 14);
    expect(document.bestKnown).toMatchObject({ verdict: 'reached' });
    expect(document.bestKnown!.predicted).toBeLessThan(document.predicted);
    expect((await search(ROWS[0], 2)).document.bestKnown).toBeNull();
  });

  it('takes a point below the best known value as the comparison', async () => {
    const problem = createProblem({
      counts: [200, 93, 215, 100, 46, 4, 10],
      depth: 4,
      widths: 9,
      loss: 'ce',
      bias: 'free',
      weightDecays: 1.7e-4,
      featureDecay: 1.7e-7,
    });
    let now = 0;
    const { document } = await verify({
      problem,
      blas: portableBlas,
      // A prediction that has no time to search.
      budget: 1e-3,
      restarts: 12,
      seed: 0,
      host: { clock: () => (now += 100) },
    });
    expect(document.bestKnown).toMatchObject({ verdict: 'beaten', lowest: document.best });
    expect(document.best).toBeLessThan(document.bestKnown!.predicted);
  });

  it('cuts a start when its budget is spent', async () => {
    const { document } = await verify({
      problem: createProblem({
        counts: new Array<number>(150).fill(10),
        depth: 2,
        widths: 150,
        weightDecays: 1e-6,
        featureDecay: 1e-6,
      }),
      blas: portableBlas,
      budget: 0.3,
      restarts: null,
      seed: 0,
    });
    expect(document).toMatchObject({ restarts: 1, unsettled: 1 });
  });

  it.each(['none', 'free'] as const)('certifies the convex case, bias %s', async (bias) => {
    const { document } = await search(
      {
        counts: [20, 5, 1, 1, 1],
        depth: 1,
        widths: 5,
        loss: 'ce',
        bias,
        weightDecays: 5e-3,
        featureDecay: 5e-3,
      },
      14,
    );
    expect(document.verdict).toBe('certified');
    // The search is local optimisation of the same convex problem in factored form.
    expect(Math.abs(document.gap)).toBeLessThan(1e-9);
  });
});

describe('verify, MSE', () => {
  it.each(ROWS)(
    'certifies $counts, widths $widths, bias $bias, and the search agrees to 1e-12',
    async (input) => {
      const { document } = await search(input, 56);
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
