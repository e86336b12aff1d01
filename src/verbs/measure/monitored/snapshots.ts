/**
 * Snapshots of the layers of a monitored epoch: the backbone's without a head, the features with the whole head, each output z_m of
 * the head with what comes after it. Biases are folded into the last. Classes without training samples are left out.
 */
import type { Matrix } from '../../../core/matrix.js';
import type { ClassStatistics, Head, Snapshot } from '../../../model/index.js';
import type {
  MonitoredLayer,
  MonitoredSplit,
  MonitoredStatistics,
  MonitoredTensors,
  MonitorManifest,
} from '../../../runs/index.js';
import { foldBiases } from '../head.js';

export interface LayerSnapshot {
  readonly layer: MonitoredLayer;
  readonly snapshot: Snapshot;
  /** Share of samples whose nearest class mean is their class. */
  readonly nccAccuracy: number;
  /** Of the same classes, test samples; null without. */
  readonly test: MonitoredStatistics | null;
}

export interface EpochSnapshots {
  /** Numbers of the classes that have training samples. */
  readonly classLabels: readonly number[];
  /** The others. */
  readonly absentClasses: readonly number[];
  readonly layers: readonly LayerSnapshot[];
  /** The one of the features. */
  readonly features: LayerSnapshot;
  /** Test samples of those classes; null without. */
  readonly test: SampleCounts | null;
}

/** What was counted of the samples of each class. */
export type SampleCounts = Pick<MonitoredSplit, 'counts' | 'correct' | 'amongFive'>;

/** `from`: the layer of the head, from 0, that reads what counts as the features. */
export function snapshotsOf(
  tensors: MonitoredTensors,
  manifest: MonitorManifest,
  from: number,
): EpochSnapshots {
  const { train, test } = tensors;
  const present = numbersWhere(train.counts, (n) => n > 0);
  const agreement = agreementOf(train, present);
  const layers = manifest.layers.map((layer, i): LayerSnapshot => {
    const statistics = train.layers[i];
    return {
      layer,
      snapshot: {
        statistics: classStatistics(train.counts, statistics, present),
        head: headAfter(tensors, manifest, i, present),
        agreement: agreement(statistics.nearestIsOutput),
      },
      nccAccuracy: shareOf(statistics.nearestIsLabel, train.counts, present),
      test: test === null ? null : restricted(test.layers[i], present),
    };
  });
  return {
    classLabels: present,
    absentClasses: numbersWhere(train.counts, (n) => n === 0),
    layers,
    features: layers[manifest.layers.findIndex(({ place }) => place === 'features') + from],
    test:
      test === null
        ? null
        : {
            counts: pick(test.counts, present),
            correct: pick(test.correct, present),
            amongFive: test.amongFive === null ? null : pick(test.amongFive, present),
          },
  };
}

function classStatistics(
  counts: readonly number[],
  statistics: MonitoredStatistics,
  present: readonly number[],
): ClassStatistics {
  const { means, variances, within } = restricted(statistics, present);
  const n = pick(counts, present);
  const N = n.reduce((sum, value) => sum + value, 0);
  return {
    counts: n,
    means,
    variances,
    withinTrace: n.reduce((sum, value, k) => sum + (value / N) * variances[k], 0),
    within,
  };
}

/** What reads layer i of the manifest: all of the head, what comes after z_m, or nothing. */
function headAfter(
  { weights, biases }: MonitoredTensors,
  { layers, outputs, classes }: MonitorManifest,
  i: number,
  present: readonly number[],
): Head | null {
  const first = layers.findIndex(({ place }) => place === 'features');
  const from = i - first;
  // One logit for two classes is no head of two rows.
  if (from < 0 || from >= weights.length || outputs !== classes) return null;
  const rest = weights.slice(from);
  const bias = foldBiases(rest, biases.slice(from));
  if (present.length === classes) return { weights: rest, bias };
  return {
    weights: [...rest.slice(0, -1), rowsOf(rest[rest.length - 1], present)],
    bias: bias === null ? null : Float64Array.from(present, (k) => bias[k]),
  };
}

function agreementOf(
  { counts, correct, amongFive }: MonitoredSplit,
  present: readonly number[],
): (nearestIsOutput: readonly number[]) => Snapshot['agreement'] {
  const accuracy = shareOf(correct, counts, present);
  const classAccuracy = Float64Array.from(present, (k) => correct[k] / counts[k]);
  return (nearestIsOutput) => ({
    nc4: shareOf(nearestIsOutput, counts, present),
    accuracy,
    classAccuracy,
    ...(amongFive === null ? {} : { top5Accuracy: shareOf(amongFive, counts, present) }),
  });
}

function restricted(statistics: MonitoredStatistics, present: readonly number[]): MonitoredStatistics {
  const { means, variances, within, nearestIsLabel, nearestIsOutput } = statistics;
  if (present.length === means.rows) return statistics;
  return {
    means: rowsOf(means, present),
    variances: Float64Array.from(present, (k) => variances[k]),
    within,
    nearestIsLabel: pick(nearestIsLabel, present),
    nearestIsOutput: pick(nearestIsOutput, present),
  };
}

function shareOf(part: readonly number[], whole: readonly number[], classes: readonly number[]): number {
  const sum = (values: readonly number[]) => classes.reduce((total, k) => total + values[k], 0);
  return sum(part) / sum(whole);
}

function numbersWhere(counts: readonly number[], test: (n: number) => boolean): number[] {
  return counts.flatMap((n, k) => (test(n) ? [k] : []));
}

function pick(values: readonly number[], classes: readonly number[]): number[] {
  return classes.map((k) => values[k]);
}

function rowsOf({ data, cols }: Matrix, rows: readonly number[]): Matrix {
  const out = new Float64Array(rows.length * cols);
  rows.forEach((row, i) => out.set(data.subarray(row * cols, (row + 1) * cols), i * cols));
  return { data: out, rows: rows.length, cols };
}
