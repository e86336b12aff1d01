/** What leaves the page, by the reader's hand only: a link, a spec for the command line, the run; and a run folder in. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { facts } from '../state/predicted.js';
import { linkOf, state } from '../state/store.js';
import * as session from '../state/session.js';
import { specText } from './spec.js';
import { download } from '../parts/standalone.js';

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
    <section id="share" aria-labelledby="share-title">
      <h2 id="share-title">Save</h2>
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
          disabled={
            session.records.value.length === 0 || (session.source.value === null && !session.comparable.value)
          }
          onClick={() => save('collapsar-run.json', runText())}
        >
          Run as JSON
        </button>
        <output class="hint">{copied.value}</output>
      </div>
      <p class="hint">A run that was saved here opens under Your network.</p>
    </section>
  );
}

function save(name: string, text: string): void {
  download(name, new Blob([text], { type: 'application/json' }));
}

function runText(): string {
  const known = facts.value;
  const { source, newest, comparable } = session;
  const from = source.value;
  const document = {
    state: { ...state.value, training: from?.training ?? state.value.training },
    /** Whether a training from this state is that of the records. */
    retraces: from === null || from.training !== null,
    link: linkOf(state.value),
    /** Null for a training of this page. */
    replayOf: from === null ? null : from.name,
    predictedObjective: comparable.value ? (known?.objective ?? null) : null,
    verdict: from === null ? (newest.value?.more?.verdict ?? null) : from.end,
    classes: newest.value?.more?.classes ?? null,
    records: session.records.value,
  };
  return `${JSON.stringify(document, null, 1)}\n`;
}
