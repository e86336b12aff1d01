/** The state of a training of the unconstrained-features model: its start, its checkpoint, and what is measured of it. */
import type { Blas } from '../../core/blas.js';
import { refuse } from '../../core/errors.js';
import {
  fitsOf,
  headLayerNames,
  layerRecord,
  measureLayerBeside,
  recordOf,
  type ExpectedLayer,
} from '../../judge/index.js';
import { measureSnapshot, type Measurement } from '../../metrics/index.js';
import { DENSE_LIMIT, type Problem } from '../../model/index.js';
import {
  decodeCheckpoint,
  encodeCheckpoint,
  type Checkpoint,
  type LayerRecord,
  type RunStore,
  type TrainRecord,
  type UfmSpec,
} from '../../runs/index.js';
import type { Prediction } from '../../theory/index.js';
import {
  createTrainer,
  drawStart,
  givenStart,
  savedStart,
  type StartTensors,
  type UfmStart,
  type UfmTrainer,
} from '../../ufm/index.js';
import { reopen } from './reopen.js';

export interface MeasuredUfm {
  readonly measurement: Measurement;
  /** Of the features, then of z_1 … z_M; empty for more than a thousand classes. */
  readonly layers: readonly Measurement[];
  readonly record: TrainRecord;
}

/** What the state of a training is held against. */
export interface UfmTheory {
  readonly prediction: Prediction;
  /** The same layer by layer, where theory says it. */
  readonly expected: readonly ExpectedLayer[] | null;
}

export interface UfmStateOptions {
  readonly spec: UfmSpec;
  readonly store: RunStore | null;
  /** `fresh` refuses nothing here: the caller chose an empty store. `resume` continues what the store holds. */
  readonly mode: 'fresh' | 'resume';
  readonly blas: Blas;
  /** Tensors of `init.file`; called only when the run starts from its beginning. */
  readonly readStart: (file: string) => Promise<StartTensors>;
}

export interface OpenedUfm {
  readonly trainer: UfmTrainer;
  /** Of the run that goes on; null for one that begins. */
  readonly records: readonly TrainRecord[] | null;
  /** Seconds of training so far. */
  readonly seconds: number;
}

/** A trainer at the start of its spec, or where its store left it. Writes nothing. */
export async function openUfm(
  problem: Problem,
  options: UfmStateOptions,
  onNote: (note: string) => void,
): Promise<OpenedUfm> {
  const { spec, store, mode, blas } = options;
  const reopened =
    mode === 'resume' && store !== null
      ? await reopen({
          ...{ store, spec, blas, onNote },
          decode: decodeCheckpoint,
          check: ({ step }: Checkpoint) => {
            if (step > spec.steps) refuse('steps', `at least the ${step} steps already done`, spec.steps);
          },
          stepOf: ({ step }) => step,
          recordsBefore: (step) => Math.ceil(step / spec.measureEvery),
        })
      : null;
  if (store === null || reopened === null) {
    const trainer = createTrainer(problem, await startOf(problem, options), spec.optimizer, blas);
    return { trainer, records: null, seconds: 0 };
  }
  const { saved, records } = reopened;
  const parameters = 'parameters' in saved.arrays ? saved.arrays.parameters.length : 0;
  const start = savedStart(problem, { ...saved, parameters }, `${store.location}/checkpoint.safetensors`);
  const trainer = createTrainer(problem, start, spec.optimizer, blas, saved);
  return { trainer, records, seconds: records.at(-1)?.seconds ?? 0 };
}

/** Where a run of this spec starts. */
export async function startOf(
  problem: Problem,
  { spec: { init }, blas, readStart }: UfmStateOptions,
): Promise<UfmStart> {
  if ('file' in init) return givenStart(problem, await readStart(init.file), blas, init.file);
  return drawStart(problem, init.std, init.seed, blas);
}

export function checkpointBytes(trainer: UfmTrainer, blas: Blas): Uint8Array {
  const { step, ceiling, value, arrays } = trainer.state();
  return encodeCheckpoint({
    step,
    ceiling,
    value,
    arrays,
    blas: { name: blas.name, threads: blas.threads },
    basis: trainer.reduced.basis,
    columns: trainer.reduced.columns.cols,
  });
}

/** The state as it is, beside the prediction. */
export function measureUfm(
  trainer: UfmTrainer,
  { prediction, expected }: UfmTheory,
  blas: Blas,
  seconds: number,
): MeasuredUfm {
  const { problem } = prediction;
  const measurement = measureSnapshot(trainer.snapshot('samples'), {
    blas,
    predicted: prediction.geometry(),
    weightDecays: problem.weightDecays,
  });
  const layers =
    problem.counts.length > DENSE_LIMIT ? [] : [measurement, ...linearLayers(trainer, expected, blas)];
  const record = recordOf({
    step: trainer.step,
    objective: trainer.objective(),
    measurement,
    fits: fitsOf(measurement, problem, trainer.parameters.bias),
    seconds,
  });
  return {
    measurement,
    layers,
    record: layers.length === 0 ? record : { ...record, layers: layerRecords(layers) },
  };
}

/** z_1 … z_M: free features have no offset, so that their means are compared as they are. */
function linearLayers(
  trainer: UfmTrainer,
  expected: readonly ExpectedLayer[] | null,
  blas: Blas,
): Measurement[] {
  return trainer
    .layerSnapshots()
    .map((snapshot, i) =>
      measureLayerBeside(snapshot, { blas, expected: expected?.at(i + 1) ?? null, centre: false }),
    );
}

/** As records hold them, and beside theory as summaries do. */
export function layerRecords(
  layers: readonly Measurement[],
  expected?: readonly ExpectedLayer[] | null,
): LayerRecord[] {
  const names = headLayerNames(layers.length - 1);
  return layers.map((measurement, m) =>
    layerRecord(names[m], measurement, expected === undefined ? undefined : (expected?.at(m) ?? null)),
  );
}
