/** `collapsar report`: the page of a run folder, made anew. */
import { refuse } from '../core/errors.js';
import { renderReport } from '../report/index.js';
import { createFigureDocument } from '../report/document.node.js';
import type { RunStore } from '../runs/index.js';
import { checkRunFolder, openRunFolder, reportPath } from '../runs/runFolder.node.js';
import { parse } from './args.js';
import type { Context, ExitCode, Verb } from './context.js';

const HELP = `collapsar report: writes report.html of a run folder anew

  collapsar report runs/paper-imbalanced

One page that opens from disk and needs no network: norms measured and predicted,
Gram matrices, NC1 … NC4 over the steps, the spec and the command.

  --json                 {"report": PATH} on stdout`;

export const reportVerb: Verb = {
  help: HELP,
  async run(args, { terminal }: Context): Promise<ExitCode> {
    const options = parse('report', args, {}, ['DIR']);
    const folder = options.positionals.at(0);
    if (folder === undefined)
      refuse('collapsar report', 'a run folder', undefined, 'collapsar train SPEC --out DIR makes one');
    await checkRunFolder(folder);
    await writeReport(openRunFolder(folder));
    const path = reportPath(folder);
    terminal.print(options.flag('json') ? JSON.stringify({ report: path }) : path);
    return 0;
  },
};

/** Renders a store's records, summary and spec into its report. */
export async function writeReport(store: RunStore): Promise<void> {
  const [records, summary, spec] = [
    await store.readRecords(),
    await store.readSummary(),
    await store.readSpec(),
  ];
  await store.writeReport(
    renderReport({
      records,
      summary,
      spec: spec ?? '',
      command: summary?.command ?? null,
      document: createFigureDocument(),
    }),
  );
}
