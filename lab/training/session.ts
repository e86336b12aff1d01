/** The training that the page shows: its worker, its state as signals, and what it has recorded. */
import { batch, computed, effect, signal } from '@preact/signals';
import type { ClassComparison, GramMatrices, RunSummary, TrainRecord } from 'collapsar/runs';
import { facts, predicted } from '../prediction/predicted.js';
import { changeTraining, state } from '../state/store.js';
import { spawn } from '../workers/spawn.js';
import type { TrainEnded, TrainNews, TrainOrder } from './messages.js';

/** `idle`: nothing trained yet. `replay`: the records of a run folder are shown. */
export type SessionStatus = 'idle' | 'running' | 'paused' | 'diverged' | 'failed' | 'replay';

export const status = signal<SessionStatus>('idle');
export const step = signal(0);
export const objective = signal<number | null>(null);
export const rate = signal<number | null>(null);
export const measuredPoints = signal<Float64Array | null>(null);
export const measuredGrams = signal<GramMatrices | null>(null);
export const measuredClasses = signal<readonly ClassComparison[] | null>(null);
export const records = signal<readonly TrainRecord[]>([]);
export const verdict = signal<RunSummary['verdict'] | null>(null);
export const divergence = signal<TrainEnded | null>(null);
export const failure = signal<string | null>(null);

let worker: Worker | null = null;
let run = 0;
let started = false;

/** Records are kept to this many; older ones are thinned to every second. */
const MOST_RECORDS = 600;

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
  switch (news.kind) {
    case 'frame':
      step.value = news.step;
      objective.value = news.objective;
      rate.value = news.rate;
      measuredPoints.value = news.points;
      if (status.value === 'running') requestAnimationFrame(() => send({ kind: 'want' }));
      return;
    case 'measured':
      keep(news.record);
      measuredClasses.value = news.classes;
      measuredGrams.value = news.grams;
      verdict.value = news.verdict;
      return;
    case 'ended':
      status.value = 'diverged';
      divergence.value = news;
      step.value = news.step;
      objective.value = news.objective;
      return;
    case 'failed':
      status.value = 'failed';
      failure.value = news.message;
      return;
    default:
      news satisfies never;
  }
}

function keep(record: TrainRecord): void {
  const known = records.value;
  if (known.at(-1)?.step === record.step) return;
  const kept = known.length < MOST_RECORDS ? known : known.filter((_, i) => i % 2 === 0);
  records.value = [...kept, record];
}

/** Forgets the training. */
export function clear(): void {
  batch(() => {
    if (started) send({ kind: 'pause' });
    started = false;
    run++;
    status.value = 'idle';
    step.value = 0;
    for (const one of [objective, rate, measuredPoints, measuredGrams, measuredClasses]) one.value = null;
    for (const one of [verdict, divergence, failure]) one.value = null;
    records.value = [];
  });
}

/** From the beginning, at the chosen seed and scale. False where there is no prediction to measure against. */
function begin(): boolean {
  const known = facts.value;
  if (known === null || predicted.value.stale) return false;
  clear();
  started = true;
  status.value = 'paused';
  send({ kind: 'start', run, facts: known, training: state.value.training });
  return true;
}

export function go(): void {
  if ((!started || status.value !== 'paused') && !begin()) return;
  status.value = 'running';
  send({ kind: 'want' });
  send({ kind: 'go' });
}

export function pause(): void {
  if (status.value !== 'running') return;
  status.value = 'paused';
  send({ kind: 'pause' });
}

export function advance(steps: number): void {
  if ((!started || status.value !== 'paused') && !begin()) return;
  send({ kind: 'step', steps });
}

/** Again from the start, running. */
export function restart(): void {
  clear();
  go();
}

export function restartWithNextSeed(): void {
  changeTraining({ seed: state.value.training.seed + 1 });
  restart();
}

/** Another problem, or another start, is another training. */
export function followPrediction(): void {
  const settings = computed(() => state.value.training);
  let before: readonly unknown[] = [];
  effect(() => {
    const now = [facts.value, settings.value];
    if (before.length > 0 && now.some((one, i) => one !== before[i]) && status.peek() !== 'replay') clear();
    before = now;
  });
}

/** Shows records of a run folder. */
export function replay(found: readonly TrainRecord[]): void {
  clear();
  batch(() => {
    status.value = 'replay';
    records.value = found;
    step.value = found.at(-1)?.step ?? 0;
    objective.value = found.at(-1)?.objective ?? null;
  });
}
