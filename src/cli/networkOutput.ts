/**
 * What is shown of a network: one line of progress while it trains, one for each measurement, and tables of measured beside
 * predicted at its end. `train` and `reproduce` share it.
 */
import { BIAS_WORDS, variationWords } from '../model/index.js';
import type { LayerRecord, NetworkSummary, TrainRecord } from '../runs/index.js';
import type { NetworkProgress } from '../verbs/train/networkProgress.js';
import type { TrainNetworkDocument } from '../verbs/train/trainNetwork.js';
import { comparisonTable, measuresTables, spaced } from './comparisonTables.js';
import { duration, number, share, whole, wrap } from './format.js';
import { linearLayersBlocks } from './linearLayers.js';
import { survivalTable } from './survivalTable.js';
import { blocksText, heading, tableText, type Block, type Shown, type Table } from './tables.js';
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
    ...(accuracy === null ? [] : [`${share(accuracy, 1)} right`]),
    ...(record === null ? [] : [`NC1 ${number(record.nc1.pinv, 2)}`]),
    ...(imagesPerSecond === null ? [] : [`${whole(Math.round(imagesPerSecond))} images/s`]),
    ...(rate > 0 ? [`${duration((steps - step) / rate)} left`] : []),
  ].join('  ');
}

interface RecordColumn {
  readonly key: string;
  readonly title: string;
  readonly value: (record: TrainRecord) => number | null | undefined;
  readonly text: (value: number | null | undefined) => string;
}

const oneDecimal = (value: number | null | undefined) => share(value, 1);
const short = (digits: number) => (value: number | null | undefined) => number(value, digits);

/** The columns of `recordLine`; Δ is the distance from the predicted frame. */
const RECORD: readonly RecordColumn[] = [
  { key: 'epoch', title: 'epoch', value: ({ network }) => network?.epoch, text: short(15) },
  { key: 'trainingLoss', title: 'loss', value: ({ network }) => network?.trainingLoss, text: short(3) },
  { key: 'accuracy', title: 'right', value: ({ accuracy }) => accuracy, text: oneDecimal },
  { key: 'testAccuracy', title: 'test', value: ({ network }) => network?.testAccuracy, text: oneDecimal },
  { key: 'nc1.pinv', title: 'NC1', value: ({ nc1 }) => nc1.pinv, text: short(2) },
  {
    ...{ key: 'nc2.weights.predicted', title: 'Δ PPᵀ' },
    ...{ value: ({ nc2 }: TrainRecord) => nc2.weights.predicted, text: short(2) },
  },
  {
    ...{ key: 'nc2.features.predicted', title: 'Δ H̄ᵀH̄' },
    ...{ value: ({ nc2 }: TrainRecord) => nc2.features.predicted, text: short(2) },
  },
  { key: 'nc3.predicted', title: 'Δ PH̄', value: ({ nc3 }) => nc3.predicted, text: short(2) },
  { key: 'nc4', title: 'NC4', value: ({ nc4 }) => nc4, text: oneDecimal },
];
const CELL = 8;

/** Titles above the lines of records. */
export function recordHeading(): string {
  return cells(RECORD.map(({ title }) => title));
}

/** One measurement in a line: loss, right answers on training and test images, NC1 … NC4. */
export function recordLine(record: TrainRecord): string {
  return cells(RECORD.map(({ value, text }) => text(value(record))));
}

/** A combining mark (the bar of h̄) takes no room. */
function cells(texts: readonly string[]): string {
  return texts
    .map((text) => ' '.repeat(Math.max(0, CELL - text.replace(/\p{M}/gu, '').length)) + text)
    .join(' ');
}

/** Records as a table, one row a measurement. */
export function recordsTable(records: readonly TrainRecord[]): Table {
  return {
    name: 'records',
    columns: RECORD.map(({ key, title }) => heading(key, title)),
    rows: records.map((record) =>
      RECORD.map(({ value, text }): Shown => ({
        value: value(record) ?? null,
        text: text(value(record)),
      })),
    ),
  };
}

/** What was trained, how it ended beside theory, class by class, NC1 … NC4, and collapse through depth. */
export function describeNetworkRun(document: TrainNetworkDocument, width: number, folder: string): string {
  return blocksText(networkRunBlocks(document, width, folder), width);
}

export function networkRunBlocks(document: TrainNetworkDocument, width: number, folder: string): Block[] {
  const { objective, prediction, classes, verdict, blas, network } = document;
  const text = (line: string) => wrap(line, Math.min(width, WIDEST));
  if (document.status === 'diverged') return [text(verdict.sentence)];
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
    ...topFiveLine(network),
    '',
    comparisonTable(classes),
    '',
    ...spaced(measuresTables(document)),
    ...(network.layers.length === 0 ? [] : ['', layers(network.layers)]),
    ...linearLayersBlocks(network.layers),
    ...survivalBlocks(document).flatMap((block) => ['', typeof block === 'string' ? text(block) : block]),
    '',
    text(verdict.sentence),
    '',
    `run folder  ${folder}`,
    `report      ${reportPath(folder)}`,
  ];
}

/** Right answers among the five largest outputs. */
function topFiveLine({ top5Accuracy, testTop5Accuracy }: NetworkSummary['network']): string[] {
  if (top5Accuracy === undefined) return [];
  const test = testTop5Accuracy ?? null;
  return [
    `top 5      ${share(top5Accuracy)} of training images${test === null ? '' : `, ${share(test)} of test images`}`,
  ];
}

function describeArchitecture({ problem, network }: NetworkSummary): string {
  const { name, ...sizes } = network.architecture;
  const samples = problem.counts.reduce((sum, count) => sum + count, 0);
  return [
    `${String(name)} (${[...Object.entries(sizes).map(([key, value]) => `${key} ${value}`), `${whole(network.parameters)} parameters`].join(', ')})`,
    `${whole(samples)} images of ${network.data.set} in batches of ${whole(network.batch)}`,
    `head of ${problem.depth} linear ${problem.depth === 1 ? 'layer' : 'layers'}`,
    BIAS_WORDS[problem.bias],
    problem.loss === 'mse' ? 'squared error' : 'cross-entropy',
    ...variationWords(problem, (value) => number(value)),
  ].join(', ');
}

/** Why theory says nothing: `problemOfRun` and the fit of λ_H have the conditions. */
function whyNone({ problem }: NetworkSummary): string {
  const zero = problem.weightDecays.flatMap((decay, m) => (decay > 0 ? [] : [`W${m + 1}`]));
  if (problem.featureDecay !== null && zero.length === 0)
    return 'no statement covers so many classes with what this training has besides';
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
export function layersTable(given: readonly LayerRecord[], width: number): string {
  return tableText(layers(given), width);
}

function layers(given: readonly LayerRecord[]): Table {
  return {
    name: 'layers',
    columns: [
      heading('layer', 'layer', 0, 'left'),
      heading('place', 'place', 2, 'left'),
      heading('nc1.pinv', 'NC1'),
      heading('nc1.quotient', 'tr Σ_W / tr Σ_B', 1),
      heading('cdnv', 'CDNV'),
    ],
    rows: given.map(({ name, place, nc1, cdnv }) => [name, place, nc1.pinv, nc1.quotient, cdnv]),
  };
}

/** What one decay of everything should leave of each class, beside what it left; nothing where nothing can be said. */
function survivalBlocks({ network: { survival }, classes }: NetworkSummary): Block[] {
  if (survival === null || survival === undefined) return [];
  const { weightDecay, weightLayers } = survival;
  return [
    `Up to which weight decay each class should be learned (estimates for plain decay, ${weightLayers} weight layers), and what became of it at ${number(weightDecay)}:`,
    survivalTable({
      name: 'survival',
      weightDecay,
      classes: survival.classes.map(({ estimate, low, high, atDecay }, k) => ({
        ...{ name: null, count: classes[k].count, accuracy: classes[k].accuracy, atDecay },
        largestDecay: { estimate, low, high, estimateE: null },
      })),
    }),
  ];
}
