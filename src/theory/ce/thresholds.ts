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
import { hostOf, noticing, type Host, type NoticedSignal } from '../../core/host.js';
import { runThrough, type Pausable } from '../../core/pausable.js';
import { portableBlas } from '../../core/portableBlas.js';
import { depthOf, isBalanced, requirePlain, samplesOf, type Problem } from '../../model/index.js';
import { SEPARATION } from '../prediction.js';
import { groupsByCount, type ClassGroups } from './groups.js';
import { largestBelow } from './largestBelow.js';
import { ceDeadDecay } from './predict.js';
import { createSolutions, type SolutionsByDecay } from './solutionsByDecay.js';

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

/** The same work, which can be paused. */
export function* ceLargestDecaysPausably(problem: Problem, options: CeDecayOptions = {}): Pausable<CeDecays> {
  if (problem.loss !== 'ce') refuse('ceLargestDecays: loss', 'ce', problem.loss);
  if (depthOf(problem) !== 1) refuse('ceLargestDecays: depth', '1', depthOf(problem));
  requirePlain('ceLargestDecays', problem);
  const { fit } = options;
  const blas = options.blas ?? portableBlas;
  const groups = groupsByCount(problem.counts);
  const many = groups.counts.length > (options.mostGroups ?? 40);
  const accuracy = many ? COARSE : Math.max(options.accuracy ?? 1e-4, FINEST);
  // Margins are compared within `accuracy` of an edge, where they are about that large.
  const tolerance = Math.min(many ? 1e-5 : 1e-9, 1e-3 * accuracy);
  const signal = noticing(options.host?.signal);
  const dead = ceDeadDecay(problem, blas);
  const solutions = createSolutions(problem, groups, { blas, tolerance, signal });
  const search: Search = {
    ...{ groups, solutions, dead, accuracy, signal },
    ...{ problem, onProgress: hostOf(options.host).onProgress },
    order: Array.from(groups.counts.keys()).sort((a, b) => groups.counts[a] - groups.counts[b]),
  };
  const limits = yield* limitsOfGroups(search, many);
  const reach = fit === undefined || !(dead > 0) || signal.noticed() ? null : yield* reachOf(search, fit);
  if (many && !signal.noticed())
    estimateOthers(limits, search.order, groups, problem.bias === 'free', dead, samplesOf(problem));
  const perClass = <T>(value: (limit: GroupLimit) => T): (T | null)[] =>
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

interface GroupLimit {
  readonly mu: number;
  readonly source: LimitSource;
}

/** What the limits of all groups are looked for with. */
interface Search {
  readonly problem: Problem;
  readonly groups: ClassGroups;
  readonly solutions: SolutionsByDecay;
  /** √(λ_Wλ_H) from which everything is lost. */
  readonly dead: number;
  readonly accuracy: number;
  /** Groups by count, the smallest first. */
  readonly order: readonly number[];
  readonly signal: NoticedSignal;
  readonly onProgress: (progress: CeDecayProgress) => void;
}

/** Of each group; with `many` of a few only. */
function* limitsOfGroups(search: Search, many: boolean): Pausable<(GroupLimit | null)[]> {
  const { problem, groups, order, dead, signal, onProgress } = search;
  const g = groups.counts.length;
  const limits: (GroupLimit | null)[] = Array.from({ length: g }, () => null);
  if (!(dead > 0)) return limits;
  if (isBalanced(problem)) {
    limits[0] = { mu: dead, source: 'closed form' };
    return limits;
  }
  const chosen = many
    ? Array.from({ length: ANCHORS }, (_, i) => order[Math.round((i * (g - 2)) / (ANCHORS - 1))])
    : order;
  for (const [done, b] of chosen.entries()) {
    const report = (share: number) => onProgress({ done: done + share, total: chosen.length });
    report(0);
    if (!isLargestAlone(search, b)) limits[b] = yield* limitOf(search, b, report);
    if (signal.noticed()) break;
  }
  return limits;
}

/** The bias alone separates the single largest class, at every decay. */
function isLargestAlone({ problem, groups, order }: Search, b: number): boolean {
  const largest = groups.counts[order[order.length - 1]];
  return problem.bias === 'free' && groups.counts[b] === largest && groups.sizes[b] === 1;
}

function* limitOf(search: Search, b: number, report: (share: number) => void): Pausable<GroupLimit | null> {
  const { problem, groups, solutions, dead, accuracy } = search;
  const merge = groups.sizes[b] > 1 ? Math.sqrt(groups.counts[b]) / samplesOf(problem) : Infinity;
  const limit = yield* largestBelow({
    ...{ solutions, edge: Math.min(dead, merge), floor: FLOOR * dead, accuracy, report },
    excess: ({ margins }) => margins[b] - SEPARATION,
  });
  return limit === null ? null : { mu: limit.mu, source: limit.atEdge ? 'closed form' : 'bisected' };
}

/** √(λ_Wλ_H) up to which the smallest class has a fit. */
function* reachOf({ solutions, order, dead, accuracy }: Search, fit: number): Pausable<number | null> {
  const edge = yield* largestBelow({
    ...{ solutions, edge: dead, floor: FLOOR * dead, accuracy },
    excess: ({ fits }) => fits[order[0]] - fit,
    report: () => undefined,
  });
  return edge?.mu ?? null;
}

/** Limits of the groups between those that are known, by straight lines in log count against log(limit·N/√n). */
function estimateOthers(
  limits: (GroupLimit | null)[],
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
