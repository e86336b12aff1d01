/**
 * Class by class, the measured norm beside the predicted one: a dot in its ring where theory held.
 *
 * Up to 30 classes are rows of text and marks; more are columns of a chart over the class number, thinned past 400.
 */
import * as Plot from '@observablehq/plot';
import type { ClassComparison, Maybe } from '../runs/records.js';
import { linearAxis, type Axis } from './axes.js';
import { drawPlot, element, type FigureDocument, type FigureElement } from './dom.js';
import { wrapFigure } from './figure.js';
import { finite, formatCount } from './format.js';
import { symbolLegend } from './legend.js';
import { spread } from './normsOverSteps.js';
import { OUTCOME_COLOR, outcomeOf, predictedOutcome, type Outcome } from './outcome.js';
import { paint, type PaletteName } from './palette.js';

export interface ClassNormsData {
  readonly classes: readonly ClassComparison[];
}

export interface ClassNormsOptions {
  readonly document: FigureDocument;
}

interface Place {
  readonly k: number;
  readonly count: number;
  readonly measured: Maybe;
  readonly predicted: Maybe;
  readonly outcome: Outcome;
  readonly remark: string;
}

const WIDTH = 400;
const MOST_ROWS = 30;
const MOST_COLUMNS = 400;
const ROW = 24;

export function classNorms(data: ClassNormsData, options: ClassNormsOptions): FigureElement {
  const { classes } = data;
  const rows = classes.length <= MOST_ROWS;
  const shown = spread(classes.length, rows ? MOST_ROWS : MOST_COLUMNS);
  const caption = rows
    ? 'Ring: the norm that theory predicts. Dot: the norm measured at the end of the run, a cross for a class that died. A dot in its ring is a class on which theory held.'
    : `Band: the norm that theory predicts, class by class. Dots: the norm measured at the end of the run, crosses for classes that died.${shown.length < classes.length ? ` ${shown.length} of the ${formatCount(classes.length)} classes are drawn.` : ''}`;
  return wrapFigure(
    options.document,
    'grid',
    caption,
    panel('Rows of the classifier, ‖pₖ‖', 'weightNorm', 'predictedWeightNorm'),
    panel('Class means, ‖h̄ₖ‖', 'featureNorm', 'predictedFeatureNorm'),
  );

  function panel(
    title: string,
    measured: 'weightNorm' | 'featureNorm',
    predicted: 'predictedWeightNorm' | 'predictedFeatureNorm',
  ): FigureElement {
    const places = shown.map((k): Place => {
      const given = classes[k];
      return {
        k,
        count: given.count,
        measured: finite(given[measured]),
        predicted: finite(given[predicted]),
        outcome: outcomeOf(given),
        remark: remarkOn(given),
      };
    });
    const axis = linearAxis(
      places.flatMap((place) => [place.measured, place.predicted]),
      0,
    );
    const label = `${title}: measured beside predicted norms of ${classes.length} classes; the table below has the numbers.`;
    const plot = rows ? drawRows : drawColumns;
    return element(
      options.document,
      'div',
      { class: 'collapsar-panel' },
      element(options.document, 'div', { class: 'collapsar-panel-title' }, title),
      legend(options.document, places, rows),
      plot(options.document, label, places, axis),
    );
  }
}

function drawRows(
  document: FigureDocument,
  label: string,
  places: readonly Place[],
  axis: Axis,
): FigureElement {
  const both = places.filter(({ measured, predicted }) => measured !== null && predicted !== null);
  const names = places.map(({ k, count }) => `${k}  ·  n = ${formatCount(count)}`);
  const remarks = places.some(({ remark }) => remark !== '');
  const y = 'k';
  return drawPlot(document, label, {
    width: WIDTH,
    height: 46 + ROW * places.length,
    insetLeft: 10,
    marginLeft: 12 + 6.7 * Math.max(...names.map((name) => name.length)),
    marginRight: remarks ? 20 + 6.6 * Math.max(...places.map(({ remark }) => remark.length)) : 16,
    marginTop: 8,
    marginBottom: 36,
    x: { type: 'linear', domain: axis.domain, axis: null },
    y: { type: 'band', domain: places.map(({ k }) => k), axis: null, padding: 0 },
    marks: [
      Plot.gridX(
        axis.ticks.map(({ at }) => at),
        { stroke: paint('line'), strokeOpacity: 1 },
      ),
      ...xAxis(axis, 'norm'),
      Plot.axisY({
        tickFormat: (_: unknown, i: number) => names[i],
        tickSize: 0,
        fill: paint('ink'),
        label: null,
      }),
      Plot.ruleY(both, {
        y,
        x1: 'measured',
        x2: 'predicted',
        stroke: paint('quiet'),
        strokeWidth: 1.5,
        strokeOpacity: 0.7,
      }),
      Plot.dot(defined(places, 'predicted'), {
        x: 'predicted',
        y,
        r: 7,
        fill: paint('card'),
        stroke: paint('ink'),
        strokeWidth: 1.5,
      }),
      ...measuredMarks(places, y, 4),
      ...(remarks
        ? [
            Plot.text(places, {
              y,
              text: 'remark',
              frameAnchor: 'right',
              textAnchor: 'start',
              dx: 14,
              fill: ({ outcome }: Place) => paint(outcome === 'dead' ? 'bad' : 'quiet'),
            }),
          ]
        : []),
    ],
    // The fills above are colours as they stand, not categories.
    color: { type: 'identity' },
  });
}

function drawColumns(
  document: FigureDocument,
  label: string,
  places: readonly Place[],
  axis: Axis,
): FigureElement {
  const last = places[places.length - 1].k;
  const ticks = linearAxis([0, last]).ticks.filter(({ at }) => at <= last);
  return drawPlot(document, label, {
    width: WIDTH,
    height: 236,
    marginLeft: 50,
    marginTop: 12,
    marginBottom: 36,
    marginRight: 14,
    x: { type: 'linear', domain: [-0.5, last + 0.5], axis: null },
    y: { type: 'linear', domain: axis.domain, axis: null },
    marks: [
      Plot.gridY(
        axis.ticks.map(({ at }) => at),
        { stroke: paint('line'), strokeOpacity: 1 },
      ),
      Plot.axisY(
        axis.ticks.map(({ at }) => at),
        {
          tickFormat: (_: unknown, i: number) => axis.ticks[i].label,
          tickSize: 0,
          fill: paint('quiet'),
          label: null,
        },
      ),
      Plot.axisX(
        ticks.map(({ at }) => at),
        {
          tickFormat: (_: unknown, i: number) => ticks[i].label,
          ...AXIS,
          label: 'class',
        },
      ),
      Plot.ruleY([axis.domain[0]], { stroke: paint('quiet') }),
      Plot.line(places, {
        x: 'k',
        y: ({ predicted }: Place) => predicted ?? Number.NaN,
        curve: 'step',
        stroke: paint('ink'),
        strokeWidth: 5,
        strokeOpacity: 0.25,
      }),
      ...measuredMarks(places, 'measured', 1.6, 'k'),
    ],
  });
}

/** Dots and crosses, one set a colour. In rows x is the norm and y the class; in columns the other way round. */
function measuredMarks(
  places: readonly Place[],
  y: 'k' | 'measured',
  r: number,
  x: 'k' | 'measured' = 'measured',
): Plot.Markish[] {
  const seen = defined(places, 'measured');
  const of = (outcome: Outcome) => seen.filter((place) => place.outcome === outcome);
  return [
    ...(['alive', 'unknown'] as const).map((outcome) =>
      Plot.dot(of(outcome), { x, y, r, fill: paint(OUTCOME_COLOR[outcome]) }),
    ),
    Plot.dot(of('dead'), {
      x,
      y,
      r,
      symbol: 'times',
      stroke: paint(OUTCOME_COLOR.dead),
      strokeWidth: r > 3 ? 2 : 1.4,
    }),
  ];
}

const AXIS = {
  tickSize: 4,
  fill: paint('quiet'),
  stroke: paint('quiet'),
  labelArrow: 'none',
  labelAnchor: 'center',
  labelOffset: 34,
} as const;

function xAxis(axis: Axis, label: string): Plot.Markish[] {
  return [
    Plot.axisX(
      axis.ticks.map(({ at }) => at),
      { tickFormat: (_: unknown, i: number) => axis.ticks[i].label, ...AXIS, label },
    ),
  ];
}

function defined(places: readonly Place[], key: 'measured' | 'predicted'): readonly Place[] {
  return places.filter((place) => place[key] !== null);
}

/** What a reader should not miss: a class that died, and a prediction that is not plain life. */
function remarkOn(given: ClassComparison): string {
  const outcome = outcomeOf(given);
  const expected = predictedOutcome(given);
  if (outcome === 'dead') return expected === 'alive' ? 'dead (!)' : 'dead';
  if (outcome === 'alive' && expected === 'dead')
    return given.regime === 'metastable' ? 'metastable' : 'alive (!)';
  return '';
}

function legend(document: FigureDocument, places: readonly Place[], rows: boolean): FigureElement {
  const entries: { name: string; color: PaletteName; symbol: 'ring' | 'dot' | 'cross' | 'bar' }[] = [];
  if (places.some(({ predicted }) => predicted !== null))
    entries.push({ name: 'predicted', color: 'ink', symbol: rows ? 'ring' : 'bar' });
  const has = (outcome: Outcome) => places.some((p) => p.outcome === outcome && p.measured !== null);
  if (has('alive')) entries.push({ name: 'measured, alive', color: OUTCOME_COLOR.alive, symbol: 'dot' });
  if (has('dead')) entries.push({ name: 'measured, dead', color: OUTCOME_COLOR.dead, symbol: 'cross' });
  if (has('unknown')) entries.push({ name: 'measured', color: OUTCOME_COLOR.unknown, symbol: 'dot' });
  return symbolLegend(document, entries);
}
