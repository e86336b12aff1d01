/** What is shown of a monitored run: a line an epoch, training and test side by side, then the last epoch in full. */
import type { LayerMeasures, MonitorDocument, SeriesPoint } from '../verbs/index.js';
import { comparisonTable, measuresTables, spaced } from './comparisonTables.js';
import { number, share, whole, wrap } from './format.js';
import { besideRange } from './measureWords.js';
import { linearLayersBlocks } from './linearLayers.js';
import { describeProblem } from './problemWords.js';
import { counted, heading, type Block, type Cell, type Heading, type Table } from './tables.js';

const WIDEST = 100;

/** Δ is the distance from the predicted frame; a column is of training samples unless it says test. */
const COLUMNS: readonly (Heading & { readonly cell: (point: SeriesPoint) => Cell })[] = [
  { ...heading('epoch'), cell: ({ epoch }) => ({ value: epoch, text: String(epoch) }) },
  { ...heading('accuracy', 'right'), cell: ({ accuracy }) => percent(accuracy) },
  { ...heading('test.accuracy', 'test'), cell: ({ test }) => percent(test?.accuracy) },
  { ...heading('nc1.pinv', 'NC1'), cell: ({ nc1 }) => brief(nc1.pinv) },
  { ...heading('test.nc1.pinv', 'test'), cell: ({ test }) => brief(test?.nc1.pinv) },
  { ...heading('nc2.weights.predicted', 'Δ PPᵀ', 1), cell: ({ nc2 }) => brief(nc2.weights.predicted) },
  { ...heading('nc2.features.predicted', 'Δ H̄ᵀH̄', 1), cell: ({ nc2 }) => brief(nc2.features.predicted) },
  { ...heading('nc4', 'NC4'), cell: ({ nc4 }) => percent(nc4) },
  { ...heading('test.nc4', 'test'), cell: ({ test }) => percent(test?.nc4) },
];

const AFTER_RELU =
  'No feature is negative, as after a ReLU, and theory here is of features of any sign: --feature-sign nonnegative holds them against features that must not be negative.';

/** What was watched. */
export function watched(document: MonitorDocument): string {
  const { runDirectory, network, dimension, depth, series } = document;
  const counts = series.at(-1)?.counts ?? [];
  const samples = counts.reduce((sum, n) => sum + n, 0);
  const head = network.head
    .slice(-depth)
    .map(({ name }) => name)
    .join(', ');
  return [
    runDirectory,
    `${whole(samples)} samples, ${counts.length} classes, d = ${dimension}`,
    `a head of ${depth} linear layer${depth === 1 ? '' : 's'}: ${head}`,
  ].join('\n');
}

/** A line an epoch. */
export function seriesTable({ series }: MonitorDocument): Table {
  return {
    name: 'series',
    columns: COLUMNS,
    rows: series.map((point) => COLUMNS.map(({ cell }) => cell(point))),
  };
}

/** Titles above the lines of epochs that are printed as they come. */
export function seriesHeading(): string {
  return line(COLUMNS.map(({ title }) => title));
}

export function seriesLine(point: SeriesPoint): string {
  return line(
    COLUMNS.map(({ cell }) => {
      const shown = cell(point);
      return typeof shown === 'object' && shown !== null ? shown.text : '–';
    }),
  );
}

/** The last epoch beside theory, layers, and what is to be said. */
export function describeEnd(document: MonitorDocument, width: number, report: string | null): Block[] {
  const last = document.series.at(-1);
  if (last === undefined) return [];
  const text = (line: string) => wrap(line, Math.min(width, WIDEST));
  const { prediction, predictionNote, lossConvention, fittedFeatureDecay, verdict } = document;
  const names = document.classNames === null ? document.classLabels : namesOf(document);
  const parts: Block[] = [`\nepoch ${last.epoch}`];
  if (prediction !== null) parts.push('beside the prediction for', describeProblem(prediction.problem));
  if (lossConvention !== null) parts.push(text(lossConvention));
  if (fittedFeatureDecay !== null) {
    const { value, range } = fittedFeatureDecay;
    parts.push(
      text(
        `λ_H was fitted to this epoch, and is that of the theory beside all: ${number(value)} (class by class from ${number(range[0])} to ${number(range[1])}${besideRange(value, range)})`,
      ),
    );
  }
  parts.push(...topFiveLine(last));
  parts.push('', comparisonTable(last.classes, names), '', ...spaced(measuresTables(last)), '');
  parts.push(layersTable(last.layers), ...linearLayersBlocks(last.layers));
  if (document.absentClasses.length > 0)
    parts.push('', text(`without training samples, and left out: ${document.absentClasses.join(', ')}`));
  for (const remark of remarksOf(document)) parts.push('', text(remark));
  if (predictionNote !== null) parts.push('', text(predictionNote));
  if (verdict !== null)
    for (const sentence of [...verdict.warnings, verdict.sentence]) parts.push('', text(sentence));
  parts.push(
    '',
    text(
      `(test samples are held against the class means of training; h_G is the mean over all samples; Σ_B counts with rank ${last.rank}; distances are between matrices scaled to norm 1)`,
    ),
  );
  if (report !== null) parts.push('', `report  ${report}`);
  return parts;
}

/** What is to be said beside the numbers of the last epoch, in sentences; the page has the same. */
export function remarksOf(document: MonitorDocument): string[] {
  const { contradictions, notFinite, nonNegative, prediction, notes, series } = document;
  return [
    ...contradictions,
    ...(notFinite.length > 0 ? [`features were not finite at epoch ${notFinite.join(', ')}`] : []),
    ...(nonNegative && prediction !== null && prediction.problem.featureSign !== 'nonnegative'
      ? [AFTER_RELU]
      : []),
    ...notes,
    ...(series.at(-1)?.notes ?? []),
  ];
}

/** Nothing of five classes or fewer, and of runs in which it was not counted. */
function topFiveLine({ top5Accuracy, test }: SeriesPoint): string[] {
  if (top5Accuracy === null) return [];
  const tested =
    test === null || test.top5Accuracy === null ? '' : `, ${share(test.top5Accuracy)} of test samples`;
  return [`top 5: ${share(top5Accuracy)} of training samples${tested}`];
}

function namesOf({ classLabels, classNames }: MonitorDocument): readonly string[] {
  return classLabels.map((k) => classNames?.[k] ?? String(k));
}

/** Collapse through depth; test samples about the training means of each layer. */
function layersTable(layers: readonly LayerMeasures[]): Table {
  const tested = layers.some(({ test }) => test !== null);
  return {
    name: 'layers',
    columns: [
      heading('layer', 'layer', 0, 'left'),
      heading('dimension', 'd', 3),
      heading('nc1.pinv', 'NC1'),
      ...(tested ? [heading('test.nc1.pinv', 'test NC1', 1)] : []),
      heading('nc1.quotient', 'tr Σ_W / tr Σ_B', 2),
      heading('cdnv', 'CDNV', 4),
      heading('nccAccuracy', 'nearest mean right'),
    ],
    rows: layers.map(({ name, dimension, nc1, test, cdnv, nccAccuracy }) => [
      name,
      counted(dimension),
      nc1.pinv,
      ...(tested ? [test?.nc1.pinv ?? null] : []),
      nc1.quotient,
      cdnv,
      { value: nccAccuracy, text: share(nccAccuracy) },
    ]),
  };
}

const CELL = 8;

/** Right-aligned; a combining mark (the bar of h̄) takes no room. */
function line(texts: readonly string[]): string {
  return texts
    .map((text) => ' '.repeat(Math.max(0, CELL - text.replace(/\p{M}/gu, '').length)) + text)
    .join(' ');
}

function percent(value: number | null | undefined): Cell {
  return value == null ? null : { value, text: `${(100 * value).toFixed(1)} %` };
}

/** Two digits of a measure. */
function brief(value: number | null | undefined): Cell {
  return value == null ? null : { value, text: number(value, 2) };
}
