/** The records of a run, played: where they come from, the step that is shown, and its numbers. */
import type { ComponentChildren, JSX } from 'preact';
import { source } from '../state/session.js';
import { goTo } from '../state/store.js';
import { EpochTable } from './EpochTable.js';
import { Figures, Words } from './Judgement.js';
import { MonitoredSetting } from './MonitoredSetting.js';
import { RecordedClasses, ReplayNotice } from './ReplayNotice.js';
import { Scrubber } from './Scrubber.js';

/** `children`: curves and tables. */
export function ReplayPanel({ children }: { readonly children: ComponentChildren }): JSX.Element {
  const monitored = source.value?.monitored ?? null;
  if (monitored !== null)
    return (
      <section class="panel" id="replayed" aria-labelledby="replayed-title">
        <h2 id="replayed-title">A training in PyTorch, epoch by epoch</h2>
        <ReplayNotice />
        <Scrubber />
        {children}
        <EpochTable />
        <MonitoredSetting monitored={monitored} />
        <Words />
        <RecordedClasses />
      </section>
    );
  return (
    <section class="panel" id="replayed" aria-labelledby="replayed-title">
      <h2 id="replayed-title">A run, step by step</h2>
      <ReplayNotice />
      <div class="row">
        <button type="button" onClick={() => goTo('explore')}>
          Its problem in Explore
        </button>
      </div>
      <Scrubber />
      <Figures />
      <Words />
      <RecordedClasses />
      {children}
    </section>
  );
}
