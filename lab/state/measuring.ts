/**
 * The files that the page measures, one after the other: what they are compared with, how far the measurement is, and the results.
 *
 * Every measurement has a worker of its own, which ends with it: to cancel is to end the worker. The file is kept, so that
 * other settings measure it again.
 */
import { batch, computed, effect, signal, untracked } from '@preact/signals';
import type { GramMatrices } from 'collapsar/runs';
import type { MeasureDocument } from 'collapsar/verbs';
import { networkAs, type NetworkState } from '../link/labState.js';
import { changeNetwork, state } from './store.js';
import type { ArrayNames, Beside, NetworkAnswer, NetworkQuestion } from '../workers/networkMessages.js';
import { breakdownOf } from '../workers/networkTrouble.js';
import { spawn } from '../workers/spawn.js';

export type Progress =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'reading'; readonly done: number; readonly total: number }
  | { readonly kind: 'solving'; readonly text: string }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'done' };

export interface Result {
  readonly document: MeasureDocument;
  /** What it was measured beside; null for the measures alone. */
  readonly beside: Beside | null;
  readonly predicted: GramMatrices | 'awaited' | null;
}

/** The files that were opened together; one alone is a series too. */
export const series = signal<readonly File[]>([]);
/** What has been measured of them with the settings as they are. */
export const measured = signal<ReadonlyMap<File, Result>>(new Map());
/** The file of the series that is measured or shown. */
export const file = signal<File | null>(null);
export const progress = signal<Progress>({ kind: 'nothing' });
export const result = signal<Result | null>(null);
export const busy = computed(() => progress.value.kind === 'reading' || progress.value.kind === 'solving');
/** Names of arrays, where a file has others than the usual ones; measured with when a file is. */
export const arrayNames = signal<ArrayNames>({});
/** Whether files hang over the page. */
export const aimed = signal(false);
/** A remark on what was dropped. */
export const remark = signal('');

const problem = computed(() => state.value.problem);
export const partOne = computed(() => networkAs(problem.value));
const own = computed(() => state.value.network);
/** What the panel's fields hold: those of the problem until one is changed or a file is opened. */
export const comparison = computed(() => own.value ?? partOne.value);

let worker: Worker | null = null;
let asked = 0;
/** The file that is shown once all of a series are measured. */
let wanted: File | null = null;
/** The settings of the newest measurement. */
let askedWith: NetworkState | null = null;

const READABLE = /\.(npz|npy|safetensors|pt|pth)$/i;

/** Opens files: several are a series, in the order of their names, numbers in them counted. */
export function open(files: readonly File[]): void {
  const first = files.at(0);
  if (first === undefined) return;
  const readable = files.filter(({ name }) => READABLE.test(name));
  if (file.value !== null && readable.length === 0) {
    remark.value = `${first.name} is no npz, safetensors or torch.save file: it was left alone.`;
    return;
  }
  const chosen =
    readable.length === 0
      ? [first]
      : [...readable].sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
  const left = files.filter((one) => !chosen.includes(one));
  batch(() => {
    series.value = chosen;
    measured.value = new Map();
    wanted = chosen.at(-1) ?? null;
    file.value = firstToMeasure(chosen[0]);
    result.value = null;
    remark.value = left.length === 0 ? '' : `Left alone: ${left.map(({ name }) => name).join(', ')}.`;
    start();
  });
}

/** Shows a file of the series that has been measured. */
export function showFile(at: number): void {
  const chosen = series.value.at(at);
  const known = chosen === undefined ? undefined : measured.value.get(chosen);
  if (chosen === undefined || known === undefined || busy.value) return;
  batch(() => {
    file.value = chosen;
    result.value = known;
    progress.value = { kind: 'done' };
  });
}

/** The one λ_H of a series is fitted to its last file, which is measured first then; else `usual` is. */
function firstToMeasure(usual: File): File {
  const last = series.peek().at(-1);
  const { beside, feature } = comparison.peek();
  return last !== undefined && beside === 'prediction' && feature === 'fit' ? last : usual;
}

/** A file is measured: on to the next of the series. */
function goOn(): void {
  const [opened, known] = [file.value, result.value];
  if (opened === null || known === null) return;
  measured.value = new Map(measured.value).set(opened, known);
  const next = series.value.find((one) => !measured.value.has(one));
  if (next === undefined) {
    if (wanted !== null && wanted !== opened) showFile(series.value.indexOf(wanted));
    return;
  }
  file.value = next;
  start();
}

export function compareWith(part: Partial<NetworkState>): void {
  changeNetwork({ ...comparison.value, ...part });
}

/** A file that is open is measured again when settings change, by hand or by going back to another address. */
export function followComparison(): void {
  effect(() => {
    const [now, mine] = [comparison.value, own.value];
    if (file.peek() === null || askedWith === null) return;
    // An address from before the file was opened knows nothing of it.
    if (mine === null) changeNetwork(askedWith);
    else if (!sameSettings(now, askedWith) && progress.peek().kind !== 'cancelled') untracked(measureAgain);
  });
}

export function measureAgain(): void {
  batch(() => {
    const opened = file.peek();
    if (opened === null) return;
    if (!busy.peek()) wanted = opened;
    measured.value = new Map();
    file.value = firstToMeasure(opened);
    start();
  });
}

export function cancel(): void {
  end();
  progress.value = { kind: 'cancelled' };
}

function start(): void {
  const opened = file.value;
  if (opened === null) return;
  const settings = comparison.value;
  // From here on the problem goes its own way.
  if (own.value === null) changeNetwork(settings);
  askedWith = settings;
  end();
  const id = asked;
  const beside = besideOf(settings, opened);
  progress.value = { kind: 'reading', done: 0, total: 0 };
  const made = spawn('network');
  worker = made;
  made.addEventListener('message', ({ data }: MessageEvent<NetworkAnswer>) => {
    if (data.id === asked) batch(() => take(data, beside));
  });
  const fail = (message: string): void => {
    if (id === asked) batch(() => breakDown(breakdownOf(opened.name, message)));
  };
  made.addEventListener('error', (event) => fail(event.message));
  made.addEventListener('messageerror', () => fail('its answer could not be read'));
  made.postMessage({ id, file: opened, beside, names: arrayNames.peek() } satisfies NetworkQuestion);
}

/** Ends what is being measured: nothing more is heard of it, matrices that were still to come included. */
function end(): void {
  asked++;
  worker?.terminate();
  worker = null;
  if (result.value?.predicted === 'awaited') result.value = { ...result.value, predicted: null };
}

function take(answer: NetworkAnswer, beside: Beside | null): void {
  switch (answer.kind) {
    case 'reading':
      progress.value = { kind: 'reading', done: answer.done, total: answer.total };
      return;
    case 'solving':
      progress.value = { kind: 'solving', text: answer.text };
      return;
    case 'done':
      result.value = { document: answer.document, beside, predicted: answer.frames ? 'awaited' : null };
      progress.value = { kind: 'done' };
      return;
    case 'frames':
      if (result.value !== null) result.value = { ...result.value, predicted: answer.predicted };
      end();
      goOn();
      return;
    case 'failed':
      breakDown(answer.message);
      return;
    default:
      answer satisfies never;
  }
}

/** A measurement that is done already has lost its predicted matrices at most. */
function breakDown(message: string): void {
  end();
  if (progress.value.kind !== 'done') progress.value = { kind: 'failed', message };
}

export function sameSettings(a: NetworkState, b: NetworkState): boolean {
  const same = (['beside', 'loss', 'feature', 'featureDecay'] as const).every((key) => a[key] === b[key]);
  const listed = (['weightDecays', 'classWeights'] as const).every(
    (key) => String(a[key]) === String(b[key]),
  );
  return same && listed;
}

function besideOf(settings: NetworkState, opened: File): Beside | null {
  const { beside, loss, weightDecays, feature, featureDecay, classWeights } = settings;
  if (beside === 'nothing') return null;
  const fitted = feature === 'fit' ? fittedAtLast(opened) : null;
  return {
    loss,
    weightDecays,
    featureDecay: fitted?.value ?? (feature === 'fit' ? 'fit' : featureDecay),
    fittedIn: fitted?.file ?? null,
    classWeights: classWeights === 'none' ? null : classWeights,
  };
}

/** λ_H of the last file of a series, for each of the others; null before it is known. */
function fittedAtLast(opened: File): { readonly value: number; readonly file: string } | null {
  const last = series.peek().at(-1);
  if (last === undefined || last === opened) return null;
  const fitted = measured.peek().get(last)?.document.fittedFeatureDecay ?? null;
  return fitted === null ? null : { value: fitted.value, file: last.name };
}
