/**
 * `train`: runs an experiment against its prediction, with records, checkpoints and a summary in a store.
 *
 * A record is taken before the update of its step, and a checkpoint at step s holds the state before that update; so a
 * resumed run drops the records from step s on and goes on with the same numbers.
 */
import type { Blas } from '../../core/blas.js';
import { InputError, refuse } from '../../core/errors.js';
import { measureSnapshot, type Measurement } from '../../metrics/index.js';
import { depthOf, type Problem } from '../../model/index.js';
import {
  decodeCheckpoint,
  encodeCheckpoint,
  formatSpec,
  parseSpec,
  problemOf,
  sameRun,
  type Checkpoint,
  type Divergence,
  type RunStatus,
  type RunStore,
  type UfmSummary,
  type TrainRecord,
  type UfmSpec,
} from '../../runs/index.js';
import type { CeProgress, Prediction } from '../../theory/index.js';
import {
  createTrainer,
  drawStart,
  givenStart,
  savedStart,
  stableRate,
  type StartTensors,
  type UfmStart,
  type UfmTrainer,
} from '../../ufm/index.js';
import { predictInSlices } from '../predict/predict.js';
import { predictionSummary } from '../predict/summary.js';
import { compareClasses, fitsOf, judge, recordOf } from '../../judge/index.js';
import { classesAtEnd, sharedSummary } from './summary.js';

export interface TrainProgress {
  readonly step: number;
  readonly steps: number;
  /** Where this call began; a resumed run does not begin at 0. */
  readonly from: number;
  readonly seconds: number;
  readonly record: TrainRecord | null;
}

export interface TrainOptions {
  readonly spec: UfmSpec;
  /** Null keeps nothing. */
  readonly store: RunStore | null;
  /** `fresh` refuses nothing here: the caller chose an empty store. `resume` continues what the store holds. */
  readonly mode: 'fresh' | 'resume';
  /** The command line, as kept in the summary. */
  readonly command: string;
  readonly version: string;
  readonly blas: Blas;
  /** Tensors of `init.file`; called only when the run starts from its beginning. */
  readonly readStart: (file: string) => Promise<StartTensors>;
  /** Milliseconds of a steady clock. */
  readonly clock: () => number;
  /** Lets other work run; called a few times a second. */
  readonly pause: () => Promise<void>;
  /** True once the user asked to stop. */
  readonly stopAsked: () => boolean;
  /** Reports while the prediction is solved numerically, before the first step. */
  readonly onPredicting?: ((progress: CeProgress) => void) | undefined;
  readonly onProgress: (progress: TrainProgress) => void;
  readonly onNote: (note: string) => void;
}

export interface TrainDocument extends UfmSummary {
  readonly runDirectory: string | null;
}

const SLICE_MS = 80;
const CHECKPOINT_MS = 5000;

export async function train(options: TrainOptions): Promise<TrainDocument> {
  const { store, blas, clock } = options;
  const spec = options.spec;
  const problem = problemOf(spec);
  const start = () => startOf(spec, problem, options);
  const resumed =
    options.mode === 'resume' && store !== null ? await reopen(spec, problem, store, options) : null;
  const trainer =
    resumed === null
      ? createTrainer(problem, await start(), spec.optimizer, blas)
      : createTrainer(problem, resumed.start, spec.optimizer, blas, resumed.state);
  if (store !== null && resumed === null) {
    await store.writeSpec(formatSpec(spec));
    await store.writeRecords([]);
  }
  // Solving takes seconds under cross-entropy: a run that is killed meanwhile is there to go on with.
  const prediction = await predictInSlices(problem, blas, {
    pause: options.pause,
    shouldStop: options.stopAsked,
    onProgress: options.onPredicting,
  });

  const before = resumed?.seconds ?? 0;
  const from = trainer.step;
  const began = clock();
  const seconds = () => before + (clock() - began) / 1000;
  const pending: TrainRecord[] = [];
  let last: { measurement: Measurement; record: TrainRecord } | null = null;
  let written = -1;
  let previous: number | null = null;

  const take = () => {
    previous = last?.record.objective ?? null;
    last = measure(trainer, problem, prediction, blas, seconds());
    pending.push(last.record);
    options.onProgress({
      step: trainer.step,
      steps: spec.steps,
      from,
      seconds: seconds(),
      record: last.record,
    });
  };
  const save = async () => {
    if (store === null) return;
    await store.appendRecords(pending);
    pending.length = 0;
    if (written === trainer.step) return;
    written = trainer.step;
    await store.writeCheckpoint(encodeCheckpoint(checkpointOf(trainer, blas)));
  };

  await save();
  let status: RunStatus | null = prediction.interrupted ? 'interrupted' : null;
  let slice = clock();
  let saved = clock();
  while (status === null) {
    const due = trainer.step % spec.measureEvery === 0 || trainer.step >= spec.steps;
    const planned = spec.checkpointEvery !== undefined && trainer.step % spec.checkpointEvery === 0;
    if (planned && trainer.step > from) await save();
    if (due) take();
    if (trainer.step >= spec.steps) status = 'finished';
    else {
      const outcome = trainer.advance();
      if (outcome !== 'running') status = outcome;
    }
    if (clock() - slice > SLICE_MS) {
      options.onProgress({ step: trainer.step, steps: spec.steps, from, seconds: seconds(), record: null });
      await options.pause();
      if (status === null && options.stopAsked()) status = 'interrupted';
      if (status === null && clock() - saved > CHECKPOINT_MS && spec.checkpointEvery === undefined) {
        await save();
        saved = clock();
      }
      slice = clock();
    }
  }

  const trainedFor = seconds();
  if (status === 'diverged') {
    // The state is no longer good: what was saved before stays.
    await store?.appendRecords(pending);
    const divergence = {
      step: trainer.step,
      objective: finiteOrNull(trainer.objective()),
      stableLearningRate:
        spec.optimizer.name === 'sgd'
          ? stableRate(problem, await start(), spec.optimizer.momentum, blas).rate
          : null,
    };
    return finish(last, divergence);
  }
  if (status === 'interrupted') await save();
  else {
    if (lastStep(last) !== trainer.step) take();
    await save();
  }
  return finish(
    status === 'interrupted' ? { ...measure(trainer, problem, prediction, blas, trainedFor) } : last,
    undefined,
  );

  async function finish(
    measured: { measurement: Measurement; record: TrainRecord } | null,
    divergence: Divergence | undefined,
  ): Promise<TrainDocument> {
    const summary = summarise({
      options,
      problem,
      prediction,
      trainer,
      measured: measured ?? measure(trainer, problem, prediction, blas, trainedFor),
      status: status ?? 'finished',
      previous,
      seconds: trainedFor,
      stepsPerSecond: trainedFor > before ? (trainer.step - from) / (trainedFor - before) : null,
      divergence,
    });
    await store?.writeSummary(summary);
    return { ...summary, runDirectory: store?.location ?? null };
  }
}

function lastStep(last: { record: TrainRecord } | null): number {
  return last === null ? -1 : last.record.step;
}

async function startOf(
  spec: UfmSpec,
  problem: Problem,
  { blas, readStart }: TrainOptions,
): Promise<UfmStart> {
  if ('file' in spec.init) return givenStart(problem, await readStart(spec.init.file), blas, spec.init.file);
  return drawStart(problem, spec.init.std, spec.init.seed, blas);
}

/** The state a store holds: checks that it is this run, cuts the records that are ahead of the checkpoint. */
async function reopen(spec: UfmSpec, problem: Problem, store: RunStore, { blas, onNote }: TrainOptions) {
  const yaml = await store.readSpec();
  if (yaml === null)
    refuse(store.location, 'a run to resume', 'no run there', 'leave --resume out to start one');
  if (!sameRun(parseSpec(yaml, `${store.location}/spec.yaml`), spec))
    refuse(
      store.location,
      'a run of this spec',
      'a run of another spec',
      'choose another --out, or resume with its own spec.yaml',
    );
  const file = await store.openCheckpoint();
  if (file === null) return null;
  let state: Checkpoint;
  try {
    state = await decodeCheckpoint(file);
  } finally {
    await file.close();
  }
  const start = savedStart(
    problem,
    { ...state, parameters: 'parameters' in state.arrays ? state.arrays.parameters.length : 0 },
    `${store.location}/checkpoint.safetensors`,
  );
  if (state.step > spec.steps) refuse('steps', `at least the ${state.step} steps already done`, spec.steps);
  const kept = (await store.readRecords()).filter(({ step }) => step < state.step);
  const expected = Math.ceil(state.step / spec.measureEvery);
  if (kept.length < expected)
    throw new InputError(
      'format',
      `${store.location}/records.jsonl`,
      `${expected} records before step ${state.step}`,
      String(kept.length),
      'records were lost: start the run anew',
    );
  await store.writeRecords(kept);
  if (state.blas.name !== blas.name || state.blas.threads !== blas.threads)
    onNote(
      `the checkpoint was computed with ${state.blas.name} (threads: ${state.blas.threads ?? 'unknown'}), this continues with ` +
        `${blas.name} (threads: ${blas.threads ?? 'unknown'}): numbers will differ in rounding`,
    );
  return { start, state, seconds: kept.at(-1)?.seconds ?? 0 };
}

function checkpointOf(trainer: UfmTrainer, blas: Blas): Checkpoint {
  const { step, ceiling, value, arrays } = trainer.state();
  return {
    step,
    ceiling,
    value,
    arrays,
    blas: { name: blas.name, threads: blas.threads },
    basis: trainer.reduced.basis,
    columns: trainer.reduced.columns.cols,
  };
}

function measure(trainer: UfmTrainer, problem: Problem, prediction: Prediction, blas: Blas, seconds: number) {
  const measurement = measureSnapshot(trainer.snapshot('samples'), {
    blas,
    predicted: prediction.geometry(),
    weightDecays: problem.weightDecays,
  });
  const record = recordOf({
    step: trainer.step,
    objective: trainer.objective(),
    measurement,
    fits: fitsOf(measurement, problem, trainer.parameters.bias),
    seconds,
  });
  return { measurement, record };
}

interface UfmSummaryParts {
  readonly options: TrainOptions;
  readonly problem: Problem;
  readonly prediction: Prediction;
  readonly trainer: UfmTrainer;
  readonly measured: { measurement: Measurement; record: TrainRecord };
  readonly status: RunStatus;
  readonly previous: number | null;
  readonly seconds: number;
  readonly stepsPerSecond: number | null;
  readonly divergence: Divergence | undefined;
}

function summarise(parts: UfmSummaryParts): UfmSummary {
  const { options, problem, prediction, trainer, status, divergence } = parts;
  const { measurement, record } = parts.measured;
  const { counts, widths, loss, bias, weightDecays, featureDecay } = problem;
  const compared = compareClasses(
    measurement,
    prediction,
    fitsOf(measurement, problem, trainer.parameters.bias),
  );
  const classes = classesAtEnd(status, compared);
  const found = divergence === undefined ? record.objective : divergence.objective;
  return {
    kind: 'ufm',
    ...sharedSummary({
      ...options,
      loss,
      status,
      step: trainer.step,
      measuredAtStep: record.step,
      measurement,
      prediction,
      seconds: parts.seconds,
      stepsPerSecond: parts.stepsPerSecond,
    }),
    objective: found,
    problem: { counts, depth: depthOf(problem), widths, loss, bias, weightDecays, featureDecay },
    training: { optimizer: options.spec.optimizer, init: options.spec.init },
    prediction: predictionSummary(prediction),
    classes,
    verdict: judge({ prediction, classes, objective: found, before: parts.previous, status, divergence }),
    ...(divergence === undefined ? {} : { divergence }),
  };
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
