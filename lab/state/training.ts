/** Conducts the training in the worker: begins it, lets it run and stand still, changes it under way, and takes its news. */
import { batch } from '@preact/signals';
import { LIMITS } from '../link/labState.js';
import type { PredictionFacts } from '../theory/facts.js';
import { spawn } from '../workers/spawn.js';
import type { TrainNews, TrainOrder } from '../workers/trainMessages.js';
import { farewell, say } from './farewell.js';
import { chosen, moments, remember } from './history.js';
import { prefersStill, stop } from './player.js';
import { facts, predicted } from './predicted.js';
import {
  divergence,
  failure,
  live,
  objective,
  preparing,
  rate,
  saferRate,
  source,
  status,
  step,
} from './session.js';
import { changeTraining, state } from './store.js';

/** Between two changes of the step, the objective and the rate while training runs: as often as a reader can follow. */
const FIGURES_MS = 200;
let figuresAt = 0;
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
export function changeUnderWay(known: PredictionFacts, said: string): void {
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

/** Whether there is a training whose weights could go on under another problem. */
export function isAlive(): boolean {
  return started && ['running', 'paused', 'finished'].includes(status.value);
}
