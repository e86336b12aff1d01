/**
 * A network as data: a backbone of layers and the deep linear head on top of it.
 *
 * Activations are NHWC: a batch of maps is B×height×width×channels, a batch of vectors B×size. Nothing here computes;
 * engines read this, and architectures (mlp.ts, resnet.ts, vgg.ts) are functions that return it.
 */

/** What one sample is at some depth of the network. */
export type Shape =
  | { readonly kind: 'map'; readonly height: number; readonly width: number; readonly channels: number }
  | { readonly kind: 'vector'; readonly size: number };

/**
 * One layer. `name` is unique in the network: parameters are called `NAME.weight` and so on, and a measurement can ask
 * for the output of a layer by its name.
 */
export type Layer =
  /** y = Wx (+ c), W: outputs×inputs. A map is read as the vector of its numbers in NHWC order. */
  | { readonly kind: 'linear'; readonly name: string; readonly outputs: number; readonly bias: boolean }
  /** Convolution with zero padding (kernel − 1)/2; weight kernel×kernel×inputs×outputs. */
  | {
      readonly kind: 'conv';
      readonly name: string;
      readonly outputs: number;
      readonly kernel: 1 | 3;
      readonly stride: 1 | 2;
      readonly bias: boolean;
    }
  /** Per channel (or entry of a vector); in training by the batch's mean and variance (1/n), else by the running ones. */
  | { readonly kind: 'batchNorm'; readonly name: string }
  | { readonly kind: 'relu'; readonly name: string }
  /** 2×2 maxima, stride 2; an odd last row or column is dropped, as PyTorch does. */
  | { readonly kind: 'maxPool'; readonly name: string }
  /** Mean over all positions of a map: a vector of its channels. */
  | { readonly kind: 'averagePool'; readonly name: string }
  /** body(x) + shortcut(x); an empty shortcut is the identity. */
  | {
      readonly kind: 'residual';
      readonly name: string;
      readonly body: readonly Layer[];
      readonly shortcut: readonly Layer[];
    };

/** W_M … W_1 (no bias but the last, K, where `bias` is free): widths d_1 … d_{M−1}; d_0 is the backbone's output. */
export interface HeadShape {
  readonly widths: readonly number[];
  readonly bias: 'none' | 'free';
}

export interface Network {
  readonly name: string;
  readonly input: { readonly height: number; readonly width: number; readonly channels: number };
  readonly backbone: readonly Layer[];
  readonly head: HeadShape;
  /** K. */
  readonly classes: number;
}

/** BatchNorm's constants, those of PyTorch: added to the variance, and the weight of the newest batch in the running ones. */
export const BATCH_NORM_EPSILON = 1e-5;
export const BATCH_NORM_MOMENTUM = 0.1;
