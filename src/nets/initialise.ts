/**
 * Where training starts: orthogonal linear layers and head, He's normal for convolutions, and the rest neutral.
 *
 * Linear (outputs×inputs): the semi-orthogonal factor of a normal matrix, uniform among all of them once the signs of R's
 * diagonal are moved into Q (Mezzadri 2007), gain 1. Convolutions: N(0, 2/fan-in), fan-in = kernel²·inputs (He et al. 2015).
 * Biases and shifts 0, scales 1, running means 0, running variances 1. The normal numbers depend on the seed and the order of
 * `parametersOf` alone, so networks that differ in the head share their backbone; factors are as exact as the given BLAS, so
 * two libraries may differ in the last bit of float32.
 */
import type { Blas } from '../core/blas.js';
import { zeros } from '../core/matrix.js';
import { createRandom, type Random } from '../core/random.js';
import type { Network } from './network.js';
import { channelsOf, inputShape, parametersOf, walkLayers, type Parameter } from './shapes.js';

/** Every parameter and running statistic by name, as engines take them. */
export function initialState(network: Network, seed: number, blas: Blas): Map<string, Float32Array> {
  const random = createRandom(seed);
  const state = new Map(
    parametersOf(network).map((parameter) => [parameter.name, initialParameter(parameter, random, blas)]),
  );
  walkLayers(network.backbone, inputShape(network), ({ kind, name }, input) => {
    if (kind !== 'batchNorm') return;
    state.set(`${name}.mean`, new Float32Array(channelsOf(input)));
    state.set(`${name}.variance`, new Float32Array(channelsOf(input)).fill(1));
  });
  return state;
}

function initialParameter({ role, shape }: Parameter, random: Random, blas: Blas): Float32Array {
  const length = shape.reduce((product, size) => product * size, 1);
  switch (role) {
    case 'linear':
    case 'head':
      return semiOrthogonal(shape[0], shape[1], random, blas);
    case 'conv':
      return random.normalsInto(new Float32Array(length), Math.sqrt(2 / (shape[0] * shape[1] * shape[2])));
    case 'scale':
      return new Float32Array(length).fill(1);
    case 'bias':
    case 'shift':
    case 'headBias':
      return new Float32Array(length);
    default:
      return role satisfies never;
  }
}

/** rows×cols with orthonormal rows or columns, whichever are fewer. */
function semiOrthogonal(rows: number, cols: number, random: Random, blas: Blas): Float32Array {
  const [tall, short] = [Math.max(rows, cols), Math.min(rows, cols)];
  const A = zeros(tall, short);
  random.normalsInto(A.data, 1);
  const { Q, R } = blas.qr(A);
  const out = new Float32Array(rows * cols);
  for (let i = 0; i < tall; i++)
    for (let j = 0; j < short; j++) {
      const value = R.data[j * short + j] < 0 ? -Q.data[i * short + j] : Q.data[i * short + j];
      out[rows === tall ? i * short + j : j * tall + i] = value;
    }
  return out;
}
