/**
 * CDNV, the class-distance normalised variance (Galanti et al. 2021): the mean over pairs k ≠ l of
 * (v_k + v_l)/(2‖h̄_k − h̄_l‖²), v_k = 1/n_k Σ_{i in k} ‖h_i − h̄_k‖².
 *
 * Squared distances come from the Gram matrix of the centred means; where that cancels more than four digits the
 * distance is taken directly, so that it keeps twelve digits, and two equal means are found to be equal.
 */
import type { Matrix } from '../core/matrix.js';

const CANCELLATION = 1e-4;

/**
 * centred: K×d, class means less a common point; gram: K×K, their inner products; variances: K.
 * Null for one class, when two class means coincide, and where the variances are not known.
 */
export function cdnv(centred: Matrix, gram: Matrix, variances: Float64Array | null): number | null {
  const [K, d] = [centred.rows, centred.cols];
  if (variances === null || K < 2) return null;
  const [c, g] = [centred.data, gram.data];
  let total = 0;
  for (let k = 0; k < K; k++) {
    let row = 0;
    for (let l = k + 1; l < K; l++) {
      const size = g[k * K + k] + g[l * K + l];
      let square = size - 2 * g[k * K + l];
      if (square < CANCELLATION * size) {
        square = 0;
        for (let j = 0; j < d; j++) square += (c[k * d + j] - c[l * d + j]) ** 2;
      }
      row += (variances[k] + variances[l]) / square;
    }
    total += row;
  }
  const mean = total / (K * (K - 1));
  return Number.isFinite(mean) ? mean : null;
}
