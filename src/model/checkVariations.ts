/** Checks what a problem has beyond the plain one, and names what does not go together. */
import { refuse } from '../core/errors.js';
import type { Bias, Loss } from './vocabulary.js';
import {
  CLASS_WEIGHTINGS,
  FEATURE_SIGNS,
  frequencyAdjustment,
  namedClassWeights,
  PLAIN,
  type ClassWeighting,
  type FeatureSign,
  type LogitAdjustment,
  type Variations,
} from './variations.js';

/** What a user gives of variations: names as well as numbers. What is left out, or null, is not there. */
export interface VariationInput {
  /** λ_b of a decayed bias; λ_M by default. */
  readonly biasDecay?: number | null | undefined;
  readonly classWeights?: readonly number[] | ClassWeighting | null | undefined;
  readonly labelSmoothing?: number | undefined;
  /** q rows of K numbers. */
  readonly targets?: readonly (readonly number[])[] | null | undefined;
  readonly focal?: number | undefined;
  readonly featureSign?: FeatureSign | undefined;
  /** As numbers, or by class frequency: ι = additive·log(n_k/N), δ = (n_k/n_max)^multiplicative. */
  readonly logitAdjustment?: LogitAdjustment | FrequencyAdjustment | null | undefined;
}

/** Strengths of an adjustment by class frequency. */
export interface FrequencyAdjustment {
  readonly additive: number;
  readonly multiplicative: number;
}

/** The part of a problem that its variations are checked against, itself already checked. */
export interface PlainPart {
  readonly counts: readonly number[];
  readonly loss: Loss;
  readonly bias: Bias;
  readonly weightDecays: readonly number[];
}

/** Fills in the values that stand for nothing; throws one-line errors for what does not go together. */
export function checkVariations(problem: PlainPart, input: VariationInput): Variations {
  const { featureSign = 'free' } = input;
  if (!FEATURE_SIGNS.includes(featureSign)) refuse('feature sign', FEATURE_SIGNS.join(' or '), featureSign);
  return {
    ...PLAIN,
    ...lossOf(problem, input),
    biasDecay: biasDecayOf(problem, problem.bias, input.biasDecay ?? null),
    classWeights: classWeightsOf(problem, input.classWeights ?? null),
    featureSign,
    logitAdjustment: adjustmentOf(problem, input.logitAdjustment ?? null),
  };
}

/** What is asked of the outputs, one way at a time: smoothed labels, targets of their own, or a focal loss. */
function lossOf(
  problem: PlainPart,
  input: VariationInput,
): Pick<Variations, 'labelSmoothing' | 'focal' | 'targets'> {
  const { labelSmoothing = 0, focal = 0 } = input;
  const targets = input.targets ?? null;
  if (!(labelSmoothing >= 0 && labelSmoothing < 1))
    refuse('label smoothing', 'a number from 0 to below 1', labelSmoothing);
  if (!(focal >= 0 && Number.isFinite(focal)))
    refuse('focal loss', 'a finite exponent γ of at least 0', focal);
  if (focal > 0 && problem.loss !== 'ce') refuse('focal loss', 'cross-entropy', problem.loss);
  if (targets !== null && labelSmoothing > 0)
    refuse('label smoothing', 'one-hot targets', 'targets of their own', 'smooth the targets themselves');
  if (focal > 0 && (targets !== null || labelSmoothing > 0))
    refuse('focal loss', 'one-hot targets', targets === null ? 'label smoothing' : 'soft targets');
  return { labelSmoothing, focal, targets: targets === null ? null : checkTargets(problem, targets) };
}

function biasDecayOf({ weightDecays }: PlainPart, bias: Bias, given: number | null): number | null {
  if (bias !== 'decayed') {
    if (given !== null) refuse('bias decay', 'a decayed bias', `bias ${bias}`);
    return null;
  }
  const decay = given ?? weightDecays[weightDecays.length - 1];
  if (!(decay > 0 && Number.isFinite(decay)))
    refuse('bias decay', 'a positive finite number', decay, 'a bias without decay is a free one');
  return decay;
}

/** Null where they change nothing: all 1, or under cross-entropy, which divides by their sum, all equal. */
function classWeightsOf(
  { counts, loss, weightDecays }: PlainPart,
  given: readonly number[] | ClassWeighting | null,
): readonly number[] | null {
  if (given === null) return null;
  if (typeof given === 'string') {
    if (!CLASS_WEIGHTINGS.includes(given))
      refuse('class weights', `${CLASS_WEIGHTINGS.join(', ')} or a number for each class`, given);
    return classWeightsOf(
      { counts, loss, weightDecays, bias: 'none' },
      namedClassWeights(given, counts, weightDecays.length),
    );
  }
  if (given.length !== counts.length)
    refuse('class weights', `a number for each of the ${counts.length} classes`, `${given.length} numbers`);
  given.forEach((w, k) => {
    if (!(w > 0 && Number.isFinite(w))) refuse(`class weights, class ${k}`, 'a positive finite number', w);
  });
  const alike = given.every((w) => w === given[0]);
  return alike && (loss === 'ce' || given[0] === 1) ? null : [...given];
}

/** Rounding that the sum of a distribution may have. */
const SUM = 1e-9;

function checkTargets({ counts, loss }: PlainPart, rows: readonly (readonly number[])[]): number[][] {
  const K = counts.length;
  if (rows.length === 0) refuse('targets', 'at least one row', 'none');
  rows.forEach((row, j) => {
    if (row.length !== K)
      refuse(`targets, row ${j}`, `${K} columns, one for each class`, `${row.length} columns`);
    const odd = row.find((value) => !Number.isFinite(value));
    if (odd !== undefined) refuse(`targets, row ${j}`, 'finite numbers', odd);
  });
  if (loss === 'ce') {
    if (rows.length !== K)
      refuse('targets', `${K} rows under cross-entropy, one for each class`, `${rows.length} rows`);
    for (let k = 0; k < K; k++) {
      const sum = rows.reduce((total, row) => total + row[k], 0);
      if (rows.some((row) => row[k] < 0) || Math.abs(sum - 1) > SUM)
        refuse(`targets, column ${k}`, 'probabilities under cross-entropy: at least 0, with sum 1', sum);
    }
  }
  return rows.map((row) => [...row]);
}

/** Null where it changes nothing. */
function adjustmentOf(
  { counts, loss }: PlainPart,
  given: LogitAdjustment | FrequencyAdjustment | null,
): LogitAdjustment | null {
  if (given === null) return null;
  if (loss !== 'ce') refuse('logit adjustment', 'cross-entropy', loss);
  const K = counts.length;
  const { offsets, scales } =
    'additive' in given ? frequencyAdjustment(counts, given.additive, given.multiplicative) : given;
  if (offsets.length !== K || scales.length !== K)
    refuse(
      'logit adjustment',
      `an offset and a scale for each of the ${K} classes`,
      `${offsets.length} and ${scales.length}`,
    );
  offsets.forEach((value, k) => {
    if (!Number.isFinite(value)) refuse(`logit adjustment, class ${k}`, 'a finite offset', value);
  });
  scales.forEach((value, k) => {
    if (!(value > 0 && Number.isFinite(value)))
      refuse(`logit adjustment, class ${k}`, 'a positive finite scale', value);
  });
  // One offset for all classes changes no probability.
  const nothing = offsets.every((value) => value === offsets[0]) && scales.every((value) => value === 1);
  return nothing ? null : { offsets: [...offsets], scales: [...scales] };
}
