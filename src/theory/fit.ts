/**
 * What a class gets of its target, for every problem: 0 where nothing is learned, 1 where the target is reached.
 *
 * MSE, class k with output k: Σ_i c_i z̄_ki(t_ki − r_k)/Σ_i c_i(t_ki − r_k)², row k of the logits against row k of the targets, r what the bias
 * does alone (0 without one). With targets of their own, column k: ⟨z̄_k, t_k − r⟩/‖t_k − r‖². A decayed bias gives way to what is
 * learned: there z̄ + b − r stands for z̄.
 * CE: (p − p₀)/(1 − p₀), p the probability of class k at its mean and p₀ what the bias does alone; at least 0.
 */
import { createLbfgs } from '../core/lbfgs.js';
import { portableBlas } from '../core/portableBlas.js';
import type { Matrix } from '../core/matrix.js';
import type { Problem } from '../model/index.js';
import { columnLossOf, type ColumnLoss } from './columnLoss.js';

/** The best bias where Z = 0, q numbers (zeros without one), and the objective there. */
export function biasAlone(problem: Problem): { readonly bias: Float64Array; readonly objective: number } {
  const loss = columnLossOf(problem);
  const K = problem.counts.length;
  const bias = new Float64Array(loss.outputs);
  const slope = new Float64Array(loss.outputs);
  const decay = problem.biasDecay ?? 0;
  const smooth = {
    x: bias,
    evaluate(gradient: Float64Array) {
      gradient.fill(0);
      let sum = 0;
      for (let k = 0; k < K; k++) {
        sum += loss.weights[k] * loss.evaluate(bias, k, slope);
        for (let j = 0; j < slope.length; j++) gradient[j] += loss.weights[k] * slope[j];
      }
      for (let j = 0; j < slope.length; j++) {
        sum += (decay / 2) * bias[j] ** 2;
        gradient[j] += decay * bias[j];
      }
      return sum;
    },
  };
  if (problem.bias !== 'none') {
    if (problem.loss === 'mse') squaresBias(loss, decay, bias);
    else {
      const solver = createLbfgs(smooth, { memory: 20, tolerance: 1e-14, blas: portableBlas });
      for (let step = 0; step < 500 && solver.iterate() === 'moved'; step++);
    }
  }
  return { bias, objective: smooth.evaluate(new Float64Array(bias.length)) };
}

/** Σ c_k t_k/(Σ c_k + λ_b). */
function squaresBias(loss: ColumnLoss, decay: number, bias: Float64Array): void {
  const whole = loss.weights.reduce((sum, c) => sum + c, 0) + decay;
  loss.weights.forEach((c, k) => loss.target(k).forEach((t, j) => (bias[j] += (c * t) / whole)));
}

/** The fit of each class: `logits` Z̄ (q×K, without bias), `bias` q numbers or null. Null where a target is zero. */
export function fitsAt(problem: Problem, logits: Matrix, bias: Float64Array | null): (number | null)[] {
  const loss = columnLossOf(problem);
  const alone = biasAlone(problem).bias;
  return problem.loss === 'mse'
    ? squaredFits(problem, logits, loss, alone, problem.bias === 'decayed' ? bias : null)
    : probabilityFits(problem, logits, bias, alone);
}

function squaredFits(
  { counts, targets }: Problem,
  { data, rows: q, cols: K }: Matrix,
  loss: ColumnLoss,
  alone: Float64Array,
  moved: Float64Array | null,
): (number | null)[] {
  return counts.map((_, k) => {
    let [reached, whole] = [0, 0];
    const add = (weight: number, j: number, i: number) => {
      const wanted = loss.target(i)[j] - alone[j];
      reached += weight * (data[j * K + i] + (moved === null ? 0 : moved[j] - alone[j])) * wanted;
      whole += weight * wanted * wanted;
    };
    if (targets === null) for (let i = 0; i < K; i++) add(loss.weights[i], k, i);
    else for (let j = 0; j < q; j++) add(1, j, k);
    const fit = reached / whole;
    return whole > 0 && Number.isFinite(fit) ? fit : null;
  });
}

function probabilityFits(
  problem: Problem,
  { data, rows: q, cols: K }: Matrix,
  bias: Float64Array | null,
  alone: Float64Array,
): (number | null)[] {
  if (K === 1) return [null];
  const { logitAdjustment } = problem;
  const column = new Float64Array(q);
  const probability = (k: number, at: (j: number) => number) => {
    let top = -Infinity;
    for (let j = 0; j < q; j++) {
      column[j] = (logitAdjustment?.scales[j] ?? 1) * at(j) + (logitAdjustment?.offsets[j] ?? 0);
      top = Math.max(top, column[j]);
    }
    let sum = 0;
    for (let j = 0; j < q; j++) sum += Math.exp(column[j] - top);
    return Math.exp(column[k] - top) / sum;
  };
  return problem.counts.map((_, k) => {
    const none = probability(k, (j) => alone[j]);
    const p = probability(k, (j) => data[j * K + k] + (bias?.[j] ?? 0));
    return Number.isNaN(p) || none >= 1 ? null : Math.max(0, (p - none) / (1 - none));
  });
}
