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
  const { depths, problem, classes } = document;
  const here = depths.find(({ depth }) => depth === problem.depth);
  const cut = which(classes, ({ regime }) => regime === 'cut');
  if (here === undefined || here.maxOfUncut === null) return nothingToKeep(classes, cut);
  const advice = adviceOf(document, here, here.maxOfUncut, cut);
  const lost = which(classes, (described) => isLost(described, document.method, here));
  return lost.length === 0 ? whileAllLive(document, advice) : whileSomeAreLost(document, advice, lost);
}

type Described = Advised['classes'][number];

function which(classes: readonly Described[], test: (described: Described) => boolean): number[] {
  return classes.flatMap((described, k) => (test(described) ? [k] : []));
}

function isLost({ regime, separated }: Described, method: Advised['method'], here: AdviseDepth): boolean {
  if (method === 'bisection' ? separated !== true : regime === 'metastable' || regime === 'lost') return true;
  return regime !== 'cut' && here.separatedBelow !== null && separated === false;
}

function nothingToKeep(classes: readonly Described[], cut: readonly number[]): string {
  if (cut.length > 0) return `Widen the layers: no weight decay keeps ${nameClasses(cut)}.`;
  return classes.length === 1
    ? 'Nothing to keep: a single class with a free bias, or under cross-entropy, has no target left.'
    : 'No weight decay keeps every class.';
}

/** The words that the sentences share, and the two numbers between which they choose. */
interface Advice {
  /** Decay up to which the weakest class reaches the fit asked for; null where none does. */
  readonly target: number | null;
  /** Decay beyond which it is lost. */
  readonly edge: number;
  /** Fit of the weakest class now. */
  readonly fit: number | null;
  /** The classes of the fewest samples, which go together. */
  readonly tied: readonly number[];
  readonly first: string;
  readonly whom: string;
  readonly lives: string;
  readonly moving: string;
  readonly widen: string;
  /** What the weakest class reaches at the target, and what becomes of it beyond. */
  readonly reach: string;
  readonly beyond: string;
}

function adviceOf(
  { classes, method, basis, keepFit, keepReaches }: Advised,
  here: AdviseDepth,
  maxOfUncut: number,
  cut: readonly number[],
): Advice {
  const limits = limitsOf(here, basis);
  const edge = limits.lost ?? maxOfUncut;
  const weakest = classes[here.limitedBy ?? 0];
  const tied = which(classes, ({ count, regime }) => count === weakest.count && regime !== 'cut');
  const first = `${nameClasses(tied)} (n = ${weakest.count})`;
  const their = verb(tied, 'its', 'their');
  // The class jumps from this fit to nothing, or fades below the one asked for.
  const jumps = keepReaches !== null && keepReaches > keepFit * (1 + 1e-6);
  const fit = percent(jumps ? keepReaches : keepFit, 3);
  const fades = `${verb(tied, 'falls', 'fall')} below ${fit} of ${their} target (${verb(tied, 'it is', 'they are')} lost beyond ${number(edge)})`;
  return {
    ...{ target: limits.keep, edge, fit: weakest.fit, tied, first, moving: MOVING[basis] },
    whom: cut.length === 0 ? 'every class' : 'every other class',
    lives: method === 'bisection' ? 'is separated' : 'lives',
    widen:
      cut.length === 0
        ? ''
        : `; no weight decay keeps ${nameClasses(cut)}, cut by a layer narrower than the ${classes.length} classes: widen every layer`,
    reach: `${first} ${verb(tied, 'reaches', 'reach')} ${fit} of ${their} target`,
    beyond: `${first} ${jumps ? `${verb(tied, 'is', 'are')} lost, at ${fit} of ${their} target until then` : fades}`,
  };
}

function whileAllLive({ weightDecay, keepFit }: Advised, advice: Advice): string {
  const { target, edge, fit, tied, first, whom, lives, moving, widen, reach, beyond } = advice;
  const now = number(weightDecay);
  if (target === null)
    return `Keep the weight decay: at ${now} ${whom} ${lives}; no weight decay brings ${first} to ${percent(keepFit, 3)} of ${verb(tied, 'its', 'their')} target, and ${verb(tied, 'it is', 'they are')} lost beyond ${number(edge)}${moving}${widen}.`;
  if (weightDecay <= target)
    return `Keep the weight decay: at ${now} ${whom} ${lives}, and it may rise to ${number(target)}${moving}${moving === '' ? ' ' : ', '}before ${beyond}${widen}.`;
  return `Lower the weight decay from ${now} to ${roundDown(target)}${moving}, where ${reach}: now ${whom} ${lives}, but ${verb(tied, 'it reaches', 'they reach')} only ${percent(fit, 3)}, and ${verb(tied, 'is', 'are')} lost beyond ${number(edge)}${widen}.`;
}

function whileSomeAreLost(document: Advised, advice: Advice, lost: readonly number[]): string {
  const { target, edge, whom, moving, widen, reach } = advice;
  const { weightDecay, method } = document;
  const deeper = method === 'bisection' ? '' : alternatives(document, weightDecay);
  const where = target === null ? '' : `, where ${reach}`;
  const [are, them] = [verb(lost, 'is', 'are'), verb(lost, 'it', 'them')];
  return `Lower the weight decay from ${number(weightDecay)} to ${roundDown(target ?? edge)}${moving === '' ? '' : `${moving},`} to keep ${whom}${where}; now ${nameClasses(lost)} ${are} lost, and at most ${number(edge)} would keep ${them}${deeper}${widen}.`;
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
