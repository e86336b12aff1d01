/**
 * Under cross-entropy no threshold has a closed form, but with one layer the problem is convex and each class can be followed
 * by bisection (`collapsar advise`). That takes seconds to minutes, so it is done beside the page, and when asked for.
 */
import { computed, signal } from '@preact/signals';
import { bottleneckOf, depthOf, variationsOf, type Problem } from 'collapsar/model';
import type { AdviseDocument } from 'collapsar/verbs';
import { problem } from './store.js';
import { spawn } from '../workers/spawn.js';
import type { LimitsAnswer, LimitsQuestion } from '../workers/theoryMessages.js';

export type CeLimits =
  | { readonly kind: 'none' }
  | { readonly kind: 'running'; readonly progress: string }
  | { readonly kind: 'done'; readonly document: AdviseDocument }
  | { readonly kind: 'failed'; readonly message: string };

const latest = signal<CeLimits>({ kind: 'none' });

/** Of the problem as it is now. */
export const ceLimits = computed(() => latest.value);

let worker: Worker | null = null;
let asked = 0;

/** Whether bisection can tell: one layer, wide enough, and every sample counting alike. */
export function canBisect(one: Problem): boolean {
  const plain = variationsOf(one).length === 0;
  return plain && one.loss === 'ce' && depthOf(one) === 1 && bottleneckOf(one) >= one.counts.length - 1;
}

export function findCeLimits(): void {
  worker ??= startWorker();
  latest.value = { kind: 'running', progress: '' };
  worker.postMessage({ kind: 'limits', id: ++asked, problem: problem.value } satisfies LimitsQuestion);
}

export function stopCeLimits(): void {
  asked++;
  worker?.terminate();
  worker = null;
  latest.value = { kind: 'none' };
}

/** Another problem has other limits: what is at work on the last one ends. */
export function forgetCeLimits(): void {
  problem.subscribe(() => {
    if (latest.peek().kind === 'running') stopCeLimits();
    else latest.value = { kind: 'none' };
  });
}

function startWorker(): Worker {
  const made = spawn('theory');
  made.addEventListener('message', ({ data }: MessageEvent<LimitsAnswer>) => {
    if (data.id !== asked) return;
    if (data.kind === 'bisecting') latest.value = { kind: 'running', progress: data.text };
    else if (data.kind === 'limits') latest.value = { kind: 'done', document: data.document };
    else latest.value = { kind: 'failed', message: data.message };
  });
  return made;
}
