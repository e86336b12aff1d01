/**
 * Gradients by a third way: the same networks in jax-js and its reverse-mode differentiation, in float32 on WebAssembly.
 *
 * The layers are written in its own vocabulary (NCHW convolutions, reductions), so that nothing is shared with the reference
 * engine but the description of the network. Arrays of jax-js are consumed by use: `.ref` keeps one for another use.
 */
import type { Array as JaxArray } from '@jax-js/jax';
import { beforeAll, describe, expect, it } from 'vitest';
import { BATCH_NORM_EPSILON, parametersOf } from '../../src/nets/index.js';
import type { Layer, Network, TrainingRule } from '../../src/nets/index.js';
import { createReferenceEngine } from '../support/referenceEngine.js';
import { randomBatch, randomParameters, SMALL_NETWORKS, VARIED_LOSSES } from './smallNetworks.js';

type Jax = typeof import('@jax-js/jax');
type Parameters = Record<string, JaxArray>;

const SAMPLES = 5;
let jax: Jax;

beforeAll(async () => {
  // It asks the browser how many cores there are; Node 20 has no navigator.
  Object.defineProperty(globalThis, 'navigator', {
    value: { hardwareConcurrency: 1, userAgent: 'node' },
    configurable: true,
  });
  jax = await import('@jax-js/jax');
  await jax.init('wasm');
  jax.defaultDevice('wasm');
});

/** x: B×C×H×W or B×d. */
function forward(layers: readonly Layer[], input: JaxArray, p: Parameters): JaxArray {
  return layers.reduce((x, layer) => forwardLayer(layer, x, p), input);
}

function forwardLayer(layer: Layer, x: JaxArray, p: Parameters): JaxArray {
  const { numpy: np, lax, nn } = jax;
  const { name } = layer;
  const own = (part: string) => p[`${name}.${part}`].ref;
  const perChannel = (a: JaxArray) => (x.ndim === 4 ? a.reshape([1, -1, 1, 1]) : a.reshape([1, -1]));
  switch (layer.kind) {
    case 'linear': {
      const y = np.matmul(flat(x), np.transpose(own('weight')));
      return layer.bias ? y.add(own('bias')) : y;
    }
    case 'conv': {
      const margin: [number, number] = [(layer.kernel - 1) / 2, (layer.kernel - 1) / 2];
      const kernel = np.transpose(own('weight'), [3, 2, 0, 1]);
      const y = lax.convGeneralDilated(x, kernel, [layer.stride, layer.stride], [margin, margin]);
      return layer.bias ? y.add(own('bias').reshape([1, -1, 1, 1])) : y;
    }
    case 'batchNorm': {
      const axes = x.ndim === 4 ? [0, 2, 3] : [0];
      const centred = x.ref.sub(np.mean(x.ref, axes, { keepdims: true }));
      const variance = np.mean(np.square(centred.ref), axes, { keepdims: true });
      const y = centred.div(np.sqrt(variance.add(BATCH_NORM_EPSILON)));
      const [scale, shift] = [perChannel(own('scale')), perChannel(own('shift'))];
      x.dispose();
      return y.mul(scale).add(shift);
    }
    case 'relu':
      return nn.relu(x);
    case 'maxPool': {
      const [B, C, H, W] = x.shape;
      const [rows, cols] = [H >> 1, W >> 1];
      return np.max(x.slice([], [], [0, 2 * rows], [0, 2 * cols]).reshape([B, C, rows, 2, cols, 2]), [3, 5]);
    }
    case 'averagePool':
      return np.mean(x, [2, 3]);
    case 'residual':
      return forward(layer.body, x.ref, p).add(forward(layer.shortcut, x, p));
    default:
      return layer satisfies never;
  }
}

/** In NHWC order, as the engines read maps as vectors. */
function flat(x: JaxArray): JaxArray {
  const rows = x.shape[0];
  return (x.ndim === 4 ? jax.numpy.transpose(x, [0, 2, 3, 1]) : x).reshape([rows, -1]);
}

/** Constants of a batch: the target of each sample (B×K), its weight in each entry (B×K), and e_y. */
interface Batch {
  readonly images: JaxArray;
  readonly targets: JaxArray;
  readonly weights: JaxArray;
  readonly oneHot: JaxArray;
}

/** Σ_i w_i·ℓ_i of logits, as in the header of src/nets/engine.ts. */
function dataTerm(
  { loss, varied }: TrainingRule,
  logits: JaxArray,
  { targets, weights, oneHot }: Batch,
): JaxArray {
  const { numpy: np, nn } = jax;
  if (loss === 'mse') return np.sum(np.square(logits.sub(targets.ref)).mul(weights.ref)).mul(1 / 2);
  const { scales, offsets } = varied?.logitAdjustment ?? { scales: [1, 1, 1], offsets: [0, 0, 0] };
  const z = logits.mul(np.array([...scales])).add(np.array([...offsets]));
  const logs = nn.logSoftmax(z, 1);
  const surprise = logs.ref.mul(targets.ref).mul(weights.ref);
  const focal = varied?.focal ?? 0;
  if (focal === 0) return np.sum(surprise.mul(-1));
  const p = np.sum(np.exp(logs).mul(oneHot.ref), 1, { keepdims: true });
  return np.sum(surprise.mul(-1).mul(np.power(p.mul(-1).add(1), focal)));
}

function objective(network: Network, rule: TrainingRule, batch: Batch, p: Parameters) {
  const { numpy: np } = jax;
  const h = flat(forward(network.backbone, batch.images.ref, p));
  const features = np.sum(np.square(h.ref)).mul(rule.featureDecay / 2);
  let z = h;
  for (let m = 1; m <= network.head.widths.length + 1; m++) z = np.matmul(z, np.transpose(p[`W${m}`].ref));
  if (network.head.bias === 'free') z = z.add(p.b.ref);
  const data = dataTerm(rule, z, batch).mul(rule.dataScale / SAMPLES);
  return parametersOf(network).reduce(
    (sum, { name }) => sum.add(np.sum(np.square(p[name].ref)).mul(rule.weightDecay(name) / 2)),
    data.add(features),
  );
}

const PLAIN = SMALL_NETWORKS.flatMap((network) =>
  (['mse', 'ce'] as const).map((loss) => ({
    title: `${loss}, ${network.name}`,
    network,
    loss,
    varied: null,
  })),
);
/** What is behind the logits is the same for all losses. */
const VARIED = Object.entries(VARIED_LOSSES).map(([title, { loss, ...varied }]) => ({
  ...{ title, network: SMALL_NETWORKS[10], loss, varied },
}));

describe('gradients', () => {
  it.each([...PLAIN, ...VARIED])('are those of jax-js: $title', async ({ network, loss, varied }) => {
    const rule: TrainingRule = {
      loss,
      varied,
      dataScale: 0.7,
      featureDecay: 0.03,
      weightDecay: (name) => (name.startsWith('W') ? 0.07 : 0.01),
      optimizer: { name: 'sgd', momentum: 0 },
    };
    const executable = await createReferenceEngine().compile(network, rule, SAMPLES);
    const start = randomParameters(network, 3);
    await executable.write(start);
    const { images, labels } = randomBatch(network, SAMPLES, 4);
    const expected = executable.gradient(images, labels);

    const { numpy: np } = jax;
    const { height, width, channels } = network.input;
    const x = np.transpose(np.array(images, { shape: [SAMPLES, height, width, channels] }), [0, 3, 1, 2]);
    const entries = (value: (k: number, label: number) => number) =>
      np.array(Float32Array.from(Array.from(labels).flatMap((y) => [0, 1, 2].map((k) => value(k, y)))), {
        shape: [SAMPLES, network.classes],
      });
    const batch: Batch = {
      images: x,
      oneHot: entries((k, y) => (k === y ? 1 : 0)),
      targets: entries((k, y) => varied?.targets[k][y] ?? (k === y ? 1 : 0)),
      weights: entries((_, y) => varied?.sampleWeights[y] ?? 1),
    };
    const parameters = Object.fromEntries(
      parametersOf(network).map(({ name, shape }) => [
        name,
        np.array(start.get(name) ?? new Float32Array(), { shape: [...shape] }),
      ]),
    );
    const gradient = jax.grad((p: Parameters) => objective(network, rule, batch, p))(parameters);
    for (const { name } of parametersOf(network)) {
      // Its declared type names arrays that Node 20 does not have; the data are float32.
      const data: unknown = await gradient[name].data();
      const found = data as Float32Array;
      const g = expected.get(name) ?? new Float64Array();
      expect(found).toHaveLength(g.length);
      const largest = Math.max(...g.map(Math.abs), 1e-3);
      // Float32 sums of up to some hundred terms, and divisions by the small variances of pooled maps.
      g.forEach((value, i) => expect(Math.abs(found[i] - value), name).toBeLessThan(1e-4 * largest));
    }
  });
});
