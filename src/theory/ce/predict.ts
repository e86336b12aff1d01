/**
 * Cross-entropy: the prediction for any counts, depth, widths and bias, and how far it can be trusted.
 *
 * | counts | M | widths | prediction | optimality |
 * |---|---|---|---|---|
 * | equal | 1 | d ≥ K − 1 | simplex ETF, closed form (`scalar.ts`) | global, certified |
 * | any | 1 | d ≥ rank of the solution | convex problem, numeric (`convex.ts`) | global if certified to 1e-6 |
 * | any | 1 | narrower | best of restarts; the bound of the wide problem holds | best known |
 * | any | ≥ 2 | any | the lowest of ETF, orthoplex (equal counts), everything lost and the best of a search (`search.ts`) | best known |
 *
 * Dang et al. (ICML 2023) claim collapse for deep linear networks under cross-entropy in their abstract; Garrod & Keating
 * (NeurIPS 2025, arXiv 2410.23169) prove that it is not the global minimum for large K or depth. `note.ts` says which.
 */
import type { Blas } from '../../core/blas.js';
import { refuse } from '../../core/errors.js';
import { hostOf, noticing, stoppedBy, type Host, type WholeHost } from '../../core/host.js';
import { portableBlas } from '../../core/portableBlas.js';
import { runThrough, type Pausable } from '../../core/pausable.js';
import { createRandom } from '../../core/random.js';
import {
  bottleneckOf,
  depthOf,
  isBalanced,
  requirePlain,
  type PlainProblem,
  type Problem,
} from '../../model/index.js';
import { certificateOf, certifyGrouped, operatorNorm } from './certificate.js';
import { solveConvexCe } from './convex.js';
import { describeCe, lowestOf, type Candidate, type CePrediction, type Compared } from './description.js';
import {
  createGradient,
  createSoftmax,
  gradientInto,
  groupsByCount,
  softmaxInto,
  type GroupedState,
} from './groups.js';
import { ceLowerBound } from './lowerBound.js';
import { orthoplexSolution, simplexSolution } from './scalar.js';
import { searchCe, type KnownPoint, type SearchProgress } from './search.js';
import { solveState } from './state.js';
import { SOLUTION_NAMES, type Certificate, type SearchSummary } from '../prediction.js';
import { zeros } from '../../core/matrix.js';

export interface CeOptions {
  readonly blas?: Blas;
  /** Seed of the search; nothing else is random. */
  readonly seed?: number | undefined;
  /** The most starts of the search; by default only time limits them. */
  readonly restarts?: number | undefined;
  /** Seconds that the search may take, 20 by default; it ends earlier once further starts and exchanges do not help. */
  readonly budget?: number | undefined;
  /** Points to search from besides: what another program or a measurement has reached. */
  readonly from?: readonly KnownPoint[] | undefined;
  /** Its signal is read between steps: the work then keeps the best so far and says `interrupted`. */
  readonly host?: Host<CeProgress> | undefined;
}

interface WatchedOptions extends CeOptions {
  readonly host: WholeHost<CeProgress>;
}

export type CeProgress =
  | { readonly phase: 'solve'; readonly step: number; readonly objective: number; readonly gradient: number }
  | ({ readonly phase: 'search' } & SearchProgress);

/** Relative gap up to which a numeric solution is called global. */
export const CERTIFIED = 1e-6;

/** Matrices of this size are the largest that the numeric solvers take: about a dozen of them are kept. */
const LARGEST = 4000;
const UNSEARCHED: SearchSummary = {
  starts: 0,
  ranks: [],
  rounds: 0,
  exchanges: 0,
  kicks: 0,
  budget: null,
  end: 'none',
  complete: false,
};
/** Seconds that a search may take by default, and where it is not what the user waits for: beside a measurement or a training. */
export const SEARCH_SECONDS = 20;
export const SHORT_SEARCH_SECONDS = 2;
/** Above this many classes only closed forms are compared. */
const LARGEST_SEARCH = 2000;

/** The prediction for a cross-entropy problem. Throws argument errors for another loss and for what is too large. */
export function predictCe(problem: Problem, options: CeOptions = {}): CePrediction {
  return runThrough(predictCePausably(problem, options));
}

/** The same work, which can be paused between the steps of its solvers. */
export function* predictCePausably(problem: Problem, options: CeOptions = {}): Pausable<CePrediction> {
  if (problem.loss !== 'ce') refuse('predictCe: loss', 'ce', problem.loss);
  requirePlain('predictCe', problem);
  const blas = options.blas ?? portableBlas;
  const signal = noticing(options.host?.signal);
  const watched = { ...options, host: { ...hostOf(options.host), signal } };
  const dead = deadCandidate(problem, blas);
  if (depthOf(problem) === 1) {
    const compared = yield* compareShallow(problem, dead, blas, watched);
    return describeCe({ problem, blas, ...compared, interrupted: signal.noticed() });
  }
  const candidates = [...structured(problem, blas), dead];
  const K = problem.counts.length;
  if (!isBalanced(problem)) limitSize(K);
  const searched =
    K <= LARGEST_SEARCH ? yield* search(problem, candidates, blas, watched, undefined) : UNSEARCHED;
  const certificate = yield* boundBelow(problem, lowestOf(candidates).solved.objective, blas, watched);
  const optimality = 'best-known';
  return describeCe({
    problem,
    blas,
    candidates,
    certificate,
    optimality,
    search: searched,
    interrupted: signal.noticed(),
  });
}

/** M ≥ 2: the rigorous lower bound, within a tenth of the search's time; null where nothing is bounded (K = 1). */
function* boundBelow(
  problem: Problem,
  objective: number,
  blas: Blas,
  options: WatchedOptions,
): Pausable<Certificate | null> {
  if (problem.counts.length < 2) return null;
  const { clock, signal } = options.host;
  const until = clock() + 100 * (options.budget ?? SEARCH_SECONDS);
  const bound = yield* ceLowerBound(problem, objective, {
    blas,
    signal: stoppedBy(signal, () => clock() > until),
  });
  return bound > 0 ? certificateOf(objective, bound) : null;
}

/** M = 1: the convex problem first, for its solution or its bound. */
function* compareShallow(
  problem: PlainProblem,
  dead: Candidate,
  blas: Blas,
  options: WatchedOptions,
): Pausable<Pick<Compared, 'candidates' | 'certificate' | 'optimality' | 'search'>> {
  const { onProgress, signal } = options.host;
  const [weightDecay] = problem.weightDecays;
  const mu = Math.sqrt(weightDecay) * Math.sqrt(problem.featureDecay);
  const bottleneck = bottleneckOf(problem);
  const certify = ({ solved }: Candidate) => certifyGrouped(solved.state, mu, solved.objective, blas);
  if (mu >= ceDeadDecay(problem, blas))
    return { candidates: [dead], certificate: certify(dead), optimality: 'global', search: null };
  const groups = groupsByCount(problem.counts);
  let wide: Candidate;
  if (isBalanced(problem))
    wide = {
      kind: 'simplex',
      name: SOLUTION_NAMES.simplex,
      frame: 'simplex ETF',
      solved: solveState(problem, simplexSolution(problem).state, blas),
    };
  else {
    limitSize(groups.counts.length);
    let step = 0;
    const state = yield* solveConvexCe(groups, mu, problem.bias, {
      blas,
      signal,
      onStep: (objective, gradient) => onProgress({ phase: 'solve', step: ++step, objective, gradient }),
    });
    wide = {
      kind: 'convex',
      name: SOLUTION_NAMES.convex,
      frame: 'general frame (numeric, certified)',
      solved: solveState(problem, state, blas),
    };
  }
  const certificate = certify(wide);
  if (wide.solved.rank <= bottleneck) {
    const proved = certificate.relativeGap <= CERTIFIED;
    const candidate = proved ? wide : { ...wide, frame: 'general frame (numeric, best known)' as const };
    const optimality = proved ? 'global' : 'best-known';
    return { candidates: [candidate, dead], certificate, optimality, search: null };
  }
  const candidates = [...structured(problem, blas), dead];
  limitSize(problem.counts.length);
  const searched = yield* search(problem, candidates, blas, options, bottleneck);
  const { objective } = lowestOf(candidates).solved;
  return {
    candidates,
    certificate: certificateOf(objective, certificate.lowerBound),
    optimality: 'best-known',
    search: searched,
  };
}

function limitSize(size: number): void {
  if (size > LARGEST)
    refuse(
      'counts',
      `at most ${LARGEST} different classes where cross-entropy is solved numerically`,
      size,
      'equal counts with d ≥ K − 1 have a closed form',
    );
}

/** The arrangements of one scalar that fit the bottleneck; none for unequal counts. */
function structured(problem: Problem, blas: Blas): Candidate[] {
  const K = problem.counts.length;
  if (!isBalanced(problem) || K < 2) return [];
  const candidates: Candidate[] = [];
  const bottleneck = bottleneckOf(problem);
  if (bottleneck >= K - 1)
    candidates.push({
      kind: 'simplex',
      name: SOLUTION_NAMES.simplex,
      frame: 'simplex ETF',
      solved: solveState(problem, simplexSolution(problem).state, blas),
    });
  const orthoplex = bottleneck >= K / 2 ? orthoplexSolution(problem) : null;
  if (orthoplex !== null)
    candidates.push({
      kind: 'orthoplex',
      name: SOLUTION_NAMES.orthoplex,
      frame: 'orthoplex',
      solved: solveState(problem, orthoplex.state, blas),
    });
  return candidates;
}

/** Adds the best of restarts to the candidates, unless it is one of them; returns how far it went. */
function* search(
  problem: Problem,
  candidates: Candidate[],
  blas: Blas,
  options: WatchedOptions,
  rank: number | undefined,
): Pausable<SearchSummary> {
  const K = problem.counts.length;
  if (K < 2) return { ...UNSEARCHED, complete: true };
  const { host, restarts } = options;
  const budget = options.budget ?? SEARCH_SECONDS;
  const ETF = isBalanced(problem) ? simplexSolution(problem).scale : 0;
  const result = yield* searchCe(problem, {
    blas,
    random: createRandom(options.seed ?? 0),
    logit: Math.max(ETF, 2 + 2 * Math.log(K)),
    budget,
    restarts,
    from: options.from,
    rank,
    host: { ...host, onProgress: (progress) => host.onProgress({ phase: 'search', ...progress }) },
  });
  if (result === null) return { ...UNSEARCHED, end: host.signal.aborted ? 'stopped' : 'none' };
  const solved = solveState(problem, result.state, blas);
  const lowest = lowestOf(candidates).solved.objective;
  // A tie is the closed form found again: its last digits are the better ones.
  if (solved.objective < lowest - 1e-9 * Math.abs(lowest))
    candidates.unshift({
      kind: 'search',
      name: `${SOLUTION_NAMES.search}, rank ${solved.rank}`,
      frame: 'general frame (numeric, best known)',
      solved,
    });
  const { starts, ranks, rounds, exchanges, kicks, end } = result;
  return { starts, ranks, rounds, exchanges, kicks, budget, end, complete: end === 'settled' };
}

function deadCandidate(problem: Problem, blas: Blas): Candidate {
  return {
    kind: 'lost',
    name: SOLUTION_NAMES.lost,
    frame: 'nothing: every class lost',
    solved: solveState(problem, deadState(problem), blas),
  };
}

/** Z = 0, with b = log(n/N) where the bias is free. */
function deadState(problem: Problem): GroupedState {
  const groups = groupsByCount(problem.counts);
  return {
    groups,
    between: null,
    contrasts: new Float64Array(groups.counts.length),
    bias: problem.bias === 'free' ? groups.counts.map(Math.log) : null,
  };
}

/**
 * M = 1: every class is dead iff √(λ_Wλ_H) is at least this, ‖(p₀1ᵀ − I)D^{1/2}‖_op/N with p₀ = 1/K, or n/N with a free
 * bias. (0 for a single class.)
 */
export function ceDeadDecay(problem: Problem, blas: Blas = portableBlas): number {
  requirePlain('ceDeadDecay', problem);
  const { state } = deadCandidate(problem, blas).solved;
  const { groups } = state;
  const g = groups.counts.length;
  const softmax = createSoftmax(g);
  const others = zeros(g, g);
  for (let a = 0; a < g; a++) others.data.fill(state.bias?.[a] ?? 0, a * g, (a + 1) * g);
  softmaxInto(groups, { others, own: state.bias ?? new Float64Array(g) }, softmax);
  const G = createGradient(g);
  gradientInto(groups, softmax, G);
  return G.contrasts.reduce((most, c) => Math.max(most, Math.abs(c)), operatorNorm(G.between, blas));
}
