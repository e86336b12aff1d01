/**
 * A multilayer perceptron: linear, BatchNorm where asked for, ReLU, as often as there are layers, and then a linear layer
 * to the features, without ReLU.
 *
 * Source: the experiments of Dang et al. (2023), six hidden layers, with BatchNorm in the balanced one only. Layers are
 * `hidden1.linear`, `hidden1.norm`, `hidden1.relu`, … and `features.linear`; all linear layers have biases. The features
 * are as wide as the hidden layers.
 */
import { batchNorm, linear, relu } from './layers.js';
import type { Layer } from './network.js';

export interface MlpArchitecture {
  readonly name: 'mlp';
  /** Hidden layers, those with a ReLU. */
  readonly layers: number;
  /** Of the hidden layers and of the features. */
  readonly width: number;
  readonly batchNorm: boolean;
}

export function mlpBackbone({ layers, width, batchNorm: normalised }: MlpArchitecture): Layer[] {
  const hidden = Array.from({ length: layers }, (_, i) => `hidden${i + 1}`).flatMap((name) => [
    linear(`${name}.linear`, width),
    ...(normalised ? [batchNorm(`${name}.norm`)] : []),
    relu(`${name}.relu`),
  ]);
  return [...hidden, linear('features.linear', width)];
}
