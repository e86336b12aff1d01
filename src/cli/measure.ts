/** `collapsar measure`, for people. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { openCheckpoint } from '../data/checkpointFile.node.js';
import { refuse } from '../core/errors.js';
import { stoppedBy } from '../core/host.js';
import {
  kindOfFiles,
  measureSeriesWithFrames,
  measureWithFrames,
  OPTIMIZERS,
  type MeasureDocument,
  type MeasureProgress,
  type Optimizer,
  type SeriesDocument,
  type TrainedWith,
} from '../verbs/index.js';
import { choice, numberList, parse, singleNumber, type Options, type Parsed } from './args.js';
import type { Context, ExitCode, Verb } from './context.js';
import { giveWay, listenForInterrupt, type Interrupt } from './interrupt.js';
import { filesOf, isNothingYet, pathsOf, withOpen } from './measureInput.js';
import { isFolder } from './paths.js';
import { MEASURE_HELP } from './measureHelp.js';
import { openReportFolder, writeMeasuredReport } from './measureReport.js';
import { describeMeasured, describeSeries, readingLines } from './measureWords.js';
import { mseReductionFrom, MSE_OPTIONS } from './mseOptions.js';
import { describeProgress } from './problemWords.js';
import { formOf, printBlocks, TABLE_OPTIONS, type Block, type Form } from './tables.js';
import { progressLine } from './terminal.js';
import { VARIATION_OPTIONS, variationsFrom } from './variationOptions.js';

const OPTIONS: Options = {
  features: 'value',
  labels: 'value',
  weights: 'value',
  'bias-name': 'value',
  head: 'value',
  layers: 'value',
  normalize: 'flag',
  ignore: 'value',
  'class-names': 'value',
  'global-mean': 'value',
  test: 'value',
  ood: 'value',
  shards: 'flag',
  series: 'flag',
  loss: 'value',
  'weight-decay': 'value',
  'feature-decay': 'value',
  ...MSE_OPTIONS,
  bias: 'value',
  ...VARIATION_OPTIONS,
  optimizer: 'value',
  out: 'value',
};

/** Of runs alone. */
const OF_FOLDERS: Options = { data: 'value', watch: 'flag', ended: 'flag' };

export const measureVerb: Verb = {
  help: MEASURE_HELP,
  async run(args, context: Context): Promise<ExitCode> {
    const options = parse('measure', args, { ...OPTIONS, ...OF_FOLDERS, ...TABLE_OPTIONS }, ['FILE…']);
    const form = formOf(options);
    const paths = options.positionals;
    if (paths.length === 0)
      refuse('collapsar measure', 'a FILE of features', undefined, 'see collapsar measure --help');
    const data = options.value('data');
    if (options.flag('watch') && paths.length === 1 && (await isNothingYet(paths[0])))
      return await monitored(paths[0], options, context);
    if (paths.length === 1 && (await isFolder(paths[0]))) {
      const { holdsMonitor } = await import('../runs/monitorFolder.node.js');
      if (await holdsMonitor(paths[0])) return await monitored(paths[0], options, context);
      refuseMonitored(paths[0], options);
      if (data !== undefined || (await isRun(paths[0])))
        return await measureRunFolder(paths[0], form, options, context);
      return await measureFiles(await filesOf(paths[0]), form, options, context);
    }
    if (data !== undefined) refuseData(paths[0]);
    refuseMonitored(paths[0], options);
    return await measureFiles(paths, form, options, context);
  },
};

function refuseMonitored(path: string, options: Parsed): void {
  for (const name of ['watch', 'ended'])
    if (options.flag(name))
      refuse(`--${name}`, 'a folder that the companion for PyTorch writes', path, `leave --${name} out`);
}

function refuseData(path: string): never {
  refuse('--data', 'a run folder to measure', path, 'a file of features needs no images');
}

/** A folder that `train` wrote, or began to write. */
async function isRun(folder: string): Promise<boolean> {
  for (const name of ['spec.yaml', 'records.jsonl', 'summary.json'])
    if (
      await access(join(folder, name)).then(
        () => true,
        () => false,
      )
    )
      return true;
  return false;
}

async function measureRunFolder(
  path: string,
  form: Form,
  options: Parsed,
  context: Context,
): Promise<ExitCode> {
  for (const name of Object.keys(OPTIONS))
    if (options.value(name) !== undefined || options.flag(name))
      refuse(
        `--${name}`,
        'a file of features to measure',
        path,
        `a run folder brings its own arrays, loss and decays, in its spec.yaml; leave --${name} out`,
      );
  // A run folder needs networks, an engine and specs; a file needs none of them.
  const { measureRun } = await import('./measureRun.js');
  return await measureRun(path, { data: options.value('data'), form, options }, context);
}

/** What the companion for PyTorch watched: its folder says all but what the user says instead. */
async function monitored(path: string, options: Parsed, context: Context): Promise<ExitCode> {
  for (const name of [...Object.keys(OPTIONS), 'data'])
    if (!SAID_INSTEAD.includes(name) && (options.value(name) !== undefined || options.flag(name)))
      refuse(`--${name}`, 'a file to measure', path, `its folder says what it holds; leave --${name} out`);
  const { measureMonitor } = await import('./measureMonitor.js');
  return await measureMonitor(
    path,
    {
      instead: {
        ...(await trainedWith(options)),
        ...decaysFrom(options),
        head: options.value('weights')?.split(','),
      },
      form: formOf(options),
      ...{ watch: options.flag('watch'), ended: options.flag('ended'), out: options.value('out') },
      print: (blocks, form) => printBlocks(blocks, form, options, context.terminal),
    },
    context,
  );
}

/** What a user may say of a monitored run, whose folder says it too. */
const SAID_INSTEAD: readonly string[] = [
  ...['loss', 'weight-decay', 'feature-decay', 'bias', 'optimizer', 'weights', 'out'],
  ...Object.keys(MSE_OPTIONS),
  ...Object.keys(VARIATION_OPTIONS),
];

function decaysFrom(options: Parsed): {
  readonly weightDecays: readonly number[] | undefined;
  readonly featureDecay: number | 'fit' | undefined;
} {
  const decays = options.value('weight-decay');
  const feature = options.value('feature-decay');
  return {
    weightDecays: decays === undefined ? undefined : numberList('--weight-decay', decays),
    featureDecay:
      feature === undefined || feature === 'fit' ? feature : singleNumber('--feature-decay', feature),
  };
}

/** How the network was trained, as the options say. */
async function trainedWith(options: Parsed): Promise<TrainedWith> {
  const { loss, bias, ...variations } = await variationsFrom(options);
  const optimizer = options.value('optimizer');
  return {
    loss: options.value('loss') === undefined ? undefined : loss,
    bias: options.value('bias') === undefined ? undefined : bias,
    variations,
    ...decaysFrom(options),
    mseReduction: Object.keys(MSE_OPTIONS).some((name) => options.value(name) !== undefined)
      ? mseReductionFrom(options)
      : undefined,
    optimizer:
      optimizer === undefined ? undefined : choice<Optimizer>('--optimizer', optimizer, OPTIMIZERS, 'sgd'),
  };
}

async function measureFiles(
  paths: readonly string[],
  form: Form,
  options: Parsed,
  context: Context,
): Promise<ExitCode> {
  const { terminal, blas, command, version } = context;
  const trained = await trainedWith(options);
  const globalMean = choice('--global-mean', options.value('global-mean'), ['samples', 'classes'], 'samples');
  if (options.flag('shards') && options.flag('series'))
    refuse('--shards', 'to be given without --series', 'both');
  const tests = options.value('test');
  const [test, other] = [tests === undefined ? [] : await pathsOf(tests), options.value('ood')];
  const headPath = options.value('head');
  const headFile = headPath === undefined ? undefined : await openCheckpoint(headPath);
  const out = options.value('out');
  if (out !== undefined) await openReportFolder(out);
  const started = performance.now();
  // Reading has nothing to keep: until the prediction begins, Ctrl-C ends the program at once.
  const held: { interrupt?: Interrupt } = {};
  const names = {
    features: options.value('features'),
    labels: options.value('labels'),
    weights: options.value('weights')?.split(','),
    bias: options.value('bias-name'),
    layers: options.value('layers')?.split(','),
    ignore: options.value('ignore')?.split(','),
    classNames: options.value('class-names')?.split(','),
    normalize: options.flag('normalize'),
    headFile,
  };
  try {
    if (trained.variations?.targets != null) {
      // Only a regression needs this, and few files are one.
      const { measureSamples } = await import('./measureRegression.js');
      const code = await withOpen([paths[0]], async ([file]) =>
        measureSamples({ file, names, blas: blas(), ...trained, options, form }, context),
      );
      if (code !== null) return code;
    }
    const { document, frames } = await withOpen(
      [...paths, ...test, ...(other === undefined ? [] : [other])],
      async (all) => {
        const files = all.slice(0, paths.length);
        const testFiles = all.slice(paths.length, paths.length + test.length);
        const common = {
          ...{ names, globalMean, blas: blas(), ...trained },
          outOfDistribution: other === undefined ? undefined : all[all.length - 1],
          host: {
            ...{ clock: () => performance.now(), yield: giveWay },
            signal: stoppedBy({ aborted: false }, () => held.interrupt?.signal.aborted ?? false),
            onProgress(now: MeasureProgress) {
              if (now.phase === 'read') {
                const seconds = (performance.now() - started) / 1000;
                terminal.progress(progressLine('reading', now.done, now.total, 0, seconds));
                return;
              }
              held.interrupt ??= listenForInterrupt(terminal, 'stopping with the best so far');
              terminal.progress(describeProgress(now));
            },
          },
        };
        const forced = options.flag('shards') || files.length === 1 ? 'shards' : undefined;
        const kind = options.flag('series') ? 'series' : (forced ?? (await kindOfFiles(files, names)));
        if (kind === 'series')
          return measureSeriesWithFrames({
            ...common,
            files,
            tests: test.length === 0 ? undefined : testFiles,
          });
        return measureWithFrames({
          ...common,
          file: files[0],
          shards: files.slice(1),
          test: test.length === 0 ? undefined : testFiles,
        });
      },
    );
    terminal.clear();
    const blocks = describe(document, terminal.width);
    if (out !== undefined) {
      const shown = snapshotsOf(document).slice(-1)[0];
      const remarks = readingLines(shown);
      const json = document;
      const path = await writeMeasuredReport(out, { json, shown, frames, blocks, remarks, command, version });
      blocks.push('', `The report is in ${path}`);
    }
    if (form === 'json') terminal.print(JSON.stringify(document));
    else printBlocks(blocks, form, options, terminal);
    return snapshotsOf(document).some(({ prediction }) => prediction?.interrupted === true) ? 1 : 0;
  } finally {
    terminal.clear();
    held.interrupt?.release();
    await headFile?.close();
  }
}

function snapshotsOf(document: MeasureDocument | SeriesDocument): readonly MeasureDocument[] {
  return 'series' in document ? document.series : [document];
}

function describe(document: MeasureDocument | SeriesDocument, width: number): Block[] {
  return 'series' in document ? describeSeries(document, width) : describeMeasured(document, width);
}
