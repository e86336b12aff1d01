/** A network of the reader's own: dropped or chosen, measured beside the page, next to what theory says. */
import { useSignal } from '@preact/signals';
import { formatCount } from 'collapsar/report';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Explain } from '../parts/Explain.js';
import { isRun, showRun } from '../state/showRun.js';
import { ComparisonFields } from './ComparisonFields.js';
import { takeDrops } from './dropAnywhere.js';
import * as measuring from '../state/measuring.js';
import { NetworkResult } from './NetworkResult.js';

export function NetworkPanel(): JSX.Element {
  const panel = useRef<HTMLElement>(null);
  const chooser = useRef<HTMLInputElement>(null);
  const over = useSignal(false);
  useEffect(
    () =>
      takeDrops({
        aim: (now) => (over.value = now),
        take(files, target) {
          const dropped = [...files];
          if (isRun(dropped)) {
            void showRun(dropped);
            return;
          }
          // The chooser then names the file, as if it had been chosen there.
          if (chooser.current !== null && files.length === 1) chooser.current.files = files;
          measuring.open(dropped);
          const inside = target instanceof Node && panel.current?.contains(target) === true;
          if (!inside) panel.current?.scrollIntoView({ block: 'start' });
        },
        isOwn: (element) => panel.current?.contains(element) === true,
      }),
    [],
  );
  const result = measuring.result.value;
  const settled = measuring.progress.value.kind === 'done';
  return (
    <section class="panel" id="network" aria-labelledby="network-title" ref={panel}>
      <h2 id="network-title">Your own network</h2>
      <p class="hint">
        An npz, safetensors or torch.save file with <code>features</code> (a row for each sample),{' '}
        <code>labels</code> (whole numbers from 0) and the linear layers of the head, <code>W1</code> (nearest
        the features) … <code>WM</code>, with the last bias <code>b</code>. It is read here and goes nowhere.
      </p>
      <label class={`drop${over.value ? ' over' : ''}`}>
        <span>Drop a file anywhere on this page, or choose one</span>
        <input
          type="file"
          ref={chooser}
          accept=".npz,.npy,.safetensors,.pt,.pth"
          onClick={(event) => {
            // The same file may be chosen again after it has changed.
            event.currentTarget.value = '';
          }}
          onChange={(event) => measuring.open([...(event.currentTarget.files ?? [])])}
        />
      </label>
      {over.value && (
        <p class="drop-note" aria-hidden="true">
          Let go: a file of features is measured, the records of a run are replayed.
        </p>
      )}
      <ComparisonFields />
      <Status />
      {result !== null && (
        <div class={settled ? '' : 'outdated'}>
          <NetworkResult result={result} />
        </div>
      )}
      <Explain topic="network" />
    </section>
  );
}

/** One line that stays in place from the first file on, with one button: what it does follows the state. */
function Status(): JSX.Element | null {
  const { file, progress, busy, remark, result } = measuring;
  if (file.value === null) return null;
  const now = progress.value;
  return (
    <div class="measuring">
      <div class="row">
        <button type="button" onClick={busy.value ? measuring.cancel : measuring.measureAgain}>
          {busy.value ? 'Cancel' : 'Measure again'}
        </button>
        <p role="status">
          {sentence(file.value.name, now)} {remark.value}
          {!busy.value && now.kind !== 'done' && result.value !== null && 'Below is the measurement before.'}
        </p>
      </div>
      {busy.value && <HowFar now={now} />}
      {now.kind === 'failed' && (
        <p class="wrong" role="alert">
          {now.message}
        </p>
      )}
    </div>
  );
}

function sentence(name: string, now: measuring.Progress): string {
  switch (now.kind) {
    case 'nothing':
      return '';
    case 'reading':
      return `Reading ${name} …`;
    case 'solving':
      return `${name} is read. Solving cross-entropy for the prediction …`;
    case 'cancelled':
      return `Cancelled: ${name} was not measured.`;
    case 'failed':
      return `${name} was not measured.`;
    case 'done':
      return `Measured ${name}.`;
    default:
      return now satisfies never;
  }
}

/** Not announced: it changes many times a second. */
function HowFar({ now }: { readonly now: measuring.Progress }): JSX.Element {
  if (now.kind !== 'reading' || now.total === 0)
    return (
      <p class="how-far">
        <progress aria-label="Measuring" /> <span>{now.kind === 'solving' ? now.text : 'opening'}</span>
      </p>
    );
  // Two passes over the same rows: class means first, then the scatter around them.
  const rows = now.total / 2;
  const second = now.done > rows;
  const row = second ? now.done - rows : now.done;
  return (
    <p class="how-far">
      <progress aria-label="Measuring" value={now.done} max={now.total} />{' '}
      <span>
        {Math.floor((100 * now.done) / now.total)} %, {second ? 'second' : 'first'} of two readings: row{' '}
        {formatCount(row)} of {formatCount(rows)}
      </span>
    </p>
  );
}
