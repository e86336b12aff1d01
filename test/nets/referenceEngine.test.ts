/** The reference engine against finite differences and against definitions: other engines are tested against it. */
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import { parametersOf } from '../../src/nets/index.js';
import type { Network, TrainingRule } from '../../src/nets/index.js';
import { createReferenceEngine } from '../support/referenceEngine.js';
import { networkOf, randomBatch, randomParameters, SMALL_NETWORKS, VARIED_LOSSES } from './smallNetworks.js';

const SAMPLES = 5;
const RULES: readonly TrainingRule[] = [
  {
    loss: 'mse',
    dataScale: 0.6,
    featureDecay: 0.03,
    weightDecay: (name) => (name.startsWith('W') ? 0.07 : 0.01),
    optimizer: { name: 'sgd', momentum: 0.9 },
  },
  {
    loss: 'ce',
    dataScale: 1,
    featureDecay: 0,
    weightDecay: () => 0,
    optimizer: { name: 'sgd', momentum: 0 },
  },
];

async function compiled(network: Network, rule: TrainingRule, precision: 'single' | 'double' = 'single') {
  const executable = await createReferenceEngine(precision).compile(network, rule, SAMPLES);
  await executable.write(randomParameters(network, 3));
  return { executable, ...randomBatch(network, SAMPLES, 4) };
}

/** The losses that vary, on two networks: what is behind the logits is the same for all. */
const VARIED = Object.entries(VARIED_LOSSES).flatMap(([title, { loss, ...varied }]) =>
  [SMALL_NETWORKS[0], networkOf('linear and relu', SMALL_NETWORKS[10].backbone)].map((network) => ({
    title: `${title}, ${network.name}`,
    network,
    rule: { ...RULES[0], loss, varied },
  })),
);
const PLAIN = SMALL_NETWORKS.flatMap((network) =>
  RULES.map((rule) => ({ title: `${rule.loss}, ${network.name}`, network, rule })),
);

describe('gradients', () => {
  it.each([...PLAIN, ...VARIED])('are those of central differences: $title', async ({ network, rule }) => {
    const { executable, images, labels } = await compiled(network, rule);
    const gradient = executable.gradient(images, labels);
    const random = createRandom(5);
    for (const { name } of parametersOf(network)) {
      const [values] = [...(await executable.read([name])).values()];
      const g = gradient.get(name) ?? new Float64Array();
      expect(g).toHaveLength(values.length);
      for (let trial = 0; trial < 12; trial++) {
        const i = Math.floor(random.uniform() * values.length);
        const kept = values[i];
        const at = async (value: number) => {
          values[i] = value;
          await executable.write(new Map([[name, values]]));
          return { parameter: values[i], objective: executable.objective(images, labels) };
        };
        const above = await at(kept + 2e-5);
        const below = await at(kept - 2e-5);
        await at(kept);
        // The step really taken is that of two float32 numbers. Truncation is about h²·F‴/6 ≈ 1e-10·F‴, small enough for the tiny variances of pooled maps; rounding 1e-11.
        const slope = (above.objective - below.objective) / (above.parameter - below.parameter);
        expect(Math.abs(slope - g[i])).toBeLessThan(2e-6 * (1 + Math.abs(slope)));
      }
    }
  });
});

describe('a step', () => {
  const network = SMALL_NETWORKS[SMALL_NETWORKS.length - 2];

  it('with rate 0 leaves the gradient in the momentum and the parameters as they were', async () => {
    const { executable, images, labels } = await compiled(network, RULES[0]);
    const gradient = executable.gradient(images, labels);
    const before = await executable.read();
    await executable.step(images, labels, 0);
    const after = await executable.read();
    for (const { name } of parametersOf(network)) {
      expect(after.get(name)).toEqual(before.get(name));
      expect(after.get(`momentum:${name}`)).toEqual(Float32Array.from(gradient.get(name) ?? []));
    }
  });

  it('of SGD and of Adam follows the published rules', async () => {
    const rate = 0.05;
    const single = networkOf('single', [], { head: { widths: [], bias: 'none' } });
    const { executable: sgd, images, labels } = await compiled(single, RULES[0], 'double');
    const W0 = (await sgd.read(['W1'])).get('W1') ?? new Float32Array();
    const g0 = sgd.gradient(images, labels).get('W1') ?? new Float64Array();
    await sgd.step(images, labels, rate);
    const g1 = sgd.gradient(images, labels).get('W1') ?? new Float64Array();
    await sgd.step(images, labels, rate);
    const expected = W0.map((w, i) => w - rate * g0[i] - rate * (0.9 * g0[i] + g1[i]));
    const W2 = (await sgd.read(['W1'])).get('W1') ?? new Float32Array();
    // Both are rounded to float32 once: half a unit in the last place of numbers up to 2.
    W2.forEach((w, i) => expect(Math.abs(w - expected[i])).toBeLessThan(2e-7));

    const optimizer = { name: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;
    const { executable: adam } = await compiled(single, { ...RULES[0], optimizer }, 'double');
    await adam.step(images, labels, rate);
    // The first step of Adam is rate·sign(g), but for epsilon.
    const W1 = (await adam.read(['W1'])).get('W1') ?? new Float32Array();
    W1.forEach((w, i) => expect(Math.abs(w - (W0[i] - rate * Math.sign(g0[i])))).toBeLessThan(1e-6));
    const h1 = adam.gradient(images, labels).get('W1') ?? new Float64Array();
    await adam.step(images, labels, rate);
    const state = await adam.read();
    expect(state.get('steps')).toEqual(Float32Array.of(2));
    state.get('W1')?.forEach((w, i) => {
      const m = (0.9 * 0.1 * g0[i] + 0.1 * h1[i]) / (1 - 0.9 ** 2);
      const v = (0.999 * 0.001 * g0[i] ** 2 + 0.001 * h1[i] ** 2) / (1 - 0.999 ** 2);
      expect(Math.abs(w - (W1[i] - (rate * m) / (Math.sqrt(v) + 1e-8)))).toBeLessThan(4e-7);
    });
  });

  it('moves running statistics by a tenth, with the unbiased variance', async () => {
    const { executable, images, labels } = await compiled(
      networkOf('norm', [{ kind: 'batchNorm', name: 'a' }]),
      {
        ...RULES[1],
      },
    );
    await executable.step(images, labels, 0);
    const state = await executable.read(['a.mean', 'a.variance']);
    const n = images.length / 2;
    for (const c of [0, 1]) {
      const values = Array.from(images).filter((_, i) => i % 2 === c);
      const mean = values.reduce((sum, value) => sum + value / n, 0);
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2 / (n - 1), 0);
      // Float32 rounding of the state.
      expect(state.get('a.mean')?.[c]).toBeCloseTo(0.1 * mean, 7);
      expect(state.get('a.variance')?.[c]).toBeCloseTo(0.9 + 0.1 * variance, 6);
    }
  });

  it('evaluates by running statistics, sample by sample, and changes nothing', async () => {
    const { executable, images, labels } = await compiled(network, RULES[0]);
    await executable.step(images, labels, 0.01);
    const before = await executable.read();
    const taps = ['stem.relu', 'block1.conv1', 'block2', 'features.norm', 'features'];
    const all = await executable.evaluate(images, SAMPLES, taps);
    expect([...all].map(([name, values]) => [name, values.length / SAMPLES])).toEqual([
      ['stem.relu', 3],
      ['block1.conv1', 3],
      ['block2', 4],
      ['features.norm', 4],
      ['features', 4],
    ]);
    const one = await executable.evaluate(images.subarray(images.length - 60), 1, taps);
    for (const [name, values] of one) {
      const width = values.length;
      expect(values).toEqual(all.get(name)?.subarray((SAMPLES - 1) * width));
    }
    expect(await executable.read()).toEqual(before);
  });

  it('counts the first of equal maxima', async () => {
    const executable = await createReferenceEngine().compile(network, RULES[1], SAMPLES);
    const { images, labels } = randomBatch(network, SAMPLES, 4);
    const { loss, correct } = await executable.step(images, labels, 0);
    expect(correct).toBe(2);
    expect(loss).toBeCloseTo(Math.log(3), 12);
  });
});
