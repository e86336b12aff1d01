/**
 * One layer's collapse from two passes over the samples that several layers share: the parts of `measureFeatures.ts`, driven from
 * outside.
 */
import type { Blas } from '../core/blas.js';
import type { Floats, Matrix } from '../core/matrix.js';
import type { Head, Snapshot } from '../model/index.js';
import { classifierOf } from './classifier.js';
import { createClassMoments } from './classMoments.js';
import { chooseProducts, createDeviationPass, type DeviationPass } from './deviationPass.js';
import { measureSnapshot, type Measurement, type MeasureOptions } from './measure.js';

/** First the class means, then deviations from them. */
export type Pass = 'means' | 'deviations';

export interface LayerMeasure {
  /** Rows B×d of the layer's outputs and their labels; every sample once in each pass, all means before any deviation. */
  add(pass: Pass, rows: Matrix<Floats>, labels: Int32Array): void;
  /** After both passes. */
  result(): { readonly snapshot: Snapshot; readonly measurement: Measurement };
}

export interface MeasuredLayer {
  /** d, K and N. */
  readonly dimension: number;
  readonly classes: number;
  readonly samples: number;
  readonly kind: 'float32' | 'float64';
  /** What reads this layer; null for none. */
  readonly head: Head | null;
  readonly blas: Blas;
  readonly options: Omit<MeasureOptions, 'blas'>;
}

export function createLayerMeasure(layer: MeasuredLayer): LayerMeasure {
  const { dimension, classes, samples, kind, head, blas } = layer;
  const moments = createClassMoments({ dimension, classes, scatter: { kind: 'none' } });
  let deviations: DeviationPass | null = null;
  const deviationPass = (): DeviationPass =>
    (deviations ??= createDeviationPass({
      statistics: moments.statistics(),
      classifier: head === null ? null : classifierOf(head, dimension, classes, blas),
      products: chooseProducts(kind, samples, dimension, classes),
      blas,
    }));
  return {
    add(pass, rows, labels) {
      switch (pass) {
        case 'means':
          moments.add(rows, labels);
          return;
        case 'deviations':
          deviationPass().add(rows, labels);
          return;
        default:
          pass satisfies never;
      }
    },
    result() {
      const { statistics, agreement } = deviationPass().result();
      const snapshot: Snapshot = { statistics, head, agreement };
      return { snapshot, measurement: measureSnapshot(snapshot, { ...layer.options, blas }) };
    },
  };
}
