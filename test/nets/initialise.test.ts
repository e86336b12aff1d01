import { describe, expect, it } from 'vitest';
import { portableBlas } from '../../src/core/portableBlas.js';
import { buildNetwork, parametersOf } from '../../src/nets/index.js';
import { initialState } from '../../src/nets/initialise.js';
import { createReferenceEngine } from '../support/referenceEngine.js';
import { BLASES, NATIVE_NOTE } from '../support/blases.js';

const INPUT = { height: 8, width: 8, channels: 3 };
const HEAD = { depth: 3, width: 20, bias: 'free' } as const;
const MLP = buildNetwork({ name: 'mlp', layers: 2, width: 24, batchNorm: true }, INPUT, 5, HEAD);
const RESNET = buildNetwork({ name: 'resnet18', widthMultiplier: 0.25 }, INPUT, 5, HEAD);

describe(`the initial state${NATIVE_NOTE}`, () => {
  it.each(BLASES)('has orthonormal rows or columns in linear layers, by $name', (blas) => {
    const state = initialState(MLP, 1, blas);
    for (const { name, role, shape } of parametersOf(MLP)) {
      if (role !== 'linear' && role !== 'head') continue;
      const [rows, cols] = shape;
      const W = state.get(name) ?? new Float32Array();
      const short = Math.min(rows, cols);
      const at = (i: number, j: number) => (rows <= cols ? W[i * cols + j] : W[j * cols + i]);
      for (let a = 0; a < short; a++)
        for (let b = 0; b <= a; b++) {
          let product = 0;
          for (let j = 0; j < Math.max(rows, cols); j++) product += at(a, j) * at(b, j);
          // Entries were rounded to float32: 6e-8 relative to rows of norm 1.
          expect(Math.abs(product - (a === b ? 1 : 0))).toBeLessThan(3e-7);
        }
    }
  });

  it('differs between libraries by rounding alone, as signs are fixed', () => {
    const [first, ...others] = BLASES.map((blas) => initialState(MLP, 7, blas));
    for (const other of others)
      for (const [name, values] of first)
        values.forEach((value, i) =>
          expect(Math.abs(value - (other.get(name)?.[i] ?? NaN))).toBeLessThan(1e-7),
        );
  });

  it("has He's variance in convolutions, and is neutral elsewhere", () => {
    const state = initialState(RESNET, 1, portableBlas);
    const W = state.get('stage4.block2.conv2.weight') ?? new Float32Array();
    const variance = W.reduce((sum, w) => sum + w * w, 0) / W.length;
    // 147456 samples: the relative sd of the variance is √(2/147456) = 0.4 %; five of them.
    expect(Math.abs((variance * 9 * 128) / 2 - 1)).toBeLessThan(0.02);
    for (const [name, value] of [
      ['features.norm.scale', 1],
      ['features.norm.shift', 0],
      ['features.norm.mean', 0],
      ['features.norm.variance', 1],
      ['b', 0],
    ] as const)
      expect(
        state.get(name)?.every((found) => found === value),
        name,
      ).toBe(true);
  });

  it('depends on the seed, not on the head, and fits what an engine asks for', async () => {
    const state = initialState(MLP, 3, portableBlas);
    expect(initialState(MLP, 3, portableBlas)).toEqual(state);
    expect(initialState(MLP, 4, portableBlas).get('W1')).not.toEqual(state.get('W1'));
    const other = initialState({ ...MLP, head: { widths: [], bias: 'none' } }, 3, portableBlas);
    expect(other.get('features.linear.weight')).toEqual(state.get('features.linear.weight'));
    const rule = {
      loss: 'mse',
      dataScale: 1,
      featureDecay: 0,
      weightDecay: () => 0,
      optimizer: { name: 'sgd', momentum: 0 },
    } as const;
    const executable = await createReferenceEngine().compile(MLP, rule, 2);
    const needed = [...executable.state.keys()].filter((name) => !name.startsWith('momentum:'));
    expect([...state.keys()].sort()).toEqual(needed.sort());
    await executable.write(state);
  });
});
