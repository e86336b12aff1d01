/**
 * `train`: runs an experiment against its prediction, with records, checkpoints and a summary in a store.
 *
 * A record is taken before the update of its step, and a checkpoint at step s holds the state before that update; so a
 * resumed run drops the records from step s on and goes on with the same numbers.
 */
import { hostOf, slicesOf, type Host, type WholeHost } from '../../core/host.js';
import { expectLayers, type ExpectedLayer } from '../../judge/index.js';
import {
  problemOf,
  type Divergence,
  type RunStatus,
  type TrainRecord,
  type UfmSummary,
} from '../../runs/index.js';
import type { Problem } from '../../model/index.js';
import type { CeProgress, Prediction } from '../../theory/index.js';
import { stableRate, type UfmTrainer } from '../../ufm/index.js';
import { minimiserOf, predictInSlices } from '../predict/predict.js';
import { createRecorder, type Recorder } from './recorder.js';
import { openStore } from './reopen.js';
import type { MadeBy } from './summary.js';
import { summariseUfm } from './ufmSummary.js';
import {
  checkpointBytes,
  measureUfm,
  openUfm,
  startOf,
  type MeasuredUfm,
  type OpenedUfm,
  type UfmStateOptions,
} from './ufmState.js';

export type TrainProgress =
  /** Before the first step, while the prediction is solved numerically. */
  | { readonly busy: 'predicting'; readonly search: CeProgress }
  | {
      readonly busy: 'training';
      readonly step: number;
      readonly steps: number;
      /** Where this call began; a resumed run does not begin at 0. */
      readonly from: number;
      readonly seconds: number;
      readonly record: TrainRecord | null;
    };

export interface TrainOptions extends UfmStateOptions {
  readonly madeBy: MadeBy;
  readonly host?: Host<TrainProgress> | undefined;
  /** Predicts the problem, where the caller may know the answer already; by default it is predicted here. */
  readonly predict?: ((problem: Problem) => Promise<Prediction>) | undefined;
}

export interface TrainDocument extends UfmSummary {
  readonly runDirectory: string | null;
}

const CHECKPOINT_MS = 5000;

export async function train(options: TrainOptions): Promise<TrainDocument> {
  const { spec, store } = options;
  const host = hostOf(options.host);
  const problem = problemOf(spec);
  const opened = await openUfm(problem, options, host.onNote);
  await openStore(store, spec, opened.records === null ? null : { records: opened.records });
  // Solving takes seconds under cross-entropy: a run that is killed meanwhile is there to go on with.
  const prediction = await predictionOf(problem, options, host);
  const run = underWay(opened, prediction, options, host);
  await run.recorder.save();
  const status = prediction.interrupted ? 'interrupted' : await drive(run, options, host);
  const summary = await finish(run, status, options);
  await store?.writeSummary(summary);
  return { ...summary, runDirectory: store?.location ?? null };
}

async function predictionOf(
  problem: Problem,
  { predict, blas }: TrainOptions,
  host: WholeHost<TrainProgress>,
): Promise<Prediction> {
  if (predict !== undefined) return predict(problem);
  const onProgress = (search: CeProgress) => host.onProgress({ busy: 'predicting', search });
  return predictInSlices(problem, blas, { host: { ...host, onProgress } });
}

/** A training that has begun, with its clock. */
interface Run {
  readonly trainer: UfmTrainer;
  readonly prediction: Prediction;
  /** The same layer by layer, where theory says it. */
  readonly expected: readonly ExpectedLayer[] | null;
  readonly recorder: Recorder<MeasuredUfm>;
  /** The run that goes on: its last record, its seconds, its step. */
  readonly before: { readonly record: TrainRecord | null; readonly seconds: number; readonly step: number };
  /** Of training so far, over all calls. */
  readonly seconds: () => number;
  /** The state as it is. */
  readonly measure: () => MeasuredUfm;
  /** Measures, keeps the record and shows it. */
  readonly record: () => void;
  readonly report: (record: TrainRecord | null) => void;
}

function underWay(
  { trainer, records, seconds: earlier }: OpenedUfm,
  prediction: Prediction,
  { spec, store, blas }: TrainOptions,
  { clock, onProgress }: WholeHost<TrainProgress>,
): Run {
  const [from, began] = [trainer.step, clock()];
  const seconds = () => earlier + (clock() - began) / 1000;
  const expected = expectLayers(prediction, blas);
  const theory = { prediction, expected };
  const measure = () => measureUfm(trainer, theory, blas, seconds());
  const report = (record: TrainRecord | null) =>
    onProgress({ busy: 'training', step: trainer.step, steps: spec.steps, from, seconds: seconds(), record });
  const encode = () => checkpointBytes(trainer, blas);
  const recorder = createRecorder<MeasuredUfm>({ store, clock, saved: -1, step: () => trainer.step, encode });
  const record = () => {
    const measured = measure();
    recorder.record(measured);
    report(measured.record);
  };
  const before = { record: records?.at(-1) ?? null, seconds: earlier, step: from };
  return { trainer, prediction, expected, recorder, before, seconds, measure, record, report };
}

/** Steps with their records and checkpoints, until the run ends. */
async function drive(
  { trainer, recorder, before, record, report }: Run,
  { spec }: TrainOptions,
  host: WholeHost<TrainProgress>,
): Promise<RunStatus> {
  const { steps, measureEvery, checkpointEvery } = spec;
  const slices = slicesOf(host);
  for (;;) {
    const { step } = trainer;
    if (step > before.step && checkpointEvery !== undefined && step % checkpointEvery === 0)
      await recorder.save();
    if (step % measureEvery === 0 || step >= steps) record();
    const ended = step >= steps ? 'finished' : endOf(trainer.advance());
    if (slices.over()) {
      report(null);
      await slices.next();
      if (ended === null && host.signal.aborted) return 'interrupted';
      if (ended === null && checkpointEvery === undefined && recorder.age() > CHECKPOINT_MS)
        await recorder.save();
    }
    if (ended !== null) return ended;
  }
}

/** Last record, last checkpoint, and what the run came to. */
async function finish(run: Run, status: RunStatus, options: TrainOptions): Promise<UfmSummary> {
  const { spec, blas, madeBy } = options;
  const { trainer, prediction, expected, recorder, before } = run;
  const seconds = run.seconds();
  const ended = status === 'finished' || status === 'converged' || status === 'stalled';
  if (ended && recorder.last?.record.step !== trainer.step) run.record();
  // The state of a run that diverged is no longer good: what was saved before stays.
  if (status === 'diverged') await recorder.write();
  else await recorder.save();
  return summariseUfm({
    ...{ spec, blas, prediction, expected, trainer, status, madeBy, seconds },
    measured: status === 'interrupted' ? run.measure() : (recorder.last ?? run.measure()),
    before: recorder.previous?.record ?? before.record,
    stepsPerSecond:
      seconds > before.seconds ? (trainer.step - before.step) / (seconds - before.seconds) : null,
    divergence: status === 'diverged' ? await divergenceOf(trainer, prediction, options) : null,
  });
}

function endOf(outcome: UfmTrainer['status']): RunStatus | null {
  return outcome === 'running' ? null : outcome;
}

async function divergenceOf(
  trainer: UfmTrainer,
  prediction: Prediction,
  options: TrainOptions,
): Promise<Divergence> {
  const { blas, spec } = options;
  const { optimizer } = spec;
  const { problem } = prediction;
  const objective = trainer.objective();
  const stable =
    optimizer.name === 'sgd'
      ? stableRate({
          ...{ problem, start: await startOf(problem, options), momentum: optimizer.momentum, blas },
          minimum: minimiserOf(prediction, blas),
          failed: { learningRate: optimizer.learningRate, steps: trainer.step },
        })
      : null;
  return {
    step: trainer.step,
    objective: Number.isFinite(objective) ? objective : null,
    stableLearningRate: stable?.rate ?? null,
    confirmedSteps: stable?.confirmedSteps ?? null,
  };
}
