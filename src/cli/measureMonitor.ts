/** `collapsar measure RUN` of a training that the companion for PyTorch watched: a line an epoch, then the last in full. */
import { refuse } from '../core/errors.js';
import { isSystemRefusal } from '../core/systemErrors.js';
import { openMonitorFolder } from '../runs/monitorFolder.node.js';
import type { MonitorStore } from '../runs/index.js';
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
import { openReportFolder } from './measureReport.js';
import { describeEnd, remarksOf, seriesTable, watched } from './monitorOutput.js';
import { describeProgress } from './problemWords.js';
import type { Block, Form } from './tables.js';
import { progressLine } from './terminal.js';
import { watchMonitor } from './watchMonitor.js';

export interface MonitorOptions {
  readonly instead: SettingInstead;
  readonly form: Form;
  /** Prints text and tables in that form. */
  readonly print: (blocks: readonly Block[], form: Exclude<Form, 'json'>) => void;
  /** Measures again whenever an epoch is added. */
  readonly watch: boolean;
  /** The training has ended, whatever its folder says. */
  readonly ended: boolean;
  /** Another folder for the page; by default the run's own. */
  readonly out: string | undefined;
}

export async function measureMonitor(
  folder: string,
  options: MonitorOptions,
  context: Context,
): Promise<ExitCode> {
  const { terminal } = context;
  const { form } = options;
  if (form !== 'text' && options.watch) refuse('--watch', 'text', `--${form}`, 'leave one of them out');
  if (options.out !== undefined) await openReportFolder(options.out);
  const interrupt = listenForInterrupt(terminal, 'stopping');
  try {
    const measure = (store: MonitorStore) => measureStore(store, options, context, interrupt);
    if (options.watch) {
      await watchMonitor({
        ...{ folder, terminal, measure, signal: interrupt.signal },
        report: (document) => writeReport(folder, options.out, document, context),
        print: (blocks) => options.print(blocks, 'text'),
      });
      return 0;
    }
    const document = await measure(await openMonitorFolder(folder));
    const report =
      form === 'text' || options.out !== undefined
        ? await writeReport(folder, options.out, document, context)
        : null;
    if (form === 'json') terminal.print(JSON.stringify(document));
    else
      options.print(
        [watched(document), '', seriesTable(document), ...describeEnd(document, terminal.width, report)],
        form,
      );
    return document.status === 'finished' ? 0 : 1;
  } finally {
    terminal.clear();
    interrupt.release();
  }
}

async function measureStore(
  store: MonitorStore,
  { instead, watch, ended }: MonitorOptions,
  { terminal, blas }: Context,
  interrupt: Interrupt,
): Promise<MonitorDocument> {
  const started = performance.now();
  const document = await measureMonitored({
    store,
    instead,
    // Whoever watches does so while it trains, unless its folder says otherwise.
    ended: ended || (watch && store.end === null ? false : undefined),
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

/** The page, in the run or in `out`: its path, or null where none is written: a record contradicted does not replace the run's own. */
async function writeReport(
  folder: string,
  out: string | undefined,
  document: MonitorDocument,
  { terminal, version }: Context,
): Promise<string | null> {
  if (out === undefined && document.contradictions.length > 0) {
    terminal.note(`note: ${reportPath(folder)} is left as it was: --out FOLDER writes a page of this theory`);
    return null;
  }
  const page = await drawing(({ renderSeriesReport }, figures) =>
    renderSeriesReport({
      ...document,
      notes: remarksOf(document),
      title: folder,
      version,
      records: recordsOfSeries(document),
      classes: document.series.at(-1)?.classes ?? [],
      classNames: document.classNames ?? document.classLabels.map(String),
      problem: document.prediction?.problem ?? null,
      document: figures,
    }),
  );
  const place = out ?? folder;
  try {
    await openRunFolder(place).writeReport(page);
    return reportPath(place);
  } catch (error) {
    if (!isSystemRefusal(error)) throw error;
    terminal.note(`note: ${reportPath(place)} could not be written`);
    return null;
  }
}
