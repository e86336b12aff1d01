/** `predict --out FILE.svg`: norms against class size as a figure that stands alone, with measurements of the user's over it. */
import { readFile } from 'node:fs/promises';
import { refuse, refuseFile } from '../core/errors.js';
import type { LinesPanel, SweepFigureData, SweepPoint } from '../report/index.js';
import type { PredictionDocument } from '../verbs/predict/document.js';
import { choice, type Options, type Parsed } from './args.js';
import { readCsv, type CsvRow } from './csv.js';
import { drawing } from './drawing.js';
import { writeBytes } from './outFile.js';
import { describeProblem } from './problemWords.js';

export const PREDICT_FIGURE_OPTIONS: Options = { overlay: 'value', panel: 'value' };

export const PREDICT_FIGURE_HELP = `  --out FILE.svg         the norms against class size, as a figure
  --panel weights|features
                         one panel of it alone
  --overlay FILE.csv     your measurements over it: columns class or count, and
                         weightNorm, featureNorm; several rows of a class are a
                         mean with its range. measure --csv --table classes and
                         a sweep's results.csv are such files`;

const PANELS = ['weights', 'features'] as const;

const NORMS = {
  weights: { key: 'weightNorm', title: 'Rows of the classifier, ‖pₖ‖', label: '‖pₖ‖' },
  features: { key: 'featureNorm', title: 'Class means, ‖h̄ₖ‖', label: '‖h̄ₖ‖' },
} as const;

export interface PredictFigureChoices {
  readonly panels: readonly (keyof typeof NORMS)[];
  readonly overlay: readonly CsvRow[];
}

/** Reads what is needed before long work begins; null where no figure is asked for. */
export async function predictFigureFrom(options: Parsed): Promise<PredictFigureChoices | null> {
  const out = options.value('out');
  if (out === undefined || !/\.svg$/i.test(out)) {
    for (const flag of Object.keys(PREDICT_FIGURE_OPTIONS))
      if (options.value(flag) !== undefined)
        refuse(`--${flag}`, 'a figure: --out FILE.svg', out ?? 'no --out', 'name one');
    return null;
  }
  const panel = options.value('panel');
  const path = options.value('overlay');
  return {
    panels: panel === undefined ? PANELS : [choice('--panel', panel, PANELS, 'weights')],
    overlay: path === undefined ? [] : await readOverlay(path),
  };
}

async function readOverlay(path: string): Promise<readonly CsvRow[]> {
  let text;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    refuseFile(path, 'a CSV file that can be read', 'none');
  }
  const rows = readCsv(text, path);
  const columns = rows.length === 0 ? [] : [...rows[0].keys()];
  if (!columns.includes('class') && !columns.includes('count'))
    refuseFile(path, 'a column class (from 0 on) or count (samples of the class)', columns.join(', '));
  if (!columns.includes('weightNorm') && !columns.includes('featureNorm'))
    refuseFile(path, 'a column weightNorm or featureNorm', columns.join(', '));
  return rows;
}

export async function writePredictFigure(
  path: string,
  document: PredictionDocument,
  choices: PredictFigureChoices,
): Promise<void> {
  const figure = predictFigure(document, choices);
  const svg = await drawing(({ sweepDrawing, svgText }, page) =>
    svgText(sweepDrawing(figure, { document: page })),
  );
  await writeBytes(path, `${svg}\n`);
}

function predictFigure(
  { classes, problem }: PredictionDocument,
  { panels, overlay }: PredictFigureChoices,
): SweepFigureData {
  const counts = classes.map(({ count }) => count);
  // Classes of one size have no size to stand at.
  const bySize = new Set(counts).size > 1;
  const order = counts.map((_, k) => k).sort((a, b) => counts[a] - counts[b] || a - b);
  const x = (k: number) => (bySize ? counts[k] : k);
  return {
    ...{ name: 'norms', title: 'Norms that theory predicts' },
    caption: describeProblem(problem),
    panels: panels.map((name): LinesPanel => {
      const { key, title, label } = NORMS[name];
      const measured = overlayPoints(overlay, key, { counts, bySize });
      const predicted = (bySize ? order : counts.map((_, k) => k)).map((k) => ({
        x: x(k),
        y: classes[k][key],
      }));
      return {
        ...{ kind: 'lines', title },
        x: {
          label: bySize ? 'samples of the class' : 'class',
          scale: scaleOf(predicted.map((point) => point.x)),
        },
        y: { label, scale: 'linear', floor: 0, include: [] },
        curves: [{ name: null, measured, predicted }],
      };
    }),
  };
}

/** Sizes that span more than this factor lie on a logarithmic axis. */
const WIDE = 15;

function scaleOf(values: readonly number[]): LinesPanel['x']['scale'] {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return { kind: least > 0 && most / least > WIDE ? 'log' : 'linear' };
}

interface Place {
  readonly counts: readonly number[];
  readonly bySize: boolean;
}

/** The rows of each place together: a mean with its range. */
function overlayPoints(
  rows: readonly CsvRow[],
  key: 'weightNorm' | 'featureNorm',
  { counts, bySize }: Place,
): SweepPoint[] {
  const byPlace = new Map<number, number[]>();
  for (const row of rows) {
    const value = row.number(key);
    if (value === null) continue;
    const k = row.number('class');
    const count = row.number('count') ?? (k === null ? null : (counts[k] ?? null));
    if (k !== null && !(Number.isInteger(k) && k >= 0 && k < counts.length))
      refuse(row.where('class'), `a class from 0 to ${counts.length - 1}`, k);
    const at = bySize ? count : k;
    if (at === null)
      refuse(
        row.where(bySize ? 'count' : 'class'),
        bySize ? 'a count or a class' : 'a class, as all counts are equal',
        null,
      );
    byPlace.set(at, [...(byPlace.get(at) ?? []), value]);
  }
  return [...byPlace]
    .sort(([a], [b]) => a - b)
    .map(([at, values]) => ({
      x: at,
      mean: values.reduce((sum, value) => sum + value, 0) / values.length,
      least: Math.min(...values),
      most: Math.max(...values),
    }));
}
