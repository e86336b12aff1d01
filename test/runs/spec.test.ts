import { describe, expect, it } from 'vitest';
import { checkSpec } from '../../src/runs/index.js';

const NETWORK = {
  kind: 'network',
  data: { set: 'mnist' },
  architecture: { name: 'mlp' },
  head: { depth: 2 },
  decay: { all: 1e-4 },
  optimizer: { name: 'adam', learningRate: 1e-3 },
  epochs: 3,
};
const UFM = {
  kind: 'ufm',
  counts: [4, 2],
  depth: 1,
  width: 3,
  weightDecay: 1e-3,
  featureDecay: 1e-3,
  steps: 10,
};

describe('what a spec is refused for', () => {
  it.each([
    [
      { decay: { head: 1e-3, backbone: 0 } },
      'spec: decay.features: a number, got nothing; decay.features is missing',
    ],
    [{ decay: 5e-4 }, 'spec: decay: {all: 5e-4}, or {head: 5e-4, features: 5e-4}, got 0.0005'],
    [{ decay: { al: 5e-4 } }, 'spec: decay: known keys only, got "al"; did you mean decay.all?'],
    [{ decay: { all: 1, head: 1 } }, 'spec: decay: keys that go together, got "head"; either all, or head'],
    [{ decay: { head: 'a', features: 1 } }, 'spec: decay.head: one number of at least 0, or a list'],
    [
      { decay: undefined },
      'spec: decay: {all: 5e-4}, or {head: 5e-4, features: 5e-4}, got nothing; decay is missing',
    ],
    [
      { schedule: 'cosine' },
      'spec: schedule: {every: EPOCHS, factor: 0.1}, or nothing for a constant rate, got "cosine"',
    ],
    [
      { data: { set: 'mnist', choose: 'random' } },
      'spec: data.choose: first, or {seed: N} to draw them, got "random"',
    ],
    [
      { data: { set: 'mnist', choose: { sead: 1 } } },
      'spec: data: choose: known keys only, got "sead"; did you mean data.choose.seed?',
    ],
    [{ batch: 'half' }, 'spec: batch: a whole number of at least 1, or full, got "half"'],
    [{ batch: 0 }, 'spec: batch: a whole number of at least 1, or full, got 0'],
    [{ layers: true }, 'spec: layers: activations, or a list of names of layers, got true'],
    [{ head: 3 }, 'spec: head: a section, for example {depth: 3}, got 3'],
    [{ head: { depth: 2, width: 'wide' } }, 'spec: head.width: one whole number, or a list'],
    [{ head: { width: 4 } }, 'spec: head.depth: a number, got nothing; head.depth is missing'],
    [{ epochs: 1e12 }, 'spec: epochs: at most 1000000000, got 1000000000000'],
    [
      { optimizer: 'adam' },
      'spec: optimizer: a section, for example {name: sgd, learningRate: 0.1}, got "adam"',
    ],
  ])('of a network: %j', (changes, message) => {
    expect(() => checkSpec({ ...NETWORK, ...changes }, 'spec')).toThrow(message);
  });

  it.each([
    [{ init: 'zero' }, 'spec: init: {std: 0.1, seed: 0}, or {file: start.npz}, got "zero"'],
    [
      { init: { std: 1, file: 'a' } },
      'spec: init: keys that go together, got "file"; either file, or std and seed',
    ],
    [{ weightDecay: -1 }, 'spec: weightDecay: one positive number, or a list of one for each layer, got -1'],
    [{ steps: 1e12 }, 'spec: steps: at most 1000000000, got 1000000000000'],
    [{ steps: undefined }, 'spec: steps: a number, got nothing; steps is missing'],
  ])('of the unconstrained-features model: %j', (changes, message) => {
    expect(() => checkSpec({ ...UFM, ...changes }, 'spec')).toThrow(message);
  });
});
