/** `collapsar report`: the page of a run folder, made anew. */
import { InputError, refuse, refuseFile } from '../core/errors.js';
import { parseSpec, problemOf, type RunStore } from '../runs/index.js';
import { checkRunFolder, openRunFolder, reportPath } from '../runs/runFolder.node.js';
import { holdsSweep, readSweep, SWEEP_FILE } from '../runs/sweepFolder.node.js';
import type { Prediction } from '../theory/index.js';
import { predictInSlices } from '../verbs/predict/predict.js';
import { parseSweep } from '../verbs/sweep/plan.js';
import { parse, type Options, type Parsed } from './args.js';
import type { Context, ExitCode, Verb } from './context.js';
import { checkFigureForm, FIGURE_HELP, FIGURE_OPTIONS, figureChoices } from './figureOptions.js';
import { hostFor, listenForInterrupt } from './interrupt.js';
import { folderHint, isThere } from './paths.js';
import { describeProgress } from './problemWords.js';
import { writeReport } from './runReport.js';
import { indexOf } from './sweepInFolder.js';
import { lossesOf, lossesTable } from './sweepLosses.js';
import { checkChoices, writeSweepOutput } from './sweepReport.js';
import { formOf, printBlocks, TABLE_HELP, TABLE_OPTIONS, type Form } from './tables.js';

const HELP = `collapsar report: writes report.html of a run folder anew

  collapsar report runs/paper-imbalanced

One page that opens from disk and needs no network: norms measured and predicted,
Gram matrices, NC1 … NC4 over the steps, the spec and the command.

Of a sweep's folder it writes sweep.html, its figures and results.csv:

${FIGURE_HELP}
${TABLE_HELP}
  --json                 {"report": PATH} on stdout; of a sweep figures too`;

const SWEEP_OPTIONS: Options = { ...FIGURE_OPTIONS, ...TABLE_OPTIONS };

export const reportVerb: Verb = {
  help: HELP,
  async run(args, context: Context): Promise<ExitCode> {
    const { terminal } = context;
    const options = parse('report', args, SWEEP_OPTIONS, ['DIR']);
    const form = formOf(options);
    checkFigureForm(options, form);
    const folder = options.positionals.at(0);
    if (folder === undefined)
      refuse(
        'collapsar report',
        'the folder of a run or of a sweep',
        undefined,
        'collapsar train SPEC --out DIR makes one',
      );
    if (await holdsSweep(folder)) return await reportSweep(folder, form, options, context);
    if (!(await isThere(folder)))
      refuseFile(
        folder,
        'the folder of a run or of a sweep',
        'none of that name',
        await folderHint(['runs', 'sweeps'], 'collapsar train SPEC --out DIR makes one'),
      );
    const chosen = Object.keys(SWEEP_OPTIONS).find(
      (flag) => options.value(flag) !== undefined || options.flag(flag),
    );
    if (chosen !== undefined) refuse(`--${chosen}`, 'the folder of a sweep', folder);
    await checkRunFolder(folder);
    const store = openRunFolder(folder);
    const prediction = (await store.readSummary()) === null ? await predictSpec(store, context) : null;
    await writeReport(store, prediction?.interrupted === true ? null : prediction);
    const path = reportPath(folder);
    terminal.print(options.flag('json') ? JSON.stringify({ report: path }) : path);
    if (prediction?.interrupted !== true) return 0;
    terminal.note('interrupted: the report shows no prediction');
    return 1;
  },
};

/** The page and the figures of a sweep, of as many points as have a result. */
async function reportSweep(folder: string, form: Form, options: Parsed, context: Context): Promise<ExitCode> {
  const { terminal, version } = context;
  const { source } = await readSweep(folder);
  const plan = parseSweep(source, `${folder}/${SWEEP_FILE}`, [], 'trusted');
  const choices = figureChoices(options);
  checkChoices(plan, choices);
  const sweep = { plan, folder, source };
  const index = await indexOf(sweep);
  const compared = await lossesOf(sweep, index, context);
  const losses = compared === null ? null : lossesTable(compared);
  const { page, figures, table } = await writeSweepOutput(sweep, {
    ...{ index, choices, version, losses },
    onMissing: (measure, drawable) =>
      refuse('--y', `a measure that some point has (${drawable.join(', ')})`, measure),
  });
  switch (form) {
    case 'text':
      terminal.print(page);
      return 0;
    case 'json':
      terminal.print(JSON.stringify({ report: page, figures }));
      return 0;
    case 'csv':
    case 'latex':
      printBlocks(losses === null ? [table] : [losses, table], form, options, terminal);
      return 0;
    default:
      return form satisfies never;
  }
}

/** What theory says of the spec in a store; null where there is none that can be read. */
async function predictSpec(store: RunStore, { terminal, blas }: Context): Promise<Prediction | null> {
  const spec = await store.readSpec();
  if (spec === null) return null;
  const interrupt = listenForInterrupt(terminal, 'stopping');
  try {
    const parsed = parseSpec(spec, `${store.location}/spec.yaml`);
    // A network's prediction takes its measured λ_H: that is in its summary alone.
    if (parsed.kind !== 'ufm') return null;
    return await predictInSlices(problemOf(parsed), blas(), {
      host: hostFor(interrupt, (now) => terminal.progress(describeProgress(now))),
    });
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    // The records can be shown all the same.
    terminal.note(`note: no prediction: ${error.message}`);
    return null;
  } finally {
    terminal.clear();
    interrupt.release();
  }
}
