/** `collapsar measure RUN` of a training that the companion for PyTorch watched: a line an epoch, then the last in full. */
import { watchFile, unwatchFile } from 'node:fs';
import { join } from 'node:path';
import { refuse } from '../core/errors.js';
import { isSystemRefusal } from '../core/systemErrors.js';
import { monitorState, openMonitorFolder } from '../runs/monitorFolder.node.js';
import { openRunFolder, reportPath } from '../runs/runFolder.node.js';
import {
  measureMonitored,
  recordsOfSeries,
  type MonitorDocument,
  type SettingInstead,
} from '../verbs/index.js';
import type { Context, ExitCode } from './context.js';
import { drawing } from './drawing.js';
import { hostFor, listenForInterrupt, type Interrupt } from './interrupt.js';
import { describeEnd, seriesHeading, seriesLine, seriesTable, watched } from './monitorOutput.js';
import { describeProgress } from './problemWords.js';
import type { Block, Form } from './tables.js';
import { progressLine } from './terminal.js';

export interface MonitorOptions {
  readonly instead: SettingInstead;
  readonly form: Form;
  /** Prints text and tables in that form. */
  readonly print: (blocks: readonly Block[], form: Exclude<Form, 'json'>) => void;
  /** Measures again whenever an epoch is added. */
  readonly watch: boolean;
}

export async function measureMonitor(
  folder: string,
  options: MonitorOptions,
  context: Context,
): Promise<ExitCode> {
  const { terminal } = context;
  const { form } = options;
  if (form !== 'text' && options.watch) refuse('--watch', 'text', `--${form}`, 'leave one of them out');
  const interrupt = listenForInterrupt(terminal, 'stopping');
  try {
    if (options.watch) return await watch(folder, options, context, interrupt);
    const document = await measureFolder(folder, options, context, interrupt);
    if (form === 'json') terminal.print(JSON.stringify(document));
    else {
      const report = form === 'text' ? await writeReport(folder, document, context) : null;
      options.print(
        [watched(document), '', seriesTable(document), ...describeEnd(document, terminal.width, report)],
        form,
      );
    }
    return document.status === 'finished' ? 0 : 1;
  } finally {
    terminal.clear();
    interrupt.release();
  }
}

async function measureFolder(
  folder: string,
  { instead }: MonitorOptions,
  { terminal, blas }: Context,
  interrupt: Interrupt,
): Promise<MonitorDocument> {
  const started = performance.now();
  const document = await measureMonitored({
    store: await openMonitorFolder(folder),
    instead,
    blas: blas(),
    host: hostFor(interrupt, (now) => {
      if (now.phase === 'read') {
        const seconds = (performance.now() - started) / 1000;
        terminal.progress(progressLine('measuring', now.done, now.total, 0, seconds));
      } else terminal.progress(describeProgress(now));
    }),
  });
  terminal.clear();
  return document;
}

/** A line for each epoch as it comes; the report is made anew each time. Ends with Ctrl-C. */
async function watch(
  folder: string,
  options: MonitorOptions,
  context: Context,
  interrupt: Interrupt,
): Promise<ExitCode> {
  const { terminal } = context;
  const printed = new Set<number>();
  let seen: string | null = null;
  for (;;) {
    const state = await monitorState(folder);
    if (state !== null && state !== seen) {
      seen = state;
      const document = await measureFolder(folder, options, context, interrupt);
      if (printed.size === 0) terminal.print(`${watched(document)}\n\n${seriesHeading()}`);
      for (const point of document.series)
        if (!printed.has(point.epoch)) {
          terminal.print(seriesLine(point));
          printed.add(point.epoch);
        }
      const report = await writeReport(folder, document, context);
      if (interrupt.signal.aborted) options.print(describeEnd(document, terminal.width, report), 'text');
    }
    if (interrupt.signal.aborted) return 0;
    await untilChanged(folder, interrupt.signal);
  }
}

const LOOK_EVERY_MS = 500;

/** Until the lines of the folder change, or the signal asks to stop. */
function untilChanged(folder: string, signal: AbortSignal): Promise<void> {
  const path = join(folder, 'epochs.jsonl');
  return new Promise((done) => {
    const finish = () => {
      unwatchFile(path, finish);
      signal.removeEventListener('abort', finish);
      done();
    };
    signal.addEventListener('abort', finish);
    watchFile(path, { interval: LOOK_EVERY_MS }, finish);
  });
}

/** The page beside the run: its path, or null where the folder cannot be written. */
async function writeReport(
  folder: string,
  document: MonitorDocument,
  { terminal, version }: Context,
): Promise<string | null> {
  const page = await drawing(({ renderSeriesReport }, figures) =>
    renderSeriesReport({
      ...document,
      title: folder,
      version,
      records: recordsOfSeries(document),
      classes: document.series.at(-1)?.classes ?? [],
      classNames: document.classNames ?? document.classLabels.map(String),
      problem: document.prediction?.problem ?? null,
      document: figures,
    }),
  );
  try {
    await openRunFolder(folder).writeReport(page);
    return reportPath(folder);
  } catch (error) {
    if (!isSystemRefusal(error)) throw error;
    terminal.note(`note: ${reportPath(folder)} could not be written`);
    return null;
  }
}
