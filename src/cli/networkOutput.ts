/**
 * What is shown of a network: one line of progress while it trains, one for each measurement, and tables of measured beside
 * predicted at its end. `train` and `reproduce` share it.
 */
import type { LayerRecord, NetworkSummary, TrainRecord } from '../runs/index.js';
import type { NetworkProgress } from '../verbs/train/networkProgress.js';
import type { TrainNetworkDocument } from '../verbs/train/trainNetwork.js';
import { comparisonTable, measuresTable } from './comparisonTables.js';
import { column, duration, number, share, table, whole, wrap } from './format.js';
import { reportPath } from '../runs/runFolder.node.js';

const WIDEST = 100;

/** "training  42 %  epoch 12/200  loss 0.0123  99.1 % right  12 300 images/s  0:42 left", after `seconds` of this call. */
export function networkProgressLine(progress: NetworkProgress, seconds: number): string {
  const { epoch, epochs, step, steps, from, loss, accuracy, imagesPerSecond, busy, record } = progress;
  const rate = seconds > 0 ? (step - from) / seconds : 0;
  const percent = steps === 0 ? 100 : Math.floor((100 * step) / steps);
  return [
    `${busy}  ${percent} %`,
    `epoch ${epoch}/${epochs}`,
    ...(loss === null ? [] : [`loss ${number(loss, 3)}`]),
    ...(accuracy === null ? [] : [`${percentOf(accuracy)} right`]),
    ...(record === null ? [] : [`NC1 ${number(record.nc1.pinv, 2)}`]),
    ...(imagesPerSecond === null ? [] : [`${whole(Math.round(imagesPerSecond))} images/s`]),
    ...(rate > 0 ? [`${duration((steps - step) / rate)} left`] : []),
  ].join('  ');
}

/** The columns of `recordLine`; Δ is the distance from the predicted frame. */
const RECORD: readonly { readonly title: string; readonly cell: (record: TrainRecord) => string }[] = [
  { title: 'epoch', cell: ({ network }) => (network === undefined ? '–' : String(network.epoch)) },
  { title: 'loss', cell: ({ network }) => number(network?.trainingLoss, 3) },
  { title: 'right', cell: ({ accuracy }) => percentOf(accuracy) },
  { title: 'test', cell: ({ network }) => percentOf(network?.testAccuracy) },
  { title: 'NC1', cell: ({ nc1 }) => number(nc1.pinv, 2) },
  { title: 'Δ PPᵀ', cell: ({ nc2 }) => number(nc2.weights.predicted, 2) },
  { title: 'Δ H̄ᵀH̄', cell: ({ nc2 }) => number(nc2.features.predicted, 2) },
  { title: 'Δ PH̄', cell: ({ nc3 }) => number(nc3.predicted, 2) },
  { title: 'NC4', cell: ({ nc4 }) => percentOf(nc4) },
];
const CELL = 8;

/** Titles above the lines of records. */
export function recordHeading(): string {
  return cells(RECORD.map(({ title }) => title));
}

/** One measurement in a line: loss, right answers on training and test images, NC1 … NC4. */
export function recordLine(record: TrainRecord): string {
  return cells(RECORD.map(({ cell }) => cell(record)));
}

/** A combining mark (the bar of h̄) takes no room. */
function cells(texts: readonly string[]): string {
  return texts
    .map((text) => ' '.repeat(Math.max(0, CELL - text.replace(/\p{M}/gu, '').length)) + text)
    .join(' ');
}

function percentOf(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : `${(100 * value).toFixed(1)} %`;
}

/** What was trained, how it ended beside theory, class by class, NC1 … NC4, and collapse through depth. */
export function describeNetworkRun(document: TrainNetworkDocument, width: number, folder: string): string {
  const { objective, prediction, classes, verdict, blas, network } = document;
  const text = (line: string) => wrap(line, Math.min(width, WIDEST));
  if (document.status === 'diverged') return text(verdict.sentence);
  const speed =
    network.imagesPerSecond === null
      ? ''
      : `${whole(Math.round(network.imagesPerSecond))} images a second in training, `;
  return [
    text(describeArchitecture(document)),
    text(describeDecays(document)),
    ...(network.data.notes ?? []).map((note) => text(`data: ${note}`)),
    '',
    text(`after ${whole(network.epoch)} epochs (${speed}${blas.name})`),
    `objective  ${objective === null ? 'not finite' : objective.toPrecision(6)}`,
    text(
      prediction === null
        ? `theory     none: ${whyNone(document)}`
        : `theory     ${prediction.objective.toPrecision(6)}, ${prediction.optimality === 'global' ? 'the global minimum' : 'best known'}: ${prediction.frame}`,
    ),
    ...(network.testAccuracy === null
      ? []
      : [`test       ${share(network.testAccuracy)} of ${whole(network.data.testSamples)} images`]),
    '',
    comparisonTable(classes, width),
    '',
    measuresTable(document, width),
    ...(network.layers.length === 0 ? [] : ['', layersTable(network.layers, width)]),
    '',
    text(verdict.sentence),
    '',
    `run folder  ${folder}`,
    `report      ${reportPath(folder)}`,
  ].join('\n');
}

function describeArchitecture({ problem, network }: NetworkSummary): string {
  const { name, ...sizes } = network.architecture;
  const samples = problem.counts.reduce((sum, count) => sum + count, 0);
  return [
    `${String(name)} (${[...Object.entries(sizes).map(([key, value]) => `${key} ${value}`), `${whole(network.parameters)} parameters`].join(', ')})`,
    `${whole(samples)} images of ${network.data.set} in batches of ${whole(network.batch)}`,
    `head of ${problem.depth} linear ${problem.depth === 1 ? 'layer' : 'layers'}`,
    problem.bias === 'free' ? 'free bias' : 'no bias',
    problem.loss === 'mse' ? 'squared error' : 'cross-entropy',
  ].join(', ');
}

/** Why theory says nothing: `problemOfRun` and the fit of λ_H have the conditions. */
function whyNone({ problem }: NetworkSummary): string {
  const zero = problem.weightDecays.flatMap((decay, m) => (decay > 0 ? [] : [`W${m + 1}`]));
  if (zero.length > 0)
    return `it needs a positive decay of every layer of the head, and that of ${zero.join(', ')} is 0`;
  return 'it needs a λ_H, and none can be fitted where head or class means vanish';
}

/** λ in theory's units, and where that of the features comes from. */
function describeDecays({ problem, network: { featureDecay } }: NetworkSummary): string {
  const [first] = problem.weightDecays;
  const same = problem.weightDecays.every((decay) => decay === first);
  const weights = same ? number(first) : problem.weightDecays.map((decay) => number(decay)).join(', ');
  const weightDecay = `in theory's units λ_W = ${weights}`;
  if (problem.featureDecay === null) return `${weightDecay}; λ_H could not be fitted`;
  const value = `${weightDecay}, λ_H = ${number(problem.featureDecay)}`;
  if (featureDecay.source === 'exact') return value;
  const { range } = featureDecay;
  const spread = range === null ? '' : `, ${number(range[0])} to ${number(range[1])} over classes`;
  return `${value} (fitted to the balance between head and class means${spread})`;
}

/** Collapse through depth. */
export function layersTable(layers: readonly LayerRecord[], width: number): string {
  return table(
    [
      column('layer', 0, 'left'),
      column('place', 2, 'left'),
      column('NC1'),
      column('tr Σ_W / tr Σ_B', 1),
      column('CDNV'),
    ],
    layers.map(({ name, place, nc1, cdnv }) => [
      name,
      place,
      number(nc1.pinv),
      number(nc1.quotient),
      number(cdnv),
    ]),
    width,
  );
}
