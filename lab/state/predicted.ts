/**
 * The prediction of the chosen problem as a signal: at once where the solution is a formula, as under MSE; from a worker under
 * cross-entropy and for class weights beside a bias, with the last result marked as stale meanwhile.
 */
import { computed, effect, signal } from '@preact/signals';
import type { Problem } from 'collapsar/model';
import { predictMse, predictWeighted, statementFor, type Prediction } from 'collapsar/theory';
import { problem } from './store.js';
import { spawn } from '../workers/spawn.js';
import type { PredictAnswer, PredictQuestion } from '../workers/theoryMessages.js';
import { factsOf, type PredictionFacts } from '../theory/facts.js';

export interface Predicted {
  readonly facts: PredictionFacts | null;
  /** True while `facts` belong to the problem before. */
  readonly stale: boolean;
  /** How far the solver is, or why it failed. */
  readonly progress: string | null;
  readonly failure: string | null;
  /** Milliseconds that the formula took; null for what a worker solved. */
  readonly took: number | null;
}

const NOTHING: Predicted = { facts: null, stale: false, progress: null, failure: null, took: null };

const latest = signal<Predicted>(NOTHING);
let asked = 0;
let worker: Worker | null = null;

export const predicted = computed(() => latest.value);
/** The facts alone: what hangs on them is not drawn again for a word of progress. */
export const facts = computed(() => latest.value.facts);

/** Follows the problem from now on. */
export function followProblem(): void {
  effect(() => {
    const chosen = problem.value;
    asked++;
    const formula = formulaFor(chosen);
    if (formula === null) {
      latest.value = { ...latest.peek(), stale: true, progress: 'solving', failure: null, took: null };
      worker ??= startWorker();
      worker.postMessage({ kind: 'predict', id: asked, problem: chosen } satisfies PredictQuestion);
      return;
    }
    const began = performance.now();
    const found = factsOf(formula(chosen));
    latest.value = { ...NOTHING, facts: found, took: performance.now() - began };
  });
}

/** What solves the problem at once; null where nothing does. */
function formulaFor(chosen: Problem): ((problem: Problem) => Prediction) | null {
  if (chosen.loss === 'ce') return null;
  switch (statementFor(chosen)) {
    case 'plain':
      return predictMse;
    case 'weights':
      return predictWeighted;
    default:
      return null;
  }
}

function startWorker(): Worker {
  const made = spawn('theory');
  made.addEventListener('message', ({ data }: MessageEvent<PredictAnswer>) => {
    if (data.id !== asked) return;
    if (data.kind === 'done') latest.value = { ...NOTHING, facts: data.facts };
    else if (data.kind === 'progress') latest.value = { ...latest.value, progress: data.text };
    else latest.value = { ...NOTHING, facts: latest.value.facts, stale: true, failure: data.message };
  });
  return made;
}
