/** Heads in the form in which they are measured: some of their outputs alone, one logit as two, rows of norm 1. */
import { refuse } from '../../core/errors.js';
import { matrix, zeros, type Matrix } from '../../core/matrix.js';
import type { Head } from '../../model/index.js';
import { divideByNorms } from './featureBatches.js';

/** d_M. */
export function outputsOf({ weights }: Head): number {
  return weights[weights.length - 1].rows;
}

/** The head with some of its outputs alone. */
export function rowsOf({ weights, bias }: Head, outputs: Int32Array): Head {
  const last = weights[weights.length - 1];
  const some: Matrix = zeros(outputs.length, last.cols);
  outputs.forEach((output, k) => {
    some.data.set(last.data.subarray(output * last.cols, (output + 1) * last.cols), k * last.cols);
  });
  return {
    weights: [...weights.slice(0, -1), some],
    bias: bias === null ? null : Float64Array.from(outputs, (output) => bias[output]),
  };
}

/**
 * A head of one logit z, as two outputs −z/2 and z/2: their softmax is the sigmoid of z, and the larger of them the class that the
 * sign of z names.
 */
export function twoOutputs({ weights, bias }: Head): Head {
  const last = weights[weights.length - 1];
  const both = zeros(2, last.cols);
  last.data.forEach((value, j) => {
    both.data[j] = -value / 2;
    both.data[last.cols + j] = value / 2;
  });
  return {
    weights: [...weights.slice(0, -1), both],
    bias: bias === null ? null : Float64Array.of(-bias[0] / 2, bias[0] / 2),
  };
}

/** Rows of norm 1. Throws for a head of several layers, or with a bias: a cosine has neither. */
export function cosineHead({ weights, bias }: Head, file: string): Head {
  if (weights.length > 1)
    refuse('normalize', 'a head of one layer, whose rows are compared by their angle', weights.length, file);
  if (bias?.some((value) => value !== 0) === true)
    refuse('normalize', 'a head without bias', 'one with a bias', 'leave it out', 'biasName');
  const data = weights[0].data.slice();
  divideByNorms(data, weights[0].cols);
  return { weights: [matrix(data, weights[0].rows, weights[0].cols)], bias: null };
}
