import { describe, expect, it } from 'vitest';
import { createCpuEngine } from '../../src/engine/cpu/cpuEngine.node.js';
import { layerNames, type Executable, type Network, type TrainingRule } from '../../src/nets/index.js';
import { BLASES } from '../support/blases.js';
import { createReferenceEngine } from '../support/referenceEngine.js';
import { VARIED_LOSSES } from '../nets/smallNetworks.js';
import { batchOf, distance, fill, NETWORKS, rule } from './networks.js';

/**
 * Float32 has 6e-8; sums of hundreds of terms of both signs and a division by a standard deviation lose two or three digits.
 * The reference computes in float64.
 */
const ROUNDING = 1e-4;

/** Terms of order one that cancel (the gradient of a bias before a normalisation) leave their rounding. */
const NOTHING = 1e-5;

const BATCH = 7;

async function pair(
  network: Network,
  given: TrainingRule,
  blas: (typeof BLASES)[number],
): Promise<[Executable, Executable]> {
  const engines = [createCpuEngine({ blas, threads: 1 }), createReferenceEngine('double')];
  const [found, wanted] = await Promise.all(engines.map((engine) => engine.compile(network, given, BATCH)));
  await fill(found, { network, seed: 5 });
  await fill(wanted, { network, seed: 5 });
  return [found, wanted];
}

async function expectSameState(found: Executable, wanted: Executable, tolerance: number): Promise<void> {
  const [a, b] = [await found.read(), await wanted.read()];
  expect([...a.keys()].sort()).toEqual([...b.keys()].sort());
  for (const [name, values] of b) {
    const here = a.get(name) ?? new Float32Array();
    const size = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const difference = values.reduce((most, value, i) => Math.max(most, Math.abs(here[i] - value)), 0);
    expect(difference, name).toBeLessThan(tolerance * size + NOTHING);
  }
}

for (const blas of BLASES)
  describe(`CPU engine with ${blas.name} against the reference`, () => {
    for (const network of NETWORKS) {
      it(`gradients and running statistics: ${network.name}`, async () => {
        const given = rule({
          featureDecay: 0.02,
          weightDecay: (name) => (name.startsWith('W') ? 0.1 : 0.01),
        });
        const [found, wanted] = await pair(network, given, blas);
        for (const [round, samples] of [BATCH, 3].entries()) {
          const { images, labels } = batchOf(network, samples, round);
          // Rate 0: momentum holds the gradients, and parameters stay.
          const [a, b] = [await found.step(images, labels, 0), await wanted.step(images, labels, 0)];
          expect(a.correct).toBe(b.correct);
          expect(Math.abs(a.loss - b.loss)).toBeLessThan(ROUNDING * Math.abs(b.loss));
          await expectSameState(found, wanted, ROUNDING);
        }
        await found.close();
      });
    }

    it.each(Object.entries(VARIED_LOSSES))(
      'the gradients of a loss that varies: %s',
      async (_, { loss, ...varied }) => {
        const network = { ...NETWORKS[1], classes: 3 };
        const [found, wanted] = await pair(network, rule({ loss, varied, dataScale: 0.7 }), blas);
        const { images, labels } = batchOf(network, BATCH, 0);
        const [a, b] = [await found.step(images, labels, 0), await wanted.step(images, labels, 0)];
        expect(a.correct).toBe(b.correct);
        expect(Math.abs(a.loss - b.loss)).toBeLessThan(ROUNDING * Math.abs(b.loss));
        await expectSameState(found, wanted, ROUNDING);
        await found.close();
      },
    );

    it('three steps of momentum and of Adam, with MSE and CE', async () => {
      const network = NETWORKS[1];
      for (const loss of ['mse', 'ce'] as const)
        for (const optimizer of [
          { name: 'sgd', momentum: 0.5 },
          { name: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
        ] as const) {
          // The bias of the first layer has no gradient but rounding, which Adam would blow up: a decay drowns it.
          const given = rule({ loss, optimizer, dataScale: 0.5, weightDecay: () => 0.05 });
          const [found, wanted] = await pair(network, given, blas);
          for (let step = 0; step < 3; step++) {
            const { images, labels } = batchOf(network, BATCH, step);
            const [a, b] = [await found.step(images, labels, 0.01), await wanted.step(images, labels, 0.01)];
            expect(Math.abs(a.loss - b.loss)).toBeLessThan(ROUNDING * b.loss);
          }
          // Adam divides by roots of squares: small gradients carry their relative error into the step.
          await expectSameState(found, wanted, 10 * ROUNDING);
          await found.close();
        }
    });

    it('evaluation gives every layer, and changes nothing', async () => {
      for (const network of NETWORKS) {
        const [found, wanted] = await pair(network, rule(), blas);
        const first = batchOf(network, BATCH, 0);
        for (const executable of [found, wanted]) await executable.step(first.images, first.labels, 0);
        const before = await found.read();
        const { images } = batchOf(network, 5, 9);
        const taps = [...layerNames(network), 'features'];
        const [a, b] = [await found.evaluate(images, 5, taps), await wanted.evaluate(images, 5, taps)];
        for (const tap of taps)
          expect(distance(a.get(tap)!, b.get(tap)!), `${network.name}: ${tap}`).toBeLessThan(ROUNDING);
        // Alone, a layer is what it is among others.
        const last = await found.evaluate(images, 5, ['features']);
        expect(last.get('features')).toEqual(a.get('features'));
        expect(await found.read()).toEqual(before);
        await found.close();
      }
    });
  });

describe('CPU engine', () => {
  const engine = createCpuEngine({ blas: BLASES[0], threads: 1 });

  it('refuses what does not fit', async () => {
    const network = NETWORKS[0];
    const executable = await engine.compile(network, rule(), 4);
    const { images, labels } = batchOf(network, 4, 0);
    await expect(executable.step(images, Int32Array.of(0, 1, 2, 3, 0), 0.1)).rejects.toThrow(
      '1 to 4 samples, got 5',
    );
    await expect(executable.step(images.subarray(1), labels, 0.1)).rejects.toThrow('4×6 numbers');
    await expect(executable.step(images, Int32Array.of(0, 1, 2, 4), 0.1)).rejects.toThrow(
      'classes 0 to 3, got 4',
    );
    await expect(executable.evaluate(images, 4, ['nowhere'])).rejects.toThrow('a layer, or features');
    await expect(executable.write(new Map([['W1', new Float32Array(3)]]))).rejects.toThrow('W1');
    await expect(executable.read(['nothing'])).rejects.toThrow('nothing');
    await expect(engine.compile(network, rule(), 0)).rejects.toThrow('batch');
    expect(() => createCpuEngine({ blas: BLASES[0], threads: 0 })).toThrow('threads');
    await executable.close();
  });

  it('refuses a network that does not fit into 32-bit addresses', async () => {
    await expect(engine.compile(NETWORKS[9], rule(), 10_000_000)).rejects.toThrow('less than 4 GiB');
  });
});
