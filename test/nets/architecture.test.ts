import { describe, expect, it } from 'vitest';
import {
  activationNames,
  buildNetwork,
  featureSize,
  inputShape,
  layerNames,
  parametersOf,
  shapeThrough,
  type Architecture,
  type Network,
} from '../../src/nets/index.js';

const CIFAR = { height: 32, width: 32, channels: 3 };
const HEAD = { depth: 3, width: 512, bias: 'free' } as const;
const MLP = { name: 'mlp', layers: 6, width: 512, batchNorm: false } as const;
const RESNET = { name: 'resnet18', widthMultiplier: 1 } as const;
const VGG = { name: 'vgg16', widthMultiplier: 1 } as const;

function parameterCount(network: Network): number {
  return parametersOf(network).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
}

describe('architectures', () => {
  // PyTorch's count of the same networks, with the head 512 wide, 3 deep and a last bias.
  it.each<[Architecture, number]>([
    [MLP, 3_678_730],
    [RESNET, 11_699_274],
    [VGG, 15_253_578],
  ])('%j has as many parameters as its PyTorch counterpart', (architecture, expected) => {
    const network = buildNetwork(architecture, CIFAR, 10, HEAD);
    expect(parameterCount(network)).toBe(expected);
    expect(shapeThrough(network.backbone, inputShape(network))).toEqual({ kind: 'vector', size: 512 });
  });

  // torchvision's vgg11_bn and vgg13_bn have 9 225 984 and 9 410 880 parameters in `features`; 2·512 are of the last norm.
  it.each([
    ['vgg11', 9_225_984],
    ['vgg13', 9_410_880],
  ] as const)('%s has the convolutions of its published form', (name, expected) => {
    const network = buildNetwork({ ...VGG, name }, CIFAR, 10, { depth: 1, width: 512, bias: 'none' });
    expect(parameterCount(network)).toBe(expected + 2 * 512 + 512 * 10);
  });

  it('multiply channels, rounded down, and take the last ones as features', () => {
    const at = (widthMultiplier: number) =>
      buildNetwork({ ...RESNET, widthMultiplier }, { height: 28, width: 28, channels: 1 }, 7, HEAD);
    expect(featureSize(at(0.3))).toBe(153);
    expect(featureSize(at(0.001))).toBe(1);
    const shapes = new Map(parametersOf(at(0.25)).map(({ name, shape }) => [name, shape]));
    expect(shapes.get('stem.conv.weight')).toEqual([3, 3, 1, 16]);
    expect(shapes.get('stage2.block1.shortcut.conv.weight')).toEqual([1, 1, 16, 32]);
    expect(shapes.get('W1')).toEqual([512, 128]);
    expect(shapes.get('W3')).toEqual([7, 512]);
  });

  it('have readable names, each once', () => {
    const names = layerNames(buildNetwork(RESNET, CIFAR, 10, HEAD));
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining(['stem.conv', 'stage2.block1.conv2', 'features.norm']));
    expect(activationNames(buildNetwork(RESNET, CIFAR, 10, HEAD))).toHaveLength(9);
    expect(activationNames(buildNetwork(VGG, CIFAR, 10, HEAD))).toHaveLength(13);
    const mlp = buildNetwork({ ...MLP, layers: 2, batchNorm: true }, CIFAR, 10, HEAD);
    expect(layerNames(mlp)).toEqual([
      'hidden1.linear',
      'hidden1.norm',
      'hidden1.relu',
      'hidden2.linear',
      'hidden2.norm',
      'hidden2.relu',
      'features.linear',
    ]);
  });

  it('normalises after each ReLU, and the features too, where asked to', () => {
    const mlp = buildNetwork({ ...MLP, layers: 2, batchNorm: 'after-relu' }, CIFAR, 10, HEAD);
    expect(mlp.backbone.map(({ name }) => name)).toEqual([
      'hidden1.linear',
      'hidden1.relu',
      'hidden1.norm',
      'hidden2.linear',
      'hidden2.relu',
      'hidden2.norm',
      'features.norm',
    ]);
  });

  it('take a head of depth 1, a list of widths and no bias', () => {
    const shapesOf = (network: Network) =>
      parametersOf(network)
        .filter(({ role }) => role === 'head' || role === 'headBias')
        .map(({ shape }) => shape);
    expect(shapesOf(buildNetwork(MLP, CIFAR, 10, { ...HEAD, depth: 1 }))).toEqual([[10, 512], [10]]);
    expect(shapesOf(buildNetwork(MLP, CIFAR, 4, { depth: 3, width: [7, 5], bias: 'none' }))).toEqual([
      [7, 512],
      [5, 7],
      [4, 5],
    ]);
  });

  it('refuse what does not fit, in one line', () => {
    expect(() => buildNetwork(VGG, { height: 28, width: 28, channels: 1 }, 10, HEAD)).toThrow(
      'stage5.pool: a map of at least 2×2, got 1×1; larger images or fewer pools',
    );
    expect(() => buildNetwork({ ...MLP, layers: 0 }, CIFAR, 10, HEAD)).toThrow(/^layers: a whole number/);
    expect(() => buildNetwork({ ...VGG, widthMultiplier: NaN }, CIFAR, 10, HEAD)).toThrow(
      /^widthMultiplier:/,
    );
    expect(() => buildNetwork(MLP, CIFAR, 0, HEAD)).toThrow(/^classes:/);
    expect(() => buildNetwork(MLP, CIFAR, 10, { ...HEAD, depth: 0 })).toThrow(/^head depth:/);
    expect(() => buildNetwork(MLP, CIFAR, 10, { ...HEAD, width: [5] })).toThrow(
      /^head width:.*2 hidden layers/,
    );
    expect(() => buildNetwork(MLP, { ...CIFAR, channels: 0.5 }, 10, HEAD)).toThrow(/^image channels:/);
  });
});
