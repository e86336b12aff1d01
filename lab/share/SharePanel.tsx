/** What leaves the page, by the reader's hand only: a link, a spec for the command line, the run; and a run folder in. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { facts } from '../prediction/predicted.js';
import { complaints, linkOf, state } from '../state/store.js';
import * as session from '../training/session.js';
import { openRun } from './openRun.js';
import { specText } from './spec.js';
import { download } from './standalone.js';

export function SharePanel(): JSX.Element {
  const copied = useSignal('');
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(linkOf(state.value));
      copied.value = 'Copied.';
    } catch {
      copied.value = 'The browser did not allow it: copy the address of this page instead.';
    }
  };
  return (
    <section class="panel" id="share" aria-labelledby="share-title">
      <h2 id="share-title">Share and open</h2>
      <p class="hint">The address of this page holds all that you chose. Nothing leaves this machine.</p>
      <div class="row">
        <button type="button" onClick={() => void copy()}>
          Copy link
        </button>
        <button type="button" onClick={() => save('collapsar-spec.json', specText(state.value))}>
          Spec for collapsar train
        </button>
        <button
          type="button"
          disabled={session.records.value.length === 0}
          onClick={() => save('collapsar-run.json', runText())}
        >
          Run as JSON
        </button>
        <output class="hint">{copied.value}</output>
      </div>
      <label class="file">
        <span>Replay a run folder: its records.jsonl, with summary.json for the problem</span>
        <input
          type="file"
          multiple
          accept=".jsonl,.json"
          onChange={(event) => {
            const files = [...(event.currentTarget.files ?? [])];
            void openRun(files).then((found) => (complaints.value = found));
          }}
        />
      </label>
    </section>
  );
}

function save(name: string, text: string): void {
  download(name, new Blob([text], { type: 'application/json' }));
}

function runText(): string {
  const known = facts.value;
  const document = {
    state: state.value,
    link: linkOf(state.value),
    predictedObjective: known?.objective ?? null,
    verdict: session.verdict.value,
    classes: session.measuredClasses.value,
    records: session.records.value,
  };
  return `${JSON.stringify(document, null, 1)}\n`;
}
