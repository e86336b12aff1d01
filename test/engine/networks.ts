/** Small networks that lead through every layer and every way it can be joined to others, and batches for them. */
import { createRandom } from '../../src/core/random.js';
import {
  parametersOf,
  type Executable,
  type Layer,
  type Network,
  type TrainingRule,
} from '../../src/nets/index.js';

let named = 0;
const name = (kind: string) => `${kind}${named++}`;

export const conv = (outputs: number, kernel: 1 | 3 = 3, stride: 1 | 2 = 1, bias = false): Layer => ({
  kind: 'conv',
  name: name('conv'),
  outputs,
  kernel,
  stride,
  bias,
});
export const linear = (outputs: number, bias = true): Layer => ({
  kind: 'linear',
  name: name('linear'),
  outputs,
  bias,
});
export const norm = (): Layer => ({ kind: 'batchNorm', name: name('norm') });
export const relu = (): Layer => ({ kind: 'relu', name: name('relu') });
export const maxPool = (): Layer => ({ kind: 'maxPool', name: name('pool') });
export const averagePool = (): Layer => ({ kind: 'averagePool', name: name('mean') });
export const residual = (body: readonly Layer[], shortcut: readonly Layer[] = []): Layer => ({
  kind: 'residual',
  name: name('residual'),
  body,
  shortcut,
});

const network = (
  title: string,
  [height, width, channels]: readonly [number, number, number],
  backbone: readonly Layer[],
  bias: 'none' | 'free' = 'free',
): Network => ({
  name: title,
  input: { height, width, channels },
  backbone,
  head: { widths: [6, 9], bias },
  classes: 4,
});

/** In all of them, gradients are of order one. */
export const NETWORKS: readonly Network[] = [
  network('linear layers', [2, 3, 1], [linear(19), relu(), linear(35, false), relu(), linear(5)], 'none'),
  network('normalised linear layers', [3, 2, 3], [linear(18), norm(), relu(), linear(7), norm()]),
  network('no backbone', [1, 5, 1], []),
  network('even map', [6, 4, 4], [conv(8), norm(), relu(), conv(4), averagePool()]),
  network(
    'odd map with bias',
    [5, 7, 4],
    [conv(8, 3, 1, true), relu(), conv(12, 3, 1, true), norm(), linear(6)],
  ),
  network('tiny maps', [1, 2, 8], [conv(4), relu(), conv(8, 3, 1, true), linear(6)]),
  network(
    'patches',
    [6, 5, 3],
    [conv(6, 3, 1, true), relu(), conv(5, 3, 2), norm(), relu(), conv(7, 1), conv(4, 1, 2, true)],
  ),
  network(
    'pools',
    [7, 9, 4],
    [conv(4), norm(), relu(), maxPool(), relu(), conv(8, 3, 1, true), maxPool(), linear(5)],
  ),
  network('pool first', [4, 4, 5], [maxPool(), relu(), conv(4, 1), relu(), averagePool(), norm()]),
  network(
    'residuals',
    [4, 4, 3],
    [
      conv(4),
      norm(),
      relu(),
      residual([conv(4), norm(), relu(), conv(4), norm()]),
      relu(),
      residual([conv(8, 3, 2), norm(), relu(), conv(8), norm()], [conv(8, 1, 2), norm()]),
      relu(),
      averagePool(),
      norm(),
    ],
  ),
  network(
    'odd residuals',
    [3, 5, 4],
    [
      residual([conv(4)]),
      residual([conv(4, 3, 1, true)]),
      relu(),
      residual([conv(4, 1)], [norm()]),
      residual([residual([norm(), relu(), conv(4)]), relu(), conv(4)]),
      residual([relu()], [conv(4), relu()]),
      residual([norm()]),
      linear(8),
      residual([linear(8)]),
      residual([relu(), linear(8)], [linear(8), norm()]),
      relu(),
    ],
  ),
];

export const rule = (changes: Partial<TrainingRule> = {}): TrainingRule => ({
  loss: 'mse',
  dataScale: 1,
  featureDecay: 0,
  weightDecay: () => 0,
  optimizer: { name: 'sgd', momentum: 0.9 },
  ...changes,
});

/** Writes parameters of order one, the same for the same seed. */
export async function fill(
  executable: Executable,
  { network: net, seed }: { network: Network; seed: number },
): Promise<void> {
  const random = createRandom(seed);
  const arrays = new Map<string, Float32Array>();
  for (const { name: parameter, role, shape } of parametersOf(net)) {
    const length = shape.reduce((product, size) => product * size, 1);
    const matrixFan = role === 'linear' || role === 'head' ? shape[1] : 4;
    const fan = role === 'conv' ? shape[0] * shape[1] * shape[2] : matrixFan;
    const values = random.normalsInto(new Float32Array(length), Math.sqrt(2 / fan));
    arrays.set(parameter, role === 'scale' ? values.map((value) => 1 + 0.3 * value) : values);
  }
  await executable.write(arrays);
}

/** Images (normal) and labels of a batch. */
export function batchOf(
  { input, classes }: Network,
  samples: number,
  seed: number,
): { images: Float32Array; labels: Int32Array } {
  const random = createRandom(1000 + seed);
  const images = random.normalsInto(
    new Float32Array(samples * input.height * input.width * input.channels),
    1,
  );
  const labels = Int32Array.from({ length: samples }, () => Math.floor(classes * random.uniform()));
  return { images, labels };
}

/** The largest difference of two arrays over the largest entry of the second. */
export function distance(found: Float32Array, wanted: Float32Array): number {
  let [difference, size] = [0, 0];
  wanted.forEach((value, i) => {
    difference = Math.max(difference, Math.abs(found[i] - value));
    size = Math.max(size, Math.abs(value));
  });
  if (Number.isNaN(found.reduce((sum, value) => sum + value, 0))) return NaN;
  return size === 0 ? difference : difference / size;
}
