/** What `collapsar reproduce` shows: the catalogue, the runs to come with their times, and measured beside predicted. */
import { IMAGE_KINDS } from '../data/index.js';
import type { NetworkSpec, RunSpec, UfmSpec, Experiment, Scale, Variants } from '../runs/index.js';
import type { RunPlan } from '../verbs/reproduce/reproduce.js';
import type { ReproducedRun, ReproduceDocument } from '../verbs/reproduce/document.js';
import { comparisonTable } from './comparisonTables.js';
import { tableText } from './tables.js';
import { column, duration, number, share, table, whole, wrap } from './format.js';

const WIDEST = 100;
/** Up to so many runs are shown class by class, else the last one is. */
const CLASS_TABLES = 3;
/** The catalogue's columns: all from this width on, else the first few. */
const WIDE_LIST = 76;
const NARROW_COLUMNS = 3;

/** A table of all, then each in words, with its settings at that scale. */
export function describeCatalogue(experiments: readonly Experiment[], scale: Scale, width: number): string {
  const rows = experiments.map((experiment) => {
    const { depths, widths, biases, losses } = variantsAt(experiment, scale);
    return [
      experiment.name,
      experiment.origin === 'paper' ? "paper's" : 'ours',
      depths.join(','),
      widths.join(','),
      biases.join(','),
      losses.join(','),
    ];
  });
  const columns = [
    column('experiment', 0, 'left'),
    column('from', 0, 'left'),
    column('layers M', 0, 'left'),
    column('width', 0, 'left'),
    column('last bias', 0, 'left'),
    column('loss', 0, 'left'),
  ];
  // What a narrow terminal has no room for is in the words below.
  const visible = width < WIDE_LIST ? columns.slice(0, NARROW_COLUMNS) : columns;
  return [
    table(visible, rows, width),
    '',
    wrap("paper's: settings of the authors' public code; ours: the same elsewhere.", Math.min(width, WIDEST)),
    ...(scale === 'paper'
      ? ['At paper scale (--scale quick lists the other):']
      : [
          wrap(
            'At quick scale: one run each, in minutes on two cores. Fewer images and epochs, and for that other decays, learning rates, and of convolutions fewer channels and a smaller batch; --scale paper lists the experiments’ own.',
            Math.min(width, WIDEST),
          ),
        ]),
    ...experiments.flatMap((experiment) => [
      '',
      experiment.name,
      ...indented(describeExperiment(experiment, scale), width),
    ]),
  ].join('\n');
}

function indented(lines: readonly string[], width: number): string[] {
  return lines.flatMap((line) =>
    wrap(line, Math.min(width, WIDEST) - 2)
      .split('\n')
      .map((part) => `  ${part}`),
  );
}

/** What is run at a scale without flags. */
function variantsAt({ variants, quick }: Experiment, scale: Scale): Variants {
  switch (scale) {
    case 'paper':
      return variants;
    case 'quick':
      return { depths: [quick.depth], widths: [quick.width], biases: [quick.bias], losses: [quick.loss] };
    default:
      return scale satisfies never;
  }
}

function describeExperiment(experiment: Experiment, scale: Scale): string[] {
  const { depths, widths, biases, losses } = variantsAt(experiment, scale);
  const variant = { depth: depths[0], width: widths[0], bias: biases[0], loss: losses[0] };
  const choices = [
    `M = ${depths.join(', ')}`,
    `width ${widths.join(', ')}`,
    `${biases.map((bias) => (bias === 'free' ? 'with' : 'without')).join(' and ')} last bias`,
    losses.map((loss) => (loss === 'mse' ? 'squared error' : 'cross-entropy')).join(' and '),
  ];
  return [
    experiment.shows,
    `${experiment.title}: ${choices.join('; ')}.`,
    settingsInWords(experiment.specOf(scale, variant, 0)),
  ];
}

/** What does not differ between the variants of an experiment, in a sentence. */
export function settingsInWords(spec: RunSpec): string {
  return `${(spec.kind === 'ufm' ? ufmInWords(spec) : networkInWords(spec)).join(', ')}.`;
}

function ufmInWords({ counts, weightDecay, featureDecay, optimizer, steps }: UfmSpec): string[] {
  const rule =
    optimizer.name === 'sgd'
      ? `gradient descent ${number(optimizer.learningRate)}, momentum ${number(optimizer.momentum)}`
      : 'L-BFGS';
  const decays =
    weightDecay === featureDecay ? `λ = ${number(featureDecay)}` : `λ_H = ${number(featureDecay)}`;
  return [`Samples ${countsInWords(counts)}`, decays, rule, `${whole(steps)} steps`];
}

function networkInWords(spec: NetworkSpec): string[] {
  const { data, architecture, decay, optimizer, schedule, batch, epochs } = spec;
  const backbone =
    architecture.name === 'mlp'
      ? `${architecture.layers} hidden ReLU layers ${batchNormInWords(architecture.batchNorm)}`
      : `${architecture.name}${architecture.widthMultiplier === 1 ? '' : ` with ${number(architecture.widthMultiplier)} of its channels`}`;
  return [
    `${IMAGE_KINDS[data.set].title}: ${data.counts === undefined ? 'all images there are' : `the first ${countsInWords(data.counts)} of each class`}`,
    ...(data.testLimit === undefined ? [] : [`at most ${whole(data.testLimit)} test images of a class`]),
    ...(data.pad === undefined ? [] : [`padded to ${data.pad}×${data.pad}`]),
    ...(data.resize === undefined ? [] : [`enlarged to ${data.resize}×${data.resize}`]),
    ...(data.channels === undefined ? [] : ['grey in three channels']),
    backbone,
    decayInWords(decay),
    optimizer.name === 'adam'
      ? `Adam ${number(optimizer.learningRate)}`
      : `SGD ${number(optimizer.learningRate)}, momentum ${number(optimizer.momentum)}`,
    batch === 'full' ? 'full batch' : `batch ${batch}`,
    `${whole(epochs)} epochs`,
    ...(schedule === undefined ? [] : [`rate ×${number(schedule.factor)} every ${whole(schedule.every)}`]),
  ];
}

function batchNormInWords(batchNorm: boolean | 'after-relu'): string {
  if (batchNorm === 'after-relu') return 'with BatchNorm after each';
  return batchNorm ? 'with BatchNorm' : 'without BatchNorm';
}

function decayInWords(decay: NetworkSpec['decay']): string {
  if ('all' in decay) return `decay ${number(decay.all)} of all parameters`;
  const { head, features, backbone } = decay;
  const heads = typeof head === 'number' ? number(head) : head.map((lambda) => number(lambda)).join(', ');
  if (head === features && backbone === 0) return `decay ${heads} of head and features, none of the backbone`;
  return head === features && head === backbone
    ? `decay ${heads} of weights and features`
    : `decay ${heads} of the head, ${number(features)} of features, ${number(backbone)} of the backbone`;
}

function countsInWords(counts: readonly number[] | string): string {
  return typeof counts === 'string' ? counts.split('x')[0] : counts.join(', ');
}

/** The runs to come, before the first of them starts. */
export function describePlan(
  title: string,
  plan: readonly RunPlan[],
  machine: string,
  width: number,
): string {
  const rows = plan.map(({ name, state, estimatedSeconds }) => [
    name,
    state,
    estimatedSeconds === null ? '–' : duration(estimatedSeconds),
  ]);
  const remaining = plan.filter(({ state }) => state !== 'done');
  const total = remaining.reduce((sum, { estimatedSeconds }) => sum + (estimatedSeconds ?? 0), 0);
  const time = remaining.length === 0 ? 'nothing is left to do' : `about ${duration(total)} in all`;
  return [
    title,
    '',
    table([column('run', 0, 'left'), column('state', 1, 'left'), column('estimated time')], rows, width),
    '',
    wrap(`${time}, as a few steps take here (${machine})`, Math.min(width, WIDEST)),
  ].join('\n');
}

/** One line when a run has ended. */
export function describeEnd({ name, seconds, status, verdict }: ReproducedRun): string {
  return `${name}: ${status ?? ''}${seconds === null ? '' : `, ${duration(seconds)}`}. ${verdict?.sentence ?? ''}`;
}

/** All runs, measured beside predicted, then class by class, then the verdicts. */
export function describeResults(document: ReproduceDocument, width: number): string {
  const ended = document.runs.filter(({ measured }) => measured !== null);
  const detailed = ended.length <= CLASS_TABLES ? ended : ended.slice(-1);
  return [
    `${document.title}, ${document.scale} scale: ${document.runs.length} ${document.runs.length === 1 ? 'run' : 'runs'}`,
    '',
    resultsTable(document.runs, width),
    '',
    wrap(
      `F: the objective in theory’s units. Δ: distance from the predicted frame.${
        document.runs.some(({ measured }) => (measured?.testAccuracy ?? null) !== null)
          ? ' Test: right answers on unseen images.'
          : ''
      }`,
      Math.min(width, WIDEST),
    ),
    ...detailed.flatMap((run) => ['', run.name, '', tableText(comparisonTable(run.classes), width)]),
    ...ended.flatMap((run) => [
      '',
      run.name,
      ...indented(
        run.dataNotes.map((note) => `data: ${note}`),
        width,
      ),
      ...indented([run.verdict?.sentence ?? '', `run folder  ${run.runDirectory}`], width),
    ]),
  ].join('\n');
}

function resultsTable(runs: readonly ReproducedRun[], width: number): string {
  const columns = [
    { ...column('run', 0, 'left'), cell: ({ name }: ReproducedRun) => name },
    { ...column('F'), cell: ({ measured }: ReproducedRun) => number(measured?.objective) },
    { ...column('theory'), cell: ({ predicted }: ReproducedRun) => number(predicted?.objective) },
    { ...column('NC1'), cell: ({ measured }: ReproducedRun) => number(measured?.nc1.pinv, 2) },
    {
      ...column('Δ PPᵀ', 2),
      cell: ({ measured }: ReproducedRun) => number(measured?.nc2.weights.predicted, 2),
    },
    {
      ...column('Δ H̄ᵀH̄', 3),
      cell: ({ measured }: ReproducedRun) => number(measured?.nc2.features.predicted, 2),
    },
    { ...column('Δ PH̄', 4), cell: ({ measured }: ReproducedRun) => number(measured?.nc3.predicted, 2) },
    { ...column('test', 1), cell: ({ measured }: ReproducedRun) => share(measured?.testAccuracy) },
    {
      ...column('time', 5),
      cell: ({ seconds }: ReproducedRun) => (seconds === null ? '–' : duration(seconds)),
    },
    { ...column('status', 6, 'left'), cell: ({ status }: ReproducedRun) => status ?? 'not started' },
  ].filter(({ title, cell }) => title !== 'test' || runs.some((run) => cell(run) !== '–'));
  return table(
    columns,
    runs.map((run) => columns.map(({ cell }) => cell(run))),
    width,
  );
}
