/** `collapsar train --help network`: every key of `kind: network`. A test holds it to the schema, and to 80 columns. */
import { DIVERGED_EPOCH } from '../nets/index.js';
import { whole } from './format.js';
import { LARGEST_LENGTH } from '../runs/index.js';

export const NETWORK_HELP = `collapsar train --help network: the keys of kind: network

  collapsar train presets/mlp-fashion.yaml --data DIR

Keys within a section are indented; * marks those without a default.

kind*             network
name              of the run folder (default: the file's)
data*
  set*            mnist, fashion-mnist, emnist-letters, emnist-balanced,
                  emnist-byclass, emnist-bymerge, emnist-digits,
                  emnist-mnist, cifar-10, cifar-100 or cifar-100-coarse,
                  read from --data DIR
  counts          images of each class: a list, 500x10 or
                  longtail:500:100:10 (default: all there are)
  choose          first, as the files have them, or {seed: N}, drawn
                  (default first)
  labels          random: those of the training images permuted among
                  them, by seed 0 or {seed: N}; test accuracy is then at
                  chance (default: those of the files)
  pad             side in pixels, 28 to 64, to which images are padded
                  (default: not); VGG needs 32 on images of 28
  resize          side to which images are enlarged instead, bilinearly
  channels        3: grey images in three equal channels (default: as
                  they are)
  augmentation    none or crop-flip (default none)
  testLimit       test images of each class at most (default: all)
architecture*
  name*           mlp, resnet18, vgg11, vgg13 or vgg16
  layers          of mlp: hidden ReLU layers (default 6)
  width           of mlp: units of each (default 512)
  batchNorm       of mlp: true (before each ReLU), after-relu or false
                  (default false)
  widthMultiplier of the others: share of their channels (default 1)
head*
  depth*          M, linear layers
  width           units of the hidden ones, one number or a list of M-1
                  (default 512)
  bias            none, free or decayed, of the last layer (default none);
                  with decay {all: ...} a bias is decayed
loss              mse, ce or focal:G (default mse)
lossScale         of mse, for a sample: half is 1/2 |z-y|^2, mean is
                  |z-y|^2/K, half-mean is 1/2 |z-y|^2/K (default half)
decay*            {all: ...}, or {head: ..., features: ...}; times 1/2 |.|^2
  all             of every parameter, as PyTorch's weight_decay; theory's
                  feature decay is then fitted
  head            of the head's layers, one number or a list from W1 on
  features        of the features h
  featureScale    batch or dataset: what features counts (default batch)
  bias            of a decayed bias (default: that of the last layer)
  backbone        of all parameters before the head (default 0)
classWeights      inverse, inverse-sqrt, equal-survival or a list of one for
                  each class (default: all samples alike)
labelSmoothing    E of targets (1-E) one-hot + E/K (default 0)
targets           rows, each with a number a class: column k is the target
                  of class k (default: one-hot)
featureSign       free, or nonnegative: a last ReLU makes the features
                  (default free)
logitAdjust       T, or [T, G]: the softmax is that of d z + i, i =
                  T log(n/N), d = (n/n_max)^G (default: of z)
optimizer*
  name*           sgd or adam
  learningRate*   for each step
  momentum        of sgd (default 0.9)
  beta1           of adam (default 0.9)
  beta2           of adam (default 0.999)
  epsilon         of adam (default 1e-8)
schedule          a constant rate where it is left out
  every*          epochs after which the rate is multiplied by factor
  factor          (default 0.1)
batch             B, samples of a step, or full (default 128)
epochs*           passes over the N samples, at most ${whole(LARGEST_LENGTH)}
measureEvery      epochs between measurements (default 1)
checkpointEvery   epochs between checkpoints (default: every minute)
checkpoints       last, or series: each of checkpointEvery (default last)
layers            backbone layers to measure too: a list of names, or
                  activations for every ReLU (default: none)
init
  seed            of weights, shuffles and augmentation (default 0)

In theory's units, with T = N/B steps an epoch (rounded up) and c = 1 for
half and for ce, K/2 for mean, K for half-mean:

  lambda_W = c head
  lambda_H = c features/T   with featureScale: batch: a step adds
                            features/2 |h|^2 over its own B samples, so that
                            a smaller batch is a weaker decay
  lambda_H = c features     with featureScale: dataset: the same decay of
                            all N samples, whatever the batch

batch: full makes both the same (T = 1). The run prints lambda_W and lambda_H.

A run has diverged, and stops with exit code 1, when a loss or a weight is not
a finite number, or when the mean loss of an epoch is above ${whole(DIVERGED_EPOCH)} times that
of the first step (or above ${whole(DIVERGED_EPOCH)}, if that is more). No rate is known to be
stable for networks: try a tenth.`;
