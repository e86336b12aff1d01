/**
 * Every linear layer beside theory: the features after it, the product W_M … W_{m+1} above it, and the two together
 * (`theory/layers.ts` has the prediction).
 */
import type { Blas } from '../core/blas.js';
import { transpose, zeros } from '../core/matrix.js';
import { centreMeans, measureSnapshot, type Measurement } from '../metrics/index.js';
import type { PredictedGeometry, Snapshot } from '../model/index.js';
import type { LayerRecord, LayerValues } from '../runs/index.js';
import { predictedLayers, type LayerPoint, type Prediction } from '../theory/index.js';
import { measureBeside } from './beside.js';

/** Theory at one layer. */
export interface ExpectedLayer {
  readonly geometry: PredictedGeometry;
  /** The measures at the predicted minimum; null where every class is lost, and for many classes. */
  readonly values: LayerValues | null;
}

/** Of the features and z_1 … z_M, in order; null where theory says nothing of them. */
export function expectLayers(prediction: Prediction, blas: Blas): readonly ExpectedLayer[] | null {
  const layers = predictedLayers(prediction, blas);
  if (layers === null) return null;
  const { counts } = prediction.problem;
  return layers.map(({ geometry, point }, m): ExpectedLayer => {
    const at = point();
    if (at === null || at.classFeatures.rows === 0) return { geometry, values: null };
    const snapshot = collapsedSnapshot(counts, at, m < layers.length - 1);
    return { geometry, values: layerValues(measureSnapshot(snapshot, { blas, predicted: geometry })) };
  });
}

/** Features that coincide within each class, with or without what reads them. */
function collapsedSnapshot(counts: readonly number[], point: LayerPoint, isRead: boolean): Snapshot {
  const means = transpose(point.classFeatures);
  return {
    statistics: {
      counts,
      means,
      variances: new Float64Array(counts.length),
      withinTrace: 0,
      within: { kind: 'factor', X: zeros(1, means.cols) },
    },
    head: isRead ? { weights: [point.head], bias: null } : null,
    agreement: null,
  };
}

export interface LayerBeside {
  readonly blas: Blas;
  /** Null where theory says nothing of the layer. */
  readonly expected: ExpectedLayer | null;
  /** Whether means are compared centred: with a free bias. */
  readonly centre: boolean;
  /** The snapshot as measured, where that is at hand. */
  readonly measured?: Measurement;
}

/** A layer's outputs with what reads them, held against theory at that layer. */
export function measureLayerBeside(snapshot: Snapshot, options: LayerBeside): Measurement {
  const { blas, expected, centre, measured } = options;
  if (expected === null) return measured ?? measureSnapshot(snapshot, { blas });
  const predicted = expected.geometry;
  if (snapshot.head === null && centre) return logitsBeside(snapshot, { ...options, predicted });
  const beside = { blas, predicted, centre, ...(measured === undefined ? {} : { measured }) };
  return measureBeside(snapshot, beside).measurement;
}

/** z_M, which has no head to take an offset into. */
function logitsBeside(
  snapshot: Snapshot,
  { blas, measured, predicted }: LayerBeside & { readonly predicted: PredictedGeometry },
): Measurement {
  const { statistics } = snapshot;
  const { centred } = centreMeans(statistics.means, statistics.counts);
  const compared = measureSnapshot(
    { ...snapshot, statistics: { ...statistics, means: centred } },
    { blas, predicted },
  );
  const plain = measured ?? measureSnapshot(snapshot, { blas });
  const features = { ...plain.nc2.features, predicted: compared.nc2.features.predicted };
  return { ...plain, nc2: { ...plain.nc2, features } };
}

/** What a record keeps of a layer. */
export function layerValues({ nc1, cdnv, nc2, nc3 }: Measurement): LayerValues {
  return { nc1: { pinv: nc1.pinv, quotient: nc1.quotient }, cdnv, nc2, nc3 };
}

/** `expected`: left out of records, whose distances say it. */
export function layerRecord(
  { name, place }: Pick<LayerRecord, 'name' | 'place'>,
  measurement: Measurement,
  expected?: ExpectedLayer | null,
): LayerRecord {
  return {
    ...{ name, place },
    ...layerValues(measurement),
    ...(expected === undefined ? {} : { predicted: expected?.values ?? null }),
  };
}

/** `features`, then z1 … zM: the names of the layers of a head of depth M. */
export function headLayerNames(depth: number): Pick<LayerRecord, 'name' | 'place'>[] {
  return Array.from({ length: depth + 1 }, (_, m) =>
    m === 0 ? { name: 'features', place: 'features' } : { name: `z${m}`, place: 'head' },
  );
}
