/** A network of the reader's own: dropped or chosen, measured beside the page, next to what theory says. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { Explain } from '../explain/Explain.js';
import { state } from '../state/store.js';
import { spawn } from '../workers/spawn.js';
import type { NetworkAnswer } from '../workers/networkMessages.js';
import { NetworkResult } from './NetworkResult.js';

type Shown =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'reading'; readonly name: string; readonly done: number; readonly total: number }
  | Extract<NetworkAnswer, { kind: 'done' | 'failed' }>;

let worker: Worker | null = null;
let asked = 0;

export function NetworkPanel(): JSX.Element {
  const shown = useSignal<Shown>({ kind: 'nothing' });
  const beside = useSignal<'none' | 'given' | 'fit'>('given');
  const over = useSignal(false);
  const open = (file: File | undefined): void => {
    if (file === undefined) return;
    const id = ++asked;
    // One that still reads another file has nothing more to say.
    worker?.terminate();
    worker = spawn('network');
    worker.addEventListener('message', ({ data }: MessageEvent<NetworkAnswer>) => {
      if (data.id !== asked) return;
      shown.value =
        data.kind === 'progress'
          ? { kind: 'reading', name: file.name, done: data.done, total: data.total }
          : data;
    });
    shown.value = { kind: 'reading', name: file.name, done: 0, total: 1 };
    const { loss, weightDecay, featureDecay } = state.value.problem;
    const decays =
      beside.value === 'none'
        ? null
        : { loss, weightDecay, featureDecay: beside.value === 'fit' ? ('fit' as const) : featureDecay };
    worker.postMessage({ id, file, beside: decays });
  };
  return (
    <section class="panel" id="network" aria-labelledby="network-title">
      <h2 id="network-title">Your own network</h2>
      <p class="hint">
        An npz or safetensors file with <code>features</code> (N×d), <code>labels</code> and the head{' '}
        <code>W1</code> … <code>WM</code>, <code>b</code>. It is read here and goes nowhere.
      </p>
      <label class="inline">
        <span>Beside it</span>
        <select
          value={beside.value}
          onChange={(event) => (beside.value = event.currentTarget.value as 'none' | 'given' | 'fit')}
        >
          <option value="given">the prediction at the loss and decays of part 1</option>
          <option value="fit">the same, with λ_H fitted to the file</option>
          <option value="none">no prediction</option>
        </select>
      </label>
      <label
        class={`drop${over.value ? ' over' : ''}`}
        onDragOver={(event) => {
          event.preventDefault();
          over.value = true;
        }}
        onDragLeave={() => (over.value = false)}
        onDrop={(event) => {
          event.preventDefault();
          over.value = false;
          open(event.dataTransfer?.files[0]);
        }}
      >
        <span>Drop a file here, or choose one</span>
        <input
          type="file"
          accept=".npz,.npy,.safetensors"
          onChange={(event) => open(event.currentTarget.files?.[0])}
        />
      </label>
      <Outcome shown={shown.value} />
      <Explain topic="network" />
    </section>
  );
}

function Outcome({ shown }: { readonly shown: Shown }): JSX.Element | null {
  switch (shown.kind) {
    case 'nothing':
      return null;
    case 'reading':
      return (
        <p role="status">
          Reading {shown.name}{' '}
          <progress aria-label="Rows read" value={shown.done} max={Math.max(1, shown.total)} />
        </p>
      );
    case 'failed':
      return (
        <p class="wrong" role="alert">
          {shown.message}
        </p>
      );
    case 'done':
      return <NetworkResult document={shown.document} />;
    default:
      return shown satisfies never;
  }
}
