/** Images as the training loop needs them: readers of data sets provide them. */
import type { Random } from '../core/random.js';

export interface TrainingImages {
  readonly samples: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** y_i, `samples` of them, 0 … K−1. */
  readonly labels: Int32Array;
  /**
   * Writes the normalised samples of `indices`, NHWC, into the front of `out`. `random` draws the augmentation; null for
   * none.
   */
  fillInto(out: Float32Array, indices: Int32Array, random: Random | null): void;
}
