/**
 * The words that predictions, records and documents share: closed lists, so that whoever reads a run back or draws it
 * meets the same choices as whoever wrote it.
 */

export const LOSSES = ['mse', 'ce'] as const;
export type Loss = (typeof LOSSES)[number];
/** `none`: no last-layer bias; `free`: one that is learned and not regularised; `decayed`: one with λ_b/2·‖b‖². */
export const BIASES = ['none', 'free', 'decayed'] as const;
export type Bias = (typeof BIASES)[number];

/**
 * What theory says of a mode, or of a class by its main mode. `alive`: positive at the global minimum. `metastable`: zero
 * there, but a positive local minimum survives. `lost`: zero is the only solution. `cut`: beyond the bottleneck, forced to zero.
 */
export const REGIMES = ['alive', 'metastable', 'lost', 'cut'] as const;
export type Regime = (typeof REGIMES)[number];

/** Whether theory lets a class live: its regime, or under cross-entropy, which has none, a fit that is not rounding. */
export function livesInTheory(regime: Regime | null, fit: number): boolean {
  return regime === null ? fit > 1e-6 : regime === 'alive';
}

/** `global`: proved to be a global minimum; `best-known`: the lowest value found so far. */
export const OPTIMALITIES = ['global', 'best-known'] as const;
export type Optimality = (typeof OPTIMALITIES)[number];

/** The frame that the classifier's rows and the class means form. */
export const FRAME_NAMES = [
  'orthogonal frame',
  'general orthogonal frame',
  'simplex ETF',
  'projected simplex',
  'general frame, free bias',
  'general frame, given targets',
  'equiangular frame, decayed bias',
  'orthogonal features, non-negative',
  'orthoplex',
  'general frame (numeric, certified)',
  'general frame (numeric, best known)',
  'nothing: every class lost',
] as const;
export type FrameName = (typeof FRAME_NAMES)[number];

/**
 * The kinds of stationary solutions that are listed beside a prediction. `simplex` and `orthoplex`: closed forms for equal
 * counts. `convex`: the solution of the convex problem (one layer). `search`: the best of a search. `lost`: every class is zero.
 */
export const SOLUTION_KINDS = ['simplex', 'orthoplex', 'convex', 'search', 'lost'] as const;
export type SolutionKind = (typeof SOLUTION_KINDS)[number];

/** What a measurement says of a class; null where neither can be said. */
export const VITALITIES = ['alive', 'lost'] as const;
export type Vitality = (typeof VITALITIES)[number] | null;

/** At a plain weight decay: a class should be learned, may go either way, or should be lost. */
export const SURVIVALS = ['alive', 'open', 'lost'] as const;
export type Survival = (typeof SURVIVALS)[number];
