/** `measure` with a target for each sample, for people: neural regression collapse. */
import { refuse } from '../core/errors.js';
import {
  measureRegressionFile,
  targetsAreOfSamples,
  type RegressionArguments,
  type RegressionDocument,
} from '../verbs/index.js';
import type { Parsed } from './args.js';
import { spaced } from './comparisonTables.js';
import type { Context, ExitCode } from './context.js';
import { number, whole, wrap } from './format.js';
import { printBlocks, withoutEmptyColumns, heading, type Block, type Form, type Table } from './tables.js';

/** Options that ask for what only classes have. */
const OF_CLASSES = ['labels', 'layers', 'ignore', 'class-names', 'global-mean', 'test', 'ood', 'out'];
const FLAGS_OF_CLASSES = ['normalize', 'shards', 'series'];

/** Null where the targets are not of samples: the file is measured by its classes then. */
export async function measureSamples(
  args: Omit<RegressionArguments, 'targets'> & { readonly options: Parsed; readonly form: Form },
  { terminal }: Context,
): Promise<ExitCode | null> {
  const { options, form, ...given } = args;
  const targets = given.variations?.targets;
  if (targets == null || !(await targetsAreOfSamples(given.file, given.names, targets))) return null;
  for (const name of [...OF_CLASSES, ...FLAGS_OF_CLASSES])
    if (options.value(name) !== undefined || options.flag(name))
      refuse(`--${name}`, 'classes to measure', 'a target for each sample', `leave --${name} out`);
  if (options.positionals.length > 1)
    refuse('collapsar measure', 'one FILE beside a target for each sample', options.positionals.length);
  const document = await measureRegressionFile({ ...given, targets });
  if (form === 'json') terminal.print(JSON.stringify(document));
  else {
    const most = form === 'text' ? MOST_DIRECTIONS : Infinity;
    printBlocks(describeRegression(document, terminal.width, most), form, options, terminal);
  }
  return 0;
}

/** Directions that the text shows; CSV and JSON have all. */
const MOST_DIRECTIONS = 20;

export function describeRegression(document: RegressionDocument, width: number, most: number): Block[] {
  const { samples, outputs, dimension, depth, about, notUsed } = document;
  const lines = (text: string) => wrap(text, Math.min(width, 100));
  const parts: Block[] = [
    document.file,
    `${whole(samples)} samples with targets of ${outputs} number${outputs === 1 ? '' : 's'}, d = ${dimension}, ` +
      (depth === null ? 'no head weights' : `a head of ${depth} linear layer${depth === 1 ? '' : 's'}`),
  ];
  if (notUsed.length > 0) parts.push(lines(`not used: ${notUsed.slice(0, 8).join(', ')}`));
  if (document.lossConvention !== null) parts.push(lines(document.lossConvention));
  if (document.fittedFeatureDecay !== null)
    parts.push(`λ_H was fitted: ${number(document.fittedFeatureDecay)}`);
  parts.push('', ...spaced([measuresTable(document), directionsTable(document, most)]));
  if (document.directions.length > most)
    parts.push(`(the first ${most} of ${document.directions.length} directions)`);
  if (document.predictionNote !== null) parts.push('', lines(document.predictionNote));
  if (document.objective !== null) parts.push('', lines(verdict(document)));
  parts.push('', lines(conventions(about)));
  return parts;
}

function verdict({ objective, directions }: RegressionDocument): string {
  const lives = directions.filter(({ regime }) => regime === 'alive').length;
  const of = `Theory keeps ${lives} of the ${directions.length} directions of the targets`;
  if (objective === null) return `${of}.`;
  const { measured, predicted } = objective;
  const above = (measured - predicted) / predicted;
  // Nearer than that is rounding.
  const where = above < 1e-12 ? 'there' : `${number(100 * above)} % above`;
  return `${of}. The objective is ${number(measured)}, at the global minimum ${number(predicted)}: ${where}.`;
}

function conventions(about: RegressionDocument['about']): string {
  const centre =
    about === 'mean' ? 'about the mean, as the bias is free' : 'about the origin, as there is no bias';
  return `(measures of Andriopoulos et al. 2024: h/‖h‖ against q principal components of the features, and against the rows of P; NRC3 at the best γ up to the least variance of the targets; components and covariances are ${centre}; "centred" is of features less their mean)`;
}

function measuresTable({ nrc1, nrc2, nrc3, explained, squaredError, outputs }: RegressionDocument): Table {
  return {
    name: 'measures',
    columns: [heading('measure', 'measure', 0, 'left'), heading('value')],
    rows: [
      [text('nrc1.raw', `NRC1  outside the ${outputs} principal components`), nrc1.raw],
      [text('nrc1.centred', 'NRC1  the same, features centred'), nrc1.centred],
      [text('nrc2.raw', 'NRC2  outside the rows of P'), nrc2?.raw ?? null],
      [text('nrc2.centred', 'NRC2  the same, features centred'), nrc2?.centred ?? null],
      [text('nrc3.distance', 'NRC3  PPᵀ from Σ^½ − γ^½ I, squared'), nrc3?.distance ?? null],
      [text('nrc3.gamma', 'NRC3  γ'), nrc3?.gamma ?? null],
      [text('nrc3.predictedGamma', 'NRC3  γ by theory, N·λ_W·λ_H'), nrc3?.predictedGamma ?? null],
      [text('nrc3.predicted', 'NRC3  PPᵀ from the predicted, squared'), nrc3?.predicted ?? null],
      [text('explained', `variance in ${outputs} components`), explained],
      [text('squaredError', 'squared error, mean over samples'), squaredError],
    ],
  };
}

const text = (value: string, shown: string) => ({ value, text: shown });

function directionsTable({ directions }: RegressionDocument, most: number): Table {
  return withoutEmptyColumns({
    name: 'directions',
    columns: [
      heading('direction'),
      heading('variance'),
      heading('weightNorm', '‖Pᵀu‖'),
      heading('predictedWeightNorm', 'theory'),
      heading('fit'),
      heading('predictedFit', 'theory'),
      heading('regime', 'regime', 1, 'left'),
      heading('maxWeightDecay', 'lives below λ_W', 2),
    ],
    rows: directions
      .slice(0, most)
      .map((each, j) => [
        { value: j, text: String(j) },
        each.variance,
        each.weightNorm,
        each.predictedWeightNorm,
        each.fit,
        each.predictedFit,
        each.regime,
        each.maxWeightDecay,
      ]),
  });
}
