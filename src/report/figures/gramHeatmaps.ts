/**
 * PPᵀ, H̄ᵀH̄ and PH̄ as measured, as predicted, and their difference: nine heat maps.
 *
 * Colour is one hue for positive and one for negative entries, with the size as opacity, so that zero is the paper in light
 * and dark alike. Measured and predicted share a scale; the difference has its own. Up to 6 classes have their numbers.
 */
import { percent } from '../../core/numbers.js';
import * as Plot from '@observablehq/plot';
import type { GramMatrices } from '../../runs/records.js';
import { element, svgElement, type FigureDocument, type FigureElement } from '../dom.js';
import { drawPlot, handDrawn } from '../plot.js';
import { wrapFigure } from './figure.js';
import { finite, formatNumber, formatPower, formatTick } from '../format.js';
import { paint } from '../palette.js';
import type { PanelParts, SizedPlot } from './panelParts.js';
import { panelsDrawing } from './panelsDrawing.js';

export interface GramData {
  readonly measured: GramMatrices;
  readonly predicted: GramMatrices;
}

export interface GramOptions {
  readonly document: FigureDocument;
}

/** A matrix as rows of numbers. */
export type Rows = readonly (readonly number[])[];

const SIZE = 300;
const MARGIN = { left: 26, top: 6, right: 6, bottom: 24 };
const MOST_NUMBERS = 6;
/** Steps of opacity: cells of one step in one row are one rectangle, all of a step one path. */
const LEVELS = 48;

export function gramHeatmaps(data: GramData, options: GramOptions): FigureElement {
  const { document } = options;
  const rows = (
    [
      ['weights', 'PPᵀ', 'inner products of the classifier’s rows'],
      ['features', 'H̄ᵀH̄', 'inner products of the class means'],
      ['logits', 'PH̄', 'row j, column k: logit j of the mean of class k'],
    ] as const
  ).map(([key, symbol, meaning]) => {
    const measured = data.measured[key];
    const predicted = data.predicted[key];
    const difference = measured.map((row, i) => row.map((value, j) => value - (predicted[i]?.[j] ?? NaN)));
    const size = Math.max(largest(measured), largest(predicted));
    const apart = largest(difference);
    const share =
      size > 0
        ? ` Largest difference ${formatNumber(apart, 3)}, ${percent(apart / size)} of the largest entry.`
        : '';
    return element(
      document,
      'div',
      { class: 'collapsar-gram' },
      element(
        document,
        'div',
        { class: 'collapsar-panel-title' },
        element(document, 'b', {}, symbol),
        ` ${meaning}.${share}`,
      ),
      element(
        document,
        'div',
        {
          class: 'collapsar-rows',
          tabindex: '0',
          role: 'region',
          'aria-label': `${symbol}: three heat maps`,
        },
        heatmap(document, `${symbol} measured`, 'measured', measured, size),
        heatmap(document, `${symbol} predicted`, 'predicted', predicted, size),
        heatmap(document, `${symbol} measured minus predicted`, 'measured − predicted', difference, apart),
      ),
    );
  });
  return wrapFigure(
    document,
    'stack',
    'Blue: positive, orange: negative, paper: zero. Measured and predicted share one scale; the difference has its own, shown below it, and may be much finer.',
    ...rows,
  );
}

/** One K×K matrix; `size` is the entry that has the full colour. */
export function heatmap(
  document: FigureDocument,
  label: string,
  title: string,
  matrix: Rows,
  size: number,
): FigureElement {
  const parts = heatmapParts(document, label, title, matrix, size);
  return element(
    document,
    'div',
    { class: 'collapsar-heat' },
    element(document, 'div', { class: 'collapsar-heat-title' }, parts.title),
    parts.plot.svg,
    scaleBar(document, size),
  );
}

/** Several matrices, side by side, in one drawing that stands alone. */
export function heatmapsDrawing(
  document: FigureDocument,
  label: string,
  matrices: readonly { readonly title: string; readonly matrix: Rows; readonly size: number }[],
): FigureElement {
  const panels = matrices.map(({ title, matrix, size }) =>
    heatmapParts(
      document,
      title,
      `${title}, full colour ±${formatTick(Number(size.toPrecision(2)))}`,
      matrix,
      size,
    ),
  );
  return panelsDrawing(document, label, panels, Math.min(3, panels.length));
}

function heatmapParts(
  document: FigureDocument,
  label: string,
  title: string,
  matrix: Rows,
  size: number,
): PanelParts & { readonly plot: SizedPlot } {
  const K = matrix.length;
  const exponent = K <= MOST_NUMBERS ? commonExponent(size) : 0;
  const factor = exponent === 0 ? '' : `, × ${formatPower(exponent)}`;
  const every = tickStep(K);
  const ticks = Array.from({ length: K }, (_, k) => k).filter((k) => k % every === 0);
  const axis = {
    tickSize: 0,
    tickFormat: (k: number) => String(Math.floor(k)),
    fill: paint('quiet'),
    label: null,
  };
  const centres = ticks.map((k) => k + 0.5);
  const numbers = K <= MOST_NUMBERS ? cells(matrix, exponent, size) : [];
  const width = SIZE + MARGIN.left + MARGIN.right - 32;
  const height = SIZE + MARGIN.top + MARGIN.bottom - 32;
  const svg = drawPlot(document, `${label}, ${K} by ${K}, largest entry ${formatNumber(size, 3)}.`, {
    width,
    height,
    marginLeft: MARGIN.left,
    marginRight: MARGIN.right,
    marginTop: MARGIN.top,
    marginBottom: MARGIN.bottom,
    x: { type: 'linear', domain: [0, K], axis: null },
    y: { type: 'linear', domain: [0, K], reverse: true, axis: null },
    marks: [
      handDrawn(({ x, y }) => drawCells(document, matrix, size, x, y)),
      Plot.frame({ stroke: paint('line') }),
      Plot.axisX(centres, axis),
      Plot.axisY(centres, axis),
      Plot.text(numbers, { x: 'x', y: 'y', text: 'text', fill: paint('ink'), fontVariant: 'tabular-nums' }),
    ],
  });
  return { title: title + factor, legend: [], plot: { svg, width, height } };
}

/** One path for each sign and step of opacity. */
function drawCells(
  document: FigureDocument,
  matrix: Rows,
  size: number,
  x: (value: number) => number,
  y: (value: number) => number,
): FigureElement {
  const paths = new Map<number, string>();
  const K = matrix.length;
  const place = (value: number): string => String(Math.round(value * 100) / 100);
  for (let i = 0; i < K; i++)
    for (let j = 0; j < K;) {
      const level = levelOf(matrix[i][j], size);
      let end = j + 1;
      while (end < K && levelOf(matrix[i][end], size) === level) end++;
      if (level !== 0)
        paths.set(
          level,
          `${paths.get(level) ?? ''}M${place(x(j))},${place(y(i))}H${place(x(end))}V${place(y(i + 1))}H${place(x(j))}Z`,
        );
      j = end;
    }
  const drawn = [...paths].map(([level, d]) =>
    svgElement(document, 'path', {
      d,
      fill: paint(level > 0 ? 'heatPlus' : 'heatMinus'),
      'fill-opacity': String(Math.round((1000 * Math.abs(level)) / LEVELS) / 1000),
    }),
  );
  return svgElement(document, 'g', { 'shape-rendering': 'crispEdges', 'aria-hidden': 'true' }, ...drawn);
}

/** −LEVELS … LEVELS; what is not zero and does not vanish on the scale has at least one. */
function levelOf(value: unknown, size: number): number {
  const x = finite(value);
  return x === null || size === 0 ? 0 : Math.round((x / size) * LEVELS);
}

function scaleBar(document: FigureDocument, size: number): FigureElement {
  const bar = element(document, 'span', { class: 'collapsar-ramp', 'aria-hidden': 'true' });
  const end = (text: string): FigureElement => element(document, 'span', {}, text);
  if (size === 0) return element(document, 'div', { class: 'collapsar-scale' }, end('zero throughout'));
  const rounded = Number(size.toPrecision(2));
  return element(
    document,
    'div',
    { class: 'collapsar-scale' },
    end(`−${formatTick(rounded)}`),
    bar,
    end(formatTick(rounded)),
  );
}

function cells(
  matrix: Rows,
  exponent: number,
  size: number,
): { readonly x: number; readonly y: number; readonly text: string }[] {
  const digits = size === 0 ? 0 : Math.min(3, Math.max(0, 2 - Math.floor(Math.log10(size) - exponent)));
  return matrix.flatMap((row, i) =>
    row.map((value, j) => {
      const x = finite(value);
      const text = x === null ? '–' : (x * 10 ** -exponent).toFixed(digits);
      return { x: j + 0.5, y: i + 0.5, text: Number(text) === 0 ? '0' : text.replace('-', '−') };
    }),
  );
}

/** Numbers between 0.01 and 1000 stand as they are. */
function commonExponent(size: number): number {
  return size === 0 || (size >= 0.01 && size < 1000) ? 0 : Math.floor(Math.log10(size));
}

function largest(matrix: Rows): number {
  let most = 0;
  for (const row of matrix) for (const value of row) most = Math.max(most, Math.abs(finite(value) ?? 0));
  return most;
}

/** Classes from one tick to the next. */
function tickStep(K: number): number {
  if (K <= 12) return 1;
  return K <= 26 ? 5 : 10;
}
