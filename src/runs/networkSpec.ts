/**
 * The spec of a network's training, as one schema: data, architecture, head, loss, decay, optimiser. Keys are those of
 * `TrainingSetting` and `Architecture` of the nets room, which give them their meaning.
 */
import { z } from 'zod';
import { IMAGE_KIND_NAMES } from '../data/index.js';
import { BIASES } from '../model/index.js';
import { loss, lossKeys, VARIATION_FORMS } from './variationKeys.js';

const positive = z.number().positive();
const decay = z.number().min(0);
const seed = z.int();

/** Epochs; also steps of the unconstrained-features model: more would take years. */
export const LARGEST_LENGTH = 1_000_000_000;

const data = z.strictObject({
  set: z.enum(IMAGE_KIND_NAMES),
  /** Samples of each class, as everywhere; left out: all there are. */
  counts: z.union([z.array(z.int().positive()).min(1), z.string()]).optional(),
  /** Which samples of a class: the first in the files' order, or drawn by a seed. */
  choose: z.union([z.literal('first'), z.strictObject({ seed })]).default('first'),
  /** Labels of the chosen training images permuted among them, by seed 0 or another; left out: those of the files. */
  labels: z.union([z.literal('random'), z.strictObject({ seed })]).optional(),
  /** Side to which smaller images are padded with their background: 32 for the stacks of five pools. */
  pad: z.int().min(28).max(64).optional(),
  /** Side to which smaller images are enlarged, bilinearly; instead of `pad`. */
  resize: z.int().min(28).max(64).optional(),
  /** Grey images in three equal channels. */
  channels: z.literal(3).optional(),
  augmentation: z.enum(['none', 'crop-flip']).default('none'),
  /** At most so many test images of each class; left out: all. */
  testLimit: z.int().positive().optional(),
});

const multiplier = positive.max(64).default(1);
const architecture = z.discriminatedUnion('name', [
  z.strictObject({
    name: z.literal('mlp'),
    layers: z.int().min(1).max(100).default(6),
    width: z.int().positive().default(512),
    /** After each linear layer, or after each ReLU and then for the features too. */
    batchNorm: z.union([z.boolean(), z.literal('after-relu')]).default(false),
  }),
  z.strictObject({ name: z.literal('resnet18'), widthMultiplier: multiplier }),
  z.strictObject({ name: z.literal('vgg11'), widthMultiplier: multiplier }),
  z.strictObject({ name: z.literal('vgg13'), widthMultiplier: multiplier }),
  z.strictObject({ name: z.literal('vgg16'), widthMultiplier: multiplier }),
]);

const head = z.strictObject({
  depth: z.int().min(1).max(1000),
  width: z.union([z.int().positive(), z.array(z.int().positive())]).default(512),
  /** With `decay: {all: …}` a bias is decayed whatever it is called. */
  bias: z.enum(BIASES).default('none'),
});

const decays = z.union([
  /** On every parameter, as `weight_decay` of PyTorch. */
  z.strictObject({ all: decay }),
  /** Of the head's layers and of the features, as the theory has them; of a decayed bias and of the backbone where given. */
  z.strictObject({
    head: z.union([decay, z.array(decay).min(1)]),
    features: positive,
    featureScale: z.enum(['batch', 'dataset']).default('batch'),
    /** Of the last bias, where that is `decayed`; by default that of the last layer. */
    bias: positive.optional(),
    backbone: decay.default(0),
  }),
]);

const optimizer = z.discriminatedUnion('name', [
  z.strictObject({
    name: z.literal('sgd'),
    learningRate: positive,
    momentum: z.number().min(0).lt(1).default(0.9),
  }),
  z.strictObject({
    name: z.literal('adam'),
    learningRate: positive,
    beta1: z.number().min(0).lt(1).default(0.9),
    beta2: z.number().min(0).lt(1).default(0.999),
    epsilon: positive.default(1e-8),
  }),
]);

/** The keys of a spec of kind `network`. */
export const networkSchema = z.strictObject({
  kind: z.literal('network'),
  name: z
    .string()
    .regex(/^[\w.-]+$/, 'letters, digits, dot, dash and underscore')
    .optional(),
  data,
  architecture,
  head,
  loss: loss.default('mse'),
  /** How the squared error is averaged; see `LossScale` of the nets room. */
  lossScale: z.enum(['half', 'mean', 'half-mean']).default('half'),
  decay: decays,
  ...lossKeys,
  optimizer,
  /** The rate is multiplied by `factor` after every `every` epochs. */
  schedule: z.strictObject({ every: z.int().positive(), factor: positive.max(1).default(0.1) }).optional(),
  batch: z.union([z.int().positive(), z.literal('full')]).default(128),
  epochs: z.int().min(0).max(LARGEST_LENGTH),
  /** Epochs between measurements; epoch 0 and the last are always measured. */
  measureEvery: z.int().positive().default(1),
  /** Epochs between checkpoints; left out: by the clock. */
  checkpointEvery: z.int().positive().optional(),
  /** `last`, or `series` to keep every one that `checkpointEvery` asks for. */
  checkpoints: z.enum(['last', 'series']).default('last'),
  /** Backbone layers to measure too: their names, or `activations` for every ReLU outside residuals. */
  layers: z.union([z.literal('activations'), z.array(z.string().min(1))]).optional(),
  init: z.strictObject({ seed: seed.default(0) }).prefault({}),
});

/** A network's spec as read, defaults filled in. */
export type NetworkSpec = z.infer<typeof networkSchema>;

/** What a key takes, where its type alone does not say it. */
export const NETWORK_FORMS: Readonly<Partial<Record<string, string>>> = {
  ...VARIATION_FORMS,
  data: 'a section, for example {set: mnist}',
  'data.counts': 'a count for each class, [500, 100, …], or 500x10, or longtail:500:100:10',
  'data.choose': 'first, or {seed: N} to draw them',
  'data.labels': 'random, or {seed: N}; leave it out for the labels of the files',
  architecture: 'a section, for example {name: mlp} or {name: resnet18}',
  head: 'a section, for example {depth: 3}',
  'head.width': 'one whole number, or a list of one for each hidden layer',
  decay: '{all: 5e-4}, or {head: 5e-4, features: 5e-4}',
  'decay.head': 'one number of at least 0, or a list of one for each layer',
  optimizer: 'a section, for example {name: sgd, learningRate: 0.1}',
  schedule: '{every: EPOCHS, factor: 0.1}, or nothing for a constant rate',
  batch: 'a whole number of at least 1, or full',
  layers: 'activations, or a list of names of layers',
  init: '{seed: N}',
};

/** Keys by section, for the nearest to one that is not known. */
export const NETWORK_KEYS: Readonly<Record<string, readonly string[]>> = {
  '': Object.keys(networkSchema.shape),
  data: Object.keys(data.shape),
  'data.choose': ['seed'],
  'data.labels': ['seed'],
  architecture: ['name', 'layers', 'width', 'batchNorm', 'widthMultiplier'],
  head: Object.keys(head.shape),
  decay: ['all', 'head', 'features', 'featureScale', 'bias', 'backbone'],
  optimizer: ['name', 'learningRate', 'momentum', 'beta1', 'beta2', 'epsilon'],
  schedule: ['every', 'factor'],
  init: ['seed'],
};
