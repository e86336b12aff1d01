/** The plots of norms class by class: rows of text and marks, or columns over the class number. */
import * as Plot from '@observablehq/plot';
import type { Maybe } from '../../runs/records.js';
import { linearAxis, type Axis } from './axes.js';
import type { FigureDocument } from '../dom.js';
import { drawPlot } from '../plot.js';
import { formatCount } from '../format.js';
import { OUTCOME_COLOR, type Outcome } from '../outcome.js';
import { paint } from '../palette.js';
import type { SizedPlot } from './panelParts.js';

/** One class in one of the plots. */
export interface Place {
  readonly k: number;
  /** The name beside the number; null where classes have none. */
  readonly name: string | null;
  readonly count: number;
  readonly measured: Maybe;
  readonly predicted: Maybe;
  readonly outcome: Outcome;
  /** At the right end of its row. */
  readonly remark: string;
}

const WIDTH = 400;
const ROW = 24;
const COLUMNS_HEIGHT = 236;
/** Letters of a name beside the number. */
const LONGEST_NAME = 12;

export function drawRows(
  document: FigureDocument,
  label: string,
  places: readonly Place[],
  axis: Axis,
): SizedPlot {
  const both = places.filter(({ measured, predicted }) => measured !== null && predicted !== null);
  const names = places.map(rowName);
  const remarks = places.some(({ remark }) => remark !== '');
  const y = 'k';
  const height = 46 + ROW * places.length;
  const svg = drawPlot(document, label, {
    width: WIDTH,
    height,
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
              fill: ({ outcome }: Place) => paint(outcome === 'lost' ? 'bad' : 'quiet'),
            }),
          ]
        : []),
    ],
    // The fills above are colours as they stand, not categories.
    color: { type: 'identity' },
  });
  return { svg, width: WIDTH, height };
}

/** `3 sandal · n = 40`, or the number alone where classes have no names. */
function rowName({ k, name, count }: Place): string {
  if (name === null) return `${k}  ·  n = ${formatCount(count)}`;
  const short = name.length <= LONGEST_NAME ? name : `${name.slice(0, LONGEST_NAME - 1)}…`;
  return `${k} ${short}  ·  n = ${formatCount(count)}`;
}

export function drawColumns(
  document: FigureDocument,
  label: string,
  places: readonly Place[],
  axis: Axis,
): SizedPlot {
  const last = places[places.length - 1].k;
  const ticks = linearAxis([0, last]).ticks.filter(({ at }) => at <= last);
  const svg = drawPlot(document, label, {
    width: WIDTH,
    height: COLUMNS_HEIGHT,
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
  return { svg, width: WIDTH, height: COLUMNS_HEIGHT };
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
    Plot.dot(of('lost'), {
      x,
      y,
      r,
      symbol: 'times',
      stroke: paint(OUTCOME_COLOR.lost),
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
