/**
 * Architectures as data: what a spec names, and the network it stands for.
 *
 * The families are in mlp.ts, resnet.ts and vgg.ts; the head is the same for all, M linear layers without bias but the last.
 */
import { refuse } from '../core/errors.js';
import type { FeatureSign } from '../model/index.js';
import { relu } from './layers.js';
import { mlpBackbone, type MlpArchitecture } from './mlp.js';
import type { HeadShape, Layer, Network } from './network.js';
import { resnetBackbone, type ResnetArchitecture } from './resnet.js';
import { parametersOf } from './shapes.js';
import { vggBackbone, type VggArchitecture } from './vgg.js';

export type Architecture = MlpArchitecture | ResnetArchitecture | VggArchitecture;
export type ArchitectureName = Architecture['name'];

export interface HeadChoice {
  /** M, the number of linear layers. */
  readonly depth: number;
  /** One number for all of d_1 … d_{M−1}, or the list of them; without meaning at depth 1. */
  readonly width: number | readonly number[];
  readonly bias: HeadShape['bias'];
}

const LARGEST_DEPTH = 1000;
const LARGEST_WIDTH = 2 ** 24;

/**
 * The network of an architecture on images of `input` for K = `classes`. Features that must not be negative go through a last
 * ReLU, `features.relu`. Throws one-line errors for sizes out of range and for images that are too small.
 */
export function buildNetwork(
  architecture: Architecture,
  input: Network['input'],
  classes: number,
  head: HeadChoice,
  featureSign: FeatureSign = 'free',
): Network {
  checkSize('classes', classes);
  for (const side of ['height', 'width', 'channels'] as const) checkSize(`image ${side}`, input[side]);
  const network: Network = {
    name: architecture.name,
    input,
    backbone: signed(backboneOf(architecture), featureSign),
    head: { widths: headWidths(head), bias: head.bias },
    classes,
  };
  // Walks every layer, and so refuses what does not fit.
  parametersOf(network);
  return network;
}

function backboneOf(architecture: Architecture): Layer[] {
  switch (architecture.name) {
    case 'mlp':
      checkSize('layers', architecture.layers);
      checkSize('width', architecture.width);
      return mlpBackbone(architecture);
    case 'resnet18':
      return resnetBackbone(multiplied(architecture.widthMultiplier));
    case 'vgg11':
    case 'vgg13':
    case 'vgg16':
      return vggBackbone(architecture.name, multiplied(architecture.widthMultiplier));
    default:
      return architecture satisfies never;
  }
}

/** All architectures here end in a linear layer or a BatchNorm, whose outputs have any sign. */
function signed(backbone: readonly Layer[], featureSign: FeatureSign): readonly Layer[] {
  return featureSign === 'nonnegative' ? [...backbone, relu('features.relu')] : backbone;
}

function multiplied(multiplier: number): (count: number) => number {
  if (!(multiplier > 0 && multiplier <= 64))
    refuse('widthMultiplier', 'a positive number of at most 64', multiplier);
  return (count) => Math.max(1, Math.floor(count * multiplier));
}

function headWidths({ depth, width }: HeadChoice): number[] {
  if (!Number.isInteger(depth) || depth < 1 || depth > LARGEST_DEPTH)
    refuse('head depth', `a whole number of linear layers from 1 to ${LARGEST_DEPTH}`, depth);
  const widths = typeof width === 'number' ? new Array<number>(depth - 1).fill(width) : [...width];
  if (widths.length !== depth - 1)
    refuse('head width', `one number, or one for each of the ${depth - 1} hidden layers`, width);
  for (const each of widths) checkSize('head width', each);
  return widths;
}

function checkSize(where: string, value: number): void {
  if (!Number.isInteger(value) || value < 1 || value > LARGEST_WIDTH)
    refuse(where, `a whole number from 1 to ${LARGEST_WIDTH}`, value);
}

/**
 * Layers whose outputs tell of collapse through depth: every ReLU that is not inside a residual, in order. The features
 * themselves are not among them.
 */
export function activationNames({ backbone }: Network): string[] {
  return backbone
    .slice(0, -1)
    .filter(({ kind }) => kind === 'relu')
    .map(({ name }) => name);
}
