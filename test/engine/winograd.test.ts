import { describe, expect, it } from 'vitest';
import { createCpuEngine } from '../../src/engine/cpu/cpuEngine.node.js';
import type { Engine } from '../../src/nets/index.js';
import { BLASES } from '../support/blases.js';
import { createReferenceEngine } from '../support/referenceEngine.js';
import { batchOf, conv, fill, norm, relu, rule } from './networks.js';

/**
 * Maps of several tiles of either size, whole and cut off; channels of more than one block of the kernels, and not of two whole ones.
 * F(4×4, 3×3) serves all maps but the last two, where F(2×2, 3×3) has fewer multiplications, or as many.
 */
const MAPS = [
  [12, 9],
  [4, 4],
  [7, 5],
  [6, 6],
  [2, 2],
] as const;
const SAMPLES = 5;

/** Root mean square of the difference over that of the reference. */
function relativeError(found: Float32Array, wanted: Float32Array): number {
  let [difference, size] = [0, 0];
  wanted.forEach((value, i) => {
    difference += (found[i] - value) ** 2;
    size += value ** 2;
  });
  return Math.sqrt(difference / size);
}

/** The features, and the gradients of the first weights (which pass through the second convolution) and of the second. */
async function outcome(engine: Engine, [height, width]: readonly [number, number]) {
  const [first, second] = [conv(68), conv(72, 3, 1, true)];
  const network = {
    name: 'two convolutions',
    input: { height, width, channels: 12 },
    backbone: [first, relu(), second],
    head: { widths: [6], bias: 'free' as const },
    classes: 4,
  };
  const executable = await engine.compile(network, rule(), SAMPLES);
  await fill(executable, { network, seed: 2 });
  const { images, labels } = batchOf(network, SAMPLES, 0);
  await executable.step(images, labels, 0);
  const gradients = await executable.read([
    `momentum:${first.name}.weight`,
    `momentum:${second.name}.weight`,
    `momentum:${second.name}.bias`,
  ]);
  const features = await executable.evaluate(images, SAMPLES, ['features']);
  await executable.close();
  return [...features.values(), ...gradients.values()];
}

describe('convolutions by Winograd and as direct sums, against sums in float64', () => {
  const [blas] = BLASES;
  const engineWith = (convolutions: 'winograd' | 'direct') =>
    createCpuEngine({ blas, threads: 1, convolutions });

  it.each(MAPS)('maps of %i×%i: features and gradients', async (...map) => {
    const wanted = await outcome(createReferenceEngine('double'), map);
    const errors = await Promise.all(
      (['winograd', 'direct'] as const).map(async (method) => {
        const found = await outcome(engineWith(method), map);
        return found.map((values, i) => relativeError(values, wanted[i]));
      }),
    );
    for (const [i, error] of errors[0].entries()) {
      // The bound that the documents state; a direct sum has roundings of some hundred terms, each 6e-8 of a partial sum.
      expect(error).toBeLessThan(3e-6);
      expect(errors[1][i]).toBeLessThan(1e-6);
    }
    // Both were really computed in their own ways.
    expect(errors[0][0]).not.toBe(errors[1][0]);
  });
});

it('a state that is read and written goes on bit for bit, with a batch that leaves threads and tiles unequal', async () => {
  const network = {
    name: 'normalised convolutions',
    input: { height: 9, width: 8, channels: 4 },
    backbone: [conv(8), norm(), relu(), conv(12, 3, 2), norm(), relu(), conv(8), norm()],
    head: { widths: [6], bias: 'free' as const },
    classes: 4,
  };
  const engine = createCpuEngine({ blas: BLASES[0], threads: 1 });
  const start = () => engine.compile(network, rule(), SAMPLES);
  const [whole, first, second] = await Promise.all([start(), start(), start()]);
  const advance = async (executable: typeof whole, step: number) => {
    const { images, labels } = batchOf(network, step === 1 ? 3 : SAMPLES, step);
    await executable.step(images, labels, 0.01);
  };
  for (const executable of [whole, first]) await fill(executable, { network, seed: 4 });
  for (const step of [0, 1, 2, 3]) await advance(whole, step);
  for (const step of [0, 1]) await advance(first, step);
  await second.write(await first.read());
  for (const step of [2, 3]) await advance(second, step);
  expect(await second.read()).toEqual(await whole.read());
  await Promise.all([whole, first, second].map((executable) => executable.close()));
});
