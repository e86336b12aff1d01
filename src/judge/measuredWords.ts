/** The words of a verdict on a measured network: its outcome, what speaks for it, and what the user should know besides. */
import { number, percent } from '../core/numbers.js';
import type { FeatureOffset, Measurement } from '../metrics/index.js';
import type { Bias } from '../model/index.js';
import type { Judgeable, MeasuredFacts } from './measuredFacts.js';
import { aboveClause, describeSurvival, distanceClause, minimumName, normClause, sentence } from './words.js';

/** A share of the gap in the objective. */
const WORTH_SAYING = 0.05;
/** A gap of this share of the minimum is more than rounding. */
const WORTH_EXPLAINING = 1e-9;
/** An offset of this share of the spread of the means is named. */
const OFFSET = 0.01;
/** A gradient of the bias of this share is no rounding and no last steps. */
const UNBALANCED = 0.05;
/** Where features scatter more than this (of the scatter between classes), the gradient at their means is another. */
const COLLAPSED = 0.1;

export function sentenceOf(facts: MeasuredFacts, judgeable: Judgeable): string {
  const { beaten = null } = judgeable;
  return (
    (beaten === null ? '' : betterPoint(beaten, facts.objective)) +
    sentence(openingOf(facts, judgeable), clausesOf(facts, judgeable))
  );
}

/** Said before anything else. */
function betterPoint(beaten: number, objective: number | null): string {
  const value = objective === null ? '' : ` (${objective.toPrecision(7)} against ${beaten.toPrecision(7)})`;
  return `At its class means this network is better than the best solution known before${value}: the search was taken on from it, and what that gave is what it is compared with. `;
}

function openingOf({ outcome, other }: MeasuredFacts, { prediction, settled = true }: Judgeable): string {
  const minimum = minimumName(prediction.optimality);
  if (outcome === 'below') return `This network is better than the ${minimum}`;
  if (outcome === 'held')
    return settled ? 'Every class is as theory says' : 'So far every class is as theory says';
  if (!settled) return 'Not there yet';
  switch (outcome) {
    case 'survival':
      return `This network is not at the ${minimum}`;
    case 'other':
      return `This network is at another solution than the ${minimum}: ${other?.name ?? ''}`;
    case 'norms':
      return 'Classes live and die as theory says, but norms are far from it';
    case 'frame':
      return 'Classes live and die as theory says, but the frame is not the predicted one';
    default:
      return outcome satisfies never;
  }
}

function clausesOf(facts: MeasuredFacts, { classes, prediction, settled = true }: Judgeable): string[] {
  const { outcome, objective, surplus, other, normError } = facts;
  const value =
    objective === null
      ? []
      : [
          aboveClause(
            'at the class means the objective',
            objective,
            prediction.objective,
            minimumName(prediction.optimality),
          ) + surplusClause(surplus, objective, prediction.objective),
        ];
  if (outcome === 'below') return [...value, 'norms and frame are not judged by a worse point'];
  return [
    ...describeSurvival(classes, prediction, settled),
    ...value,
    ...frameClauses(facts),
    ...(other?.etf === undefined ? [] : [`and ${percent(other.etf)} from a simplex ETF`]),
    ...(normError === null ? [] : [normClause('norms of living classes', normError)]),
  ];
}

function frameClauses({ distance, exchanged }: MeasuredFacts): string[] {
  if (distance === null) return [];
  if (exchanged === null) return [distanceClause('PPᵀ', distance)];
  return [
    `the prediction is one of several minimisers, and PPᵀ is its frame up to an exchange of classes: spectrum and entries are within ${percent(exchanged)} of it`,
  ];
}

/** Said where there is a gap to explain. */
function surplusClause(surplus: number | null, objective: number, minimum: number): string {
  const gap = objective - minimum;
  if (surplus === null || !(gap > WORTH_EXPLAINING * Math.abs(minimum)) || !(surplus > 0)) return '';
  const share = Math.min(1, surplus / gap);
  return share < WORTH_SAYING
    ? ''
    : ` (${percent(share)} of that is decay of weights and features that the outputs do not need)`;
}

/** What is beside the comparison, each a sentence. */
export function warningsOf({
  offset,
  biasResidual,
  bias,
  compared,
  settled,
  biasKnown,
}: {
  readonly offset: FeatureOffset | null;
  readonly biasResidual: number | null;
  readonly bias: Bias;
  readonly compared: Measurement;
  readonly settled: boolean;
  readonly biasKnown: boolean;
}): string[] {
  const scatter = compared.nc1.quotient;
  const collapsed = scatter !== null && scatter < COLLAPSED;
  return [
    ...(offset !== null && offset.norm > OFFSET * offset.spread
      ? [
          `All features share a constant offset of norm ${number(offset.norm)}: with a free bias it changes no output, so means are compared without it (their spread is ${number(offset.spread)}).`,
        ]
      : []),
    // Before the end nothing need be at rest.
    ...(settled && collapsed && biasResidual !== null && biasResidual > UNBALANCED
      ? [restless(biasResidual, bias === 'decayed', biasKnown)]
      : []),
  ];
}

function restless(residual: number, decayed: boolean, known: boolean): string {
  const gradient = decayed
    ? `its gradient, decay included, is ${percent(residual)} of what it is summed of, and at a minimum it is zero`
    : `its gradient is ${percent(residual)} of what it is summed of, and that of a free bias is zero`;
  const otherDecay = decayed ? 'its bias had another decay' : "its bias was decayed (PyTorch's default)";
  return known
    ? `The head is not at rest in its bias (${gradient}): training had not ended, or it saw other features than those measured (augmentation, dropout).`
    : `The head is not at rest in its bias (${gradient}): ${otherDecay} or training had not ended.`;
}
