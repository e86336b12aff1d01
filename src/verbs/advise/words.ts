/** The advice as one sentence. */
import type { AdviseDocument } from './document.js';
import { nameClasses } from '../../judge/index.js';

/** `weakestFit`: the fit of the weakest class at a weight decay, at the user's depth; null where it is not known. */
export function recommend(
  document: Omit<AdviseDocument, 'recommendation' | 'notes'>,
  weakestFit: (decay: number) => number | null,
): string {
  const { problem, depths, classes, weightDecay, method } = document;
  const own = depths.find(({ depth }) => depth === problem.depth);
  const which = (test: (one: (typeof classes)[number]) => boolean) =>
    classes.flatMap((one, k) => (test(one) ? [k] : []));
  const ce = method === 'bisection';
  const cut = which(({ regime }) => regime === 'cut');
  const dead = which(({ regime, separated }) =>
    ce ? separated !== true : regime === 'metastable' || regime === 'collapsed',
  );
  const verb = (numbers: readonly number[], one: string, many: string) => (numbers.length === 1 ? one : many);
  const widen =
    cut.length === 0
      ? ''
      : `; no weight decay keeps ${nameClasses(cut)}, cut by a layer narrower than the ${classes.length} classes: widen every layer`;
  const limit = own?.maxOfUncut ?? null;
  if (limit === null || own === undefined)
    return cut.length > 0
      ? `Widen the layers: no weight decay keeps ${nameClasses(cut)}.`
      : classes.length === 1
        ? 'Nothing to keep: a single class with a free bias, or under cross-entropy, has no target left.'
        : 'No weight decay keeps every class.';
  const weakest = own.limitedBy ?? 0;
  // Classes of one size go together.
  const tied = which(({ count, regime }) => count === classes[weakest].count && regime !== 'cut');
  const first = `${nameClasses(tied)} (n = ${classes[weakest].count})`;
  const whom = cut.length === 0 ? 'every class' : 'every other class';
  if (dead.length === 0)
    return `Keep the weight decay: at ${short(weightDecay)} ${whom} ${ce ? 'is separated' : 'lives'}, and it may rise to ${short(limit)} before ${first} ${verb(tied, 'is', 'are')} lost${widen}.`;
  const below = roundDown(limit);
  const fit = weakestFit(below);
  const reach =
    fit === null
      ? ''
      : `, where ${first} ${verb(tied, 'reaches', 'reach')} ${Math.round(100 * fit)} % of ${verb(tied, 'its', 'their')} target`;
  const deeper = ce ? '' : alternatives(document, weightDecay);
  return `Lower the weight decay from ${short(weightDecay)} to ${below} to keep ${whom}${reach}; now ${nameClasses(dead)} ${verb(dead, 'is', 'are')} lost${deeper}${widen}.`;
}

/** Whether another depth keeps every class at the user's decay, or at least bears more. */
function alternatives(
  { depths, problem }: Omit<AdviseDocument, 'recommendation' | 'notes'>,
  weightDecay: number,
): string {
  const bearing = depths.filter(
    ({ depth, maxOfUncut }) => depth !== problem.depth && (maxOfUncut ?? 0) > weightDecay,
  );
  if (bearing.length > 0) {
    const list = bearing.map(({ depth }) => depth);
    const named = list.length > 1 ? `${list.slice(0, -1).join(', ')} or ${list[list.length - 1]}` : list[0];
    return ` (depth ${named} would keep them at the weight decay you have)`;
  }
  const best = depths.reduce((a, b) => ((b.maxOfUncut ?? 0) > (a.maxOfUncut ?? 0) ? b : a));
  return best.depth === problem.depth
    ? ' (no other depth bears more)'
    : ` (depth ${best.depth} bears most, ${short(best.maxOfUncut ?? 0)})`;
}

function short(value: number): string {
  const x = Number(value.toPrecision(4));
  return x !== 0 && (Math.abs(x) < 1e-3 || Math.abs(x) >= 1e6) ? x.toExponential() : String(x);
}

/** Two digits, downwards and below the limit: a value to be typed. */
export function roundDown(limit: number): number {
  const exponent = Math.floor(Math.log10(limit));
  const digits = Math.floor(limit * 10 ** (1 - exponent) - 1e-9);
  return Number(`${digits}e${exponent - 1}`);
}
