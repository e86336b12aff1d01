/**
 * Whether a measured network is as theory says, in one plain sentence.
 *
 * Which classes live, norms, and the frame all count. Where the prediction is one of several minimisers, distances from its
 * frame and norms class by class say little: then what no exchange of classes changes decides (`exchange.ts`). A network
 * below a best known solution is not judged by it: it is the better of the two.
 */
import type { Measurement } from '../metrics/index.js';
import type { ClassComparison } from '../runs/index.js';
import type { Prediction } from '../theory/index.js';
import { biasResidual } from './biasResidual.js';
import { survival, worstNormError } from './compare.js';
import { exchangedDistance, exchangeEqual } from './exchange.js';
import { objectiveAtMeans, surplusDecay } from './meansObjective.js';
import type { Judgeable, MeasuredFacts, MeasuredOutcome, OtherSolution } from './measuredFacts.js';
import { sentenceOf, warningsOf } from './measuredWords.js';

/** Norms and frames of a real network within this of the prediction count as its shape. */
const SAME_SHAPE = 0.25;
/** And an objective within this: the least gap between rival solutions that is worth a name is about as large. */
const SAME_OBJECTIVE = 0.01;
/** A share of the objective that is not rounding of its sum, nor of the search. */
const LOWER = 1e-9;

export interface MeasuredVerdict {
  /** Null where there is nothing to be judged by: before the end, and below a best known solution. */
  readonly held: boolean | null;
  readonly sentence: string;
  /** What else the user should know, each a sentence: an offset of the features, a bias that is not that of a free one. */
  readonly warnings: readonly string[];
  /**
   * The objective with every feature at its class mean, and with a free bias without their offset: a lower bound of the
   * network's own. Null where it is not known.
   */
  readonly objectiveAtMeans: number | null;
  /** The part of it that is decay of what the outputs do not need. Null where it is not known. */
  readonly surplusDecay: number | null;
  /** The best known objective that the measured point lay below, so that the search was taken on from there; else null. */
  readonly beaten: number | null;
  /** ‖h_G‖, which is left out of the comparison; null without a free bias. */
  readonly offset: number | null;
  /** Gradient of the bias, its decay included, as a share of what it is summed of; null without a bias. */
  readonly biasResidual: number | null;
}

export function judgeMeasured(judgeable: Judgeable): MeasuredVerdict {
  const facts = factsOf(judgeable);
  const { settled = true, biasKnown = false, offset, prediction } = judgeable;
  const { outcome, objective, surplus } = facts;
  const residual = biasResidual(judgeable.compared, judgeable.head, prediction.problem);
  return {
    held: outcome === 'below' || !settled ? null : outcome === 'held',
    sentence: sentenceOf(facts, judgeable),
    warnings: warningsOf({
      offset,
      biasResidual: residual,
      bias: prediction.problem.bias,
      compared: judgeable.compared,
      ...{ settled, biasKnown },
    }),
    objectiveAtMeans: objective,
    surplusDecay: surplus,
    beaten: judgeable.beaten ?? null,
    offset: offset?.norm ?? null,
    biasResidual: residual,
  };
}

/** Whether an objective is lower than that of a prediction which is only the best known. */
export function liesBelow(objective: number | null, { optimality, objective: known }: Prediction): boolean {
  return optimality === 'best-known' && objective !== null && objective < known - LOWER * Math.abs(known);
}

function factsOf({ compared, head, prediction, classes, blas }: Judgeable): MeasuredFacts {
  const { problem } = prediction;
  const objective = objectiveAtMeans(compared, head, problem);
  const distance = compared.nc2.weights.predicted;
  const several = prediction.unique !== true;
  const far = distance !== null && !(distance < SAME_SHAPE);
  const upToExchange = several && far ? exchangedDistance(compared, prediction, blas) : null;
  const exchanged = upToExchange !== null && upToExchange < SAME_SHAPE ? upToExchange : null;
  const normError = worstNormError(several ? exchangeEqual(classes) : classes);
  const sameNorms = normError === null || normError < SAME_SHAPE;
  const sameFrame = !far || exchanged !== null;
  const agree = survivalAgrees(classes);
  const other =
    agree && !(sameNorms && sameFrame) && objective !== null
      ? otherSolution(compared, prediction, objective)
      : null;
  const outcome = liesBelow(objective, prediction)
    ? 'below'
    : outcomeOf({ agree, sameNorms, sameFrame, other: other !== null });
  const surplus = surplusDecay(compared, head, problem, blas);
  return { outcome, objective, surplus, distance, exchanged, normError, other };
}

function outcomeOf(is: {
  readonly agree: boolean;
  readonly sameNorms: boolean;
  readonly sameFrame: boolean;
  readonly other: boolean;
}): MeasuredOutcome {
  if (!is.agree) return 'survival';
  if (is.sameNorms && is.sameFrame) return 'held';
  if (is.other) return 'other';
  return is.sameFrame ? 'norms' : 'frame';
}

/** Whether every class is alive or zero, and where theory says so. */
function survivalAgrees(classes: readonly ClassComparison[]): boolean {
  const { lostUnpredicted, aliveUnpredicted } = survival(classes);
  // A row of P beyond float64 has no norm and is not judged.
  const neither = classes.some(
    ({ measured, fit, weightNorm }) => measured === null && (fit !== null || weightNorm === null),
  );
  return !neither && lostUnpredicted.length + aliveUnpredicted.length === 0;
}

/** Which of the solutions that theory knows this is; null for none of them. */
function otherSolution(
  { nc2 }: Measurement,
  { alternatives, objective: least }: Prediction,
  objective: number,
): OtherSolution | null {
  const { etf } = nc2.weights;
  for (const known of alternatives) {
    const gap = (objective - known.objective) / Math.max(Math.abs(known.objective), Number.MIN_VALUE);
    if (known.objective <= least || Math.abs(gap) > SAME_OBJECTIVE) continue;
    if (known.kind !== 'simplex') return { name: known.name };
    if (etf !== null && etf < SAME_SHAPE) return { name: known.name, etf };
  }
  return null;
}
