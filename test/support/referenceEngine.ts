/**
 * A slow and plain `Engine`: the definition of a training step, for tests of fast engines and of the training loop.
 *
 * All computing is float64. The state is float32, as in every engine, and is rounded once a step; `precision: 'double'`
 * keeps it in float64 between `write` and `read`. PyTorch's conventions throughout: decay enters the gradient, Adam's
 * corrections of the bias, the running variance gets n/(n−1) of the batch's, the first of equal maxima counts.
 */
import {
  BATCH_NORM_MOMENTUM,
  headSizes,
  inputShape,
  layerNames,
  parametersOf,
} from '../../src/nets/index.js';
import { channelsOf, sizeOf, walkLayers } from '../../src/nets/index.js';
import type { Engine, Executable, Network, TrainingRule } from '../../src/nets/index.js';
import { addBias, forwardLayers, linear, positionMeans } from './referenceLayers.js';
import type { Activations, Backward, ForwardContext, Gradients } from './referenceLayers.js';

export interface ReferenceExecutable extends Executable {
  /** The whole of what a step minimises on this batch, in training mode: data, features and parameters. Changes nothing. */
  objective(images: Float32Array, labels: Int32Array): number;
  /** Its gradient by parameter name (decay included), in float64. Changes nothing. */
  gradient(images: Float32Array, labels: Int32Array): Gradients;
  /** z, B×K, in evaluation mode. */
  logits(images: Float32Array, samples: number): Float64Array;
}

export interface ReferenceEngine extends Engine {
  compile(network: Network, rule: TrainingRule, batch: number): Promise<ReferenceExecutable>;
}

export function createReferenceEngine(precision: 'single' | 'double' = 'single'): ReferenceEngine {
  return {
    name: 'reference',
    blas: { name: 'plain loops', threads: 1 },
    compile: (network, rule, batch) => Promise.resolve(compile(network, rule, batch, precision)),
  };
}

function compile(
  network: Network,
  rule: TrainingRule,
  batch: number,
  precision: 'single' | 'double',
): ReferenceExecutable {
  const arrays = createState(network, rule);
  const parameters = parametersOf(network).map(({ name }) => name);
  const { optimizer } = rule;
  const known = new Set(['features', ...layerNames(network)]);
  let closed = false;

  const arrayOf = (name: string): Float64Array => {
    const found = arrays.get(name);
    if (found === undefined) throw new Error(`state: a known name, got ${name}`);
    return found;
  };
  const inputOf = (images: Float32Array, samples: number): Activations => {
    if (closed) throw new Error('the executable is closed');
    const shape = inputShape(network);
    if (samples < 1 || samples > batch) throw new Error(`1 to ${batch} samples, got ${samples}`);
    if (images.length < samples * sizeOf(shape)) throw new Error(`${samples} images, got fewer numbers`);
    const data = Float64Array.from(images.subarray(0, samples * sizeOf(shape)));
    return { shape, samples, data };
  };

  /** Data term, logits, features and the gradients of everything on a batch in training mode. */
  const differentiate = (images: Float32Array, labels: Int32Array, context: ForwardContext) => {
    const backbone = forwardLayers(network.backbone, inputOf(images, labels.length), context);
    const features = flatten(backbone.output);
    const head = forwardHead(network, features, arrays);
    const { loss, correct, gradient } = dataTerm(head.logits, labels, rule);
    const gradients: Gradients = new Map();
    const toFeatures = head.backward(gradient, gradients);
    for (let i = 0; i < toFeatures.length; i++) toFeatures[i] += rule.featureDecay * features.data[i];
    backbone.backward(toFeatures, gradients);
    let regulariser = (rule.featureDecay / 2) * squares(features.data);
    for (const name of parameters) {
      const decay = rule.weightDecay(name);
      const p = arrayOf(name);
      const g = gradients.get(name);
      if (g === undefined) throw new Error(`no gradient of ${name}`);
      for (let i = 0; i < p.length; i++) g[i] += decay * p[i];
      regulariser += (decay / 2) * squares(p);
    }
    return { loss, correct, gradients, objective: loss + regulariser };
  };

  const update = (name: string, gradient: Float64Array, rate: number): void => {
    const p = arrayOf(name);
    if (optimizer.name === 'sgd') {
      const velocity = arrayOf(`momentum:${name}`);
      for (let i = 0; i < p.length; i++) {
        velocity[i] = optimizer.momentum * velocity[i] + gradient[i];
        p[i] -= rate * velocity[i];
      }
      return;
    }
    const { beta1, beta2, epsilon } = optimizer;
    const [first, second] = [arrayOf(`first:${name}`), arrayOf(`second:${name}`)];
    const t = arrayOf('steps')[0];
    for (let i = 0; i < p.length; i++) {
      first[i] = beta1 * first[i] + (1 - beta1) * gradient[i];
      second[i] = beta2 * second[i] + (1 - beta2) * gradient[i] ** 2;
      const spread = Math.sqrt(second[i] / (1 - beta2 ** t));
      p[i] -= (rate * (first[i] / (1 - beta1 ** t))) / (spread + epsilon);
    }
  };

  return {
    state: new Map([...arrays].map(([name, { length }]) => [name, length])),
    read: (names = [...arrays.keys()]) =>
      attempt(() => new Map(names.map((name) => [name, Float32Array.from(arrayOf(name))]))),
    write: (given) =>
      attempt(() => {
        for (const [name, values] of given) {
          if (arrayOf(name).length !== values.length)
            throw new Error(`${name}: ${arrayOf(name).length} numbers, got ${values.length}`);
        }
        for (const [name, values] of given) arrayOf(name).set(values);
      }),
    step: (images, labels, learningRate) =>
      attempt(() => {
        const onStatistics = (name: string, mean: Float64Array, variance: Float64Array) => {
          follow(arrayOf(`${name}.mean`), mean);
          follow(arrayOf(`${name}.variance`), variance);
        };
        const { loss, correct, gradients } = differentiate(images, labels, {
          arrays,
          mode: 'training',
          onStatistics,
        });
        if (optimizer.name === 'adam') arrayOf('steps')[0]++;
        for (const [name, gradient] of gradients) update(name, gradient, learningRate);
        if (precision === 'single') for (const array of arrays.values()) array.set(Float32Array.from(array));
        return { loss, correct };
      }),
    evaluate: (images, samples, taps) =>
      attempt(() => {
        for (const tap of taps) if (!known.has(tap)) throw new Error(`tap: a known layer, got ${tap}`);
        const found = new Map<string, Float32Array>();
        const { output } = forwardLayers(network.backbone, inputOf(images, samples), {
          arrays,
          mode: 'evaluation',
          onOutput: (name, activations) => {
            if (taps.includes(name)) found.set(name, Float32Array.from(positionMeans(activations)));
          },
        });
        if (taps.includes('features')) found.set('features', Float32Array.from(output.data));
        return found;
      }),
    close: () => attempt(() => void (closed = true)),
    objective: (images, labels) => differentiate(images, labels, { arrays, mode: 'training' }).objective,
    gradient: (images, labels) => differentiate(images, labels, { arrays, mode: 'training' }).gradients,
    logits(images, samples) {
      const context: ForwardContext = { arrays, mode: 'evaluation' };
      const { output } = forwardLayers(network.backbone, inputOf(images, samples), context);
      return forwardHead(network, flatten(output), arrays).logits.data;
    },
  };
}

/** Zeros everywhere, but running variances of 1. */
function createState(network: Network, { optimizer }: TrainingRule): Map<string, Float64Array> {
  const arrays = new Map<string, Float64Array>();
  const parameters = parametersOf(network).map(({ name, shape }) => ({
    name,
    length: shape.reduce((product, size) => product * size, 1),
  }));
  for (const { name, length } of parameters) arrays.set(name, new Float64Array(length));
  walkLayers(network.backbone, inputShape(network), ({ kind, name }, input) => {
    if (kind !== 'batchNorm') return;
    arrays.set(`${name}.mean`, new Float64Array(channelsOf(input)));
    arrays.set(`${name}.variance`, new Float64Array(channelsOf(input)).fill(1));
  });
  for (const prefix of optimizer.name === 'sgd' ? ['momentum'] : ['first', 'second'])
    for (const { name, length } of parameters) arrays.set(`${prefix}:${name}`, new Float64Array(length));
  if (optimizer.name === 'adam') arrays.set('steps', new Float64Array(1));
  return arrays;
}

function flatten({ shape, samples, data }: Activations): Activations {
  return { shape: { kind: 'vector', size: sizeOf(shape) }, samples, data };
}

/** z = W_M … W_1 h + b, sample by sample and layer by layer. */
function forwardHead(network: Network, features: Activations, arrays: ReadonlyMap<string, Float64Array>) {
  const passes: Backward[] = [];
  let z = features;
  headSizes(network)
    .slice(1)
    .forEach((size, m) => {
      const data = new Float64Array(z.samples * size);
      const next: Activations = { shape: { kind: 'vector', size }, samples: z.samples, data };
      passes.push(linear(z, next, `W${m + 1}`, arrays.get(`W${m + 1}`) ?? new Float64Array()));
      z = next;
    });
  const b = arrays.get('b');
  const last = passes.length - 1;
  if (b !== undefined) passes[last] = addBias(z, 'b', b, passes[last]);
  return {
    logits: z,
    backward: (gradient: Float64Array, gradients: Gradients) =>
      passes.reduceRight((current, backward) => backward(current, gradients), gradient),
  };
}

/** dataScale/B · Σ w_y ℓ, right answers, and the gradient of the logits (B×K); by the definitions, class by class. */
function dataTerm({ data, samples, shape }: Activations, labels: Int32Array, rule: TrainingRule) {
  const K = sizeOf(shape);
  const gradient = new Float64Array(data.length);
  let [loss, correct] = [0, 0];
  for (let i = 0; i < samples; i++) {
    const z = data.subarray(i * K, (i + 1) * K);
    const y = labels[i];
    if (z.indexOf(Math.max(...z)) === y) correct++;
    const factor = (rule.dataScale / samples) * (rule.varied?.sampleWeights[y] ?? 1);
    const t = Array.from(z, (_, k) => rule.varied?.targets[k][y] ?? (k === y ? 1 : 0));
    const term = rule.loss === 'mse' ? squares(z, t) : logarithms(z, t, y, rule.varied ?? null);
    loss += factor * term.loss;
    term.gradient.forEach((value, k) => (gradient[i * K + k] = factor * value));
  }
  return { loss, correct, gradient };

  function squares(z: Float64Array, t: readonly number[]) {
    const error = t.map((value, k) => z[k] - value);
    return { loss: error.reduce((sum, value) => sum + value * value, 0) / 2, gradient: error };
  }
}

/** (1 − p_y)^γ·Σ_k t_k·(−log p_k) with p the softmax of δ∘z + ι. */
function logarithms(z: Float64Array, t: readonly number[], y: number, varied: TrainingRule['varied'] | null) {
  const scales = t.map((_, k) => varied?.logitAdjustment?.scales[k] ?? 1);
  const logits = t.map((_, k) => scales[k] * z[k] + (varied?.logitAdjustment?.offsets[k] ?? 0));
  const most = Math.max(...logits);
  const total = logits.reduce((sum, value) => sum + Math.exp(value - most), 0);
  const logs = logits.map((value) => value - most - Math.log(total));
  const gamma = varied?.focal ?? 0;
  const p = logs.map(Math.exp);
  const surprise = t.reduce((sum, value, k) => sum - value * logs[k], 0);
  const damping = gamma === 0 ? 1 : (1 - p[y]) ** gamma;
  const slope = gamma === 0 ? 0 : -gamma * (1 - p[y]) ** (gamma - 1) * p[y];
  return {
    loss: damping * surprise,
    gradient: t.map(
      (value, k) => scales[k] * (damping * (p[k] - value) + slope * ((k === y ? 1 : 0) - p[k]) * surprise),
    ),
  };
}

function follow(running: Float64Array, newest: Float64Array): void {
  for (let c = 0; c < running.length; c++)
    running[c] = (1 - BATCH_NORM_MOMENTUM) * running[c] + BATCH_NORM_MOMENTUM * newest[c];
}

function squares(x: Float64Array): number {
  return x.reduce((sum, value) => sum + value * value, 0);
}

/** The result, or the exception, as a promise. */
function attempt<T>(work: () => T): Promise<T> {
  return new Promise((resolve) => resolve(work()));
}
