/**
 * What the page shows of a training: one that runs in a worker, or the records of a run folder; its state as signals.
 * Measurements are kept in `history.ts`; here is the state that moves between them, and which of the two is shown.
 */
import { batch, computed, effect, signal, untracked } from '@preact/signals';
import type { Maybe, TrainRecord } from 'collapsar/runs';
import { sameHead } from '../theory/sameHead.js';
import type { PredictionFacts } from '../theory/facts.js';
import { facts, predicted } from './predicted.js';
import { LIMITS, type ProblemState, type TrainingState } from '../link/labState.js';
import { changeTraining, state, type Entry } from './store.js';
import { spawn } from '../workers/spawn.js';
import { chosen, moments, remember, shown } from './history.js';
import type { TrainEnded, TrainFrame, TrainNews, TrainOrder, Verdict } from '../workers/trainMessages.js';
import { prefersStill, stop } from './player.js';

export { newest, records } from './history.js';

/** `idle`: nothing trained yet. `finished`: it has converged. `replay`: the records of a run folder are shown. */
export type SessionStatus = 'idle' | 'running' | 'paused' | 'finished' | 'diverged' | 'failed' | 'replay';

/** Where replayed records come from. */
export interface ReplaySource {
  /** Its entry of the history. */
  readonly entry: number;
  /** Of the file. */
  readonly name: string;
  /** Lines of the file; as many as records, unless it is damaged. */
  readonly lines: number;
  /** What could not be read, and what cannot be known, in sentences. */
  readonly notes: readonly string[];
  /** The problem they were trained on; or why the lab cannot show it. */
  readonly problem: ProblemState | { readonly why: string };
  /** How it was trained, where a training here would retrace it; else null. */
  readonly training: TrainingState | null;
  /** How the run ended, in its own words. */
  readonly end: (Verdict & { readonly step: number }) | null;
}

export const status = signal<SessionStatus>('idle');
/** Of the training in the worker, not of the moment that is looked at. */
export const step = signal(0);
export const objective = signal<number | null>(null);
export const rate = signal<number | null>(null);
/** Where vectors and samples lie in the picture. */
type Pictured = Pick<TrainFrame, 'points' | 'dots' | 'angles'>;
const live = signal<Pictured | null>(null);
/** Between two changes of the step, the objective and the rate while training runs: as often as a reader can follow. */
const FIGURES_MS = 200;
let figuresAt = 0;
/** True while the worker draws the start of a training, before its first word. */
export const preparing = signal(false);
export const divergence = signal<TrainEnded | null>(null);
/** After a divergence: a stable learning rate, once it is known; null before. */
export const saferRate = signal<number | 'none' | null>(null);
export const failure = signal<string | null>(null);
export const source = signal<ReplaySource | null>(null);
/** What became of the training or replay before, until the next one. */
export const farewell = signal<string | null>(null);
/** Long enough to be read while a slider still moves. */
const FAREWELL_MS = 5000;
let farewellAt = 0;

/** True while a moment of the past is shown and not the state that moves. */
export const looksBack = computed(() => chosen.value !== null || status.value === 'replay');
export const shownStep = computed(() => (looksBack.value ? (shown.value?.record.step ?? 0) : step.value));
export const shownObjective = computed(() =>
  looksBack.value ? (shown.value?.record.objective ?? null) : objective.value,
);
/** What the frame draws over the predicted one. */
export const pictured = computed((): Pictured | null =>
  looksBack.value ? (shown.value?.more ?? null) : live.value,
);
export const measuredGrams = computed(() => shown.value?.more?.grams ?? null);

/** Whether what is shown was trained on the problem whose prediction is shown. */
export const comparable = computed(() => {
  const from = source.value;
  // A training is cleared when the prediction of another problem arrives; until then nothing beside it is its own.
  if (from === null) return !predicted.value.stale;
  return !('why' in from.problem) && !predicted.value.stale && sameAs(from.problem, state.value.problem);
});
/** F* of what is shown; null where the page does not know it. */
export const minimum = computed(() => (comparable.value ? (facts.value?.objective ?? null) : null));

export interface MeasuredClass {
  readonly weightNorm: Maybe;
  readonly featureNorm: Maybe;
  readonly fit: Maybe;
}

/** Class by class, as the shown record has it; null where there is none, or it holds no norms. */
export const measuredClasses = computed((): readonly MeasuredClass[] | null => {
  const record = shown.value?.record;
  const { weightNorms, featureNorms, fits } = record ?? {};
  if (weightNorms === undefined) return null;
  return weightNorms.map((weightNorm, k) => ({
    weightNorm,
    featureNorm: featureNorms?.[k] ?? null,
    fit: fits?.[k] ?? null,
  }));
});

let worker: Worker | null = null;
let run = 0;
let started = false;

function send(order: TrainOrder): void {
  worker ??= startWorker();
  worker.postMessage(order);
}

function startWorker(): Worker {
  const made = spawn('train');
  made.addEventListener('message', ({ data }: MessageEvent<TrainNews>) => {
    if (data.run === run && started) batch(() => take(data));
  });
  return made;
}

function take(news: TrainNews): void {
  preparing.value = false;
  switch (news.kind) {
    case 'frame':
      live.value = news;
      if (status.value !== 'running' || performance.now() >= figuresAt) {
        step.value = news.step;
        objective.value = news.objective;
        rate.value = news.rate;
        figuresAt = performance.now() + FIGURES_MS;
      }
      if (status.value === 'running' && !unwatched()) requestAnimationFrame(() => send({ kind: 'want' }));
      return;
    case 'measured':
      remember({ record: news.record, more: news.more });
      // The numbers beside it may be older, but never behind it.
      if (news.record.step > step.value) {
        step.value = news.record.step;
        objective.value = news.record.objective;
      }
      return;
    case 'ended':
      if (news.status === 'diverged') divergence.value = news;
      status.value = news.status === 'diverged' ? 'diverged' : 'finished';
      rate.value = null;
      step.value = news.step;
      objective.value = news.objective;
      return;
    case 'rate':
      saferRate.value =
        news.stableRate !== null && news.stableRate >= LIMITS.learningRate[0] ? news.stableRate : 'none';
      return;
    case 'failed':
      status.value = 'failed';
      failure.value = news.message;
      return;
    default:
      news satisfies never;
  }
}

/** Forgets what is shown, with a word about it where there was something. */
export function clear(word: string | null = null): void {
  batch(() => {
    if (started) send({ kind: 'pause' });
    started = false;
    run++;
    stop();
    preparing.value = false;
    if (moments.value.length > 0) say(word);
    status.value = 'idle';
    step.value = 0;
    for (const one of [objective, rate, live, chosen, divergence, saferRate, failure, source])
      one.value = null;
    moments.value = [];
  });
}

/** From the beginning, at the chosen seed and scale. False where there is no prediction to measure against. */
function begin(): boolean {
  const known = facts.value;
  if (known === null || predicted.value.stale) return false;
  const left = source.value;
  batch(() => {
    clear();
    farewell.value = left === null ? null : `This is a new training: the replay of ${left.name} was left.`;
    started = true;
    preparing.value = true;
    status.value = 'paused';
  });
  send({ kind: 'start', run, facts: known, training: state.value.training });
  return true;
}

/** Whether what was begun can go on. */
function goesOn(): boolean {
  return started && (status.value === 'paused' || status.value === 'finished');
}

/** The explanation moves for nobody who prefers that things stand still: it shows the end. */
function unwatched(): boolean {
  return state.value.place === 'story' && prefersStill();
}

export function go(): void {
  if (!goesOn() && !begin()) return;
  followNewest();
  status.value = 'running';
  if (!unwatched()) send({ kind: 'want' });
  // The explanation is watched; who explores wants the end.
  send({ kind: 'go', pace: state.value.place === 'story' && !unwatched() ? 'eye' : 'full' });
}

export function pause(): void {
  if (status.value !== 'running') return;
  status.value = 'paused';
  send({ kind: 'pause' });
}

export function advance(steps: number): void {
  if (!goesOn() && !begin()) return;
  followNewest();
  if (status.value === 'finished') status.value = 'paused';
  send({ kind: 'step', steps });
}

/** Back from the past. */
function followNewest(): void {
  stop();
  chosen.value = null;
}

/** Again from the start, running. */
export function restart(): void {
  if (begin()) go();
}

/** After the largest seed comes 0. */
export function restartWithNextSeed(): void {
  const { seed } = state.value.training;
  changeTraining({ seed: seed < LIMITS.seed[1] ? seed + 1 : LIMITS.seed[0] });
  restart();
}

/**
 * The same head under another problem or method: its weights stay, and it goes on towards the new prediction. What was
 * measured before was measured beside another prediction, and is not kept.
 */
function changeUnderWay(known: PredictionFacts, said: string): void {
  const before = status.value;
  batch(() => {
    run++;
    stop();
    const measured = moments.value.length > 0;
    for (const one of [chosen, divergence, saferRate, failure]) one.value = null;
    moments.value = [];
    step.value = 0;
    if (measured) say(said);
  });
  send({ kind: 'change', run, facts: known, training: state.value.training });
  if (before === 'finished' || state.value.place === 'story') go();
}

function say(word: string | null): void {
  farewell.value = word;
  farewellAt = performance.now();
}

interface Followed {
  readonly facts: PredictionFacts | null;
  readonly problem: string;
  readonly start: string;
  readonly method: string;
}

/**
 * Another problem goes on with the weights where the heads are alike, and so does another rate; another start is another
 * training. Records of a file stay: they are no longer compared.
 */
export function followPrediction(): void {
  const settings = computed(() => {
    const { seed, scale, learningRate, momentum } = state.value.training;
    return { start: [seed, scale].join(), method: [learningRate, momentum].join() };
  });
  const now = computed((): Followed => {
    const known = facts.value;
    return { facts: known, problem: JSON.stringify(known?.problem), ...settings.value };
  });
  let before: Followed | null = null;
  effect(() => {
    const next = now.value;
    const last = before;
    before = next;
    if (last === null) return;
    untracked(() => follow(last, next));
  });
}

function follow(last: Followed, next: Followed): void {
  const another = next.problem !== last.problem;
  const anew = next.start !== last.start;
  if (status.value === 'replay' || (!another && !anew && next.method === last.method)) return;
  // A word about a training that is long gone goes with the next change.
  if (moments.value.length === 0 && performance.now() - farewellAt > FAREWELL_MS) farewell.value = null;
  const alive = started && ['running', 'paused', 'finished'].includes(status.value);
  const keeps = alive && !anew && last.facts !== null && next.facts !== null;
  if (keeps && sameHead(last.facts.problem, next.facts.problem))
    changeUnderWay(next.facts, 'Changed under way: the weights stay, and steps count from here.');
  else {
    clear(
      another
        ? 'The problem changed: its training was cleared.'
        : 'The start changed: the training from the one before was cleared.',
    );
    if (state.value.place === 'story' && !prefersStill()) go();
  }
}

interface Opened {
  readonly records: readonly TrainRecord[];
  readonly from: ReplaySource;
}

/** The newest runs that were opened on this page. */
const opened: Opened[] = [];
const MOST_OPENED = 5;

/** An entry of the history in which a run was opened shows it again; an earlier one leaves it. */
export function followHistory(): void {
  addEventListener('popstate', (event) => {
    const from = source.value;
    const run = (event.state as Entry | null)?.run;
    if (run === from?.entry) return;
    const known = opened.find((one) => one.from.entry === run);
    if (known !== undefined) replay(known.records, known.from);
    else if (from !== null) clear(`The replay of ${from.name} was left.`);
  });
}

/** Shows records of a run folder. */
export function replay(found: readonly TrainRecord[], from: ReplaySource): void {
  batch(() => {
    clear();
    farewell.value = null;
    status.value = 'replay';
    source.value = from;
    moments.value = found.map((record) => ({ record, more: null }));
  });
  if (opened.some((one) => one.from === from)) return;
  opened.push({ records: found, from });
  if (opened.length > MOST_OPENED) opened.shift();
}

function sameAs(a: ProblemState, b: ProblemState): boolean {
  const text = ({ counts, depth, width, loss, bias, weighting, weightDecay, featureDecay }: ProblemState) =>
    JSON.stringify([counts, depth, width, loss, bias, weighting, weightDecay, featureDecay]);
  return text(a) === text(b);
}
