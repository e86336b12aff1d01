/** Architectures and data sets as they are written in prose. */
import { titleOfSet } from '../../runs/index.js';
import type { NetworkDetails } from '../../runs/records.js';

const ARCHITECTURES: Readonly<Record<string, string>> = {
  mlp: 'MLP',
  resnet18: 'ResNet18',
  vgg11: 'VGG11',
  vgg13: 'VGG13',
  vgg16: 'VGG16',
};

const SIZES: Readonly<Record<string, string>> = {
  layers: 'hidden layers',
  width: 'width',
  widthMultiplier: 'width ×',
};

/** Digits of a checksum that tell files apart. */
const CHECKSUM_DIGITS = 12;

export function nameOfArchitecture({ architecture }: NetworkDetails): string {
  const name = String(architecture.name);
  return ARCHITECTURES[name] ?? name;
}

export function nameOfSet({ data }: NetworkDetails): string {
  return titleOfSet(data.set);
}

/** `6 hidden layers, width 512`; empty where an architecture has no sizes. */
export function sizesOf({ architecture }: NetworkDetails): string {
  return Object.entries(architecture)
    .flatMap(([key, value]) => {
      if (key === 'name') return [];
      if (key === 'layers') return [`${value} ${SIZES[key]}`];
      if (key === 'batchNorm') return [batchNormInWords(value)];
      return [`${SIZES[key] ?? key} ${value}`];
    })
    .join(', ');
}

function batchNormInWords(value: unknown): string {
  if (value === 'after-relu') return 'BatchNorm after each ReLU';
  return value === true ? 'BatchNorm' : 'no BatchNorm';
}

export function shortChecksum({ data }: NetworkDetails): string {
  return data.checksum.slice(0, CHECKSUM_DIGITS);
}
