/** Short ways to write layers, for the architectures; a name is a prefix and what the layer is. */
import type { Layer } from './network.js';

export interface ConvOptions {
  readonly outputs: number;
  readonly kernel: 1 | 3;
  readonly stride: 1 | 2;
  readonly bias: boolean;
}

export function conv(name: string, { outputs, kernel, stride, bias }: ConvOptions): Layer {
  return { kind: 'conv', name, outputs, kernel, stride, bias };
}

/** With a bias, as the linear layers of a backbone have. */
export function linear(name: string, outputs: number): Layer {
  return { kind: 'linear', name, outputs, bias: true };
}

export function batchNorm(name: string): Layer {
  return { kind: 'batchNorm', name };
}

export function relu(name: string): Layer {
  return { kind: 'relu', name };
}

export function maxPool(name: string): Layer {
  return { kind: 'maxPool', name };
}

export function averagePool(name: string): Layer {
  return { kind: 'averagePool', name };
}
