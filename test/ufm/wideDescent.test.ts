import { describe, expect, it } from 'vitest';
import { createProblem, type ProblemInput } from '../../src/model/index.js';
import { createTrainer, drawStart } from '../../src/ufm/index.js';
import { BLASES } from '../support/blases.js';

const native = BLASES.find(({ openPasses }) => openPasses !== undefined);
const DECAYS = { weightDecays: 0.003, featureDecay: 0.002 };

/** Wide enough for the passes; odd sizes, unequal widths, every loss and bias, one group of classes and two. */
const PROBLEMS: readonly (readonly [name: string, request: ProblemInput])[] = [
  ['MSE, no bias', { ...DECAYS, counts: [9, 6, 3, 2], depth: 3, widths: [811, 403, 797] }],
  ['MSE, a bias', { ...DECAYS, counts: [5, 4, 3, 2, 2, 1], depth: 2, widths: [733, 801], bias: 'free' }],
  [
    'MSE, a decayed bias',
    { ...DECAYS, counts: [4, 2], depth: 2, widths: 768, bias: 'decayed', biasDecay: 0.01 },
  ],
  ['cross-entropy', { ...DECAYS, counts: [9, 6, 3], depth: 2, widths: 767, loss: 'ce', bias: 'free' }],
  ['one layer', { ...DECAYS, counts: [3, 2, 1], depth: 1, widths: 90_001 }],
];

describe.skipIf(native === undefined)('descent by passes over wide layers (needs a native BLAS)', () => {
  it.each(PROBLEMS)('has the steps of the other way: %s', (_, request) => {
    if (native === undefined) return;
    const problem = createProblem(request);
    const start = drawStart(problem, 0.04, 1, native);
    const optimizer = { name: 'sgd', learningRate: 0.1, momentum: 0.9 } as const;
    const passes = createTrainer(problem, start, optimizer, native);
    const plain = createTrainer(problem, start, optimizer, { ...native, openPasses: undefined });
    expect(passes.parameters.flat.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(plain.parameters.flat.buffer).toBeInstanceOf(ArrayBuffer);
    for (let step = 0; step < 12; step++) expect(passes.advance()).toBe(plain.advance());
    const size = Math.sqrt(native.dot(plain.parameters.flat, plain.parameters.flat));
    const moved = distance(start.parameters.flat, plain.parameters.flat);
    expect(moved / size, 'the steps are long enough to tell').toBeGreaterThan(1e-3);
    expect(distance(passes.parameters.flat, plain.parameters.flat) / moved).toBeLessThan(1e-12);
    // A saved state goes on bit for bit, and is a copy.
    const saved = passes.state();
    expect(saved.arrays.velocity.buffer).toBeInstanceOf(ArrayBuffer);
    const resumed = createTrainer(problem, start, optimizer, native, saved);
    passes.advance();
    resumed.advance();
    expect(Buffer.compare(bytes(resumed.parameters.flat), bytes(passes.parameters.flat))).toBe(0);
  });

  it('tells of a rate that is too large as the other way does', () => {
    if (native === undefined) return;
    const problem = createProblem({ ...DECAYS, counts: [9, 6], depth: 2, widths: 768 });
    const start = drawStart(problem, 0.3, 1, native);
    const status = [native, { ...native, openPasses: undefined }].map((blas) => {
      const trainer = createTrainer(problem, start, { name: 'sgd', learningRate: 5, momentum: 0.9 }, blas);
      while (trainer.advance() === 'running' && trainer.step < 50);
      return [trainer.status, trainer.step];
    });
    expect(status[0]).toEqual(status[1]);
    expect(status[0][0]).toBe('diverged');
  });
});

function distance(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return Math.sqrt(sum);
}

function bytes({ buffer, byteOffset, byteLength }: Float64Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
