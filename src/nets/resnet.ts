/**
 * ResNet18 for small images: a 3×3 stem of stride 1 without pooling, four stages of two blocks, the mean over positions,
 * and BatchNorm of the features before the head.
 *
 * Source: He, Zhang, Ren & Sun (2016) with the usual stem for CIFAR; the BatchNorm at the end is that of the experiments of
 * Dang et al. (2023). Convolutions have no bias. Where a block changes size its shortcut is a 1×1 convolution and BatchNorm.
 * Layers are `stem.conv`, `stage2.block1.conv2`, `stage2.block1` (the sum), `stage2.block1.relu`, `features.norm`, ….
 */
import { averagePool, batchNorm, conv, relu } from './layers.js';
import type { Layer } from './network.js';

export interface ResnetArchitecture {
  readonly name: 'resnet18';
  /** Of every channel count (64, 128, 256, 512), rounded down, at least 1 channel. */
  readonly widthMultiplier: number;
}

const STAGES = [
  { channels: 64, stride: 1 },
  { channels: 128, stride: 2 },
  { channels: 256, stride: 2 },
  { channels: 512, stride: 2 },
] as const;

/** `channels` gives the channels of a count at multiplier 1. */
export function resnetBackbone(channels: (count: number) => number): Layer[] {
  const layers: Layer[] = [
    conv('stem.conv', { outputs: channels(STAGES[0].channels), kernel: 3, stride: 1, bias: false }),
    batchNorm('stem.norm'),
    relu('stem.relu'),
  ];
  let inputs = channels(STAGES[0].channels);
  STAGES.forEach((stage, i) => {
    const outputs = channels(stage.channels);
    for (const [block, stride] of [
      [1, stage.stride],
      [2, 1],
    ] as const) {
      layers.push(...basicBlock(`stage${i + 1}.block${block}`, inputs, outputs, stride));
      inputs = outputs;
    }
  });
  return [...layers, averagePool('features.pool'), batchNorm('features.norm')];
}

function basicBlock(name: string, inputs: number, outputs: number, stride: 1 | 2): Layer[] {
  const same = stride === 1 && inputs === outputs;
  return [
    {
      kind: 'residual',
      name,
      body: [
        conv(`${name}.conv1`, { outputs, kernel: 3, stride, bias: false }),
        batchNorm(`${name}.norm1`),
        relu(`${name}.relu1`),
        conv(`${name}.conv2`, { outputs, kernel: 3, stride: 1, bias: false }),
        batchNorm(`${name}.norm2`),
      ],
      shortcut: same
        ? []
        : [
            conv(`${name}.shortcut.conv`, { outputs, kernel: 1, stride, bias: false }),
            batchNorm(`${name}.shortcut.norm`),
          ],
    },
    relu(`${name}.relu`),
  ];
}
