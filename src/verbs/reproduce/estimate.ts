/**
 * How long a run takes on this machine: a few of its own steps and measurements are timed, then multiplied.
 *
 * Limits: parameters are random numbers, not the start of the run (steps cost the same); a prediction that is solved
 * numerically, checkpoints and the reading of data are not in it; a machine that is busy at one of both times misleads.
 */
import type { Blas } from '../../core/blas.js';
import { hostOf, type Host } from '../../core/host.js';
import { createRandom } from '../../core/random.js';
import { measureSnapshot } from '../../metrics/index.js';
import { parametersOf, trainingRule, type Engine } from '../../nets/index.js';
import { problemOf, type NetworkSpec, type RunSpec, type UfmSpec } from '../../runs/index.js';
import { createTrainer, drawStart } from '../../ufm/index.js';
import { setUpRun, type Images } from '../train/networkRun.js';
import { problemOfRun } from '../train/networkSetting.js';

export interface EstimateOptions {
  readonly blas: Blas;
  /** Called for networks only. */
  readonly engine: () => Engine | Promise<Engine>;
  readonly images: (spec: NetworkSpec) => Promise<Images>;
  readonly host?: Host | undefined;
  /** Timed calls go on for so long (default 300 ms); two are made at least, or one where it is slow. */
  readonly timedMs?: number | undefined;
}

const TIMED_MS = 300;
const SLOW_MS = 1000;
const FEWEST = 2;
const START_STD = 0.1;

/** An estimator that times what differs only in name, loss, decay or seed once. Throws one-line errors for a spec that cannot be run. */
export function createEstimator(options: EstimateOptions): (spec: RunSpec) => Promise<number> {
  const known = new Map<string, number>();
  return async (spec) => {
    const key = keyOf(spec);
    const before = known.get(key);
    if (before !== undefined) return before;
    const seconds =
      spec.kind === 'ufm' ? await estimateUfm(spec, options) : await estimateNetwork(spec, options);
    known.set(key, seconds);
    return seconds;
  };
}

/** What its steps cost. */
function keyOf(spec: RunSpec): string {
  const alike = { name: null, loss: null, init: null };
  switch (spec.kind) {
    case 'ufm':
      return JSON.stringify({ ...spec, ...alike, weightDecay: null, featureDecay: null });
    case 'network':
      return JSON.stringify({ ...spec, ...alike, decay: null });
    default:
      return spec satisfies never;
  }
}

async function estimateUfm(spec: UfmSpec, { blas, host, timedMs }: EstimateOptions): Promise<number> {
  const { clock, yield: giveWay } = hostOf(host);
  const problem = problemOf(spec);
  const std = 'std' in spec.init ? spec.init.std : START_STD;
  const trainer = createTrainer(problem, drawStart(problem, std, 0, blas), spec.optimizer, blas);
  const step = await timed(
    () => {
      trainer.advance();
    },
    { clock, timedMs },
  );
  await giveWay();
  const measurement = await timed(
    () => {
      measureSnapshot(trainer.snapshot('samples'), {
        blas,
        predicted: null,
        weightDecays: problem.weightDecays,
      });
    },
    { clock, timedMs },
  );
  return spec.steps * step + measurements(spec.steps, spec.measureEvery) * measurement;
}

async function estimateNetwork(spec: NetworkSpec, options: EstimateOptions): Promise<number> {
  const { clock, yield: giveWay } = hostOf(options.host);
  const { timedMs } = options;
  const run = setUpRun(spec, await options.images(spec));
  const { network, setting, data, test, batch, effective } = run;
  // Refuses what theory would refuse after the training.
  problemOfRun(run, effective.featureDecay ?? 1);
  const batches = data.samples / batch;
  const executable = await (
    await options.engine()
  ).compile(network, trainingRule(setting, network, Math.ceil(batches)), batch);
  try {
    const random = createRandom(0);
    await executable.write(
      new Map(
        parametersOf(network).map(({ name, shape }) => {
          const size = shape.reduce((product, side) => product * side, 1);
          const std = 1 / Math.sqrt(Math.max(1, size / (shape.at(-1) ?? 1)));
          return [name, random.normalsInto(new Float32Array(size), std)];
        }),
      ),
    );
    const { height, width, channels } = network.input;
    const images = random.normalsInto(new Float32Array(batch * height * width * channels), 1);
    const labels = Int32Array.from({ length: batch }, (_, i) => i % network.classes);
    await giveWay();
    const step = await timed(() => executable.step(images, labels, setting.learningRate), { clock, timedMs });
    await giveWay();
    const pass = await timed(() => executable.evaluate(images, batch, ['features']), { clock, timedMs });
    const passes = batches + (test === null ? 0 : test.samples / batch);
    return spec.epochs * batches * step + measurements(spec.epochs, spec.measureEvery) * passes * pass;
  } finally {
    await executable.close();
  }
}

/** Of a run of `length`, its beginning and end included. */
function measurements(length: number, every: number): number {
  return Math.floor(length / every) + 1 + (length % every === 0 ? 0 : 1);
}

/** Seconds of a call, after a first one that is not counted. */
async function timed(
  call: () => unknown,
  { clock, timedMs = TIMED_MS }: { readonly clock: () => number; readonly timedMs: number | undefined },
): Promise<number> {
  const before = clock();
  await call();
  const began = clock();
  const fewest = began - before > SLOW_MS ? 1 : FEWEST;
  let calls = 0;
  while (calls < fewest || clock() - began < timedMs) {
    await call();
    calls++;
  }
  return (clock() - began) / 1000 / calls;
}
