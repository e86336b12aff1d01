/** What a table of survivals means, in plain sentences. */
import { number, percent } from '../../core/numbers.js';
import type { BasinDocument } from './document.js';
import { nameClasses } from '../../judge/index.js';

/** `lives`: whether each class lives at the predicted minimum. */
export function explainBasin(
  document: Omit<BasinDocument, 'explanation'>,
  lives: readonly boolean[],
): string[] {
  const { classes, problem, scales } = document;
  const out: string[] = [];
  // Scales with a result, from the smallest start up.
  const rising = scales
    .map((scale, s) => ({ ...scale, s }))
    .filter(({ starts, diverged }) => starts > diverged)
    .sort((a, b) => a.std - b.std);
  if (rising.length > 0) {
    const where = (s: number, test: (share: number, k: number) => boolean) =>
      classes.flatMap(({ alive }, k) => (test(alive[s] ?? 0, k) ? [k] : []));
    const losses = rising.map(({ std, s }) => ({
      std,
      always: where(s, (share, k) => lives[k] && share === 0),
      sometimes: where(s, (share, k) => lives[k] && share > 0 && share < 1),
    }));
    const lossy = losses.filter(({ always, sometimes }) => always.length + sometimes.length > 0);
    out.push(...describeLosses(document, lives, losses, lossy));
    if (lossy.length > 0)
      out.push(
        reason(
          document,
          growing(losses) || losses.at(-1) !== lossy.at(-1),
          lossy.flatMap(({ always, sometimes }) => [...always, ...sometimes]),
        ),
      );
    out.push(...describeMetastable(document, rising));
  }
  out.push(...describeUnfinished(document), ...describeOthers(document));
  if (problem.loss === 'ce')
    out.push(
      'Cross-entropy has no regimes: fit is how far the probability of a class, at its mean, is from none towards one.',
    );
  out.push(...describeLearning(document));
  return out;
}

/** When the first and the last class are learned from the smallest start; nothing where no curve is known. */
function describeLearning({ classes, scales }: Omit<BasinDocument, 'explanation'>): string[] {
  if (scales.length === 0) return [];
  const smallest = scales.reduce((best, { std }, s) => (std < scales[best].std ? s : best), 0);
  const times = classes.flatMap(({ halfFitTime, measuredHalfFitTime }, k) => {
    const time = halfFitTime[smallest];
    return time === null ? [] : [{ time, measured: measuredHalfFitTime[smallest], k }];
  });
  if (times.length < 2) return [];
  const [first, ...rest] = [...times].sort((a, b) => a.time - b.time);
  const last = rest[rest.length - 1];
  const short = (value: number) => Number(value.toPrecision(3));
  const seen = ({ measured }: { readonly measured: number | null }) =>
    measured === null ? '' : ` (${short(measured)} with the first seed)`;
  return [
    `From std ${scales[smallest].std} class ${first.k} is expected to have half of its fit at time ${short(first.time)}${seen(first)}, class ${last.k} at ${short(last.time)}${seen(last)}; time is steps·η/(1 − β).`,
  ];
}

interface Loss {
  readonly std: number;
  /** Classes that should live and were lost in every start, and in some. */
  readonly always: readonly number[];
  readonly sometimes: readonly number[];
}

function describeLosses(
  { prediction, classes, starts }: Omit<BasinDocument, 'explanation'>,
  lives: readonly boolean[],
  losses: readonly Loss[],
  lossy: readonly Loss[],
): string[] {
  const minimum = prediction.optimality === 'global' ? 'at the global minimum' : 'at the best minimum known';
  if (!lives.includes(true)) return [`No class lives ${minimum}.`];
  const all =
    classes.length === 1
      ? `the one class, which lives ${minimum},`
      : `all ${classes.length} classes, which live ${minimum},`;
  const everyone = lives.every(Boolean) ? all : `every class that lives ${minimum}`;
  if (lossy.length === 0) {
    const loose = starts.filter(({ settled }) => !settled).length;
    const so = loose === 0 ? '' : ` (${loose} of ${starts.length} had not settled: so far)`;
    return [`Gradient descent keeps ${everyone} from every start at every scale${so}.`];
  }
  const parts = lossy.map(({ std, always, sometimes }) => {
    const losers = [
      ...(always.length > 0 ? [nameClasses(always)] : []),
      ...(sometimes.length > 0 ? [`in some starts ${nameClasses(sometimes)}`] : []),
    ];
    return `at std ${std} ${losers.join(', ')}`;
  });
  const out = [`Gradient descent lost classes that live ${minimum}: ${parts.join('; ')}.`];
  const firstKept = losses.findIndex((_, i) =>
    losses.slice(i).every(({ always, sometimes }) => always.length + sometimes.length === 0),
  );
  if (firstKept >= 0) out.push(`From std ${losses[firstKept].std} up it keeps ${everyone} in every start.`);
  else if (growing(losses))
    out.push('No scale tried keeps them all: try larger starts, or a smaller weight decay.');
  else
    out.push(
      'No scale tried keeps them all, and the largest keeps no more than the one before: try wider layers, or a smaller weight decay.',
    );
  return out;
}

/** Whether the largest scale still keeps more than the one before. */
function growing(losses: readonly Loss[]): boolean {
  const count = (loss: Loss | undefined) =>
    loss === undefined ? Infinity : loss.always.length + loss.sometimes.length / 2;
  return count(losses.at(-1)) < count(losses.at(-2));
}

/** Why classes die that need not. */
function reason(
  { classes, problem }: Omit<BasinDocument, 'explanation'>,
  largerHelps: boolean,
  lost: readonly number[],
): string {
  const M = problem.depth;
  if (M === 1)
    return 'With one layer every local minimum is global, so these starts are not done: a class near zero leaves it slowly. Give them more steps.';
  const why =
    `Why: with M = ${M} layers zero is a local minimum for every class. ` +
    `A class is learned by a product of ${M + 1} factors; while all are small the data hardly pull, and weight decay shrinks each of them.`;
  const known = lost.filter((k) => classes[k].barrier !== null);
  if (known.length === 0) return why;
  const barrier = (k: number) => number(classes[k].barrier ?? 0, 2);
  // The two highest barriers, one class each.
  const sorted = [...known].sort((a, b) => (classes[a].barrier ?? 0) - (classes[b].barrier ?? 0));
  const picked = [...new Map(sorted.map((k) => [barrier(k), k])).values()].slice(-2);
  const easiest = classes.reduce(
    (best, { barrier: height }, k) => (height !== null && height < (classes[best].barrier ?? 1) ? k : best),
    known[0],
  );
  const named = picked.map((k) => `${barrier(k)} for class ${k}`).join(' and ');
  const beside =
    barrier(easiest) === barrier(picked[0]) ? '' : `, against ${barrier(easiest)} for class ${easiest}`;
  return (
    `${why} It grows by itself only above a barrier: a fit of ${named}${beside}. ` +
    'A start too small loses the classes with the highest barriers first, and training ends in a local minimum without them.' +
    (largerHelps
      ? ''
      : ' A larger start is no sure way out: what does not point along the data decays first, and can take a small class below its barrier on the way.')
  );
}

function describeMetastable(
  { classes }: Omit<BasinDocument, 'explanation'>,
  rising: readonly { readonly std: number; readonly s: number }[],
): string[] {
  const band = classes.flatMap(({ regime }, k) => (regime === 'metastable' ? [k] : []));
  if (band.length === 0) return [];
  const single = band.length === 1;
  const opening = `${capital(nameClasses(band))} ${single ? 'is' : 'are'} metastable: zero at the global minimum, though a living local minimum survives. `;
  const seen = rising.flatMap(({ std, s }) => {
    const most = Math.max(...band.map((k) => classes[k].alive[s] ?? 0));
    return most > 0 ? [`${percent(most)} of the starts at std ${std}`] : [];
  });
  return [
    opening +
      (seen.length === 0
        ? `No start kept ${single ? 'it' : 'any of them'}.`
        : `${single ? 'It' : 'Of them at least one'} stayed alive in ${seen.join(', ')}.`),
  ];
}

function describeUnfinished({
  scales,
  starts,
  steps,
  problem,
  learningRate,
  stableLearningRate,
}: Omit<BasinDocument, 'explanation'>): string[] {
  const count = (key: 'saddles' | 'moving' | 'diverged') =>
    scales.reduce((sum, scale) => sum + scale[key], 0);
  const of = (some: number) => `${some} of ${starts.length} starts`;
  const out: string[] = [];
  const [saddles, moving, diverged] = [count('saddles'), count('moving'), count('diverged')];
  if (saddles > 0)
    out.push(
      `${of(saddles)} ended at a saddle, not at a minimum: ` +
        (problem.depth === 1
          ? 'with one layer theory leaves no other minimum.'
          : 'a large class is lost beside a smaller living one (or a class lives that has no living solution).') +
        ` They have not settled: more than ${steps} steps would change them.`,
    );
  if (moving > 0)
    out.push(`${of(moving)} had not settled after ${steps} steps: with more, their shares may still change.`);
  if (diverged > 0)
    out.push(
      `${of(diverged)} diverged and ${diverged === 1 ? 'counts' : 'count'} in no share` +
        (learningRate === 'adapted'
          ? '.'
          : `: ${learningRate} is too large a learning rate there` +
            (stableLearningRate === null ? '.' : `; ${stableLearningRate} is stable.`)),
    );
  return out;
}

/** Starts that keep what theory keeps and are not at its minimum. */
function describeOthers({ scales, starts, prediction }: Omit<BasinDocument, 'explanation'>): string[] {
  const other = starts.filter(
    ({ status, asPredicted, objective }) =>
      status === 'settled' && asPredicted && (objective ?? 0) > prediction.objective * (1 + 1e-3),
  );
  if (other.length === 0) return [];
  const where = scales.filter(({ std }) => other.some(({ scale }) => scale === std)).map(({ std }) => std);
  return [
    `${other.length} of ${starts.length} starts keep the classes that theory keeps, but in another arrangement with a higher objective (std ${where.join(', ')}).`,
  ];
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
