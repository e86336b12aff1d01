/**
 * What `nn.CrossEntropyLoss(weight=w, label_smoothing=ε)` minimises. PyTorch weighs every class's part of a smoothed target by the
 * weight of that class, and divides by the weights of the labels:
 *   [Σ_i (1−ε)·w_{y_i}·(−log p_{y_i}) + (ε/K)·Σ_c w_c·(−log p_c)] / Σ_i w_{y_i}.
 * So the loss of class k has the weights of s_k = (1−ε)w_k + (ε/K)·Σ_c w_c with the soft target
 *   t_k = [(1−ε)w_k e_k + (ε/K)·w]/s_k,
 * and it is Σ_k n_k s_k/Σ_k n_k w_k times the average that theory has.
 */
export interface SmoothedWeights {
  /** s, K numbers. */
  readonly classWeights: readonly number[];
  /** K rows of K numbers: column k is t_k. */
  readonly targets: readonly (readonly number[])[];
}

/** weights: K positive numbers. */
export function smoothedWeights(weights: readonly number[], labelSmoothing: number): SmoothedWeights {
  const share = labelSmoothing / weights.length;
  const total = weights.reduce((sum, w) => sum + w, 0);
  const classWeights = weights.map((w) => (1 - labelSmoothing) * w + share * total);
  const targets = weights.map((w, j) =>
    classWeights.map((s, k) => ((j === k ? (1 - labelSmoothing) * w : 0) + share * w) / s),
  );
  return { classWeights, targets };
}
