/** What `measure` prints for people. */
import { percent as share } from '../core/numbers.js';
import { nameClasses } from '../judge/index.js';
import type { MeasureDocument, SeriesDocument } from '../verbs/index.js';
import { comparisonTable, measuresTables, percent, spaced } from './comparisonTables.js';
import { degrees as angle, number, whole, wrap } from './format.js';
import { linearLayersBlocks } from './linearLayers.js';
import { describeProblem } from './problemWords.js';
import {
  counted,
  heading,
  isEmpty,
  withoutEmptyColumns,
  type Block,
  type Cell,
  type Heading,
  type Table,
} from './tables.js';

/** All that `measure` prints of one snapshot. */
export function describeMeasured(document: MeasureDocument, width: number): Block[] {
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
      `λ_H was fitted: ${number(value)} (class by class from ${number(range[0])} to ${number(range[1])}${besideRange(value, range)})`,
    );
  }
  parts.push(
    '',
    comparisonTable(document.classes, namesOf(document)),
    '',
    ...spaced(measuresTables(document)),
  );
  if (counts.length === 1) parts.push('', wrap(ONE_CLASS, Math.min(width, 100)));
  parts.push('', withinTable(document), '', furtherTable(document));
  parts.push(...describeLayers(document), ...linearLayersBlocks(document.layers), ...describeTest(document));
  parts.push(...describeCrossEntropy(document, width));
  if (predictionNote !== null) parts.push('', predictionNote);
  if (verdict !== null)
    for (const text of [...verdict.warnings, verdict.sentence])
      parts.push('', wrap(text, Math.min(width, 100)));
  const { geometries } = document;
  // Where both predictions are one there is nothing to compare.
  if (geometries !== null && geometries.nearer !== 'alike')
    parts.push('', wrap(geometriesLine(geometries), Math.min(width, 100)));
  parts.push('', wrap(conventionsLine(document), Math.min(width, 100)));
  return parts;
}

const ONE_CLASS =
  'NC1, CDNV, NC2 and NC3 with centred means compare classes: they do not exist for a single one.';

/** Features after a ReLU beside both predictions. */
function geometriesLine({ free, nonnegative, nearer }: NonNullable<MeasureDocument['geometries']>): string {
  const opening = 'All features are at least 0, as after a ReLU.';
  const of = ({ weights, features, logits }: typeof free) =>
    `PPᵀ ${off(weights)}, H̄ᵀH̄ ${off(features)}, PH̄ ${off(logits)}`;
  const verdict = {
    free: ' The frame of features of any sign is nearer.',
    nonnegative: ' The frame of features of at least 0 is nearer.',
    alike: '',
  };
  return `${opening} Distance from the frame predicted for features of any sign: ${of(free)}; for features of at least 0: ${of(nonnegative)}.${nearer === null ? '' : verdict[nearer]}`;
}

function off(distance: number | null): string {
  return distance === null ? 'none' : share(distance);
}

/** What was read how, which classes have no samples, and what was not used. */
export function readingLines({
  notes,
  absentClasses,
  singletons,
  notUsed,
  logitsCheck,
}: MeasureDocument): string[] {
  const unused = notUsed.slice(0, 8).join(', ') + (notUsed.length > 8 ? `, … ${notUsed.length} in all` : '');
  return [
    ...notes.map(printable),
    ...(absentClasses.length === 0 ? [] : [`without samples, and left out: ${someClasses(absentClasses)}`]),
    ...(singletons.length === 0
      ? []
      : [`of one sample, and so without a variance: ${someClasses(singletons)}`]),
    ...logitsLine(logitsCheck),
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

/** Labels or names of the classes, as tables have them. */
function namesOf({ classNames, classLabels }: MeasureDocument): readonly (string | number)[] {
  return classNames?.map(printable) ?? classLabels;
}

/** The column of classes, and what stands in it. */
function classColumn(document: MeasureDocument): {
  readonly head: Heading;
  readonly cell: (k: number) => string;
} {
  const names = namesOf(document);
  const words = names.some((name) => typeof name === 'string');
  return { head: heading('class', 'class', 0, words ? 'left' : 'right'), cell: (k) => String(names[k]) };
}

/** Scatter within the classes, and which mean their samples are nearest to; the unbiased column makes up for small classes. */
function withinTable(document: MeasureDocument): Table {
  const { head, cell } = classColumn(document);
  return withoutEmptyColumns({
    name: 'within',
    columns: [
      head,
      heading('count', 'n'),
      heading('variance'),
      heading('unbiasedVariance', 'unbiased'),
      heading('agreement', 'NC4'),
      heading('nccAccuracy', 'nearest mean right'),
    ],
    rows: document.classes.map((each, k) => [
      cell(k),
      counted(each.count),
      each.variance,
      each.unbiasedVariance,
      percent(each.agreement),
      percent(each.nccAccuracy),
    ]),
  });
}

function furtherTable(document: MeasureDocument): Table {
  const { nc1Unbiased, nc2Rows, similarities, uniformity, nccAccuracy, top5Accuracy, outOfDistribution } =
    document;
  const rows: [string, string, Cell][] = [
    ['nc1Unbiased.pinv', 'NC1   the first, Σ_W times N/(N−K)', nc1Unbiased.pinv],
    ['nc1Unbiased.quotient', 'NC1   tr Σ_W / tr Σ_B, unbiased', nc1Unbiased.quotient],
    ['nc2Rows.equinorm', 'NC2   norms of rows of P, sd/mean', nc2Rows?.equinorm ?? null],
    ['nc2Rows.equiangular', 'NC2   rows, mean |cos + 1/(K−1)|', nc2Rows?.equiangular ?? null],
    ['similarities.cosineMean', 'NC3   mean cos(p_k, h̄_k − h_G)', similarities?.cosineMean ?? null],
    ['similarities.variance', 'NC3   variance of p_k·(h̄_k − h_G)', similarities?.variance ?? null],
    ['outOfDistribution.nc5', 'NC5   mean |cos(h̄_k, h_OOD)|', outOfDistribution?.nc5 ?? null],
    ['top5Accuracy', 'accuracy, top 5', percent(top5Accuracy)],
    ['nccAccuracy', 'nearest class mean right', percent(nccAccuracy)],
    ['uniformity.means.log', 'uniformity of means, −log distance', uniformity.means?.log.mean ?? null],
    ['uniformity.rows.log', 'uniformity of rows, −log distance', uniformity.rows?.log.mean ?? null],
  ];
  return {
    name: 'further',
    columns: [heading('measure', 'further measure', 0, 'left'), heading('value')],
    rows: rows.flatMap(([key, text, cell]) => (isEmpty(cell) ? [] : [[{ value: key, text }, cell]])),
  };
}

function describeLayers({ layers }: MeasureDocument): Block[] {
  if (layers.length === 0) return [];
  return [
    '',
    {
      name: 'layers',
      columns: [
        heading('layer', 'layer', 0, 'left'),
        heading('dimension', 'd'),
        heading('nc1.pinv', 'NC1'),
        heading('nc1.quotient', 'tr Σ_W / tr Σ_B'),
        heading('cdnv', 'CDNV'),
        heading('nc2.equinorm', 'NC2 sd/mean', 1),
        heading('nc2.equiangular', 'NC2 |cos+…|', 1),
      ],
      rows: layers.map(({ name, dimension, nc1, cdnv, nc2 }) => [
        printable(name),
        counted(dimension),
        nc1.pinv,
        nc1.quotient,
        cdnv,
        nc2.equinorm,
        nc2.equiangular,
      ]),
    },
  ];
}

function describeTest(document: MeasureDocument): Block[] {
  const { test, accuracy, top5Accuracy, nc4, nccAccuracy, nc1 } = document;
  if (test === null) return [];
  const { head, cell } = classColumn(document);
  const rows: [string, string, Cell, Cell][] = [
    ['samples', 'samples', counted(document.samples), counted(test.samples)],
    ['accuracy', 'accuracy', percent(accuracy), percent(test.accuracy)],
    ['top5Accuracy', 'accuracy, top 5', percent(top5Accuracy), percent(test.top5Accuracy)],
    ['nc4', 'NC4', percent(nc4), percent(test.nc4)],
    ['nccAccuracy', 'nearest class mean right', percent(nccAccuracy), percent(test.nccAccuracy)],
    ['nc1.pinv', 'NC1   tr(Σ_W Σ_B⁺)/K', nc1.pinv, test.nc1.pinv],
    ['nc1.quotient', 'NC1   tr Σ_W / tr Σ_B', nc1.quotient, test.nc1.quotient],
  ];
  return [
    '',
    {
      name: 'test',
      columns: [
        heading('measure', 'about the means of training', 0, 'left'),
        heading('training'),
        heading('test'),
      ],
      rows: rows.flatMap(([key, text, training, value]) =>
        isEmpty(value) ? [] : [[{ value: key, text }, training, value]],
      ),
    },
    '',
    withoutEmptyColumns({
      name: 'test-classes',
      columns: [
        head,
        heading('count', 'test n'),
        heading('accuracy'),
        heading('nccAccuracy', 'nearest mean right'),
        heading('variance'),
      ],
      rows: test.classes.map((each, k) => [
        cell(k),
        counted(each.count),
        percent(each.accuracy),
        percent(each.nccAccuracy),
        each.variance,
      ]),
    }),
  ];
}

/** A line for each snapshot of a series, then the last one whole. */
export function describeSeries({ series, featureDecay }: SeriesDocument, width: number): Block[] {
  const last = series[series.length - 1];
  return [
    `${series.length} snapshots`,
    ...(featureDecay === null
      ? []
      : [
          wrap(
            `theory beside all of them has one λ_H, ${number(featureDecay.value)}, fitted to ${printable(shortName(featureDecay.file))}`,
            Math.min(width, 100),
          ),
        ]),
    '',
    withoutEmptyColumns({
      name: 'series',
      columns: [
        heading('file', 'file', 0, 'left'),
        heading('nc1.pinv', 'NC1'),
        heading('nc1.quotient', 'trΣ_W/trΣ_B', 3),
        heading('nc2.equinorm', 'NC2 norms', 2),
        heading('nc2.equiangular', 'NC2 angles'),
        heading('nc3.dualityCentred', 'NC3'),
        heading('nc2.weights.predicted', 'PPᵀ–theory', 1),
        heading('nc4', 'NC4'),
        heading('accuracy'),
        heading('test.accuracy', 'test'),
        heading('test.nc4', 'test NC4', 2),
      ],
      rows: series.map(({ file, nc1, nc2, nc3, nc4, accuracy, test }) => [
        { value: file, text: printable(shortName(file)) },
        nc1.pinv,
        nc1.quotient,
        nc2.equinorm,
        nc2.equiangular,
        nc3.dualityCentred,
        nc2.weights.predicted,
        percent(nc4),
        percent(accuracy),
        percent(test?.accuracy ?? null),
        percent(test?.nc4 ?? null),
      ]),
    }),
    '',
    'the last of them:',
    '',
    ...describeMeasured(last, width),
  ];
}

/** A path without its folders. */
function shortName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}

/** Of classes that are balanced with the head as they are at a minimiser. */
const AS_ONE = 2;

/** The one number is the mean of those of the classes, where the head lies within their means. */
export function besideRange(value: number, [low, high]: readonly [number, number]): string {
  // Rounding puts equal numbers beside each other.
  if (value < low * (1 - 1e-6) || value > high * (1 + 1e-6))
    return `, all ${value > high ? 'below' : 'above'} it: head and class means are not balanced in every direction`;
  return high > AS_ONE * low ? ': at a minimiser they are one, so features are far from one' : '';
}

/** Whether head · features is the network that answered. */
function logitsLine(check: MeasureDocument['logitsCheck']): string[] {
  if (check === null) return [];
  const { samples, largestDifference, largestLogit, scale, agrees } = check;
  const scaled = scale === null ? '' : ` times ${number(scale)}`;
  const size = `by up to ${number(largestDifference)} (the largest is ${number(largestLogit)})`;
  return [
    agrees
      ? `head · features${scaled} gives the stored logits: of ${samples} samples they differ ${size}`
      : `head · features${scaled} is NOT what the network answered: of ${samples} samples the stored logits differ ${size}. A bias that was not saved, a cosine head (--normalize), or features taken at another place would do that`,
  ];
}

/** The conventions behind the numbers, so that two papers can be compared. */
function conventionsLine({ conventions, rank, uniqueUpTo }: MeasureDocument): string {
  const mean =
    conventions.globalMean === 'samples' ? 'the mean over all samples' : 'the unweighted mean of class means';
  return (
    `(h_G is ${mean}; Σ_B counts with rank ${rank}; distances are between matrices scaled to norm 1; variances divide by n_k, ` +
    `unbiased ones by n_k − 1; rows of P are not centred${uniqueUpTo === 'exchange' ? '; the prediction is one of several, compared up to an exchange of classes' : ''})`
  );
}
