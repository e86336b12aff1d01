/** A second, deliberately plain way to the objective and its gradient: all N samples, no shortcut, no BLAS. */
import { zeros } from '../../src/core/matrix.js';
import { samplesOf } from '../../src/model/index.js';
export function multiply(A, B) {
    const C = zeros(A.rows, B.cols);
    for (let i = 0; i < A.rows; i++)
        for (let j = 0; j < B.cols; j++) {
            let sum = 0;
            for (let l = 0; l < A.cols; l++)
                sum += A.data[i * A.cols + l] * B.data[l * B.cols + j];
            C.data[i * B.cols + j] = sum;
        }
    return C;
}
export function transposed(A) {
    const C = zeros(A.cols, A.rows);
    for (let i = 0; i < A.rows; i++)
        for (let j = 0; j < A.cols; j++)
            C.data[j * A.rows + i] = A.data[i * A.cols + j];
    return C;
}
/** Labels 0 … K−1 in blocks. */
export function labelsOf(counts) {
    return Int32Array.from(counts.flatMap((n, k) => new Array(n).fill(k)));
}
/** F and its gradient at a state, in the definition's own words (MSE). */
export function naiveMse(problem, labels, state) {
    const N = samplesOf(problem);
    const K = problem.counts.length;
    // Z_m = W_m … W_1 H
    const Z = [state.features];
    for (const W of state.weights)
        Z.push(multiply(W, Z[Z.length - 1]));
    const E = zeros(K, N);
    for (let k = 0; k < K; k++)
        for (let i = 0; i < N; i++)
            E.data[k * N + i] =
                Z[Z.length - 1].data[k * N + i] + (state.bias?.[k] ?? 0) - (labels[i] === k ? 1 : 0);
    let value = 0;
    for (const e of E.data)
        value += (e * e) / (2 * N);
    const square = (A) => A.data.reduce((sum, a) => sum + a * a, 0);
    state.weights.forEach((W, m) => (value += (problem.weightDecays[m] / 2) * square(W)));
    value += (problem.featureDecay / 2) * square(state.features);
    let back = E;
    for (let i = 0; i < back.data.length; i++)
        back.data[i] /= N;
    const bias = Float64Array.from({ length: K }, (_, k) => E.data.subarray(k * N, (k + 1) * N).reduce((a, b) => a + b, 0));
    const weights = [];
    for (let m = state.weights.length - 1; m >= 0; m--) {
        const G = multiply(back, transposed(Z[m]));
        G.data.forEach((_, i) => (G.data[i] += problem.weightDecays[m] * state.weights[m].data[i]));
        weights.unshift(G);
        back = multiply(transposed(state.weights[m]), back);
    }
    back.data.forEach((_, i) => (back.data[i] += problem.featureDecay * state.features.data[i]));
    return { value, weights, features: back, bias };
}
