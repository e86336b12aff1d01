/** One epoch of a monitored run: its file read, and every layer measured, beside theory where there is one. */
import type { Blas } from '../../../core/blas.js';
import {
  centresMeans,
  compareClasses,
  fitsOf,
  measureBeside,
  measureLayerBeside,
  measuresRecord,
  undecided,
  type ExpectedLayer,
} from '../../../judge/index.js';
import { measureSnapshot, type Measurement } from '../../../metrics/index.js';
import type { PredictedGeometry } from '../../../model/index.js';
import {
  readMonitorTensors,
  type ClassComparison,
  type MonitoredEpoch,
  type MonitoredTensors,
  type MonitorStore,
} from '../../../runs/index.js';
import type { Prediction } from '../../../theory/index.js';
import type { LayerMeasures, SeriesPoint } from './document.js';
import { snapshotsOf, type EpochSnapshots, type LayerSnapshot } from './snapshots.js';
import { measureTestSamples } from './testSamples.js';

/** A line of `epochs.jsonl` whose statistics were finite. */
export type FiniteEpoch = MonitoredEpoch & { readonly file: string };

export interface ReadEpoch {
  readonly tensors: MonitoredTensors;
  readonly snapshots: EpochSnapshots;
}

export function hasFile(epoch: MonitoredEpoch): epoch is FiniteEpoch {
  return epoch.file !== null;
}

export async function readEpoch(store: MonitorStore, epoch: FiniteEpoch, from: number): Promise<ReadEpoch> {
  const file = await store.openEpoch(epoch);
  try {
    const tensors = await readMonitorTensors(file, store.manifest);
    return { tensors, snapshots: snapshotsOf(tensors, store.manifest, from) };
  } finally {
    await file.close();
  }
}

export interface MeasuredEpoch {
  readonly measurement: Measurement;
  readonly classes: readonly ClassComparison[];
  readonly point: SeriesPoint;
}

/** Theory as it stands beside every epoch. */
export interface BesideAll {
  readonly prediction: Prediction;
  readonly frames: PredictedGeometry | null;
  /** Of the features and z_1 … z_M. */
  readonly layers: readonly ExpectedLayer[] | null;
  /** False of a training that may go on: no class is lost yet. */
  readonly settled: boolean;
}

export function measureEpoch(
  line: MonitoredEpoch,
  snapshots: EpochSnapshots,
  beside: BesideAll | null,
  blas: Blas,
): MeasuredEpoch {
  const { features } = snapshots;
  const { measurement, classes } = featuresBeside(features, beside, blas);
  const test = measureTestSamples(features, snapshots.test, blas);
  const first = snapshots.layers.indexOf(features);
  const centre = beside !== null && centresMeans(beside.prediction.problem);
  const point: SeriesPoint = {
    epoch: line.epoch,
    samples: measurement.samples,
    counts: measurement.counts,
    ...measuresRecord(measurement),
    nccAccuracy: features.nccAccuracy,
    top5Accuracy: features.snapshot.agreement?.top5Accuracy ?? null,
    rank: measurement.rank,
    balancedness: measurement.balancedness,
    learningRate: line.groups?.at(0)?.learningRate ?? null,
    classes,
    layers: snapshots.layers.map((layer, i) => {
      const expected = beside?.layers?.[i - first] ?? null;
      const measured =
        layer === features ? measurement : measureLayerBeside(layer.snapshot, { blas, expected, centre });
      const ofTest = layer === features ? test : measureTestSamples(layer, snapshots.test, blas);
      return layerMeasures(layer, measured, { test: ofTest, predicted: expected?.values ?? null });
    }),
    test,
    notes: line.notes,
  };
  return { measurement, classes, point };
}

/** The features with their head, compared with the prediction. */
function featuresBeside(
  { snapshot }: LayerSnapshot,
  beside: BesideAll | null,
  blas: Blas,
): Pick<MeasuredEpoch, 'measurement' | 'classes'> {
  if (beside === null) {
    const measurement = measureSnapshot(snapshot, { blas });
    return { measurement, classes: compareClasses(measurement, null, []) };
  }
  const { prediction, frames, settled } = beside;
  const { problem } = prediction;
  const { measurement, compared, head } = measureBeside(snapshot, {
    blas,
    predicted: frames,
    weightDecays: problem.weightDecays,
    centre: centresMeans(problem),
  });
  const fits = fitsOf(compared, problem, head?.bias ?? null);
  return {
    measurement,
    classes: undecided(compareClasses(measurement, prediction, fits, compared), settled),
  };
}

function layerMeasures(
  { layer, nccAccuracy }: LayerSnapshot,
  measurement: Measurement,
  { test, predicted }: { readonly test: SeriesPoint['test'] } & Pick<LayerMeasures, 'predicted'>,
): LayerMeasures {
  const { name, place, dimension, pooling } = layer;
  const { nc1, cdnv, nc2, nc3, nc4 } = measurement;
  return {
    ...{ name, place, dimension, pooling, nc1, cdnv, nc2, nc3, nc4, nccAccuracy, predicted },
    test: test === null ? null : { nc1: test.nc1, nc4: test.nc4, nccAccuracy: test.nccAccuracy },
  };
}
