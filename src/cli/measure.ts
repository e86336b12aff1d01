/** `collapsar measure`, for people. */
import { stat } from 'node:fs/promises';
import { openArrayFile } from '../data/fileSource.node.js';
import { refuse } from '../core/errors.js';
import { stoppedBy } from '../core/host.js';
import { nameClasses } from '../judge/index.js';
import type { Loss } from '../model/index.js';
import { measure, type MeasureDocument } from '../verbs/measure/measure.js';
import { choice, numberList, parse, singleNumber, type Parsed } from './args.js';
import { comparisonTable, measuresTables, spaced } from './comparisonTables.js';
import type { Context, ExitCode, Verb } from './context.js';
import { degrees as angle, number, whole, wrap } from './format.js';
import { giveWay, listenForInterrupt, type Interrupt } from './interrupt.js';
import { describeProblem, describeProgress } from './problemWords.js';
import { formOf, heading, printBlocks, TABLE_HELP, TABLE_OPTIONS, type Block, type Cell } from './tables.js';
import { progressLine } from './terminal.js';
import { VARIATION_OPTIONS, variationsFrom } from './variationOptions.js';

const HELP = `collapsar measure: how collapsed a network is, next to the prediction

  collapsar measure network.npz --loss mse \\
                    --weight-decay 5e-4 --feature-decay 5e-4

FILE is npz, safetensors or torch.save's zip (of which tensors, dicts and numbers
are read and nothing is run) with features (N×d, rows are samples; axes of length
1 are dropped), labels (N integers from 0, one-hot rows or words) and, for more
than feature measures, the linear layers of the head W1 … WM (out×in, W1 nearest
the features) and their biases b1 … bM or the last, b. Hidden biases are folded
into the last. Usual names (fc.weight, classifier.bias, X, y) are found too.
Classes without samples are left out. docs/measure.md has the lines of PyTorch
that write such a file. A zip file may unpack to 32 MiB or 100 times its size.

  --features NAME        array of features (default features)
  --labels NAME          array of labels (default labels)
  --weights W1,W2,…      arrays of the head, features first (default W1 … WM);
                         none: the features alone
  --bias-name NAME       array of the last bias (default bM or b, where there is
                         one), or none; a bias means that it was free
  --loss mse|ce|focal:G  with the decays: adds the prediction
  --weight-decay LIST    λ_1 … λ_M, features first; one stands for all
  --feature-decay X|fit  λ_H, or fit it from the balance between P and H̄
  RUN instead of FILE    the folder that Monitor of the PyTorch companion writes:
                         a line an epoch, training and test, and RUN/report.html;
                         loss and decays are in it
  --watch                measures it again whenever an epoch is added
  --data DIR             for a run folder of a network instead of a FILE: the
                         folder of its images; every checkpoint is measured
  --bias free|decayed --bias-decay X --class-weights W --label-smoothing E
  --targets FILE --feature-sign S --logit-adjust T
                         what the training had besides: see predict --help
${TABLE_HELP}
  --json                 one JSON document on stdout

Classes are numbered from 0, as labels are.`;

/** Options that say what is in a file of features. */
const OF_A_FILE = [
  'features',
  'labels',
  'weights',
  'bias-name',
  'loss',
  'weight-decay',
  'feature-decay',
  'bias',
  ...Object.keys(VARIATION_OPTIONS),
];

export const measureVerb: Verb = {
  help: HELP,
  async run(args, context: Context): Promise<ExitCode> {
    const { terminal, blas } = context;
    const options = parse(
      'measure',
      args,
      {
        features: 'value',
        labels: 'value',
        weights: 'value',
        'bias-name': 'value',
        loss: 'value',
        'weight-decay': 'value',
        'feature-decay': 'value',
        bias: 'value',
        ...VARIATION_OPTIONS,
        data: 'value',
        watch: 'flag',
        ...TABLE_OPTIONS,
      },
      ['FILE'],
    );
    const form = formOf(options);
    const path = options.positionals.at(0);
    if (path === undefined)
      refuse('collapsar measure', 'a FILE of features', undefined, 'see collapsar measure --help');
    const data = options.value('data');
    if (await isFolder(path)) {
      const { holdsMonitor } = await import('../runs/monitorFolder.node.js');
      if (await holdsMonitor(path)) return await monitored(path, options, context);
      if (options.flag('watch'))
        refuse('--watch', 'a folder that the companion for PyTorch writes', path, 'leave --watch out');
      for (const name of OF_A_FILE)
        if (options.value(name) !== undefined)
          refuse(
            `--${name}`,
            'a file of features to measure',
            path,
            `a run folder brings its own arrays, loss and decays, in its spec.yaml; leave --${name} out`,
          );
      // A run folder needs networks, an engine and specs; a file needs none of them.
      const { measureRun } = await import('./measureRun.js');
      return await measureRun(path, { data, form, options }, context);
    }
    if (data !== undefined)
      refuse('--data', 'a run folder to measure', path, 'a file of features needs no images');
    const decays = options.value('weight-decay');
    const feature = options.value('feature-decay');
    const lossText = options.value('loss');
    const { loss, bias, ...variations } = await variationsFrom(options);
    const weightDecays = decays === undefined ? undefined : numberList('--weight-decay', decays);
    const featureDecay =
      feature === undefined || feature === 'fit' ? feature : singleNumber('--feature-decay', feature);
    const file = await openArrayFile(path);
    const started = performance.now();
    // Reading has nothing to keep: until the prediction begins, Ctrl-C ends the program at once.
    const held: { interrupt?: Interrupt } = {};
    try {
      const document = await measure({
        file,
        names: {
          features: options.value('features'),
          labels: options.value('labels'),
          weights: options.value('weights')?.split(','),
          bias: options.value('bias-name'),
        },
        loss: lossText === undefined ? undefined : loss,
        bias: options.value('bias') === undefined ? undefined : bias,
        variations,
        weightDecays,
        featureDecay,
        blas: blas(),
        host: {
          ...{ clock: () => performance.now(), yield: giveWay },
          signal: stoppedBy({ aborted: false }, () => held.interrupt?.signal.aborted ?? false),
          onProgress(now) {
            if (now.phase === 'read') {
              const seconds = (performance.now() - started) / 1000;
              terminal.progress(progressLine('reading', now.done, now.total, 0, seconds));
              return;
            }
            held.interrupt ??= listenForInterrupt(terminal, 'stopping with the best so far');
            terminal.progress(describeProgress(now));
          },
        },
      });
      terminal.clear();
      if (form === 'json') terminal.print(JSON.stringify(document));
      else printBlocks(describe(document, terminal.width), form, options, terminal);
      return document.prediction?.interrupted === true ? 1 : 0;
    } finally {
      terminal.clear();
      held.interrupt?.release();
      await file.close();
    }
  },
};

/** What the companion for PyTorch watched: its folder says all but what the user says instead. */
async function monitored(path: string, options: Parsed, context: Context): Promise<ExitCode> {
  const taken = ['loss', 'weight-decay', 'feature-decay'];
  for (const name of [...OF_A_FILE, 'data'])
    if (!taken.includes(name) && options.value(name) !== undefined)
      refuse(`--${name}`, 'a file to measure', path, `its folder says what it holds; leave --${name} out`);
  const loss = options.value('loss');
  const decays = options.value('weight-decay');
  const feature = options.value('feature-decay');
  const { measureMonitor } = await import('./measureMonitor.js');
  return await measureMonitor(
    path,
    {
      instead: {
        loss: loss === undefined ? undefined : choice<Loss>('--loss', loss, ['mse', 'ce'], 'mse'),
        weightDecays: decays === undefined ? undefined : numberList('--weight-decay', decays),
        featureDecay:
          feature === undefined || feature === 'fit' ? feature : singleNumber('--feature-decay', feature),
      },
      form: formOf(options),
      watch: options.flag('watch'),
      print: (blocks, form) => printBlocks(blocks, form, options, context.terminal),
    },
    context,
  );
}

/** A run folder rather than a file of features. */
async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

function describe(document: MeasureDocument, width: number): Block[] {
  const { samples, counts, dimension, depth, prediction, predictionNote } = document;
  const { fittedFeatureDecay, lossConvention, verdict } = document;
  const parts: Block[] = [
    document.file,
    `${whole(samples)} sample${samples === 1 ? '' : 's'}, ${counts.length} class${counts.length === 1 ? '' : 'es'}, d = ${dimension}, ` +
      (depth === null ? 'no head weights' : `a head of ${depth} linear layer${depth === 1 ? '' : 's'}`),
  ];
  for (const line of readingLines(document)) parts.push(wrap(line, Math.min(width, 100)));
  if (prediction !== null) parts.push('', 'beside the prediction for', describeProblem(prediction.problem));
  if (lossConvention !== null) parts.push(wrap(lossConvention, Math.min(width, 100)));
  if (fittedFeatureDecay !== null) {
    const { value, range } = fittedFeatureDecay;
    parts.push(
      `λ_H was fitted: ${number(value)} (class by class from ${number(range[0])} to ${number(range[1])})`,
    );
  }
  parts.push(
    '',
    comparisonTable(document.classes, document.classNames?.map(printable) ?? document.classLabels),
    '',
    ...spaced(measuresTables(document)),
  );
  parts.push(...describeCrossEntropy(document, width));
  if (predictionNote !== null) parts.push('', predictionNote);
  if (verdict !== null)
    for (const text of [...verdict.warnings, verdict.sentence])
      parts.push('', wrap(text, Math.min(width, 100)));
  parts.push(
    '',
    wrap(
      `(h_G is the mean over all samples; Σ_B counts with rank ${document.rank}; distances are between matrices scaled to norm 1)`,
      Math.min(width, 100),
    ),
  );
  return parts;
}

/** What was read how, which classes have no samples, and what was not used. */
function readingLines({ notes, absentClasses, notUsed }: MeasureDocument): string[] {
  const unused = notUsed.slice(0, 8).join(', ') + (notUsed.length > 8 ? `, … ${notUsed.length} in all` : '');
  return [
    ...notes.map(printable),
    ...(absentClasses.length === 0 ? [] : [`without samples, and left out: ${someClasses(absentClasses)}`]),
    ...(notUsed.length === 0 ? [] : [`not used: ${printable(unused)}`]),
  ];
}

/** Text of a file without what would steer a terminal. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '�');
}

/** "class 4", "classes 1–4 and 7"; of very many runs the first alone. */
function someClasses(labels: readonly number[]): string {
  const MOST = 40;
  return labels.length <= MOST
    ? nameClasses(labels)
    : `${nameClasses(labels.slice(0, MOST))}, … ${whole(labels.length)} in all`;
}

/** The SELI frame and the angles of small classes, where they exist. */
function describeCrossEntropy({ seli, minority, prediction }: MeasureDocument, width: number): Block[] {
  if (prediction?.problem.loss !== 'ce') return [];
  const parts: Block[] = [];
  if (seli !== null)
    parts.push('', {
      name: 'seli',
      columns: [
        heading('distance', 'distance from SELI', 0, 'left'),
        heading('weights', 'PPᵀ'),
        heading('features', 'H̄ᵀH̄'),
        heading('logits', 'PH̄'),
      ],
      rows: [[{ value: 'seli', text: '(as λ → 0)' }, seli.weights, seli.features, seli.logits]],
    });
  if (minority !== null)
    parts.push('', {
      name: 'angles',
      columns: [
        heading('group', 'mean angle between', 0, 'left'),
        heading('weights', 'rows of P'),
        heading('features', 'class means'),
      ],
      rows: (['minority', 'majority'] as const).map((group) => [
        {
          value: group,
          text: group === 'minority' ? 'small classes (below the average size)' : 'the others',
        },
        degrees(minority[group].weights),
        degrees(minority[group].features),
      ]),
    });
  if (prediction.note !== null) parts.push('', wrap(prediction.note, Math.min(width, 100)));
  return parts;
}

function degrees(value: number | null): Cell {
  return value === null ? null : { value, text: angle(value) };
}
