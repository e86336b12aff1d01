/**
 * Class by class, the measured norm beside the predicted one: a dot in its ring where theory held.
 *
 * Up to 30 classes are rows of text and marks; more are columns of a chart over the class number, thinned past 400.
 */
import type { ClassComparison } from '../../runs/records.js';
import { linearAxis } from './axes.js';
import { drawColumns, drawRows, type Place } from './classNormsPlots.js';
import type { FigureDocument, FigureElement } from '../dom.js';
import { wrapFigure } from './figure.js';
import { finite, formatCount } from '../format.js';
import { symbolItems, type LegendItem } from './legend.js';
import { spread } from '../../core/spread.js';
import { OUTCOME_COLOR, outcomeOf, predictedOutcome, UNDECIDED, type Outcome } from '../outcome.js';
import type { PaletteName } from '../palette.js';
import { panelBox, type PanelParts } from './panelParts.js';

export interface ClassNormsData {
  readonly classes: readonly ClassComparison[];
  /** Beside the numbers of up to 30 classes. */
  readonly names?: readonly string[];
}

export interface ClassNormsOptions {
  readonly document: FigureDocument;
  /** Which state was measured. Left out: `at the end of the run`. */
  readonly where?: string;
}

const MOST_ROWS = 30;
const MOST_COLUMNS = 400;

export function classNorms(data: ClassNormsData, options: ClassNormsOptions): FigureElement {
  const { classes } = data;
  const where = options.where ?? 'at the end of the run';
  const rows = classes.length <= MOST_ROWS;
  const drawn = shownClasses(classes.length);
  const theory = classes.some(
    (compared) =>
      finite(compared.predictedWeightNorm) !== null || finite(compared.predictedFeatureNorm) !== null,
  );
  const undrawn =
    drawn.length < classes.length
      ? ` ${drawn.length} of the ${formatCount(classes.length)} classes are drawn.`
      : '';
  const beside = rows
    ? `Ring: the norm that theory predicts. Dot: the norm measured ${where}, a cross for a class that is lost. A dot in its ring is a class on which theory held.`
    : `Band: the norm that theory predicts, class by class. Dots: the norm measured ${where}, crosses for classes that are lost.${undrawn}`;
  const alone = `Dots: the norm measured ${where}; theory predicts none here.${undrawn}`;
  const caption = theory ? beside : alone;
  const outcomes = new Set(drawn.map((k) => outcomeOf(classes[k])));
  const undecided = outcomes.size > 1 && outcomes.has('unknown') ? ` ${UNDECIDED}` : '';
  return wrapFigure(
    options.document,
    'grid',
    `${caption}${undecided}`,
    ...classNormsPanels(data, options).map((parts) => panelBox(options.document, parts)),
  );
}

/** Rows of the classifier, then class means. */
export function classNormsPanels(
  { classes, names }: ClassNormsData,
  { document }: ClassNormsOptions,
): PanelParts[] {
  const rows = classes.length <= MOST_ROWS;
  const drawn = shownClasses(classes.length);
  return [
    panel('Rows of the classifier, ‖pₖ‖', 'weightNorm', 'predictedWeightNorm'),
    panel('Class means, ‖h̄ₖ‖', 'featureNorm', 'predictedFeatureNorm'),
  ];

  function panel(
    title: string,
    measured: 'weightNorm' | 'featureNorm',
    predicted: 'predictedWeightNorm' | 'predictedFeatureNorm',
  ): PanelParts {
    const places = drawn.map((k): Place => {
      const comparison = classes[k];
      return {
        k,
        name: names?.[k] === String(k) ? null : (names?.[k] ?? null),
        count: comparison.count,
        measured: finite(compared(comparison)[measured]),
        predicted: finite(comparison[predicted]),
        outcome: outcomeOf(comparison),
        remark: remarkOn(comparison),
      };
    });
    const axis = linearAxis(
      places.flatMap((place) => [place.measured, place.predicted]),
      0,
    );
    const label = `${title}: measured beside predicted norms of ${classes.length} classes; the table below has the numbers.`;
    const plot = rows ? drawRows : drawColumns;
    return { title, legend: legend(document, places, rows), plot: plot(document, label, places, axis) };
  }
}

/** The norms that are held against theory: with a free bias those of centred means. */
function compared(comparison: ClassComparison): ClassComparison {
  return { ...comparison, featureNorm: comparison.centredFeatureNorm ?? comparison.featureNorm };
}

function shownClasses(K: number): number[] {
  return spread(K, K <= MOST_ROWS ? MOST_ROWS : MOST_COLUMNS);
}

/** What a reader should not miss: a class that is lost, and a prediction that is not plain life. */
function remarkOn(comparison: ClassComparison): string {
  const outcome = outcomeOf(comparison);
  const expected = predictedOutcome(comparison);
  if (outcome === 'lost') return expected === 'alive' ? 'lost (!)' : 'lost';
  if (outcome === 'alive' && expected === 'lost')
    return comparison.regime === 'metastable' ? 'metastable' : 'alive (!)';
  return '';
}

function legend(document: FigureDocument, places: readonly Place[], rows: boolean): LegendItem[] {
  const entries: { name: string; color: PaletteName; symbol: 'ring' | 'dot' | 'cross' | 'bar' }[] = [];
  if (places.some(({ predicted }) => predicted !== null))
    entries.push({ name: 'predicted', color: 'ink', symbol: rows ? 'ring' : 'bar' });
  const has = (outcome: Outcome) => places.some((p) => p.outcome === outcome && p.measured !== null);
  if (has('alive')) entries.push({ name: 'measured, alive', color: OUTCOME_COLOR.alive, symbol: 'dot' });
  if (has('lost')) entries.push({ name: 'measured, lost', color: OUTCOME_COLOR.lost, symbol: 'cross' });
  // Beside the living and the lost it needs a name of its own.
  const undecided = has('alive') || has('lost') ? 'measured, undecided' : 'measured';
  if (has('unknown')) entries.push({ name: undecided, color: OUTCOME_COLOR.unknown, symbol: 'dot' });
  return symbolItems(document, entries);
}
