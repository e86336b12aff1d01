/**
 * `measure RUN --watch`: a line for each epoch of a monitored training as it comes, until it ends or Ctrl-C, and then the last in full.
 * The folder need not be there yet. Its state is looked at, as not every file system says when a file changes.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { InputError } from '../core/errors.js';
import { monitorState, openMonitorFolder } from '../runs/monitorFolder.node.js';
import type { MonitorStore } from '../runs/index.js';
import type { MonitorDocument } from '../verbs/index.js';
import { describeEnd, seriesHeading, seriesLine, watched } from './monitorOutput.js';
import type { Block } from './tables.js';
import type { Terminal } from './terminal.js';

const LOOK_EVERY_MS = 500;

export interface Watched {
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly terminal: Terminal;
  readonly measure: (store: MonitorStore) => Promise<MonitorDocument>;
  /** Writes the page anew; its path, or null. */
  readonly report: (document: MonitorDocument) => Promise<string | null>;
  readonly print: (blocks: readonly Block[]) => void;
}

export async function watchMonitor(run: Watched): Promise<void> {
  const { folder, signal, terminal, print } = run;
  const lines = createLines(terminal);
  let seen: string | null = null;
  let last: Measured | null = null;
  let waiting = false;
  while (!signal.aborted) {
    const state = await monitorState(folder);
    const measured: Measured | null = state === null || state === seen ? null : await measureNow(run);
    if (measured !== null) {
      [seen, last] = [state, measured];
      lines.show(measured.document);
      if (measured.document.end !== null) break;
    } else if (last === null && !waiting) {
      terminal.note(`${folder} has no epoch yet: waiting for one; Ctrl-C ends`);
      waiting = true;
    }
    await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
  if (last !== null) print(describeEnd(last.document, terminal.width, last.report));
}

interface Measured {
  readonly document: MonitorDocument;
  readonly report: string | null;
}

/** Null where no epoch has finite features yet, and where the folder changed under the reading: it is read again. */
async function measureNow({ folder, measure, report }: Watched): Promise<Measured | null> {
  const before = await monitorState(folder);
  try {
    const store = await openMonitorFolder(folder);
    if (!store.epochs.some(({ file }) => file !== null)) return null;
    const document = await measure(store);
    return { document, report: await report(document) };
  } catch (error) {
    if (error instanceof InputError && (await monitorState(folder)) !== before) return null;
    throw error;
  }
}

/** Prints the head once and every epoch once; those after an epoch to which a training went back are printed again. */
function createLines(terminal: Terminal): { show(document: MonitorDocument): void } {
  let printed: readonly number[] | null = null;
  return {
    show(document) {
      const epochs = document.series.map(({ epoch }) => epoch);
      const newest = epochs.at(-1) ?? -1;
      if (printed === null) terminal.print(`${watched(document)}\n\n${seriesHeading()}`);
      const before = (printed ?? []).filter((epoch) => epoch < newest && epochs.includes(epoch));
      for (const point of document.series)
        if (!before.includes(point.epoch)) terminal.print(seriesLine(point));
      printed = epochs;
    },
  };
}
