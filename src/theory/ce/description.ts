/**
 * What a cross-entropy prediction says, from the solutions that were compared: the lowest is the prediction.
 *
 * In `classes`: regime null, share 1, `fit` = (p − p₀)/(1 − p₀) with p the softmax probability of its class at the class
 * mean and p₀ that of the zero solution (1/K, or n_k/N with a free bias), at least 0. `levels` is empty.
 */
import type { Blas } from '../../core/blas.js';
import type { Random } from '../../core/random.js';
import {
  samplesOf,
  type FrameName,
  type Optimality,
  type Problem,
  type SolutionKind,
} from '../../model/index.js';
import { groupsByCount } from './groups.js';
import { ceFactors, ceGeometry, groupNorms, type SolvedState } from './state.js';
import {
  SEPARATION,
  type Alternative,
  type Certificate,
  type ClassPrediction,
  type Minimiser,
  type Prediction,
  type SearchSummary,
} from '../prediction.js';

export interface CePrediction extends Prediction {
  /** Starts of the search, 0 where none was needed. */
  readonly restarts: number;
  /** W_1 … W_M, H̄ and b that attain `objective`; with `random`, in a random orthonormal basis. */
  readonly minimiser: (random?: Random) => Minimiser;
  /** The same for every solution in `alternatives`, in that order. */
  readonly alternativeMinimisers: () => readonly Minimiser[];
}

/** A solution that was compared. */
export interface Candidate {
  readonly kind: SolutionKind;
  readonly name: string;
  readonly frame: FrameName;
  readonly solved: SolvedState;
}

export interface Compared {
  readonly problem: Problem;
  /** At least one. */
  readonly candidates: readonly Candidate[];
  readonly certificate: Certificate | null;
  readonly optimality: Optimality;
  /** Null where none was needed. */
  readonly search: SearchSummary | null;
  readonly interrupted: boolean;
  readonly blas: Blas;
}

export function lowestOf(candidates: readonly Candidate[]): Candidate {
  return candidates.reduce((a, b) => (b.solved.objective < a.solved.objective ? b : a));
}

const DEAD_FRAME: FrameName = 'nothing: every class lost';
/** Norms below this part of the largest are what a converged solver leaves of a dead class. */
const NOISE = 1e-8;

/** The prediction that the lowest candidate is. */
export function describeCe(compared: Compared): CePrediction {
  const { problem, certificate, optimality, search, interrupted, blas } = compared;
  // An arrangement whose best scale is 0 is no solution of its own: everything lost is listed once.
  const candidates = compared.candidates.filter(
    ({ solved, frame }) => solved.rank > 0 || frame === DEAD_FRAME,
  );
  const best = lowestOf(candidates);
  const { solved } = best;
  const { groupOf } = solved.state.groups;
  const { bias } = solved.state;
  const perGroup = classesOf(solved);
  const alternatives: Alternative[] = candidates
    .map(({ kind, name, solved: { objective } }) => ({ kind, name, objective }))
    .sort((a, b) => a.objective - b.objective);
  return {
    problem,
    objective: solved.objective,
    optimality,
    interrupted,
    unique: uniqueness(problem, solved, optimality),
    rank: solved.rank,
    levels: [],
    classes: Array.from(groupOf, (a) => perGroup[a]),
    frame: best.frame,
    bias: bias === null ? null : Float64Array.from(groupOf, (a) => bias[a]),
    geometry: () => ceGeometry(solved, blas),
    certificate,
    alternatives,
    search,
    restarts: search?.starts ?? 0,
    minimiser: (random) => ceFactors(solved, blas, random),
    alternativeMinimisers: () =>
      [...candidates]
        .sort((a, b) => a.solved.objective - b.solved.objective)
        .map((candidate) => ceFactors(candidate.solved, blas)),
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
  const norms = (squares: Float64Array) => {
    const roots = squares.map(Math.sqrt);
    const largest = roots.reduce((a, b) => Math.max(a, b), 0);
    return roots.map((value) => (value > NOISE * largest ? value : 0));
  };
  const [weightNorms, featureNorms] = [norms(weights), norms(features)];
  const rival = new Float64Array(g).fill(-Infinity);
  for (let a = 0; a < g; a++)
    for (let b = 0; b < g; b++)
      if (a !== b || sizes[a] > 1) rival[b] = Math.max(rival[b], logits.others.data[a * g + b]);
  return Array.from(sizes, (_, b): ClassPrediction => {
    const chance = problem.bias === 'free' ? counts[b] / samples : 1 / K;
    const margin = K === 1 ? null : logits.own[b] - rival[b];
    return {
      count: counts[b],
      weightNorm: weightNorms[b],
      featureNorm: featureNorms[b],
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

/** A symmetric global minimum of the convex problem is the only one; of a best known solution that is not known. */
function uniqueness(problem: Problem, solved: SolvedState, optimality: Optimality): boolean | null {
  if (solved.rank > 0 && !treatsEqualClassesAlike(problem, solved)) return false;
  return optimality === 'global' ? true : null;
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
