/**
 * The share of starts in which each class lives: a heat map of classes × sizes of the start, with theory beside it.
 *
 * Every cell has its number; a cell in which a class is lost that theory lets live has a frame. Above 40 classes the rows are
 * thinned.
 */
import { svgElement, type FigureDocument, type FigureElement } from '../dom.js';
import { formatCount, formatNumber, formatTick } from '../format.js';
import { spread } from '../../core/spread.js';
import { paint } from '../palette.js';
import { label, round, standaloneSvg } from './standaloneSvg.js';

/** What the figure needs of a basin document. */
export interface BasinData {
  readonly scales: readonly { readonly std: number; readonly starts: number }[];
  readonly classes: readonly {
    readonly count: number;
    readonly regime: string | null;
    readonly predictedFit: number;
    /** For each scale the share of starts; null where there is none. */
    readonly alive: readonly (number | null)[];
  }[];
}

export interface BasinFigureOptions {
  readonly document: FigureDocument;
}

const MOST_ROWS = 40;
const ROW = 26;
const LEFT = 132;
const THEORY = 158;
const TOP = 74;
const MEANINGS = [
  ['alive', '● alive'],
  ['metastable', '◐ metastable: zero is lower, a living local minimum survives'],
  ['lost', '✕ lost: zero is the only solution'],
  ['cut', '✕ cut: beyond the bottleneck of a narrow layer'],
] as const;
const SIGNS: Readonly<Record<string, string>> = { alive: '●', metastable: '◐', lost: '✕', cut: '✕' };

export function basinFigure(data: BasinData, { document }: BasinFigureOptions): FigureElement {
  const { scales, classes } = data;
  const drawn = spread(classes.length, MOST_ROWS);
  // From the smallest start to the largest, left to right.
  const columns = scales.map((scale, s) => ({ ...scale, s })).sort((a, b) => a.std - b.std);
  const cell = Math.max(58, Math.min(92, 460 / columns.length));
  const right = LEFT + cell * columns.length;
  const width = Math.max(520, right + THEORY + 24);
  const bottom = TOP + ROW * drawn.length;
  const lost = (k: number, share: number | null) =>
    classes[k].regime === 'alive' && share !== null && share < 1;
  const anyLost = drawn.some((k) => classes[k].alive.some((share) => lost(k, share)));
  const present = MEANINGS.filter(([regime]) => drawn.some((k) => classes[k].regime === regime));
  const notes = [
    ...(present.length > 0 ? [present.map(([, text]) => text).join('\u2003')] : []),
    ...(anyLost ? ['Framed: lost in some starts, though the class lives at the global minimum.'] : []),
    ...(drawn.length < classes.length
      ? [`${drawn.length} of the ${formatCount(classes.length)} classes are drawn.`]
      : []),
  ];
  return standaloneSvg(
    document,
    { width, height: bottom + 50 + 18 * notes.length },
    `Share of random starts in which gradient descent keeps each of ${classes.length} classes, for ${columns.length} sizes of the start.`,
    label(document, 16, 24, 'Which classes gradient descent keeps', { look: 'strong', size: 15 }),
    label(document, 16, 43, 'share of random starts in which the class is alive at the end', {
      look: 'quiet',
    }),
    label(document, LEFT - 12, TOP - 8, 'class  ·  samples', { anchor: 'end', look: 'quiet' }),
    label(document, right + 16, TOP - 8, 'global minimum', { look: 'quiet' }),
    ...drawn.flatMap((k, i) => {
      const { count, regime, predictedFit, alive } = classes[k];
      const y = TOP + ROW * i;
      return [
        label(document, LEFT - 12, y + 17.5, `${k}  ·  ${formatCount(count)}`, { anchor: 'end' }),
        ...columns.flatMap(({ s }, j) =>
          drawCell(document, LEFT + cell * j, y, cell, alive[s], lost(k, alive[s])),
        ),
        ...(regime === null
          ? []
          : [
              label(
                document,
                right + 16,
                y + 17.5,
                `${SIGNS[regime] ?? ''} ${regime}${predictedFit > 0 ? `, fit ${formatNumber(predictedFit, 2)}` : ''}`,
              ),
            ]),
      ];
    }),
    ...columns.flatMap(({ std, starts }, j) => {
      const x = LEFT + cell * (j + 0.5);
      return [
        label(document, x, bottom + 17, formatTick(std), { anchor: 'middle' }),
        label(document, x, TOP - 8, `${starts} starts`, { anchor: 'middle', look: 'quiet', size: 11 }),
      ];
    }),
    label(document, LEFT - 12, bottom + 17, 'std of the start', { anchor: 'end', look: 'quiet' }),
    ...notes.map((text, i) => label(document, 16, bottom + 48 + 18 * i, text, { look: 'quiet', size: 11 })),
  );
}

function drawCell(
  document: FigureDocument,
  x: number,
  y: number,
  width: number,
  share: number | null,
  lost: boolean,
): FigureElement[] {
  const box = {
    x: round(x + 1.5),
    y: round(y + 1.5),
    width: round(width - 3),
    height: round(ROW - 3),
    rx: '3',
  };
  const quiet = share === 0 || share === null ? 'quiet' : null;
  const look = lost ? 'strong' : quiet;
  return [
    svgElement(document, 'rect', { ...box, fill: paint('line'), 'fill-opacity': '0.45' }),
    svgElement(document, 'rect', {
      ...box,
      fill: paint('heatPlus'),
      'fill-opacity': round(share ?? 0),
      ...(lost ? { stroke: paint('bad'), 'stroke-width': '1.8' } : {}),
    }),
    label(document, x + width / 2, y + 17.5, share === null ? '–' : `${Math.round(100 * share)} %`, {
      anchor: 'middle',
      ...(look === null ? {} : { look }),
    }),
  ];
}
