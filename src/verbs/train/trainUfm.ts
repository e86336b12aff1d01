/**
 * `train`: runs an experiment against its prediction, with records, checkpoints and a summary in a store.
 *
 * A record is taken before the update of its step, and a checkpoint at step s holds the state before that update; so a
 * resumed run drops the records from step s on and goes on with the same numbers.
 */
import { hostOf, slicesOf, type Host } from '../../core/host.js';
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
import { createRecorder } from './recorder.js';
import { openStore } from './reopen.js';
import type { MadeBy } from './summary.js';
import { summariseUfm } from './ufmSummary.js';
import {
  checkpointBytes,
  measureUfm,
  openUfm,
  startOf,
  type MeasuredUfm,
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
  const { spec, store, blas } = options;
  const host = hostOf(options.host);
  const { signal, clock, onProgress, onNote } = host;
  const problem = problemOf(spec);
  const { trainer, records, seconds: before } = await openUfm(problem, options, onNote);
  await openStore(store, spec, records === null ? null : { records });
  // Solving takes seconds under cross-entropy: a run that is killed meanwhile is there to go on with.
  const prediction =
    (await options.predict?.(problem)) ??
    (await predictInSlices(problem, blas, {
      host: { ...host, onProgress: (search) => onProgress({ busy: 'predicting', search }) },
    }));

  const [from, began, slices] = [trainer.step, clock(), slicesOf(host)];
  const seconds = () => before + (clock() - began) / 1000;
  const measure = () => measureUfm(trainer, prediction, blas, seconds());
  const report = (record: TrainRecord | null) =>
    onProgress({ busy: 'training', step: trainer.step, steps: spec.steps, from, seconds: seconds(), record });
  const encode = () => checkpointBytes(trainer, blas);
  const recorder = createRecorder<MeasuredUfm>({ store, clock, saved: -1, step: () => trainer.step, encode });
  const record = () => {
    recorder.record(measure());
    report(recorder.last?.record ?? null);
  };

  await recorder.save();
  let status: RunStatus | null = prediction.interrupted ? 'interrupted' : null;
  while (status === null) {
    const { step } = trainer;
    if (step > from && spec.checkpointEvery !== undefined && step % spec.checkpointEvery === 0)
      await recorder.save();
    if (step % spec.measureEvery === 0 || step >= spec.steps) record();
    status = step >= spec.steps ? 'finished' : endOf(trainer.advance());
    if (!slices.over()) continue;
    report(null);
    await slices.next();
    if (signal.aborted) status ??= 'interrupted';
    if (status === null && spec.checkpointEvery === undefined && recorder.age() > CHECKPOINT_MS)
      await recorder.save();
  }

  const trained = seconds();
  const ended = status === 'finished' || status === 'converged' || status === 'stalled';
  if (ended && recorder.last?.record.step !== trainer.step) record();
  // The state of a run that diverged is no longer good: what was saved before stays.
  if (status === 'diverged') await recorder.write();
  else await recorder.save();
  const summary = summariseUfm({
    ...{ spec, blas, prediction, trainer, status, madeBy: options.madeBy },
    measured: status === 'interrupted' ? measure() : (recorder.last ?? measure()),
    before: recorder.previous?.record ?? records?.at(-1) ?? null,
    seconds: trained,
    stepsPerSecond: trained > before ? (trainer.step - from) / (trained - before) : null,
    divergence: status === 'diverged' ? await divergenceOf(trainer, prediction, options) : null,
  });
  await store?.writeSummary(summary);
  return { ...summary, runDirectory: store?.location ?? null };
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
