/**
 * The linear layers of a deep head: z_m = W_m … W_1h of every sample, measured with what is left of the head; z_M, the logits
 * without bias, with none. Biases of hidden layers are left out: they move all samples alike.
 */
import type { Blas } from '../../core/blas.js';
import { frobenius, matrix, type Floats, type Matrix } from '../../core/matrix.js';
import { headLayerNames, layerValues, measureLayerBeside, type ExpectedLayer } from '../../judge/index.js';
import {
  createLayerMeasure,
  type FeatureBatches,
  type GlobalMean,
  type LayerMeasure,
  type Measurement,
  type Pass,
} from '../../metrics/index.js';
import { DENSE_LIMIT, type ClassStatistics, type Head, type Snapshot } from '../../model/index.js';
import type { LayerDocument } from './document.js';

/** Multiplications that are made without being asked for: a second or two. */
const FEW = 2e11;

/** Powers of two below which no product of the head, nor a sum of its squares in double precision, leaves the range of numbers. */
const LARGEST: Readonly<Record<FeatureBatches['kind'], number>> = { float32: 120, float64: 500 };

/** N·Σ d_m d_{m−1}, twice over. */
export function headLayerCost(samples: number, { weights }: Head): number {
  return 2 * samples * weights.reduce((sum, { rows, cols }) => sum + rows * cols, 0);
}

/** `asked`: by name. */
export function whyNotHeadLayers(
  { statistics, head }: Snapshot,
  { samples, kind }: Pick<FeatureBatches, 'samples' | 'kind'>,
  required: boolean,
): { readonly measured: boolean; readonly note: string | null } {
  const no = (note: string | null) => ({ measured: false, note });
  if (head === null || (head.weights.length < 2 && !required)) return no(null);
  if (statistics.counts.length > DENSE_LIMIT)
    return no(`the layers of the head are left out: they are measured for up to ${DENSE_LIMIT} classes`);
  if ((statistics.exponent ?? 0) !== 0)
    return no('the layers of the head are left out: squares of the features are beyond the largest number');
  if (largestPower(statistics, samples, head) > LARGEST[kind])
    return no('the layers of the head are left out: its products may be beyond the largest number');
  const cost = headLayerCost(samples, head);
  if (cost > FEW && !required)
    return no(
      `the layers of the head are left out: they take ${cost.toExponential(0).replace('e+', 'e')} multiplications; name head among the layers to have them`,
    );
  return { measured: true, note: null };
}

/** A bound of log₂ ‖W_m … W_1 h‖ over samples and layers: norms multiply. */
function largestPower({ means, withinTrace }: ClassStatistics, samples: number, { weights }: Head): number {
  // No sample is farther from its mean than all deviations together.
  let power = Math.log2(frobenius(means) + Math.sqrt(samples * withinTrace));
  let largest = power;
  for (const W of weights) {
    power += Math.log2(frobenius(W));
    largest = Math.max(largest, power);
  }
  return largest;
}

export interface HeadLayersOptions {
  readonly blas: Blas;
  readonly globalMean: GlobalMean;
  /** With its head. */
  readonly snapshot: Snapshot & { readonly head: Head };
  /** Of the features. */
  readonly features: Measurement;
  /** Null where theory says nothing of the layers. */
  readonly expected: readonly ExpectedLayer[] | null;
  /** With a free bias. */
  readonly centre: boolean;
}

/** The features, then z1 … zM. Reads the source twice. */
export async function measureHeadLayers(
  source: FeatureBatches,
  options: HeadLayersOptions,
): Promise<LayerDocument[]> {
  const { blas, globalMean, snapshot, features, expected, centre } = options;
  const { head } = snapshot;
  const { weights, bias } = head;
  const measures = weights.map((W, i) =>
    createLayerMeasure({
      dimension: W.rows,
      classes: snapshot.statistics.counts.length,
      samples: source.samples,
      kind: source.kind,
      head: i + 1 < weights.length ? { weights: weights.slice(i + 1), bias } : null,
      blas,
      options: { globalMean },
    }),
  );
  for (const pass of ['means', 'deviations'] as const)
    await readThrough(pass, source, weights, measures, blas);
  const names = headLayerNames(weights.length);
  const all = [
    features,
    ...measures.map((measure, i) => {
      const at = measure.result();
      const theory = expected?.at(i + 1) ?? null;
      return measureLayerBeside(at.snapshot, { blas, expected: theory, centre, measured: at.measurement });
    }),
  ];
  return all.map((measurement, m) => ({
    name: names[m].name,
    dimension: measurement.dimension,
    ...layerValues(measurement),
    nc1: measurement.nc1,
    predicted: expected?.at(m)?.values ?? null,
  }));
}

async function readThrough(
  pass: Pass,
  source: FeatureBatches,
  weights: readonly Matrix[],
  measures: readonly LayerMeasure[],
  blas: Blas,
): Promise<void> {
  const single = source.kind === 'float32' ? weights.map(inSingle) : null;
  for await (const { features, labels } of source.batches()) {
    let Z: Matrix<Floats> = features;
    measures.forEach((measure, i) => {
      Z =
        single === null
          ? multiplied(Z as Matrix, weights[i], new Float64Array(Z.rows * weights[i].rows), blas)
          : multiplied(
              Z as Matrix<Float32Array>,
              single[i],
              new Float32Array(Z.rows * weights[i].rows),
              blas,
            );
      measure.add(pass, Z, labels);
    });
  }
}

function inSingle({ data, rows, cols }: Matrix): Matrix<Float32Array> {
  return matrix(Float32Array.from(data), rows, cols);
}

/** ZWᵀ. */
function multiplied<T extends Floats>(Z: Matrix<T>, W: Matrix<T>, out: T, blas: Blas): Matrix<T> {
  const next = { data: out, rows: Z.rows, cols: W.rows };
  blas.gemm('N', 'T', 1, Z, W, 0, next);
  return next;
}
