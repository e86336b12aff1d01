/** One point of a cost curve in a fresh process: seconds of the processor for one piece of work, the least of several. */
import process from 'node:process';
import { createRandom, matrix } from 'collapsar/core';
import { batchesOf, measureFeatures } from 'collapsar/metrics';
import { createProblem } from 'collapsar/model';
import { chooseBlas, createCpuEngine } from 'collapsar/node';
import { buildNetwork, initialState } from 'collapsar/nets';
import { predictCe, predictMse } from 'collapsar/theory';
import { createTrainer, drawStart } from 'collapsar/ufm';

const DECAY = 5e-4;
/** Seconds that the repetitions of one stretch take together. */
const STRETCH = 0.05;

/** @param {() => unknown} work */
async function processorSeconds(work) {
  const { user, system } = process.cpuUsage();
  await work();
  const after = process.cpuUsage();
  return (after.user + after.system - user - system) / 1e6;
}

/** Seconds of one repetition, the least of some stretches after one that warms up. @param {() => unknown} work */
async function least(work, stretches = 5) {
  let repeats = 1;
  let best = Infinity;
  for (let i = 0; i <= stretches;) {
    const seconds = await processorSeconds(async () => {
      for (let r = 0; r < repeats; r++) await work();
    });
    if (seconds < STRETCH / 2 && repeats < 2 ** 20) {
      repeats *= 2;
      continue;
    }
    if (i > 0) best = Math.min(best, seconds / repeats);
    i++;
  }
  return best;
}

const library = () => chooseBlas(process.env.COLLAPSAR_BLAS);

/** @param {{counts: number[], depth: number, width: number}} options */
export async function curveUfm({ counts, depth, width }) {
  const blas = library();
  const problem = createProblem({ counts, depth, widths: width, weightDecays: DECAY, featureDecay: DECAY });
  // Products of layers keep their size at any depth.
  const start = drawStart(problem, 1 / Math.sqrt(width), 0, blas);
  const trainer = createTrainer(problem, start, { name: 'sgd', learningRate: 1e-7, momentum: 0.9 }, blas);
  const seconds = await least(() => trainer.advance());
  if (trainer.status !== 'running') throw new Error(`the training ended: ${trainer.status}`);
  return { seconds };
}

/** @param {{K: number}} options */
export async function curvePredict({ K }) {
  const blas = library();
  const counts = Array.from({ length: K }, (_, k) => k + 1);
  const problem = createProblem({ counts, depth: 3, widths: K, weightDecays: 1.8e-7, featureDecay: 1.8e-7 });
  return { seconds: await least(() => predictMse(problem, blas).objective, 3) };
}

/** @param {{N: number, d: number, K: number}} options */
export async function curveMeasure({ N, d, K }) {
  const blas = library();
  const random = createRandom(0);
  const means = random.normalsInto(new Float32Array(K * d), 1);
  const noise = random.normalsInto(new Float32Array(2 ** 16 + d), 0.3);
  const labels = Int32Array.from({ length: N }, (_, i) => i % K);
  const data = new Float32Array(N * d);
  for (let i = 0; i < N; i++) {
    const from = Math.floor(random.uniform() * 2 ** 16);
    for (let j = 0; j < d; j++) data[i * d + j] = means[labels[i] * d + j] + noise[from + j];
  }
  const source = batchesOf(matrix(data, N, d), labels);
  const seconds = await least(() => measureFeatures(source, { blas, classes: K, products: 'single' }), 3);
  return { seconds };
}

/** @param {{K: number}} options */
export async function curveCe({ K }) {
  const blas = library();
  const counts = Array.from({ length: K }, (_, k) => Math.round(100 * 10 ** (-k / (K - 1))));
  const decays = { weightDecays: 1e-3, featureDecay: 1e-3 };
  const problem = createProblem({ counts, depth: 2, widths: K, loss: 'ce', ...decays });
  const starts = 2;
  // The first one warms up.
  predictCe(problem, { blas, budget: 1, restarts: 1, seed: 1 });
  const seconds = await processorSeconds(() => {
    const { search } = predictCe(problem, { blas, budget: 1e4, restarts: starts, seed: 0 });
    if ((search?.starts ?? 0) < starts) throw new Error(`${starts} starts, got ${search?.starts}`);
  });
  return { seconds: seconds / starts };
}

/** @param {{batch: number, width: number}} options */
export async function curveNet({ batch, width }) {
  const input = { height: 32, width: 32, channels: 3 };
  const architecture = /** @type {const} */ ({ name: 'mlp', layers: 6, width, batchNorm: false });
  const network = buildNetwork(architecture, input, 10, { depth: 3, width, bias: 'free' });
  // One thread: those that wait for others use the processor too.
  const engine = createCpuEngine({ blas: library(), threads: 1 });
  const rule = /** @type {const} */ ({
    ...{ loss: 'mse', dataScale: 1, featureDecay: 0, weightDecay: () => 0 },
    optimizer: { name: 'sgd', momentum: 0.9 },
  });
  const executable = await engine.compile(network, rule, batch);
  await executable.write(initialState(network, 0, library()));
  const images = createRandom(1).normalsInto(new Float32Array(batch * 32 * 32 * 3), 1);
  const labels = Int32Array.from({ length: batch }, (_, i) => i % 10);
  const seconds = await least(() => executable.step(images, labels, 1e-4), 3);
  await executable.close?.();
  return { seconds };
}
