/**
 * Cross-entropy, M = 1: the largest weight decay at which each class is still separated.
 *
 * No closed form is known to us for unequal counts: a class counts as separated where its margin at the convex solution
 * exceeds 1e-9 (its own logit is the largest at its own mean). Two edges are closed. Everything is lost from
 * √(λ_Wλ_H) = ‖(p₀1ᵀ − I)D^{1/2}‖_op/N on (equal counts, without a bias or with one: 1/(K√n)), and two or more classes of one
 * count n_b merge, rows and means alike, from √n_b/N on (minority collapse; cf. Hong & Ling 2023). A class that is separated
 * just below the lower of the two has it as its limit; the others are bisected. With many different counts some are bisected,
 * the smallest among them, and the rest are estimated from those. Bisection takes for granted that a class once lost stays
 * lost as the decay grows; it was not seen to fail, and is not proved. Widths are taken to be wide enough.
 */
import type { Blas } from '../../core/blas.js';
import { refuse } from '../../core/errors.js';
import { hostOf, noticing, type Host } from '../../core/host.js';
import { runThrough, type Pausable } from '../../core/pausable.js';
import { portableBlas } from '../../core/portableBlas.js';
import { depthOf, isBalanced, requirePlain, samplesOf, type Problem } from '../../model/index.js';
import { solveConvexCe } from './convex.js';
import { groupsByCount } from './groups.js';
import { solveState } from './state.js';
import { SEPARATION } from '../prediction.js';
import { ceDeadDecay } from './predict.js';

/** How a limit is known; null where there is none. */
export type LimitSource = 'closed form' | 'bisected' | 'estimated';

export interface CeDecays {
  /**
   * Largest λ_W with λ_H as given, per class. Null where there is no such edge: the class is separated at no decay, or, as
   * the single largest class with a free bias, at every one. Null too where the work was stopped before it was known.
   */
  readonly weightDecay: readonly (number | null)[];
  /** The same with λ_H tied to λ_W: √(λ_Wλ_H). */
  readonly tiedDecay: readonly (number | null)[];
  readonly sources: readonly (LimitSource | null)[];
  /** √(λ_Wλ_H) up to which the smallest class has the fit asked for; null where none was, or it never has. */
  readonly reach: number | null;
  /** True where the work was stopped: what is not known is null. */
  readonly interrupted: boolean;
}

/** Groups of equal counts done, of all; one under way counts in part. */
export interface CeDecayProgress {
  readonly done: number;
  readonly total: number;
}

export interface CeDecayOptions {
  readonly blas?: Blas;
  /** Relative accuracy of √(λ_Wλ_H), from 1e-7; default 1e-4. */
  readonly accuracy?: number;
  /** Also the decay up to which the smallest class has this fit, in (0, 1). */
  readonly fit?: number | undefined;
  /** Groups of equal counts that are bisected at most, default 40; with more, some are and the others are estimated. */
  readonly mostGroups?: number;
  readonly host?: Host<CeDecayProgress> | undefined;
}

/** Brackets start from the closed edges and go down to this part of the decay at which everything is lost. */
const FLOOR = 1e-12;
const FINEST = 1e-7;
const COARSE = 1e-2;
/** Solutions kept to start from: two matrices of as many rows and columns as there are groups each. */
const KEPT = 24;
const MOST_STEPS = 200;
/** Groups bisected where there are too many: the smallest and two more, evenly in rank. */
const ANCHORS = 3;

/** √(λ_Wλ_H) from which the classes that share a count are one, by class; null for a class that is alone with its count. */
export function ceMergeDecays({ counts }: Pick<Problem, 'counts'>): readonly (number | null)[] {
  const N = counts.reduce((sum, n) => sum + n, 0);
  const classes = new Map<number, number>();
  for (const n of counts) classes.set(n, (classes.get(n) ?? 0) + 1);
  return counts.map((n) => ((classes.get(n) ?? 0) > 1 ? Math.sqrt(n) / N : null));
}

/** Throws an argument error unless the loss is CE and M = 1. Cost: about ten convex solutions per group of counts. */
export function ceLargestDecays(problem: Problem, options: CeDecayOptions = {}): CeDecays {
  return runThrough(ceLargestDecaysPausably(problem, options));
}

interface Point {
  readonly margins: Float64Array;
  readonly fits: Float64Array;
}

/** The same work, which can be paused. */
export function* ceLargestDecaysPausably(problem: Problem, options: CeDecayOptions = {}): Pausable<CeDecays> {
  if (problem.loss !== 'ce') refuse('ceLargestDecays: loss', 'ce', problem.loss);
  if (depthOf(problem) !== 1) refuse('ceLargestDecays: depth', '1', depthOf(problem));
  requirePlain('ceLargestDecays', problem);
  const { bias } = problem;
  const blas = options.blas ?? portableBlas;
  const groups = groupsByCount(problem.counts);
  const g = groups.counts.length;
  const many = g > (options.mostGroups ?? 40);
  const accuracy = many ? COARSE : Math.max(options.accuracy ?? 1e-4, FINEST);
  // Margins are compared within `accuracy` of an edge, where they are about that large.
  const tolerance = Math.min(many ? 1e-5 : 1e-9, 1e-3 * accuracy);
  const dead = ceDeadDecay(problem, blas);
  const K = problem.counts.length;
  const samples = samplesOf(problem);
  // Everything depends on μ = √(λ_Wλ_H) alone; one solution tells of all groups.
  const known = new Map<number, Point>();
  // Solutions to start others from, the latest ones.
  const points = new Map<number, Float64Array>();
  /** The nearest from below, where all that lives at μ lives too (as bisection takes for granted). */
  const startFor = (mu: number): Float64Array | null => {
    let nearest = mu / 2;
    for (const at of points.keys()) if (at <= mu && at > nearest) nearest = at;
    return points.get(nearest) ?? null;
  };
  const remember = (mu: number, x: Float64Array) => {
    points.set(mu, x);
    const oldest = points.size > KEPT ? points.keys().next().value : undefined;
    if (oldest !== undefined) points.delete(oldest);
  };
  const { onProgress } = hostOf(options.host);
  const signal = noticing(options.host?.signal);
  /** Null once stopped: a solution on its way says nothing. */
  function* pointAt(mu: number): Pausable<Point | null> {
    const before = known.get(mu);
    if (before !== undefined) return before;
    const state = yield* solveConvexCe(groups, mu, bias, {
      ...{ blas, tolerance, signal },
      from: startFor(mu),
      onEnd: (x) => remember(mu, x),
    });
    if (signal.noticed()) return null;
    const shared = { ...problem, weightDecays: [mu], featureDecay: mu };
    const { logits, softmax } = solveState(shared, state, blas);
    const margins = Float64Array.from(groups.sizes, (m, b) => {
      let rival = -Infinity;
      for (let a = 0; a < g; a++)
        if (a !== b || m > 1) rival = Math.max(rival, logits.others.data[a * g + b]);
      return logits.own[b] - rival;
    });
    const fits = Float64Array.from(groups.sizes, (_, b) => {
      const chance = problem.bias === 'free' ? groups.counts[b] / samples : 1 / K;
      return 1 - softmax.leak[b] / (1 - chance);
    });
    const point = { margins, fits };
    known.set(mu, point);
    return point;
  }

  /**
   * The largest μ below `edge` at which `excess` is positive, between one where it is and one where it is not: by the secant,
   * since a margin crosses 0 like a straight line or stays there, and by halves where the secant falls short (Illinois).
   * Null where there is none, or where the work was stopped.
   */
  function* largestBelow(
    edge: number,
    excess: (point: Point) => number,
    report: (share: number) => void,
  ): Pausable<{ mu: number; atEdge: boolean } | null> {
    let high = edge * (1 - accuracy / 2);
    const top = yield* pointAt(high);
    if (top === null) return null;
    if (excess(top) > 0) return { mu: edge, atEdge: true };
    let atHigh = excess(top);
    let low = high;
    for (;;) {
      low /= 2;
      if (low < FLOOR * dead) return null;
      const point = yield* pointAt(low);
      if (point === null) return null;
      if (excess(point) > 0) break;
      [high, atHigh] = [low, excess(point)];
    }
    let atLow = excess(known.get(low) ?? top);
    // What other groups left behind narrows the bracket.
    for (const [mu, point] of known) {
      const value = excess(point);
      if (mu > low && mu < high && value > 0) [low, atLow] = [mu, value];
    }
    for (const [mu, point] of known) {
      const value = excess(point);
      if (mu > low && mu < high && value <= 0) [high, atHigh] = [mu, value];
    }
    const width = Math.log(high / low);
    const narrow = Math.log1p(accuracy / 4);
    let side: 'low' | 'high' | null = null;
    for (let step = 0; step < MOST_STEPS && high > low * (1 + accuracy / 4); step++) {
      const gap = Math.log(high / low);
      // By halves until the edge is near, and now and then; else a little beyond the secant's root: both ends close in.
      const secant = atLow / (atLow - atHigh);
      const inside = Math.min(narrow / gap / 3, 0.5);
      const share = gap > 1 || step % 5 === 4 ? 0.5 : Math.min(Math.max(secant, inside), 1 - inside);
      const middle = low * Math.exp(share * gap);
      if (!(middle > low && middle < high)) break;
      const point: Point | null = yield* pointAt(middle);
      if (point === null) return null;
      const value = excess(point);
      if (value > 0) {
        [low, atLow] = [middle, value];
        if (side === 'high') atHigh /= 2;
        side = 'high';
      } else {
        [high, atHigh] = [middle, value];
        if (side === 'low') atLow /= 2;
        side = 'low';
      }
      report(Math.max(0, Math.min(1, 1 - Math.log(high / low / (1 + accuracy / 4)) / width)));
    }
    return { mu: low, atEdge: false };
  }

  const limits: ({ mu: number; source: LimitSource } | null)[] = Array.from({ length: g }, () => null);
  const largestCount = groups.counts.reduce((most, n) => Math.max(most, n), 0);
  const order = Array.from({ length: g }, (_, b) => b).sort((a, b) => groups.counts[a] - groups.counts[b]);
  const chosen = many
    ? Array.from({ length: ANCHORS }, (_, i) => order[Math.round((i * (g - 2)) / (ANCHORS - 1))])
    : order;
  let reach: number | null = null;
  if (dead > 0 && isBalanced(problem)) limits[0] = { mu: dead, source: 'closed form' };
  else if (dead > 0)
    for (const [done, b] of chosen.entries()) {
      onProgress({ done, total: chosen.length });
      // The bias alone separates the single largest class, at every decay.
      if (problem.bias === 'free' && groups.counts[b] === largestCount && groups.sizes[b] === 1) continue;
      const merge = groups.sizes[b] > 1 ? Math.sqrt(groups.counts[b]) / samples : Infinity;
      const limit = yield* largestBelow(
        Math.min(dead, merge),
        ({ margins }) => margins[b] - SEPARATION,
        (share) => onProgress({ done: done + share, total: chosen.length }),
      );
      if (limit !== null) limits[b] = { mu: limit.mu, source: limit.atEdge ? 'closed form' : 'bisected' };
      if (signal.noticed()) break;
    }
  const fit = options.fit;
  if (fit !== undefined && dead > 0 && !signal.noticed())
    reach =
      (yield* largestBelow(
        dead,
        ({ fits }) => fits[order[0]] - fit,
        () => undefined,
      ))?.mu ?? null;
  if (many && !signal.noticed())
    estimateOthers(limits, order, groups, problem.bias === 'free', dead, samples);
  const perClass = <T>(value: (limit: { mu: number; source: LimitSource }) => T): (T | null)[] =>
    Array.from(groups.groupOf, (b) => {
      const limit = limits[b];
      return limit === null ? null : value(limit);
    });
  return {
    weightDecay: perClass(({ mu }) => Math.min((mu / problem.featureDecay) * mu, Number.MAX_VALUE)),
    tiedDecay: perClass(({ mu }) => mu),
    sources: perClass(({ source }) => source),
    reach,
    interrupted: signal.noticed(),
  };
}

/** Limits of the groups between those that are known, by straight lines in log count against log(limit·N/√n). */
function estimateOthers(
  limits: ({ mu: number; source: LimitSource } | null)[],
  order: readonly number[],
  { counts, sizes }: { readonly counts: ArrayLike<number>; readonly sizes: ArrayLike<number> },
  free: boolean,
  dead: number,
  samples: number,
): void {
  const anchors = order.flatMap((b) => {
    const limit = limits[b];
    return limit === null
      ? []
      : [{ x: Math.log(counts[b]), y: Math.log((limit.mu * samples) / Math.sqrt(counts[b])) }];
  });
  if (anchors.length === 0) return;
  const at = (x: number) => {
    const right = anchors.findIndex((anchor) => anchor.x >= x);
    if (right < 0) return anchors[anchors.length - 1].y;
    if (right === 0) return anchors[0].y;
    const [a, b] = [anchors[right - 1], anchors[right]];
    return a.y + ((b.y - a.y) * (x - a.x)) / (b.x - a.x);
  };
  const top = order[order.length - 1];
  for (const b of order) {
    if (limits[b] !== null || (free && b === top && sizes[b] === 1)) continue;
    const root = Math.sqrt(counts[b]) / samples;
    const merge = sizes[b] > 1 ? root : Infinity;
    limits[b] = { mu: Math.min(dead, merge, root * Math.exp(at(Math.log(counts[b])))), source: 'estimated' };
  }
}
