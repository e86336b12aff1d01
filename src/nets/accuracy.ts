/**
 * Loss and accuracy of a network in evaluation mode, overall and class by class.
 *
 * Logits are formed from the features and the head in float64; the first of equal maxima counts.
 */
import type { Blas } from '../core/blas.js';
import { matrix, zeros, type Matrix } from '../core/matrix.js';
import {
  classifierOf,
  hasTopFive,
  isAmongTopFive,
  timesPowerOfTwo,
  type Classifier,
} from '../metrics/index.js';
import type { Loss, SampleLoss, VariedLoss } from '../model/index.js';
import type { Executable } from './engine.js';
import { evaluateAll, outputOf, readHead } from './evaluationPass.js';
import type { Network } from './network.js';
import { featureSize } from './shapes.js';
import type { TrainingImages } from './trainingData.js';
import { weightedLoss } from './weightedLoss.js';

/** Logits of features (B×d), B×K, in float64. */
export function logitsOf({ P, exponent, bias }: Classifier, features: Float32Array, blas: Blas): Matrix {
  const rows = features.length / P.cols;
  const Z = zeros(rows, P.rows);
  blas.gemm('N', 'T', 1, matrix(Float64Array.from(features), rows, P.cols), P, 0, Z);
  if (exponent !== 0) Z.data.forEach((value, i) => (Z.data[i] = timesPowerOfTwo(value, exponent)));
  if (bias !== null) for (let i = 0; i < Z.data.length; i++) Z.data[i] += bias[i % P.rows];
  return Z;
}

/** Sums over samples: the loss ℓ of engine.ts, not scaled, and right answers class by class. */
export interface Tally {
  add(logits: Matrix, labels: Int32Array): void;
  readonly loss: number;
  readonly correct: Float64Array;
  /** Samples whose class is among the five largest outputs; null of five classes or fewer. */
  readonly amongFive: number | null;
  readonly counts: Float64Array;
}

/** `varied`: what the loss has beyond the plain one, the weights of classes included; null for the plain loss. */
export function createTally(loss: Loss, classes: number, varied: VariedLoss | null = null): Tally {
  const lossOf = varied === null ? plainLoss(loss) : valueAlone(weightedLoss(loss, varied), classes);
  const correct = new Float64Array(classes);
  const counts = new Float64Array(classes);
  let total = 0;
  let amongFive = hasTopFive(classes) ? 0 : null;
  return {
    add({ data, cols }, labels) {
      for (let i = 0; i < labels.length; i++) {
        const z = data.subarray(i * cols, (i + 1) * cols);
        const y = labels[i];
        let largest = 0;
        for (let k = 1; k < cols; k++) if (z[k] > z[largest]) largest = k;
        counts[y]++;
        if (largest === y) correct[y]++;
        if (amongFive !== null && (largest === y || isAmongTopFive(z, y))) amongFive++;
        total += lossOf(z, y, z[largest]);
      }
    },
    get loss() {
      return total;
    },
    get amongFive() {
      return amongFive;
    },
    correct,
    counts,
  };
}

/** The loss of logits z with label y; `largest` is the largest of them. */
type LogitLoss = (z: Float64Array, y: number, largest: number) => number;

function valueAlone(evaluate: SampleLoss, classes: number): LogitLoss {
  const gradient = new Float64Array(classes);
  return (z, y) => evaluate(z, y, gradient);
}

function plainLoss(loss: Loss): LogitLoss {
  switch (loss) {
    case 'mse':
      return (z, y) => z.reduce((sum, value, k) => sum + (value - (k === y ? 1 : 0)) ** 2 / 2, 0);
    case 'ce':
      return (z, y, largest) =>
        Math.log(z.reduce((sum, value) => sum + Math.exp(value - largest), 0)) + largest - z[y];
    default:
      return loss satisfies never;
  }
}

/** Shares of right answers; of a class without samples null. */
export interface Accuracy {
  readonly samples: number;
  /** Mean of the loss ℓ, not scaled. */
  readonly loss: number;
  readonly accuracy: number;
  /** Share of samples whose class is among the five largest outputs; null of five classes or fewer. */
  readonly top5Accuracy: number | null;
  readonly classes: readonly (number | null)[];
}

export function accuracyOf({ loss, correct, amongFive, counts }: Tally): Accuracy {
  const samples = counts.reduce((sum, n) => sum + n, 0);
  return {
    samples,
    loss: loss / samples,
    accuracy: correct.reduce((sum, n) => sum + n, 0) / samples,
    top5Accuracy: amongFive === null ? null : amongFive / samples,
    classes: Array.from(counts, (n, k) => (n === 0 ? null : correct[k] / n)),
  };
}

/** Loss and accuracy on a data set in evaluation mode. */
export async function evaluateAccuracy(
  executable: Executable,
  network: Network,
  data: TrainingImages,
  options: { readonly batch: number; readonly loss: Loss; readonly blas: Blas },
): Promise<Accuracy> {
  const { batch, loss, blas } = options;
  const head = await readHead(executable, network);
  const classifier = classifierOf(head, featureSize(network), network.classes, blas);
  const tally = createTally(loss, network.classes);
  for await (const { outputs, labels } of evaluateAll(executable, network, data, batch, ['features']))
    tally.add(logitsOf(classifier, outputOf(outputs, 'features'), blas), labels);
  return accuracyOf(tally);
}
