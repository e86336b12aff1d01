/**
 * A training in PyTorch whose folder was brought to the page: a worker measures its epochs, and the records are replayed. Only one is
 * measured at a time.
 */
import { signal } from '@preact/signals';
import { breakdownOf } from '../workers/networkTrouble.js';
import type { RunAnswer, RunQuestion } from '../workers/runMessages.js';
import { spawn } from '../workers/spawn.js';
import { pathOf } from './broughtFiles.js';
import { monitoredAmong } from './runFiles.js';

export interface RunProgress {
  readonly run: string;
  /** Epochs, once they are counted. */
  readonly done: number;
  readonly total: number;
  readonly solving: boolean;
}

/** Null while nothing is measured. */
export const runProgress = signal<RunProgress | null>(null);

let worker: Worker | null = null;
let abandon: () => void = () => undefined;
let asked = 0;

/** The records and what stands beside them, as files; null where it was cancelled; else a sentence of what is wrong. */
export async function measureRun(files: readonly File[]): Promise<readonly File[] | string | null> {
  const chosen = monitoredAmong(files, pathOf);
  if (typeof chosen === 'string') return chosen;
  const { run } = chosen;
  cancelRun();
  const id = ++asked;
  runProgress.value = { run, done: 0, total: 0, solving: false };
  try {
    const answer = await answerTo({ id, ...chosen });
    if (answer === null) return null;
    if (answer.kind === 'failed') return answer.message;
    return [new File([answer.lines], `${run}.jsonl`), new File([answer.beside], 'monitored.json')];
  } finally {
    if (id === asked) end();
  }
}

/** Ends what is measured: nothing more is heard of it. */
export function cancelRun(): void {
  const give = abandon;
  end();
  give();
}

function end(): void {
  worker?.terminate();
  worker = null;
  abandon = () => undefined;
  runProgress.value = null;
}

type Answer = Extract<RunAnswer, { kind: 'measured' | 'failed' }>;

function answerTo(question: RunQuestion): Promise<Answer | null> {
  const { id, run } = question;
  return new Promise((done) => {
    const made = spawn('network');
    worker = made;
    abandon = () => done(null);
    const fail = (message: string): void => done({ kind: 'failed', id, message: breakdownOf(run, message) });
    made.addEventListener('error', (event) => fail(event.message));
    made.addEventListener('messageerror', () => fail('its answer could not be read'));
    made.addEventListener('message', ({ data }: MessageEvent<RunAnswer>) => {
      switch (data.kind) {
        case 'measuring':
          runProgress.value = { run, done: data.done, total: data.total, solving: false };
          return;
        case 'solving':
          if (runProgress.value?.solving !== true)
            runProgress.value = { run, done: 0, total: 0, solving: true };
          return;
        case 'measured':
        case 'failed':
          done(data);
          return;
        default:
          data satisfies never;
      }
    });
    made.postMessage(question);
  });
}
