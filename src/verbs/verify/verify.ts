/**
 * `verify`: tries to get below the predicted minimum, from many kinds of starts, and says how hard it tried.
 *
 * Every start is followed by L-BFGS until its gradient vanishes; the best point found is polished at the end. The order of
 * starts depends on the seed only, so the same seed and number of restarts give the same answer; a time budget decides how
 * many are made.
 */
import type { Blas } from '../../core/blas.js';
import { hostOf, type Host } from '../../core/host.js';
import type { Loss, Problem } from '../../model/index.js';
import type { CeProgress, Minimiser, Prediction } from '../../theory/index.js';
import {
  createTrainer,
  axisStart,
  embed,
  narrowed,
  nearStart,
  randomStart,
  type SearchStart,
  type StartKind,
} from '../../ufm/index.js';
import { claimOf, isCertified, roundingOf } from './claim.js';
import { alternativesOf, minimiserOf, predictInSlices } from '../predict/predict.js';
import { problemDocument, type ProblemDocument } from '../predict/document.js';

/**
 * `certified`: a lower bound proves the prediction. `not beaten`: no start got below it. `beaten`: one did, by more than
 * 1e-9 of the predicted value and than rounding (`roundingOf`), and in any case by more than 1e-9·max(1, |predicted|).
 */
export type Verdict = 'certified' | 'not beaten' | 'beaten';

export interface VerifyOptions {
  readonly problem: Problem;
  readonly blas: Blas;
  /** Seconds of search. */
  readonly budget: number;
  /** Stops after so many restarts, whatever the budget; null for the budget alone. */
  readonly restarts: number | null;
  readonly seed: number;
  /** Reports while the prediction is solved numerically, before anything else; then what the search has. */
  readonly host?: Host<CeProgress | VerifyProgress> | undefined;
}

export interface VerifyProgress {
  readonly phase: 'descend';
  readonly restarts: number;
  readonly seconds: number;
  readonly best: number;
}

export interface KindOfStart {
  readonly kind: StartKind;
  readonly restarts: number;
  readonly best: number;
}

/** `not reached`: every start ended above it; `beaten`: a start ended below it, and is the best known from now on. */
export interface BestKnown {
  readonly predicted: number;
  readonly verdict: 'beaten' | 'reached' | 'not reached';
  /** The lower of the two: what any other point is to be compared with. */
  readonly lowest: number;
}

export interface VerifyDocument {
  readonly problem: ProblemDocument;
  /** What is put to the test, in words. */
  readonly claim: string;
  readonly predicted: number;
  readonly best: number;
  /** best − predicted: negative when the prediction is beaten. */
  readonly gap: number;
  readonly lowerBound: number | null;
  readonly verdict: Verdict;
  readonly restarts: number;
  /** Of those, how many ended within 1e-6 of the best, relatively. */
  readonly reached: number;
  /** Of those, how many were stopped before they had settled: by the budget, the limit of iterations or the user. */
  readonly unsettled: number;
  /** The best value that the prediction knows, where no theorem calls it the minimum, and what became of it; else null. */
  readonly bestKnown: BestKnown | null;
  readonly kinds: readonly KindOfStart[];
  readonly seed: number;
  readonly seconds: number;
  readonly interrupted: boolean;
}

export interface Verified {
  readonly document: VerifyDocument;
  /** The best point found, in the widths of the problem. */
  readonly best: Minimiser;
}

const TOLERANCE = 1e-9;
/** Two starts ended at one value: local optimisation leaves less than this part of it. */
const SAME_END = 1e-6;
const ITERATIONS = 4000;
const POLISH = 2000;
/** The part of the budget after which no start goes on: the rest polishes the best point. */
const SEARCH_SHARE = 0.95;
/** Between two looks at the clock and the user; a single iteration with many classes may take longer. */
const SLICE_MS = 50;

export async function verify(options: VerifyOptions): Promise<Verified> {
  const { problem, blas } = options;
  const host = hostOf(options.host);
  const { clock, signal } = host;
  // A minimum has rank K at most: the wider problem has the same one.
  const full = narrowed(problem, problem.counts.length);
  const prediction = await predictInSlices(full, blas, {
    budget: options.budget,
    host,
  });
  const known = minimiserOf(prediction, blas);
  const claim = claimOf(prediction);
  const began = clock();
  const seconds = () => (clock() - began) / 1000;
  const plan = startPlan(problem, prediction, known, options.seed);
  const kinds = new Map<StartKind, { restarts: number; best: number }>();
  const ends: number[] = [];
  let best: { value: number; point: Minimiser; search: SearchStart; flat: Float64Array } | null = null;

  /** Without a number of restarts the budget is the limit, of a single descent too: what it reached still counts. */
  const outOfTime = (share: number) => options.restarts === null && seconds() > share * options.budget;

  // The gradient is of the order of the decays: small problems need a small tolerance.
  const still = Math.min(TOLERANCE, 1e-7 * claim.objective);
  let unsettled = 0;

  /** Follows a start down, until it has settled, the budget is spent or the user stops it. */
  const descend = async (search: SearchStart, tolerance: number, iterations: number, share: number) => {
    const trainer = createTrainer(
      search.problem,
      search.start,
      { name: 'lbfgs', memory: 30, tolerance },
      blas,
    );
    while (trainer.status === 'running' && trainer.step < iterations) {
      const until = clock() + SLICE_MS;
      while (trainer.advance() === 'running' && trainer.step < iterations && clock() < until);
      host.onProgress({
        phase: 'descend',
        restarts: ends.length,
        seconds: seconds(),
        best: best?.value ?? trainer.objective(),
      });
      await host.yield();
      if (signal.aborted || outOfTime(share)) break;
    }
    return trainer;
  };
  const note = (search: SearchStart, trainer: Awaited<ReturnType<typeof descend>>) => {
    const value = trainer.objective();
    if (!Number.isFinite(value)) return;
    ends.push(value);
    const kind = kinds.get(search.kind) ?? { restarts: 0, best: Infinity };
    kinds.set(search.kind, { restarts: kind.restarts + 1, best: Math.min(kind.best, value) });
    if (best === null || value < best.value)
      best = {
        value,
        point: embed(problem, trainer.parameters),
        search,
        flat: trainer.parameters.flat.slice(),
      };
  };

  for (let index = 0; ; index++) {
    const search = plan(index);
    const enough =
      options.restarts === null ? index > 0 && outOfTime(SEARCH_SHARE) : index >= options.restarts;
    if (enough || signal.aborted) break;
    const trainer = await descend(search, still, ITERATIONS, SEARCH_SHARE);
    if (trainer.status === 'running') unsettled++;
    note(search, trainer);
  }
  const chosen = best as { value: number; point: Minimiser; search: SearchStart; flat: Float64Array } | null;
  if (chosen !== null && !signal.aborted && !outOfTime(1)) {
    const { search, flat } = chosen;
    search.start.parameters.flat.set(flat);
    const polished = await descend(search, 0, POLISH, 1);
    if (polished.objective() < chosen.value)
      best = { ...chosen, value: polished.objective(), point: embed(problem, polished.parameters) };
  }
  const end = (best ?? chosen) as { value: number; point: Minimiser } | null;
  const value = end?.value ?? claim.objective;
  const beaten = isBelow(value, claim.objective, problem.loss);
  const standing = isCertified(claim) ? 'certified' : 'not beaten';
  return {
    best: end?.point ?? embed(problem, nearStart('near the prediction', full, known, 0, 0).start.parameters),
    document: {
      problem: problemDocument(problem),
      claim: claim.text,
      predicted: claim.objective,
      best: value,
      gap: value - claim.objective,
      lowerBound: claim.lowerBound,
      verdict: beaten ? 'beaten' : standing,
      restarts: ends.length,
      reached: ends.filter((end) => end <= value + SAME_END * Math.abs(value)).length,
      unsettled,
      bestKnown:
        prediction.optimality === 'global'
          ? null
          : compareWithKnown(value, prediction.objective, problem.loss),
      kinds: [...kinds].map(([kind, rest]) => ({ kind, ...rest })),
      seed: options.seed,
      seconds: seconds(),
      interrupted: signal.aborted,
    },
  };
}

/** The contract's 1e-9·max(1, |reference|) is enough, and so is less where the reference is small. */
function isBelow(value: number, reference: number, loss: Loss): boolean {
  return value < reference - Math.min(1e-9 * Math.max(1, Math.abs(reference)), roundingOf(reference, loss));
}

function compareWithKnown(value: number, predicted: number, loss: Loss): BestKnown {
  const short = value <= predicted + SAME_END * Math.abs(predicted) ? 'reached' : 'not reached';
  return {
    predicted,
    verdict: isBelow(value, predicted, loss) ? 'beaten' : short,
    lowest: Math.min(value, predicted),
  };
}

/** The index-th start: every kind has its turn, with changing scales and ranks. */
function startPlan(problem: Problem, prediction: Prediction, known: Minimiser, seed: number) {
  const K = problem.counts.length;
  const full = prediction.problem;
  const alternatives = alternativesOf(prediction);
  const kinds: ((turn: number, draw: number) => SearchStart)[] = [
    (turn, draw) => nearStart('near the prediction', full, known, [0.01, 0.1, 0.5, 1][turn % 4], draw),
    (_, draw) => randomStart('small random', problem, K, 0.1, draw),
    (_, draw) => randomStart('random', problem, K, 0.5, draw),
    (turn, draw) => randomStart('large random', problem, K, [1, 2][turn % 2], draw),
    (turn, draw) => randomStart('low rank', problem, lowRank(turn, K), [0.5, 2, 1][turn % 3], draw),
    (turn, draw) => randomStart('low rank', problem, lowRank(turn, K), [2, 0.5][turn % 2], draw),
    (turn, draw) => axisStart('orthogonal axes', problem, [1, 0.5, 2][turn % 3], draw),
    (turn, draw) => axisStart('antipodal pairs', problem, [1, 2, 0.5][turn % 3], draw),
  ];
  if (alternatives.length > 0)
    kinds.splice(1, 0, (turn, draw) =>
      nearStart('near an alternative', full, alternatives[turn % alternatives.length], 0.3, draw),
    );
  return (index: number): SearchStart => {
    const round = Math.floor(index / kinds.length);
    // Neighbouring seeds give unrelated streams only after mixing.
    const draw = Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b);
    return kinds[index % kinds.length](round, draw);
  };
}

/** Ranks 2, 3, 4, … in turn, starting over below K. */
function lowRank(turn: number, K: number): number {
  return K <= 3 ? 1 : 2 + (turn % Math.max(1, K - 3));
}
