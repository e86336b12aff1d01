/** `measure --out FOLDER`: the page of a network, and its document. */
import { access, mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { refuseFile } from '../core/errors.js';
import type { MeasuredReport, ReportTable } from '../report/index.js';
import {
  recordsOfFiles,
  type ComparedFrames,
  type MeasureDocument,
  type SeriesDocument,
} from '../verbs/index.js';
import { drawing } from './drawing.js';
import { number, share, whole } from './format.js';
import { writeBytes } from './outFile.js';
import { describeProblem } from './problemWords.js';
import type { Block, Cell, Table } from './tables.js';

const REPORT = 'report.html';
const DOCUMENT = 'measure.json';

/** Makes the folder, before long work for it begins. Throws for one that holds a run, whose report it would replace. */
export async function openReportFolder(folder: string): Promise<void> {
  for (const name of ['spec.yaml', 'summary.json', 'collapsar.json'])
    if (
      await access(join(folder, name)).then(
        () => true,
        () => false,
      )
    )
      refuseFile(folder, 'a folder of its own for the report', `one of a run, with ${name}`, 'name another');
  try {
    await mkdir(folder, { recursive: true });
  } catch {
    refuseFile(folder, 'a folder that can be made', 'one that cannot');
  }
  await writeBytes(join(folder, REPORT), '');
}

export interface ReportContents {
  /** What `--json` prints. */
  readonly json: MeasureDocument | SeriesDocument;
  /** The snapshot that the page shows: of a series the last. */
  readonly shown: MeasureDocument;
  readonly frames: ComparedFrames | null;
  /** What is printed for people: its tables are those of the page. */
  readonly blocks: readonly Block[];
  readonly remarks: readonly string[];
  readonly command: string;
  readonly version: string;
}

/** Writes both; gives the path of the page. */
export async function writeMeasuredReport(folder: string, contents: ReportContents): Promise<string> {
  const { shown, frames, blocks, remarks, command, version } = contents;
  const { verdict, classNames, test } = shown;
  const labels = shown.classLabels.every((label, k) => label === k) ? [] : shown.classLabels.map(String);
  const page = await drawing(({ renderMeasured }, document) =>
    renderMeasured({
      title: basename(shown.file),
      verdict,
      note: shown.predictionNote,
      facts: factsOf(shown),
      remarks,
      classes: shown.classes,
      names: classNames ?? labels,
      testAccuracy: test === null ? null : test.classes.map(({ accuracy }) => accuracy),
      measures: shown,
      series: seriesOf(contents.json),
      tables: blocks.flatMap((block) =>
        typeof block !== 'string' && block.name in CAPTIONS ? [tableOf(block)] : [],
      ),
      frames,
      ...{ command, version, document },
    }),
  );
  await writeBytes(join(folder, REPORT), page);
  await writeBytes(join(folder, DOCUMENT), `${JSON.stringify(contents.json)}\n`);
  return join(folder, REPORT);
}

/** What the page draws of a series; null for one snapshot. */
function seriesOf(document: MeasureDocument | SeriesDocument): MeasuredReport['series'] {
  if (!('series' in document)) return null;
  const last = document.series[document.series.length - 1];
  return {
    ...recordsOfFiles(document),
    sides: document.series.map((point) => ({ train: point, test: point.test })),
    samples: last.samples,
    classes: last.prediction === null ? null : last.classes,
  };
}

/** Of the tables that are not in the page by themselves. */
const CAPTIONS: Readonly<Record<string, string>> = {
  series: 'The snapshots of the series; the rest of this page is of the last one.',
  within:
    'Within the classes: variance about the mean, the same made up for small classes (unbiased), and which mean samples are nearest to.',
  further: 'Further measures; rows of P are not centred.',
  layers: 'Layer by layer.',
  'linear-layers':
    'The linear layers beside theory: distances of the class means, of the product above and of both together from the frames predicted at each, and the spread of norms and the angles of the means.',
  test: 'Test samples about the class means of training.',
  'test-classes': 'Test samples, class by class.',
  seli: 'Distances from the SELI frame.',
  angles: 'Mean angles among small and among large classes.',
};

function tableOf({ name, columns, rows }: Table): ReportTable {
  return {
    id: `table-${name}`,
    caption: CAPTIONS[name],
    columns: columns.map(({ title }) => title),
    rows: rows.map((row) => row.map(shownCell)),
  };
}

/** Numbers stay numbers where their text is only a rounding. */
function shownCell(cell: Cell): string | number | null {
  if (cell === null || typeof cell !== 'object') return cell;
  return cell.value === null ? null : cell.text;
}

function factsOf(document: MeasureDocument) {
  const { samples, counts, dimension, depth, accuracy, test, prediction, fittedFeatureDecay } = document;
  const { lossConvention } = document;
  return [
    { name: 'Samples N', value: whole(samples), remark: `${counts.length} classes, d = ${dimension}` },
    {
      name: 'Head',
      value: depth === null ? 'none' : `${depth} linear layer${depth === 1 ? '' : 's'}`,
    },
    ...(accuracy === null ? [] : [{ name: 'Accuracy', value: share(accuracy) }]),
    ...(test === null ? [] : [{ name: 'Test accuracy', value: share(test.accuracy) }]),
    ...(prediction === null
      ? []
      : [
          {
            name: 'Beside the prediction for',
            value: describeProblem(prediction.problem),
            ...(lossConvention === null ? {} : { remark: lossConvention }),
          },
          { name: 'Predicted geometry', value: prediction.frame, remark: prediction.optimality },
        ]),
    ...(fittedFeatureDecay === null
      ? []
      : [{ name: 'λ_H, fitted', value: number(fittedFeatureDecay.value) }]),
  ];
}
