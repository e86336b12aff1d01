/** Rows of networks against PyTorch: one training step of the paper's architectures with a head of three linear layers. */
import { alternate, besideTorch } from '../pairs.js';
import { convolutionChoices, torchChoices } from '../peers.js';
import { side } from '../processes.js';
import { check } from '../stats.js';
import { digits } from './ufm.js';

/** @typedef {import('../run.js').Context} Context */
/** @typedef {import('../run.js').Row} Row */

const BATCH = 128;

/**
 * @param {Context} context
 * @param {{id: string, name: string, model: string, target: number, architecture: object, steps: number, stretches: number, pairs: number}} row
 * @returns {Promise<Row>}
 */
async function netRow(context, { id, name, model, target, architecture, steps, stretches, pairs }) {
  const { peers, threads } = context;
  const work = { architecture, batch: BATCH, steps: context.quick ? 2 : steps, stretches };
  const list = (/** @type {number} */ count) =>
    ['--model', model, '--batch', BATCH, '--steps', count].map(String);
  const rateOf = (/** @type {any} */ result) => result.samplesPerSecond;
  const choices = model === 'mlp' ? torchChoices(threads) : convolutionChoices(threads);
  const settings =
    peers.torchMissing === null
      ? await peers.fastest('torch_nets.py', list(Math.max(2, work.steps)), rateOf, choices)
      : null;
  const { ours, theirs } = await alternate(
    context.pairs(pairs),
    () => side('nets', work),
    settings === null
      ? null
      : () => peers.run('torch_nets.py', [...list(work.steps * (context.quick ? 1 : 2)), ...settings.args]),
  );
  const rates = ours.map(({ samplesPerSecond }) => samplesPerSecond);
  const peerRates = theirs.map(({ samplesPerSecond }) => samplesPerSecond);
  const profile = await side('netsProfile', { ...work, steps: Math.max(2, Math.round(work.steps / 2)) });
  const parameters = ours[0].parameters;
  return {
    id,
    work: name,
    unit: 'images/s',
    ...besideTorch(rates, peerRates, settings, peers, target),
    checks: [
      ...ours.flatMap(({ checks }) => checks),
      ...theirs.slice(0, 1).map((peer) =>
        check('peer: the same number of parameters', peer.parameters === parameters, {
          parameters,
          peer: peer.parameters,
        }),
      ),
    ],
    settings: work,
    profile,
    runs: { ours, theirs },
    limit: limitOf(profile, context.calibration),
  };
}

/** Shares of a step on one thread. @param {any} profile @param {any} calibration */
function limitOf({ milliseconds, threads, operationsOfOneThread, parts }, calibration) {
  const share = (/** @type {number} */ seconds) => `${Math.round((seconds * 1e5) / milliseconds)} %`;
  const { gemm, ...others } = parts;
  const rate = operationsOfOneThread / gemm.seconds / 1e9;
  const most = Object.entries(others)
    .sort(([, a], [, b]) => b.seconds - a.seconds)
    .slice(0, 3)
    .map(([name, { seconds }]) => `${name} ${share(seconds)}`);
  const peak = digits(calibration.gflops.float32 / threads);
  return `products of matrices ${share(gemm.seconds)} of ${digits(milliseconds)} ms, at ${digits(rate)} of ${peak} GFLOPS a thread; then ${most.join(', ')}`;
}

/** @param {Context} context */
export const mlp = (context) =>
  netRow(context, {
    id: 'mlp',
    name: 'MLP step, 6 ReLU layers of 512, batch 128',
    model: 'mlp',
    target: 1.3,
    architecture: { name: 'mlp', layers: 6, width: 512, batchNorm: false },
    steps: 60,
    stretches: 5,
    pairs: 5,
  });

/** @param {Context} context */
export const resnet18 = (context) =>
  netRow(context, {
    id: 'resnet18',
    name: 'ResNet18 step, 32 × 32, batch 128',
    model: 'resnet18',
    target: 2,
    architecture: { name: 'resnet18', widthMultiplier: 1 },
    steps: 3,
    stretches: 3,
    pairs: 3,
  });

/** @param {Context} context */
export const vgg16 = (context) =>
  netRow(context, {
    id: 'vgg16',
    name: 'VGG16 step, 32 × 32, batch 128',
    model: 'vgg16',
    target: 2,
    architecture: { name: 'vgg16', widthMultiplier: 1 },
    steps: 4,
    stretches: 3,
    pairs: 3,
  });
