/** Shows the records of a run folder, and again when the reader goes back to where they were opened. */
import { batch } from '@preact/signals';
import type { TrainRecord } from 'collapsar/runs';
import { farewell } from './farewell.js';
import { moments } from './history.js';
import type { ReplaySource } from './replaySource.js';
import { source, status } from './session.js';
import type { Entry } from './store.js';
import { clear } from './training.js';

interface Opened {
  readonly records: readonly TrainRecord[];
  readonly from: ReplaySource;
}

/** The newest runs that were opened on this page. */
const opened: Opened[] = [];
const MOST_OPENED = 5;

/** An entry of the history in which a run was opened shows it again; an earlier one leaves it. */
export function followHistory(): void {
  addEventListener('popstate', (event) => {
    const from = source.value;
    const run = (event.state as Entry | null)?.run;
    if (run === from?.entry) return;
    const known = opened.find((one) => one.from.entry === run);
    if (known !== undefined) replay(known.records, known.from);
    else if (from !== null) clear(`The replay of ${from.name} was left.`);
  });
}

/** Shows records of a run folder. */
export function replay(found: readonly TrainRecord[], from: ReplaySource): void {
  batch(() => {
    clear();
    farewell.value = null;
    status.value = 'replay';
    source.value = from;
    moments.value = found.map((record) => ({ record, more: null }));
  });
  if (opened.some((one) => one.from === from)) return;
  opened.push({ records: found, from });
  if (opened.length > MOST_OPENED) opened.shift();
}
