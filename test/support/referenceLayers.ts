/**
 * Every layer kind in its definition's own words: plain loops over float64, forward and backward.
 *
 * A second way beside the fast engines, slow on purpose: no matrix product, no im2col, no reuse of memory.
 */
import { BATCH_NORM_EPSILON, channelsOf, shapeAfter, sizeOf } from '../../src/nets/index.js';
import type { Layer, Shape } from '../../src/nets/index.js';

/** B samples of one shape: B×height×width×channels or B×size. */
export interface Activations {
  readonly shape: Shape;
  readonly samples: number;
  readonly data: Float64Array;
}

export interface ForwardContext {
  /** Parameters and running statistics by name. */
  readonly arrays: ReadonlyMap<string, Float64Array>;
  readonly mode: 'training' | 'evaluation';
  /** Called with the output of each layer, in the order of computation. */
  readonly onOutput?: (name: string, output: Activations) => void;
  /** Called in training with each BatchNorm's batch mean and unbiased variance, n/(n−1) times the one it divides by. */
  readonly onStatistics?: (name: string, mean: Float64Array, variance: Float64Array) => void;
}

export type Gradients = Map<string, Float64Array>;
/** Adds parameter gradients to the map, and returns the gradient of the input (same layout as the input). */
export type Backward = (outputGradient: Float64Array, gradients: Gradients) => Float64Array;
export interface Forward {
  readonly output: Activations;
  readonly backward: Backward;
}

export function forwardLayers(
  layers: readonly Layer[],
  input: Activations,
  context: ForwardContext,
): Forward {
  const passes: Backward[] = [];
  let output = input;
  for (const layer of layers) {
    const forward = forwardLayer(layer, output, context);
    output = forward.output;
    passes.push(forward.backward);
    context.onOutput?.(layer.name, output);
  }
  return {
    output,
    backward: (gradient, gradients) =>
      passes.reduceRight((current, backward) => backward(current, gradients), gradient),
  };
}

/** The array of a gradient, made of zeros when it is first asked for. */
export function gradientOf(gradients: Gradients, name: string, length: number): Float64Array {
  const found = gradients.get(name) ?? new Float64Array(length);
  gradients.set(name, found);
  return found;
}

function arrayOf({ arrays }: ForwardContext, name: string): Float64Array {
  const found = arrays.get(name);
  if (found === undefined) throw new Error(`no array ${name}`);
  return found;
}

function forwardLayer(layer: Layer, x: Activations, context: ForwardContext): Forward {
  const shape = shapeAfter(layer, x.shape);
  const y: Activations = {
    shape,
    samples: x.samples,
    data: new Float64Array(x.samples * sizeOf(shape)),
  };
  switch (layer.kind) {
    case 'linear': {
      const bias = layer.bias
        ? { name: `${layer.name}.bias`, c: arrayOf(context, `${layer.name}.bias`) }
        : null;
      const backward = linear(x, y, `${layer.name}.weight`, arrayOf(context, `${layer.name}.weight`));
      return { output: y, backward: bias === null ? backward : addBias(y, bias.name, bias.c, backward) };
    }
    case 'conv': {
      const bias = layer.bias
        ? { name: `${layer.name}.bias`, c: arrayOf(context, `${layer.name}.bias`) }
        : null;
      const backward = convolution(layer, x, y, arrayOf(context, `${layer.name}.weight`));
      return { output: y, backward: bias === null ? backward : addBias(y, bias.name, bias.c, backward) };
    }
    case 'batchNorm':
      return { output: y, backward: batchNorm(layer.name, x, y, context) };
    case 'relu': {
      for (let i = 0; i < x.data.length; i++) y.data[i] = Math.max(0, x.data[i]);
      return { output: y, backward: (dy) => dy.map((g, i) => (x.data[i] > 0 ? g : 0)) };
    }
    case 'maxPool':
      return { output: y, backward: maxPool(x, y) };
    case 'averagePool':
      return { output: y, backward: averagePool(x, y) };
    case 'residual': {
      const body = forwardLayers(layer.body, x, context);
      const shortcut = forwardLayers(layer.shortcut, x, context);
      for (let i = 0; i < y.data.length; i++) y.data[i] = body.output.data[i] + shortcut.output.data[i];
      return {
        output: y,
        backward(dy, gradients) {
          const one = body.backward(dy, gradients);
          const other = shortcut.backward(dy, gradients);
          return one.map((g, i) => g + other[i]);
        },
      };
    }
    default:
      return layer satisfies never;
  }
}

/** y ← Wx for every sample, W: outputs×inputs. */
export function linear(x: Activations, y: Activations, name: string, W: Float64Array): Backward {
  const [inputs, outputs] = [sizeOf(x.shape), sizeOf(y.shape)];
  for (let b = 0; b < x.samples; b++)
    for (let o = 0; o < outputs; o++) {
      let sum = 0;
      for (let i = 0; i < inputs; i++) sum += W[o * inputs + i] * x.data[b * inputs + i];
      y.data[b * outputs + o] = sum;
    }
  return (dy, gradients) => {
    const dW = gradientOf(gradients, name, W.length);
    const dx = new Float64Array(x.data.length);
    for (let b = 0; b < x.samples; b++)
      for (let o = 0; o < outputs; o++)
        for (let i = 0; i < inputs; i++) {
          dW[o * inputs + i] += dy[b * outputs + o] * x.data[b * inputs + i];
          dx[b * inputs + i] += dy[b * outputs + o] * W[o * inputs + i];
        }
    return dx;
  };
}

/** y ← y + c over the last axis. */
export function addBias(y: Activations, name: string, c: Float64Array, backward: Backward): Backward {
  const C = c.length;
  for (let i = 0; i < y.data.length; i++) y.data[i] += c[i % C];
  return (dy, gradients) => {
    const dc = gradientOf(gradients, name, C);
    for (let i = 0; i < dy.length; i++) dc[i % C] += dy[i];
    return backward(dy, gradients);
  };
}

function convolution(
  layer: Extract<Layer, { kind: 'conv' }>,
  x: Activations,
  y: Activations,
  W: Float64Array,
): Backward {
  if (x.shape.kind !== 'map' || y.shape.kind !== 'map') throw new Error('maps only');
  const { kernel, stride } = layer;
  const { height, width, channels: C } = x.shape;
  const { height: rows, width: cols, channels: O } = y.shape;
  const padding = (kernel - 1) / 2;
  /** Calls `at` with the offsets of every pair of an output and an input position that a kernel position joins. */
  const pairs = (at: (yAt: number, xAt: number, wAt: number) => void) => {
    for (let b = 0; b < x.samples; b++)
      for (let r = 0; r < rows; r++)
        for (let q = 0; q < cols; q++)
          for (let u = 0; u < kernel; u++)
            for (let v = 0; v < kernel; v++) {
              const i = r * stride + u - padding;
              const j = q * stride + v - padding;
              if (i < 0 || j < 0 || i >= height || j >= width) continue;
              at(
                ((b * rows + r) * cols + q) * O,
                ((b * height + i) * width + j) * C,
                (u * kernel + v) * C * O,
              );
            }
  };
  pairs((yAt, xAt, wAt) => {
    for (let c = 0; c < C; c++)
      for (let o = 0; o < O; o++) y.data[yAt + o] += x.data[xAt + c] * W[wAt + c * O + o];
  });
  return (dy, gradients) => {
    const dW = gradientOf(gradients, `${layer.name}.weight`, W.length);
    const dx = new Float64Array(x.data.length);
    pairs((yAt, xAt, wAt) => {
      for (let c = 0; c < C; c++)
        for (let o = 0; o < O; o++) {
          dW[wAt + c * O + o] += x.data[xAt + c] * dy[yAt + o];
          dx[xAt + c] += W[wAt + c * O + o] * dy[yAt + o];
        }
    });
    return dx;
  };
}

function batchNorm(name: string, x: Activations, y: Activations, context: ForwardContext): Backward {
  const C = channelsOf(x.shape);
  const n = x.data.length / C;
  const [scale, shift] = [arrayOf(context, `${name}.scale`), arrayOf(context, `${name}.shift`)];
  const training = context.mode === 'training';
  if (training && n < 2) throw new Error(`${name}: more than one value a channel in training, got ${n}`);
  const mean = training ? new Float64Array(C) : arrayOf(context, `${name}.mean`);
  const variance = training ? new Float64Array(C) : arrayOf(context, `${name}.variance`);
  if (training) {
    for (let i = 0; i < x.data.length; i++) mean[i % C] += x.data[i] / n;
    for (let i = 0; i < x.data.length; i++) variance[i % C] += (x.data[i] - mean[i % C]) ** 2 / n;
    context.onStatistics?.(
      name,
      mean,
      variance.map((v) => (v * n) / (n - 1)),
    );
  }
  const inverse = variance.map((v) => 1 / Math.sqrt(v + BATCH_NORM_EPSILON));
  const normalised = x.data.map((value, i) => (value - mean[i % C]) * inverse[i % C]);
  for (let i = 0; i < y.data.length; i++) y.data[i] = scale[i % C] * normalised[i] + shift[i % C];
  return (dy, gradients) => {
    const dScale = gradientOf(gradients, `${name}.scale`, C);
    const dShift = gradientOf(gradients, `${name}.shift`, C);
    // Sums of this pass alone: the maps may already hold another one's.
    const [alongNormalised, along] = [new Float64Array(C), new Float64Array(C)];
    for (let i = 0; i < dy.length; i++) {
      alongNormalised[i % C] += dy[i] * normalised[i];
      along[i % C] += dy[i];
    }
    for (let c = 0; c < C; c++) {
      dScale[c] += alongNormalised[c];
      dShift[c] += along[c];
    }
    return dy.map((g, i) => {
      const c = i % C;
      const centred = training ? g - along[c] / n - (normalised[i] * alongNormalised[c]) / n : g;
      return scale[c] * inverse[c] * centred;
    });
  };
}

function maxPool(x: Activations, y: Activations): Backward {
  if (x.shape.kind !== 'map' || y.shape.kind !== 'map') throw new Error('maps only');
  const { height, width, channels: C } = x.shape;
  const { height: rows, width: cols } = y.shape;
  const chosen = new Int32Array(y.data.length);
  for (let i = 0; i < y.data.length; i++) {
    const c = i % C;
    const q = Math.floor(i / C) % cols;
    const r = Math.floor(i / (C * cols)) % rows;
    const b = Math.floor(i / (C * cols * rows));
    let best = -1;
    for (const [u, v] of [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ]) {
      const from = ((b * height + 2 * r + u) * width + 2 * q + v) * C + c;
      // The first of equal maxima, as PyTorch.
      if (best < 0 || x.data[from] > x.data[best]) best = from;
    }
    chosen[i] = best;
    y.data[i] = x.data[best];
  }
  return (dy) => {
    const dx = new Float64Array(x.data.length);
    for (let i = 0; i < dy.length; i++) dx[chosen[i]] += dy[i];
    return dx;
  };
}

/** The mean over all positions of a map; of a vector, itself. */
export function positionMeans({ shape, samples, data }: Activations): Float64Array {
  if (shape.kind === 'vector') return data.slice();
  const C = shape.channels;
  const positions = shape.height * shape.width;
  const out = new Float64Array(samples * C);
  for (let i = 0; i < data.length; i++)
    out[Math.floor(i / (positions * C)) * C + (i % C)] += data[i] / positions;
  return out;
}

function averagePool(x: Activations, y: Activations): Backward {
  if (x.shape.kind !== 'map') throw new Error('maps only');
  const C = x.shape.channels;
  const positions = x.shape.height * x.shape.width;
  y.data.set(positionMeans(x));
  return (dy) => x.data.map((_, i) => dy[Math.floor(i / (positions * C)) * C + (i % C)] / positions);
}
