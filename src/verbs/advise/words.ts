/** The advice as one sentence. */
import { number, percent } from '../../core/numbers.js';
import type { AdviseDepth, AdviseDocument } from './document.js';
import { nameClasses } from '../../judge/index.js';

type Advised = Omit<AdviseDocument, 'recommendation' | 'notes'>;

/** Limit and recommended decay of a depth, for what is assumed of λ_H. */
function limitsOf(
  { maxOfUncut, maxAtRatio, keep, keepAtRatio }: AdviseDepth,
  basis: AdviseDocument['basis'],
) {
  return basis === 'ratio' ? { lost: maxAtRatio, keep: keepAtRatio } : { lost: maxOfUncut, keep };
}

const MOVING = {
  ratio: ', with λ_H scaled alike',
  fixed: ', with λ_H held where it is',
  tied: '',
} as const;

export function recommend(document: Advised): string {
  const { problem, depths, classes, weightDecay, method, basis, keepFit, keepReaches } = document;
  const here = depths.find(({ depth }) => depth === problem.depth);
  const which = (test: (described: (typeof classes)[number]) => boolean) =>
    classes.flatMap((described, k) => (test(described) ? [k] : []));
  const ce = method === 'bisection';
  const cut = which(({ regime }) => regime === 'cut');
  const lost = which(
    ({ regime, separated }) =>
      (ce ? separated !== true : regime === 'metastable' || regime === 'lost') ||
      (regime !== 'cut' && here?.separatedBelow != null && separated === false),
  );
  const widen =
    cut.length === 0
      ? ''
      : `; no weight decay keeps ${nameClasses(cut)}, cut by a layer narrower than the ${classes.length} classes: widen every layer`;
  if (here === undefined || here.maxOfUncut === null) {
    if (cut.length > 0) return `Widen the layers: no weight decay keeps ${nameClasses(cut)}.`;
    return classes.length === 1
      ? 'Nothing to keep: a single class with a free bias, or under cross-entropy, has no target left.'
      : 'No weight decay keeps every class.';
  }
  const limits = limitsOf(here, basis);
  const edge = limits.lost ?? here.maxOfUncut;
  const weakest = here.limitedBy ?? 0;
  // Classes of one size go together.
  const tied = which(({ count, regime }) => count === classes[weakest].count && regime !== 'cut');
  const first = `${nameClasses(tied)} (n = ${classes[weakest].count})`;
  const whom = cut.length === 0 ? 'every class' : 'every other class';
  const lives = ce ? 'is separated' : 'lives';
  const moving = MOVING[basis];
  // The class jumps from this fit to nothing, or fades below the one asked for.
  const jumps = keepReaches !== null && keepReaches > keepFit * (1 + 1e-6);
  const beyond = jumps
    ? `${first} ${verb(tied, 'is', 'are')} lost, at ${percent(keepReaches, 3)} of ${verb(tied, 'its', 'their')} target until then`
    : `${first} ${verb(tied, 'falls', 'fall')} below ${percent(keepFit, 3)} of ${verb(tied, 'its', 'their')} target (${verb(tied, 'it is', 'they are')} lost beyond ${number(edge)})`;
  const target = limits.keep;
  if (lost.length === 0 && target === null)
    return `Keep the weight decay: at ${number(weightDecay)} ${whom} ${lives}; no weight decay brings ${first} to ${percent(keepFit, 3)} of ${verb(tied, 'its', 'their')} target, and ${verb(tied, 'it is', 'they are')} lost beyond ${number(edge)}${moving}${widen}.`;
  if (lost.length === 0 && target !== null && weightDecay <= target)
    return `Keep the weight decay: at ${number(weightDecay)} ${whom} ${lives}, and it may rise to ${number(target)}${moving}${moving === '' ? ' ' : ', '}before ${beyond}${widen}.`;
  const below = roundDown(target ?? edge);
  const reach = `${first} ${verb(tied, 'reaches', 'reach')} ${percent(jumps ? keepReaches : keepFit, 3)} of ${verb(tied, 'its', 'their')} target`;
  if (lost.length === 0)
    return `Lower the weight decay from ${number(weightDecay)} to ${below}${moving}, where ${reach}: now ${whom} ${lives}, but ${verb(tied, 'it reaches', 'they reach')} only ${percent(classes[weakest].fit, 3)}, and ${verb(tied, 'is', 'are')} lost beyond ${number(edge)}${widen}.`;
  const deeper = ce ? '' : alternatives(document, weightDecay);
  const where = target === null ? '' : `, where ${reach}`;
  return `Lower the weight decay from ${number(weightDecay)} to ${below}${moving === '' ? '' : `${moving},`} to keep ${whom}${where}; now ${nameClasses(lost)} ${lost.length === 1 ? 'is' : 'are'} lost, and at most ${number(edge)} would keep ${lost.length === 1 ? 'it' : 'them'}${deeper}${widen}.`;
}

/** Whether another depth keeps every class at the user's decay, or at least bears more. */
function alternatives({ depths, problem, basis }: Advised, weightDecay: number): string {
  const bears = (row: AdviseDepth) => limitsOf(row, basis).lost;
  const bearing = depths.filter((row) => row.depth !== problem.depth && (bears(row) ?? 0) > weightDecay);
  if (bearing.length > 0) {
    const list = bearing.map(({ depth }) => depth);
    const named = list.length > 1 ? `${list.slice(0, -1).join(', ')} or ${list[list.length - 1]}` : list[0];
    return ` (depth ${named} would keep them at the weight decay you have)`;
  }
  const best = depths.reduce((a, b) => ((bears(b) ?? 0) > (bears(a) ?? 0) ? b : a));
  return best.depth === problem.depth
    ? ' (no other depth bears more)'
    : ` (depth ${best.depth} bears most, ${number(bears(best) ?? 0)})`;
}

/** Two digits, downwards and below the limit: a value to be typed. */
export function roundDown(limit: number): number {
  const exponent = Math.floor(Math.log10(limit));
  const digits = Math.floor(limit * 10 ** (1 - exponent) - 1e-9);
  return Number(`${digits}e${exponent - 1}`);
}

function verb(classes: readonly number[], singular: string, plural: string): string {
  return classes.length === 1 ? singular : plural;
}
