/**
 * Cross-entropy: the prediction for any counts, depth, widths and bias, and how far it can be trusted.
 *
 * | counts | M | widths | prediction | optimality |
 * |---|---|---|---|---|
 * | equal | 1 | d ≥ K − 1 | simplex ETF, closed form (`ceScalar.ts`) | global, certified |
 * | any | 1 | d ≥ rank of the solution | convex problem, numeric (`ceConvex.ts`) | global if certified to 1e-6 |
 * | any | 1 | narrower | best of restarts; the bound of the wide problem holds | best known |
 * | any | ≥ 2 | any | the lowest of ETF, orthoplex (equal counts), all collapsed and restarts (`ceSearch.ts`) | best known |
 *
 * Dang et al. (ICML 2023) claim collapse for deep linear networks under cross-entropy in their abstract; Garrod & Keating
 * (NeurIPS 2025, arXiv 2410.23169) prove that it is not the global minimum for large K or depth. `ceNote.ts` says which.
 * In `classes`: regime null, share 1, `fit` = (p − p₀)/(1 − p₀) with p the softmax probability of its class at the class
 * mean and p₀ that of the collapsed solution (1/K, or n_k/N with a free bias), at least 0. `levels` is empty.
 */
import type { Blas } from '../core/blas.js';
import { refuse } from '../core/errors.js';
import { portableBlas } from '../core/portableBlas.js';
import { createRandom, type Random } from '../core/random.js';
import { bottleneckOf, depthOf, isBalanced, samplesOf, type Problem } from '../model/index.js';
import { certificateOf, certifyGrouped, operatorNorm } from './ceCertificate.js';
import { solveConvexCe } from './ceConvex.js';
import {
  createGradient,
  createSoftmax,
  gradientInto,
  groupsByCount,
  softmaxInto,
  type GroupedState,
} from './ceGroups.js';
import { orthoplexSolution, simplexSolution } from './ceScalar.js';
import { searchCe } from './ceSearch.js';
import { ceFactors, ceGeometry, groupNorms, solveState, type SolvedState } from './ceState.js';
import { zeros } from '../core/matrix.js';
import type { Minimiser } from './minimiser.js';
import { SEPARATION } from './mse.js';
import type { Alternative, Certificate, ClassPrediction, FrameName, Prediction } from './prediction.js';

export interface CeOptions {
  readonly blas?: Blas;
  /** Seed of the search; nothing else is random. */
  readonly seed?: number;
  /** The most starts of the search. */
  readonly restarts?: number;
  /** Asked between steps: true ends the search and keeps the best so far. */
  readonly shouldStop?: () => boolean;
  readonly onProgress?: (progress: CeProgress) => void;
}

export type CeProgress =
  | { readonly phase: 'solve'; readonly step: number; readonly objective: number; readonly gradient: number }
  | { readonly phase: 'search'; readonly done: number; readonly total: number; readonly best: number | null };

export interface CePrediction extends Prediction {
  /** Starts of the search, 0 where none was needed. */
  readonly restarts: number;
  /** W_1 … W_M, H̄ and b that attain `objective`; with `random`, in a random orthonormal basis. */
  readonly minimiser: (random?: Random) => Minimiser;
  /** The same for every solution in `alternatives`, in that order. */
  readonly alternativeMinimisers: () => readonly Minimiser[];
}

/** Relative gap up to which a numeric solution is called global. */
export const CERTIFIED = 1e-6;

/** Matrices of this size are the largest that the numeric solvers take: about a dozen of them are kept. */
const LARGEST = 4000;
/** Above this many classes only closed forms are compared. */
const LARGEST_SEARCH = 2000;

interface Candidate {
  readonly name: string;
  readonly frame: FrameName;
  readonly solved: SolvedState;
}

/** Names in `alternatives`. */
export const NAMES = {
  simplex: 'simplex ETF (neural collapse)',
  orthoplex: 'orthoplex (antipodal pairs)',
  search: 'best of restarts',
  dead: 'every class collapsed (P = 0, H = 0)',
} as const;

/** The prediction for a cross-entropy problem. Throws argument errors for another loss and for what is too large. */
export function predictCe(problem: Problem, options: CeOptions = {}): CePrediction {
  if (problem.loss !== 'ce') refuse('predictCe: loss', 'ce', problem.loss);
  const blas = options.blas ?? portableBlas;
  const dead = deadCandidate(problem, blas);
  if (depthOf(problem) === 1) return predictShallow(problem, dead, blas, options);

  const candidates = [...structured(problem, blas), dead];
  const K = problem.counts.length;
  if (!isBalanced(problem)) limitSize(K);
  const restarts = K <= LARGEST_SEARCH ? search(problem, candidates, blas, options, undefined) : 0;
  return describe(problem, candidates, null, 'best-known', restarts, blas);
}

/** M = 1: the convex problem first, for its solution or its bound. */
function predictShallow(problem: Problem, dead: Candidate, blas: Blas, options: CeOptions): CePrediction {
  const { onProgress, shouldStop } = options;
  const [weightDecay] = problem.weightDecays;
  const mu = Math.sqrt(weightDecay) * Math.sqrt(problem.featureDecay);
  const bottleneck = bottleneckOf(problem);
  const certify = ({ solved }: Candidate) => certifyGrouped(solved.state, mu, solved.objective, blas);
  if (mu >= ceDeadDecay(problem, blas)) return describe(problem, [dead], certify(dead), 'global', 0, blas);
  const groups = groupsByCount(problem.counts);
  let wide: Candidate;
  if (isBalanced(problem))
    wide = {
      name: NAMES.simplex,
      frame: 'simplex ETF',
      solved: solveState(problem, simplexSolution(problem).state, blas),
    };
  else {
    limitSize(groups.counts.length);
    let step = 0;
    const state = solveConvexCe(groups, mu, problem.bias, {
      blas,
      ...(shouldStop === undefined ? {} : { shouldStop }),
      ...(onProgress === undefined
        ? {}
        : {
            onStep: (objective, gradient) =>
              onProgress({ phase: 'solve', step: ++step, objective, gradient }),
          }),
    });
    wide = { name: 'convex solution', frame: 'numeric, certified', solved: solveState(problem, state, blas) };
  }
  const certificate = certify(wide);
  if (wide.solved.rank <= bottleneck) {
    const proved = certificate.relativeGap <= CERTIFIED;
    const candidate = proved ? wide : { ...wide, frame: 'numeric, best known' as const };
    return describe(problem, [candidate, dead], certificate, proved ? 'global' : 'best-known', 0, blas);
  }
  const candidates = [...structured(problem, blas), dead];
  limitSize(problem.counts.length);
  const restarts = search(problem, candidates, blas, options, bottleneck);
  const best = candidates.reduce((a, b) => (b.solved.objective < a.solved.objective ? b : a));
  return describe(
    problem,
    candidates,
    certificateOf(best.solved.objective, certificate.lowerBound),
    'best-known',
    restarts,
    blas,
  );
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
  const found: Candidate[] = [];
  const bottleneck = bottleneckOf(problem);
  if (bottleneck >= K - 1)
    found.push({
      name: NAMES.simplex,
      frame: 'simplex ETF',
      solved: solveState(problem, simplexSolution(problem).state, blas),
    });
  const orthoplex = bottleneck >= K / 2 ? orthoplexSolution(problem) : null;
  if (orthoplex !== null)
    found.push({
      name: NAMES.orthoplex,
      frame: 'orthoplex',
      solved: solveState(problem, orthoplex.state, blas),
    });
  return found;
}

/** Adds the best of restarts to the candidates, unless it is one of them; returns the number of starts. */
function search(
  problem: Problem,
  candidates: Candidate[],
  blas: Blas,
  options: CeOptions,
  rank: number | undefined,
): number {
  const K = problem.counts.length;
  if (K < 2) return 0;
  const { shouldStop, onProgress, restarts } = options;
  const ETF = isBalanced(problem) ? simplexSolution(problem).scale : 0;
  const found = searchCe(problem, {
    blas,
    random: createRandom(options.seed ?? 0),
    logit: Math.max(ETF, 2 + 2 * Math.log(K)),
    restarts,
    shouldStop,
    rank,
    onProgress:
      onProgress === undefined ? undefined : (progress) => onProgress({ phase: 'search', ...progress }),
  });
  if (found === null) return 0;
  const solved = solveState(problem, found.state, blas);
  const lowest = candidates.reduce((least, c) => Math.min(least, c.solved.objective), Infinity);
  // A tie is the closed form found again: its last digits are the better ones.
  if (solved.objective < lowest - 1e-9 * Math.abs(lowest))
    candidates.unshift({
      name: `${NAMES.search}, rank ${solved.rank}`,
      frame: 'numeric, best known',
      solved,
    });
  return found.restarts;
}

function deadCandidate(problem: Problem, blas: Blas): Candidate {
  return {
    name: NAMES.dead,
    frame: 'nothing: every class collapsed',
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

function describe(
  problem: Problem,
  candidates: readonly Candidate[],
  certificate: Certificate | null,
  optimality: 'global' | 'best-known',
  restarts: number,
  blas: Blas,
): CePrediction {
  const best = candidates.reduce((a, b) => (b.solved.objective < a.solved.objective ? b : a));
  const { solved } = best;
  const { groupOf } = solved.state.groups;
  const { bias } = solved.state;
  const perGroup = classesOf(solved);
  const alternatives: Alternative[] = candidates
    .map(({ name, solved: { objective } }) => ({ name, objective }))
    .sort((a, b) => a.objective - b.objective);
  return {
    problem,
    objective: solved.objective,
    optimality,
    unique: solved.rank === 0 || treatsEqualClassesAlike(problem, solved),
    rank: solved.rank,
    levels: [],
    classes: Array.from(groupOf, (a) => perGroup[a]),
    frame: solved.rank === 0 ? 'nothing: every class collapsed' : best.frame,
    bias: bias === null ? null : Float64Array.from(groupOf, (a) => bias[a]),
    geometry: () => ceGeometry(solved, blas),
    certificate,
    alternatives,
    restarts,
    minimiser: (random) => ceFactors(solved, blas, random),
    alternativeMinimisers: () =>
      [...candidates]
        .sort((a, b) => a.solved.objective - b.solved.objective)
        .map((one) => ceFactors(one.solved, blas)),
  };
}

function classesOf(solved: SolvedState): ClassPrediction[] {
  const { problem, state, logits, softmax } = solved;
  const { sizes, counts } = state.groups;
  const g = sizes.length;
  const K = problem.counts.length;
  const samples = samplesOf(problem);
  const { weights, features } = groupNorms(solved);
  const dead = solved.rank === 0;
  const rival = new Float64Array(g).fill(-Infinity);
  for (let a = 0; a < g; a++)
    for (let b = 0; b < g; b++)
      if (a !== b || sizes[a] > 1) rival[b] = Math.max(rival[b], logits.others.data[a * g + b]);
  return Array.from(sizes, (_, b): ClassPrediction => {
    const chance = problem.bias === 'free' ? counts[b] / samples : 1 / K;
    const margin = K === 1 ? null : logits.own[b] - rival[b];
    return {
      count: counts[b],
      weightNorm: Math.sqrt(weights[b]),
      featureNorm: Math.sqrt(features[b]),
      weightNormRange: null,
      featureNormRange: null,
      regime: null,
      share: 1,
      fit: dead ? 0 : Math.max(0, 1 - softmax.leak[b] / (1 - chance)),
      margin,
      separated: margin === null ? null : margin > SEPARATION,
      maxWeightDecay: null,
      maxTiedDecay: null,
    };
  });
}

/** Whether exchanging classes of equal counts leaves Z as it is: otherwise it is one representative of several. */
function treatsEqualClassesAlike(problem: Problem, { state, logits }: SolvedState): boolean {
  const { groupOf, sizes } = state.groups;
  const g = sizes.length;
  const alike = groupsByCount(problem.counts);
  if (alike.sizes.length === g) return true;
  // Each group stands for one of its classes; groups of one count must agree with each other.
  const block = new Int32Array(g);
  groupOf.forEach((a, k) => (block[a] = alike.groupOf[k]));
  const seen = new Map<string, number>();
  const agree = (key: string, value: number) => {
    const known = seen.get(key);
    if (known === undefined) seen.set(key, value);
    // Solvers leave about 1e-8 of a logit.
    return known === undefined || Math.abs(known - value) <= 1e-6 * (1 + Math.abs(value));
  };
  for (let a = 0; a < g; a++) {
    if (!agree(`own ${block[a]}`, logits.own[a])) return false;
    for (let b = 0; b < g; b++)
      if ((a !== b || sizes[a] > 1) && !agree(`${block[a]} ${block[b]}`, logits.others.data[a * g + b]))
        return false;
  }
  return true;
}
