/**
 * A multilayer perceptron: linear, BatchNorm where asked for, ReLU, as often as there are layers, and then a linear layer
 * to the features, without ReLU. With BatchNorm `after-relu` the order is linear, ReLU, BatchNorm, and the features are what a
 * further BatchNorm makes of the last.
 *
 * Source: the public code of Dang et al. (2023), six hidden layers: without BatchNorm in the imbalanced experiment, `after-relu`
 * in the balanced one. Layers are `hidden1.linear`, `hidden1.norm`, `hidden1.relu`, … and `features.linear` or
 * `features.norm`; all linear layers have biases. The features are as wide as the hidden layers.
 */
import { batchNorm, linear, relu } from './layers.js';
import type { Layer } from './network.js';

export interface MlpArchitecture {
  readonly name: 'mlp';
  /** Hidden layers, those with a ReLU. */
  readonly layers: number;
  /** Of the hidden layers and of the features. */
  readonly width: number;
  readonly batchNorm: boolean | 'after-relu';
}

export function mlpBackbone({ layers, width, batchNorm: normalised }: MlpArchitecture): Layer[] {
  const names = Array.from({ length: layers }, (_, i) => `hidden${i + 1}`);
  if (normalised === 'after-relu') {
    const hidden = names.flatMap((name) => [
      linear(`${name}.linear`, width),
      relu(`${name}.relu`),
      batchNorm(`${name}.norm`),
    ]);
    return [...hidden, batchNorm('features.norm')];
  }
  const hidden = names.flatMap((name) => [
    linear(`${name}.linear`, width),
    ...(normalised ? [batchNorm(`${name}.norm`)] : []),
    relu(`${name}.relu`),
  ]);
  return [...hidden, linear('features.linear', width)];
}
