/** Networks small enough for plain loops, and random states and batches for them. */
import { createRandom } from '../../src/core/random.js';
import { headSizes, inputShape, parametersOf, sizeOf } from '../../src/nets/index.js';
import type { VariedLoss } from '../../src/model/index.js';
import type { Layer, Network } from '../../src/nets/index.js';

export function networkOf(name: string, backbone: readonly Layer[], change: Partial<Network> = {}): Network {
  return {
    name,
    input: { height: 5, width: 6, channels: 2 },
    backbone,
    head: { widths: [4, 5], bias: 'free' },
    classes: 3,
    ...change,
  };
}

const conv = (name: string, outputs: number, kernel: 1 | 3 = 3, stride: 1 | 2 = 1, bias = false): Layer => ({
  kind: 'conv',
  name,
  outputs,
  kernel,
  stride,
  bias,
});
const norm = (name: string): Layer => ({ kind: 'batchNorm', name });
const relu = (name: string): Layer => ({ kind: 'relu', name });
const dense = (name: string, outputs: number, bias = true): Layer => ({
  kind: 'linear',
  name,
  outputs,
  bias,
});

/** One network for each layer kind, alone before a head, and small whole ones. */
export const SMALL_NETWORKS: readonly Network[] = [
  networkOf('head alone', []),
  networkOf('head without bias', [], { head: { widths: [], bias: 'none' } }),
  networkOf('linear', [dense('a', 4, false)]),
  networkOf('linear with bias', [dense('a', 4)]),
  networkOf('conv 3', [conv('a', 3)]),
  networkOf('conv 3, stride 2', [conv('a', 3, 3, 2)]),
  networkOf('conv 1 with bias', [conv('a', 3, 1, 1, true)]),
  networkOf('conv 1, stride 2', [conv('a', 3, 1, 2)]),
  networkOf('batchNorm of maps', [norm('a')]),
  networkOf('batchNorm of vectors', [dense('a', 4), norm('n')]),
  networkOf('relu', [dense('a', 6), relu('n')]),
  networkOf('maxPool of odd maps', [conv('a', 2), { kind: 'maxPool', name: 'n' }]),
  networkOf('averagePool', [conv('a', 3), { kind: 'averagePool', name: 'n' }]),
  networkOf('residual with identity', [
    { kind: 'residual', name: 'a', body: [conv('a.conv', 2)], shortcut: [] },
  ]),
  networkOf('tiny mlp', [
    dense('hidden1.linear', 6),
    norm('hidden1.norm'),
    relu('hidden1.relu'),
    dense('hidden2.linear', 5),
    relu('hidden2.relu'),
    dense('features.linear', 4),
  ]),
  networkOf('tiny resnet', [
    conv('stem.conv', 3),
    norm('stem.norm'),
    relu('stem.relu'),
    {
      kind: 'residual',
      name: 'block1',
      body: [
        conv('block1.conv1', 3),
        norm('block1.norm1'),
        relu('block1.relu1'),
        conv('block1.conv2', 3),
        norm('block1.norm2'),
      ],
      shortcut: [],
    },
    relu('block1.relu'),
    {
      kind: 'residual',
      name: 'block2',
      body: [conv('block2.conv1', 4, 3, 2), norm('block2.norm1')],
      shortcut: [conv('block2.conv0', 4, 1, 2), norm('block2.norm0')],
    },
    relu('block2.relu'),
    { kind: 'averagePool', name: 'pool' },
    norm('features.norm'),
  ]),
  networkOf('tiny vgg', [
    conv('conv1', 3, 3, 1, true),
    norm('norm1'),
    relu('relu1'),
    { kind: 'maxPool', name: 'pool1' },
    conv('conv2', 4, 3, 1, true),
    norm('norm2'),
    relu('relu2'),
    { kind: 'maxPool', name: 'pool2' },
    norm('features.norm'),
  ]),
];

/** Every parameter N(0, 0.5²), and BatchNorm's scales 1 more. */
export function randomParameters(network: Network, seed: number): Map<string, Float32Array> {
  const random = createRandom(seed);
  return new Map(
    parametersOf(network).map(({ name, role, shape }) => {
      const values = random.normalsInto(new Float32Array(shape.reduce((a, b) => a * b, 1)), 0.5);
      return [name, role === 'scale' ? values.map((value) => 1 + value) : values];
    }),
  );
}

/** N(0, 1) images, and labels that go round the classes. */
export function randomBatch(network: Network, samples: number, seed: number) {
  const images = new Float32Array(samples * sizeOf(inputShape(network)));
  createRandom(seed).normalsInto(images, 1);
  const sizes = headSizes(network);
  const K = sizes[sizes.length - 1];
  return { images, labels: Int32Array.from({ length: samples }, (_, i) => i % K) };
}

const ONE_HOT = [0, 1, 2].map((j) => [0, 1, 2].map((k) => (j === k ? 1 : 0)));
const NOTHING: VariedLoss = { sampleWeights: [1, 1, 1], targets: ONE_HOT, focal: 0, logitAdjustment: null };

/** What the loss of three classes may have beyond the plain one: each alone, and what goes together. */
export const VARIED_LOSSES: Readonly<Record<string, VariedLoss & { readonly loss: 'mse' | 'ce' }>> = {
  'weighted MSE': { ...NOTHING, loss: 'mse', sampleWeights: [0.5, 2, 3] },
  'soft MSE': {
    ...NOTHING,
    loss: 'mse',
    targets: [
      [0.8, 0.1, -0.2],
      [0.1, 0.6, 0.3],
      [0.3, 0.3, 1.5],
    ],
  },
  'weighted CE': { ...NOTHING, loss: 'ce', sampleWeights: [0.5, 2, 3] },
  'soft CE': {
    ...NOTHING,
    loss: 'ce',
    targets: [
      [0.8, 0.1, 0.2],
      [0.1, 0.6, 0.3],
      [0.1, 0.3, 0.5],
    ],
  },
  focal: { ...NOTHING, loss: 'ce', focal: 2.5, sampleWeights: [1, 2, 0.5] },
  adjusted: {
    ...NOTHING,
    loss: 'ce',
    sampleWeights: [1, 2, 0.5],
    logitAdjustment: { offsets: [-0.9, -1, -1.6], scales: [1, 0.8, 0.5] },
  },
};
