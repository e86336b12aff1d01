/** The page of a monitored training: collapse over its epochs, training and test, classes beside theory, layers by depth. */
import type {
  ClassComparison,
  GramMatrices,
  LayerRecord,
  Maybe,
  TrainRecord,
  VerdictRecord,
} from '../../runs/records.js';
import type { FigureDocument } from '../dom.js';
import { classNorms } from '../figures/classNorms.js';
import { collapseThroughDepth } from '../figures/collapseThroughDepth.js';
import { layersOverSteps } from '../figures/layersOverSteps.js';
import { gramHeatmaps } from '../figures/gramHeatmaps.js';
import type { SampleMeasures } from '../figures/testOverEpochs.js';
import { formatCount, formatNumber, formatPercent } from '../format.js';
import { classRemark, classTable } from './classTable.js';
import { fact } from './factItem.js';
import { judgedBox } from './facts.js';
import { html, type Html } from './html.js';
import { layerTable } from './layerTable.js';
import { measureTable } from './measureTable.js';
import { topFiveFacts } from './networkFacts.js';
import { notesSection } from './notes.js';
import { figure, section } from './pageParts.js';
import { measuresSection, normsSection, testSection, type MeasuredSeries } from './seriesSections.js';
import { pageShell, unbroken } from './shell.js';

/** One epoch, as the page needs it. */
export interface SeriesReportPoint extends SampleMeasures {
  readonly counts: readonly number[];
  readonly layers: readonly LayerRecord[];
  readonly test:
    | (SampleMeasures & {
        readonly samples: number;
        readonly classes: readonly { readonly accuracy: Maybe }[];
      })
    | null;
}

export interface SeriesReportInput {
  readonly title: string;
  readonly version: string;
  /** One for each epoch, and what it was made of. */
  readonly records: readonly TrainRecord[];
  readonly series: readonly SeriesReportPoint[];
  /** Of the last epoch. */
  readonly classes: readonly ClassComparison[];
  readonly classNames: readonly string[];
  readonly verdict: VerdictRecord | null;
  /** Why there is no prediction; null where there is one. */
  readonly predictionNote: string | null;
  readonly lossConvention: string | null;
  /** The problem that theory was asked about, with λ in its units. */
  readonly problem: {
    readonly loss: 'mse' | 'ce';
    readonly weightDecays: readonly number[];
    readonly featureDecay: number;
  } | null;
  readonly fittedFeatureDecay: { readonly range: readonly [number, number] } | null;
  readonly network: {
    readonly torch: string;
    readonly head: readonly { readonly name: string }[];
    readonly layers: readonly { readonly name: string; readonly pooling: string | null }[];
    readonly optimizer: { readonly name: string } | null;
  };
  readonly dimension: number;
  readonly notes: readonly string[];
  readonly geometry: { readonly measured: GramMatrices; readonly predicted: GramMatrices } | null;
  readonly document: FigureDocument;
}

/** The whole file as text. The same input gives the same text. */
export function renderSeriesReport(input: SeriesReportInput): string {
  const { title, version, document } = input;
  const series = seriesOf(input);
  return pageShell({
    title: `Neural collapse: ${title}`,
    version,
    header: html`<p class="over">A training in PyTorch, watched</p>
      <h1>${unbroken(title)}</h1>
      ${verdictOf(input)} ${input.notes.map((note) => html`<p class="lead">${note}</p>`)}`,
    main: html`<section aria-label="Key facts">${facts(input)}</section>
      ${measuresSection(series, 'Collapse over training: NC1 … NC4', document, lastTable(input))}
      ${testSection(series, document)} ${normsSection(series, 'Norms over training', document)}
      ${classesSection(input)} ${layersSection(input)} ${depthSection(input)} ${gramSection(input)}
      ${notesSection()}`,
  });
}

function verdictOf({ verdict, predictionNote }: SeriesReportInput): Html {
  return judgedBox(verdict ?? { held: null, sentence: predictionNote ?? 'There is no prediction.' });
}

function facts(input: SeriesReportInput): Html {
  const { series, records, classes, dimension, network, problem, fittedFeatureDecay, lossConvention } = input;
  const last = series.at(-1);
  const same = problem?.weightDecays.every((decay) => decay === problem.weightDecays[0]) === true;
  return html`<dl class="facts">
    ${fact('Classes', formatCount(classes.length), `of ${formatCount(samplesOf(input))} samples`)}
    ${fact('Features', formatCount(dimension), `head: ${network.head.map(({ name }) => name).join(', ')}`)}
    ${fact('Epochs measured', formatCount(records.length), epochs(records))}
    ${fact('Accuracy', formatPercent(last?.accuracy ?? null), last?.test == null ? 'of training samples' : `${formatPercent(last.test.accuracy)} of ${formatCount(last.test.samples)} test samples`)}
    ${topFiveFacts(records.at(-1)?.network ?? {})}
    ${fact('Trained with', network.optimizer?.name ?? 'not known', `PyTorch ${network.torch}`)}
    ${
      problem === null
        ? null
        : fact(
            'λ_W',
            same
              ? formatNumber(problem.weightDecays[0])
              : problem.weightDecays.map((decay) => formatNumber(decay)).join(', '),
            lossConvention ?? (problem.loss === 'ce' ? 'cross-entropy: weight_decay itself' : ''),
          )
    }
    ${
      problem === null
        ? null
        : fact(
            'λ_H',
            formatNumber(problem.featureDecay),
            fittedFeatureDecay === null
              ? 'as given'
              : `fitted to the last epoch; over classes ${fittedFeatureDecay.range.map((x) => formatNumber(x)).join(' to ')}`,
          )
    }
  </dl>`;
}

function epochs(records: readonly TrainRecord[]): string {
  const of = (record: TrainRecord | undefined) => formatCount(record?.network?.epoch ?? 0);
  return `from ${of(records[0])} to ${of(records.at(-1))}`;
}

function samplesOf({ series }: SeriesReportInput): number {
  return (series.at(-1)?.counts ?? []).reduce((sum, n) => sum + n, 0);
}

function lastTable({ records }: SeriesReportInput): Html | null {
  const last = records.at(-1);
  return last === undefined ? null : measureTable(last, `at epoch ${formatCount(last.network?.epoch ?? 0)}`);
}

function seriesOf(input: SeriesReportInput): MeasuredSeries {
  const { records, series, classes, problem } = input;
  return {
    records,
    sides: series.map((point) => ({ train: point, test: point.test })),
    samples: samplesOf(input),
    classes: problem === null ? null : classes,
  };
}

function classesSection({ classes, classNames, series, problem, document }: SeriesReportInput): Html {
  const test = series.at(-1)?.test?.classes.map(({ accuracy }) => accuracy) ?? null;
  const remark = problem === null ? null : classRemark(classes);
  return section(
    'classes',
    problem === null ? 'Class by class' : 'Class by class: measured beside predicted',
    remark === null ? null : html`<p>${remark}</p>`,
    problem === null ? null : figure(classNorms({ classes, names: classNames }, { document })),
    classTable(classes, { names: classNames, test }),
  );
}

function layersSection({ records, document }: SeriesReportInput): Html | null {
  const drawing = layersOverSteps({ records }, { document });
  return drawing === null ? null : section('layers', 'Each linear layer over training', figure(drawing));
}

function depthSection({ records, series, network, document }: SeriesReportInput): Html | null {
  const layers = series.at(-1)?.layers ?? [];
  const drawing = collapseThroughDepth({ records, layers }, { document });
  const pooled = network.layers.filter(({ pooling }) => pooling !== null && pooling !== 'none');
  return drawing === null
    ? null
    : section(
        'depth',
        'Collapse through depth',
        figure(drawing),
        layerTable(layers),
        pooled.length === 0
          ? null
          : html`<p class="lead">
              Outputs became one row a sample:
              ${pooled.map(({ name, pooling }) => `${name}, ${pooling ?? ''}`).join('; ')}.
            </p>`,
      );
}

function gramSection({ geometry, document }: SeriesReportInput): Html | null {
  return geometry === null
    ? null
    : section(
        'gram',
        'Gram matrices: measured, predicted, difference',
        figure(gramHeatmaps(geometry, { document })),
      );
}
