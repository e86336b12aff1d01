/**
 * Up to which weight decay each class is learned: an interval a class on a logarithmic axis, the estimate in it, and the user's decay
 * as a line across.
 *
 * Colours and words at the right say what happens at the user's decay. Above 40 classes the rows are thinned.
 */
import { svgElement, type FigureDocument, type FigureElement } from '../dom.js';
import { formatCount, formatExact, formatNumber } from '../format.js';
import { paint, type PaletteName } from '../palette.js';
import { logAxis } from './axes.js';
import { label, round, standaloneSvg } from './standaloneSvg.js';
import { spread } from '../../core/spread.js';

/** What the figure needs of the advice. */
export interface SurvivalData {
  readonly weightDecay: number | null;
  readonly classes: readonly {
    readonly name: string | null;
    readonly count: number;
    readonly largestDecay: {
      readonly estimate: number | null;
      readonly low: number | null;
      readonly high: number | null;
      readonly estimateE: number | null;
    };
    readonly atDecay: 'alive' | 'open' | 'lost' | null;
    /** The largest decay at which a training learned the class, beside the estimate; null or left out where none was run. */
    readonly measured?: number | null;
  }[];
}

export interface SurvivalFigureOptions {
  readonly document: FigureDocument;
  readonly title?: string;
}

const MOST_ROWS = 40;
const ROW = 26;
const LEFT = 190;
const PLOT = 430;
const RIGHT = 110;
const TOP = 62;
const LOOKS: Readonly<Record<'alive' | 'open' | 'lost', { color: PaletteName; text: string }>> = {
  alive: { color: 'good', text: '● learned' },
  open: { color: 'ochre', text: '◐ may be lost' },
  lost: { color: 'bad', text: '✕ lost' },
};

export function survivalFigure(
  { classes, weightDecay }: SurvivalData,
  { document, title = 'Up to which weight decay each class is learned' }: SurvivalFigureOptions,
): FigureElement {
  const shown = spread(classes.length, MOST_ROWS);
  const axis = logAxis([
    weightDecay,
    ...shown.flatMap((k) => [
      classes[k].largestDecay.low,
      classes[k].largestDecay.high,
      classes[k].measured ?? null,
    ]),
  ]);
  const [from, to] = axis.domain;
  const place = (value: number | null) => {
    const at = value === null ? null : axis.at(value);
    return at === null ? null : LEFT + (PLOT * (at - from)) / (to - from);
  };
  const bottom = TOP + ROW * shown.length;
  const trained = shown.some((k) => typeof classes[k].measured === 'number');
  const moments = shown.some((k) => classes[k].largestDecay.estimateE !== null);
  const notes = [
    'Bar: learned below it, lost above.  Dot: the estimate.' +
      (moments ? '  Ring: from second moments.' : '') +
      (trained ? '  Cross: the largest at which training learned it.' : ''),
    ...(shown.length < classes.length
      ? [`${shown.length} of the ${formatCount(classes.length)} classes are drawn.`]
      : []),
  ];
  const line = place(weightDecay);
  return standaloneSvg(
    document,
    { width: LEFT + PLOT + RIGHT, height: bottom + 62 + 18 * notes.length },
    `The interval of the largest plain weight decay of each of ${classes.length} classes.`,
    label(document, 16, 24, title, { look: 'strong', size: 15 }),
    label(document, LEFT - 12, TOP - 10, 'class  ·  samples', { anchor: 'end', look: 'quiet' }),
    ...axis.ticks.flatMap(({ at, label: text }) => {
      const x = LEFT + (PLOT * (at - from)) / (to - from);
      return [
        segment(document, [x, TOP], [x, bottom], 'line', 1),
        label(document, x, bottom + 18, text, { anchor: 'middle', look: 'quiet' }),
      ];
    }),
    label(document, LEFT + PLOT / 2, bottom + 38, 'weight decay of everything', {
      anchor: 'middle',
      look: 'quiet',
    }),
    ...(line === null
      ? []
      : [
          segment(document, [line, TOP - 4], [line, bottom + 4], 'ink', 1.4, '5 4'),
          label(document, line, TOP - 10, `yours, ${formatExact(weightDecay)}`, { anchor: 'middle' }),
        ]),
    ...shown.flatMap((k, row) => {
      const { name, count, largestDecay, atDecay, measured = null } = classes[k];
      const y = TOP + ROW * (row + 0.5);
      const color = atDecay === null ? 'blue' : LOOKS[atDecay].color;
      const [low, high] = [place(largestDecay.low), place(largestDecay.high)];
      const who = name === null || name === String(k) ? String(k) : `${k} ${name.slice(0, 14)}`;
      return [
        label(document, LEFT - 12, y + 4, `${who}  ·  ${formatCount(count)}`, { anchor: 'end' }),
        ...(low === null || high === null ? [] : [bar(document, low, high, y, color)]),
        ...dot(document, place(largestDecay.estimateE), y, color, 'ring'),
        ...dot(document, place(largestDecay.estimate), y, color, 'disc'),
        ...cross(document, place(measured), y),
        label(
          document,
          LEFT + PLOT + 12,
          y + 4,
          atDecay === null ? formatNumber(largestDecay.estimate, 2) : LOOKS[atDecay].text,
          { look: 'quiet' },
        ),
      ];
    }),
    ...notes.map((text, i) => label(document, 16, bottom + 62 + 18 * i, text, { look: 'quiet', size: 11 })),
  );
}

type Point = readonly [number, number];

function segment(
  document: FigureDocument,
  [x1, y1]: Point,
  [x2, y2]: Point,
  color: PaletteName,
  width: number,
  dash?: string,
): FigureElement {
  return svgElement(document, 'line', {
    ...{ x1: round(x1), y1: round(y1), x2: round(x2), y2: round(y2) },
    ...{ stroke: paint(color), 'stroke-width': String(width) },
    ...(dash === undefined ? {} : { 'stroke-dasharray': dash }),
  });
}

function bar(document: FigureDocument, low: number, high: number, y: number, color: PaletteName) {
  return svgElement(document, 'rect', {
    ...{ x: round(low), y: round(y - 5), width: round(high - low), height: '10', rx: '5' },
    ...{ fill: paint(color), 'fill-opacity': '0.3' },
  });
}

function dot(
  document: FigureDocument,
  x: number | null,
  y: number,
  color: PaletteName,
  look: 'disc' | 'ring',
): FigureElement[] {
  if (x === null) return [];
  const fill = look === 'disc' ? paint(color) : 'none';
  const stroke = { stroke: paint(color), 'stroke-width': '1.6' };
  return [svgElement(document, 'circle', { cx: round(x), cy: round(y), r: '4', fill, ...stroke })];
}

function cross(document: FigureDocument, x: number | null, y: number): FigureElement[] {
  if (x === null) return [];
  return [
    segment(document, [x - 4, y - 4], [x + 4, y + 4], 'ink', 1.8),
    segment(document, [x - 4, y + 4], [x + 4, y - 4], 'ink', 1.8),
  ];
}
