/** A network of the reader's own: dropped or chosen, measured beside the page, next to what theory says. */
import { formatCount } from 'collapsar/report';
import type { JSX } from 'preact';
import { Explain } from '../parts/Explain.js';
import { isRun } from '../state/runFiles.js';
import { showRun } from '../state/showRun.js';
import { ComparisonFields } from './ComparisonFields.js';
import * as measuring from '../state/measuring.js';
import { ArrayNamesFields } from './ArrayNamesFields.js';
import { complaints } from '../state/store.js';
import { RunStatus } from './RunStatus.js';
import { NetworkMeasures } from './NetworkMeasures.js';
import { SeriesPanel } from './SeriesPanel.js';
import { NetworkResult } from './NetworkResult.js';

export function NetworkPanel(): JSX.Element {
  const over = measuring.aimed.value;
  const result = measuring.result.value;
  const settled = measuring.progress.value.kind === 'done';
  return (
    <section class="panel" id="network" aria-labelledby="network-title">
      <h1 id="network-title">Your network</h1>
      <p>
        How collapsed is it, and does theory say so? Bring an npz, safetensors or torch.save file with{' '}
        <code>features</code> (a row for each sample), <code>labels</code> (whole numbers from 0) and the
        linear layers of the head, <code>W1</code> (nearest the features) … <code>WM</code>, with the last
        bias <code>b</code>; several, as of its epochs, are played in the order of their names. Or the folder
        of a training: one that the companion watched in PyTorch, or of <code>collapsar train</code> (its{' '}
        <code>records.jsonl</code> and <code>summary.json</code>). What you bring is read here and goes
        nowhere.
      </p>
      <label class={`drop${over ? ' over' : ''}`}>
        <span>Drop it anywhere on this page, folders too, or choose</span>
        <input
          type="file"
          multiple
          accept=".npz,.npy,.safetensors,.pt,.pth,.jsonl,.json"
          onClick={(event) => {
            // The same file may be chosen again after it has changed.
            event.currentTarget.value = '';
          }}
          onChange={(event) => takeFiles([...(event.currentTarget.files ?? [])])}
        />
      </label>
      <label class="folder">
        <span>A whole folder:</span>{' '}
        <input
          type="file"
          ref={(input) => {
            if (input !== null) input.webkitdirectory = true;
          }}
          onClick={(event) => {
            event.currentTarget.value = '';
          }}
          onChange={(event) => takeFiles([...(event.currentTarget.files ?? [])])}
        />
      </label>
      <ArrayNamesFields />
      <RunStatus />
      <Status />
      <SeriesPanel />
      {result !== null && (
        <div class={settled ? '' : 'outdated'}>
          <NetworkMeasures result={result} />
        </div>
      )}
      <h2>What was it trained with?</h2>
      <ComparisonFields />
      {result !== null && (
        <div class={settled ? '' : 'outdated'}>
          <NetworkResult result={result} />
        </div>
      )}
      <Explain topic="network" />
    </section>
  );
}

/** Features are measured, the records of a run are played. */
export function takeFiles(files: readonly File[]): void {
  if (files.length === 0) complaints.value = ['There is no file that can be read in what was brought.'];
  else if (isRun(files)) void showRun(files);
  else measuring.open(files);
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
