/**
 * The largest decay below an edge at which something is positive: by the secant, since a margin crosses 0 like a straight
 * line or stays there, and by halves where the secant falls short (Illinois).
 */
import type { Pausable } from '../../core/pausable.js';
import type { SolutionsByDecay, SolvedGroups } from './solutionsByDecay.js';

export interface EdgeSearch {
  readonly solutions: SolutionsByDecay;
  /** Looked for below this μ. */
  readonly edge: number;
  /** No lower than this. */
  readonly floor: number;
  /** Relative, of μ. */
  readonly accuracy: number;
  readonly excess: (solved: SolvedGroups) => number;
  /** How much of the bracket is closed, from 0 to 1. */
  readonly report: (share: number) => void;
}

export interface Edge {
  readonly mu: number;
  /** Still positive just below the edge: that is the limit. */
  readonly atEdge: boolean;
}

/** Between μ where the excess is positive and μ where it is not. */
interface Bracket {
  low: number;
  atLow: number;
  high: number;
  atHigh: number;
}

const MOST_STEPS = 200;

/** Null where there is none, or where the work was stopped. */
export function* largestBelow(search: EdgeSearch): Pausable<Edge | null> {
  const { solutions, edge, accuracy, excess } = search;
  const top = edge * (1 - accuracy / 2);
  const solved = yield* solutions.at(top);
  if (solved === null) return null;
  const atTop = excess(solved);
  if (atTop > 0) return { mu: edge, atEdge: true };
  const bracket = yield* bracketBelow(search, top, atTop);
  if (bracket === null) return null;
  narrowByKnown(search, bracket);
  return (yield* close(search, bracket)) ? { mu: bracket.low, atEdge: false } : null;
}

/** By halves down to where the excess is positive. */
function* bracketBelow(
  { solutions, floor, excess }: EdgeSearch,
  top: number,
  atTop: number,
): Pausable<Bracket | null> {
  let [high, atHigh] = [top, atTop];
  for (let low = top / 2; low >= floor; low /= 2) {
    const solved = yield* solutions.at(low);
    if (solved === null) return null;
    const atLow = excess(solved);
    if (atLow > 0) return { low, atLow, high, atHigh };
    [high, atHigh] = [low, atLow];
  }
  return null;
}

/** What other groups left behind narrows the bracket. */
function narrowByKnown({ solutions, excess }: EdgeSearch, bracket: Bracket): void {
  const within = (mu: number) => mu > bracket.low && mu < bracket.high;
  for (const [mu, solved] of solutions.known) {
    const value = excess(solved);
    if (within(mu) && value > 0) [bracket.low, bracket.atLow] = [mu, value];
  }
  for (const [mu, solved] of solutions.known) {
    const value = excess(solved);
    if (within(mu) && value <= 0) [bracket.high, bracket.atHigh] = [mu, value];
  }
}

/** Both ends close in on the edge; false where the work was stopped. */
function* close(search: EdgeSearch, bracket: Bracket): Pausable<boolean> {
  const { solutions, accuracy, excess, report } = search;
  const least = 1 + accuracy / 4;
  const narrow = Math.log1p(accuracy / 4);
  const width = Math.log(bracket.high / bracket.low);
  let side: 'low' | 'high' | null = null;
  for (let step = 0; step < MOST_STEPS && bracket.high > bracket.low * least; step++) {
    const middle = bracket.low * Math.exp(shareOf(bracket, narrow, step));
    if (!(middle > bracket.low && middle < bracket.high)) return true;
    const solved: SolvedGroups | null = yield* solutions.at(middle);
    if (solved === null) return false;
    const value = excess(solved);
    if (value > 0) {
      [bracket.low, bracket.atLow] = [middle, value];
      if (side === 'high') bracket.atHigh /= 2;
      side = 'high';
    } else {
      [bracket.high, bracket.atHigh] = [middle, value];
      if (side === 'low') bracket.atLow /= 2;
      side = 'low';
    }
    report(Math.max(0, Math.min(1, 1 - Math.log(bracket.high / bracket.low / least) / width)));
  }
  return true;
}

/** How far above the lower end, in log μ: by halves until the edge is near, and now and then; else a little beyond the secant's root. */
function shareOf({ low, atLow, high, atHigh }: Bracket, narrow: number, step: number): number {
  const gap = Math.log(high / low);
  if (gap > 1 || step % 5 === 4) return 0.5 * gap;
  const secant = atLow / (atLow - atHigh);
  const inside = Math.min(narrow / gap / 3, 0.5);
  return Math.min(Math.max(secant, inside), 1 - inside) * gap;
}
