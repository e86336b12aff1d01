/** The advice of `advise --decay all` in sentences. */
import { nameClasses } from '../../../judge/index.js';
import { number } from '../../../core/numbers.js';
import type { SurvivalDocument } from './document.js';

type Advised = Omit<SurvivalDocument, 'recommendation' | 'notes'>;

export function recommendSurvival({ classes, keepsAll, weightDecay, conditions }: Advised): string {
  const failing = conditions.filter(({ name, state }) => name === 'batch-norm' && state === 'fails');
  if (failing.length > 0)
    return 'Nothing can be said from the images: this network has BatchNorm, and what counts are the activations behind the last one.';
  if (keepsAll === null)
    return 'No decay can be named for every class: some class means lie in the span of others, and no samples say more.';
  const weakest = keepsAll.limitedBy;
  const limit = `${nameClasses([weakest])} (n = ${classes[weakest].count}) is lost first, at about ${number(keepsAll.estimate)}`;
  const advised = `at a weight decay of ${number(keepsAll.weightDecay)} every class should be learned`;
  if (weightDecay === null) return `${capital(advised)}: ${limit}.`;
  const which = (state: 'open' | 'lost') =>
    classes.flatMap(({ atDecay }, k) => (atDecay === state ? [k] : []));
  const [lost, open] = [which('lost'), which('open')];
  if (lost.length + open.length === 0)
    return `Keep the weight decay: at ${number(weightDecay)} every class should be learned${mayRise(keepsAll.weightDecay, weightDecay)}; ${limit}.`;
  const parts = [
    ...(lost.length > 0
      ? [`${nameClasses(lost)} ${lost.length === 1 ? 'is' : 'are'} expected to be lost`]
      : []),
    ...(open.length > 0 ? [`${nameClasses(open)} may go either way`] : []),
  ];
  return `At ${number(weightDecay)} ${parts.join(', and ')}; ${advised}.`;
}

function mayRise(limit: number, weightDecay: number): string {
  return limit > weightDecay ? `, and it may rise to ${number(limit)}` : '';
}

/** What must be known to read the numbers. */
export function notesOf({ classes, classWeights, labelSmoothing }: Advised): string[] {
  const fit = classes.flatMap(({ loses }, k) => (loses === 'fit' ? [k] : []));
  const sources = new Set(classes.map(({ largestDecay }) => largestDecay.from));
  const spread = sources.has('counts')
    ? 'A class is learned below the interval and lost above it: a third and three times an estimate from counts alone, which held 99 % of the thresholds of trained networks.'
    : 'A class is learned below the interval and lost above it: half and twice the estimate, which held 95 % of the thresholds of trained networks.';
  return [
    spread,
    ...(classWeights === null
      ? []
      : [
          'Class weights, as re-sampling does, change the share of the loss that a class has: that takes the place of its share of the samples.',
        ]),
    ...(labelSmoothing > 0 ? ['Label smoothing lowers what there is to learn, and the decays with it.'] : []),
    ...(fit.length === 0
      ? []
      : [
          `Of ${nameClasses(fit)}, the largest, the fit is lost and not always the accuracy: where all is lost the bias names ${fit.length === 1 ? 'it' : 'one of them'}.`,
        ]),
    ...(classes.some(({ largestDecay }) => largestDecay.from === 'moments')
      ? ['Estimates of classes whose mean lies in the span of larger ones are from second moments.']
      : []),
  ];
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
