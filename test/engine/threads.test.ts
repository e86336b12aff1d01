/** Threads load the built program: sources cannot start a worker. `npm test` builds first. */
import { describe, expect, it } from 'vitest';
import { BLASES } from '../support/blases.js';
import { batchOf, distance, fill, NETWORKS, rule } from './networks.js';

const built = new URL('../../dist/node.js', import.meta.url).href;
const { createCpuEngine } = (await import(built)) as typeof import('../../src/node.js');

async function train(network: (typeof NETWORKS)[number], threads: number, blas: (typeof BLASES)[number]) {
  const executable = await createCpuEngine({ blas, threads }).compile(network, rule(), 6);
  await fill(executable, { network, seed: 3 });
  // Fewer samples than threads leave some without work.
  for (const [round, samples] of [6, 2, 1, 5].entries()) {
    const { images, labels } = batchOf(network, samples, round);
    await executable.step(images, labels, 1e-4);
  }
  const state = await executable.read();
  const { images } = batchOf(network, 6, 7);
  const features = (await executable.evaluate(images, 6, ['features'])).get('features')!;
  await executable.close();
  return { state, features };
}

for (const blas of BLASES)
  describe(`threads with ${blas.name}`, () => {
    it('three do what one does, up to rounding, and the same every time', async () => {
      for (const network of [NETWORKS[0], NETWORKS[4], NETWORKS[6], NETWORKS[9]]) {
        const [one, three, again] = [
          await train(network, 1, blas),
          await train(network, 3, blas),
          await train(network, 3, blas),
        ];
        expect(again).toEqual(three);
        // Four steps carry rounding of sums in another order into each other; a batch of one leaves little variance.
        expect(distance(three.features, one.features), network.name).toBeLessThan(1e-3);
        for (const [name, values] of one.state)
          if (name.startsWith('W')) expect(distance(three.state.get(name)!, values), name).toBeLessThan(1e-3);
      }
    });
  });
