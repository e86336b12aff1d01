/**
 * VGG11, VGG13 and VGG16 with BatchNorm: stages of 3×3 convolutions (with bias, BatchNorm and ReLU), each ended by a 2×2
 * maximum, then BatchNorm of the features before the head; the fully connected layers of the original are the head.
 *
 * Source: Simonyan & Zisserman (2015), configurations A, B and D; the BatchNorm at the end is that of the experiments of
 * Dang et al. (2023). What the five pools leave is averaged over positions: at 32×32 that is one position, so it only
 * flattens. Images need at least 32×32. Layers are `stage3.conv2`, `stage3.norm2`, `stage3.relu2`, `stage3.pool`, ….
 */
import { averagePool, batchNorm, conv, maxPool, relu } from './layers.js';
import type { Layer } from './network.js';

export type VggName = 'vgg11' | 'vgg13' | 'vgg16';

export interface VggArchitecture {
  readonly name: VggName;
  /** Of every channel count (64, 128, 256, 512, 512), rounded down, at least 1 channel. */
  readonly widthMultiplier: number;
}

const CHANNELS = [64, 128, 256, 512, 512];
/** Convolutions in each stage. */
const CONVOLUTIONS: Readonly<Record<VggName, readonly number[]>> = {
  vgg11: [1, 1, 2, 2, 2],
  vgg13: [2, 2, 2, 2, 2],
  vgg16: [2, 2, 3, 3, 3],
};

/** `channels` gives the channels of a count at multiplier 1. */
export function vggBackbone(name: VggName, channels: (count: number) => number): Layer[] {
  const stages = CONVOLUTIONS[name].flatMap((count, i) => {
    const stage = `stage${i + 1}`;
    const outputs = channels(CHANNELS[i]);
    const convolutions = Array.from({ length: count }, (_, j) => j + 1).flatMap((j) => [
      conv(`${stage}.conv${j}`, { outputs, kernel: 3, stride: 1, bias: true }),
      batchNorm(`${stage}.norm${j}`),
      relu(`${stage}.relu${j}`),
    ]);
    return [...convolutions, maxPool(`${stage}.pool`)];
  });
  return [...stages, averagePool('features.pool'), batchNorm('features.norm')];
}
