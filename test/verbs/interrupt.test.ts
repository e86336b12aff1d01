/** Every verb that solves for cross-entropy can be stopped while it does, and keeps what it has. */
import { describe, expect, it } from 'vitest';
import { stoppedBy } from '../../src/core/host.js';
import { portableBlas } from '../../src/core/portableBlas.js';
import { createProblem, type ProblemInput } from '../../src/model/index.js';
import { memorySource, openArrays } from '../../src/data/index.js';
import { parseSpec } from '../../src/runs/index.js';
import {
  adviseInSlices,
  basin,
  documentOf,
  measure,
  minimiserFile,
  predictInSlices,
  predictProblem,
  train,
  verify,
} from '../../src/verbs/index.js';

const problemOf = (input: Partial<ProblemInput> = {}) =>
  createProblem({
    counts: [40, 25, 14, 9, 6, 4, 3, 2],
    depth: 1,
    widths: 10,
    loss: 'ce',
    bias: 'free',
    weightDecays: 1e-5,
    featureDecay: 1e-5,
    ...input,
  });

/** Stops at the n-th pause; the first comes after the first step of the solver. */
function hostThatStops(n = 1) {
  let pauses = 0;
  return {
    yield: () => {
      pauses++;
      return Promise.resolve();
    },
    signal: stopWhere(() => pauses >= n),
  };
}

const stopWhere = (over: () => boolean) => stoppedBy({ aborted: false }, over);

describe('predictInSlices', () => {
  it('gives what predictProblem gives', async () => {
    for (const problem of [
      problemOf(),
      problemOf({ counts: [5, 5, 5], depth: 2 }),
      problemOf({ loss: 'mse' }),
    ]) {
      const found = await predictInSlices(problem, portableBlas);
      expect(documentOf(found)).toEqual(documentOf(predictProblem(problem, portableBlas)));
      expect(found.interrupted).toBe(false);
    }
  });

  it.each([
    ['one layer', {}],
    ['one narrow layer', { widths: 3 }],
    ['three layers', { depth: 3 }],
    ['three layers, equal counts', { depth: 3, counts: new Array<number>(8).fill(10) }],
  ])('keeps the best so far when stopped: %s', async (_, input) => {
    const problem = problemOf(input);
    const found = await predictInSlices(problem, portableBlas, { host: hostThatStops() });
    expect(found).toMatchObject({ interrupted: true, optimality: 'best-known' });
    const whole = predictProblem(problem, portableBlas);
    // To rounding: what is stopped early cannot be lower than a minimum, and is nothing but bounds at M = 1.
    expect(found.objective).toBeGreaterThanOrEqual(whole.objective * (1 - 1e-9));
    if (found.certificate !== null)
      expect(found.certificate.lowerBound).toBeLessThanOrEqual(whole.objective * (1 + 1e-12));
    expect(documentOf(found).interrupted).toBe(true);
    expect(minimiserFile(found, portableBlas).length).toBeGreaterThan(1000);
  });

  it('never calls a point global without its certificate, wherever it is stopped', () => {
    const problem = problemOf();
    const least = predictProblem(problem, portableBlas);
    expect(least.optimality).toBe('global');
    let stoppedEarly = 0;
    for (let calls = 0; calls < 400; calls += 13) {
      let asked = 0;
      const found = predictProblem(problem, portableBlas, {
        host: { signal: stopWhere(() => asked++ >= calls) },
      });
      const { certificate, optimality, objective } = found;
      if (found.interrupted) stoppedEarly++;
      expect(certificate?.lowerBound).toBeLessThanOrEqual(least.objective * (1 + 1e-12));
      expect(optimality === 'global').toBe((certificate?.relativeGap ?? 1) <= 1e-6);
      if (optimality === 'global') expect(objective / least.objective).toBeCloseTo(1, 5);
    }
    expect(stoppedEarly).toBeGreaterThan(3);
  });
});

describe('verbs stopped while they predict', () => {
  const problem = problemOf();

  it('verify says so, and has a point to write', async () => {
    const { document, best } = await verify({
      problem,
      blas: portableBlas,
      budget: 60,
      restarts: null,
      seed: 0,
      host: hostThatStops(),
    });
    expect(document).toMatchObject({ interrupted: true, restarts: 0, verdict: 'not beaten' });
    expect(document.claim).toContain('before the interruption');
    expect([best.classFeatures.rows, best.classFeatures.cols]).toEqual([10, 8]);
  });

  it('basin has a document without starts', async () => {
    const document = await basin({
      problem,
      scales: [0.3],
      starts: 2,
      seed: 0,
      steps: 100,
      learningRate: null,
      momentum: 0.9,
      blas: portableBlas,
      host: hostThatStops(),
    });
    expect(document).toMatchObject({ status: 'interrupted', starts: [] });
  });

  it('train stops before its first step', async () => {
    const spec = parseSpec(
      'kind: ufm\ncounts: [9, 5, 3, 2]\ndepth: 1\nwidth: 6\nloss: ce\nweightDecay: 1e-5\nfeatureDecay: 1e-5\n' +
        'optimizer: {name: sgd, learningRate: 0.1}\nsteps: 50\nmeasureEvery: 10\ninit: {std: 0.1, seed: 0}\n',
      'spec.yaml',
    );
    if (spec.kind !== 'ufm') throw new Error('a spec of the unconstrained-features model');
    let reports = 0;
    const document = await train({
      spec,
      store: null,
      mode: 'fresh',
      madeBy: { command: '', version: '' },
      blas: portableBlas,
      readStart: () => Promise.reject(new Error('no file')),
      host: { ...hostThatStops(), onProgress: ({ busy }) => (reports += busy === 'predicting' ? 1 : 0) },
    });
    expect(document).toMatchObject({ status: 'interrupted', step: 0 });
    expect(reports).toBeGreaterThan(0);
  });

  it('measure measures, beside the best so far', async () => {
    const bytes = minimiserFile(predictProblem(problem, portableBlas), portableBlas);
    const file = await openArrays(memorySource('net.npz', bytes));
    const document = await measure({
      file,
      names: { features: undefined, labels: undefined, weights: undefined, bias: undefined },
      loss: 'ce',
      weightDecays: [1e-5],
      featureDecay: 1e-5,
      blas: portableBlas,
      host: hostThatStops(),
    });
    expect(document.prediction?.interrupted).toBe(true);
    expect(document.predictionNote).toMatch(/interrupted/);
    expect(document.counts).toEqual(problem.counts);
  });

  it.each([1, 4])('advise keeps the limits that it has, stopped after %i reports', async (most) => {
    let reports = 0;
    const options = { problem, featureDecay: 'tied', blas: portableBlas } as const;
    const document = await adviseInSlices({
      ...options,
      host: { onProgress: () => reports++, signal: stopWhere(() => reports >= most) },
    });
    expect(document.status).toBe('interrupted');
    expect(document.recommendation).toMatch(/^Interrupted/);
    expect(document.depths[0].maxWeightDecay).toBeNull();
    expect(document.monotone).toBeNull();
    expect(document.allLostFrom).toBeGreaterThan(0);
    const whole = await adviseInSlices(options);
    expect(whole.status).toBe('finished');
    document.classes.forEach(({ maxWeightDecay }, k) => {
      if (maxWeightDecay !== null)
        expect(maxWeightDecay).toBeLessThanOrEqual((whole.classes[k].maxWeightDecay ?? 0) * (1 + 1e-3));
    });
  });
});
