/** Two keys as a phase diagram: a cell is the share of classes measured alive, and lines run where theory's count of living classes changes. */
import * as Plot from '@observablehq/plot';
import { svgElement, type FigureDocument, type FigureElement } from '../dom.js';
import { paint, type PaletteName } from '../palette.js';
import { drawPlot, handDrawn } from '../plot.js';
import type { Axis, Tick } from './axes.js';
import type { LegendItem } from './legend.js';
import { panelFrame } from './panelFrame.js';
import type { PanelParts } from './panelParts.js';

export interface PhaseCell {
  /** Places on the axes. */
  readonly x: number;
  readonly y: number;
  /** Classes measured alive, a mean over seeds; null where nothing was trained. */
  readonly alive: number | null;
  /** Classes that theory lets live; null where it says nothing. */
  readonly lives: number | null;
}

export interface PhasePanel {
  readonly kind: 'phase';
  readonly title: string;
  /** Values in the order of their places. */
  readonly x: { readonly label: string; readonly values: readonly string[] };
  readonly y: { readonly label: string; readonly values: readonly string[] };
  readonly classes: number;
  readonly cells: readonly PhaseCell[];
}

const [WIDTH, HEIGHT] = [400, 300];
const [LEFT, RIGHT, TOP, BOTTOM] = [64, 16, 24, 37];
/** Up to so many cells in a row hold their numbers, and so many ticks their values. */
const MOST_WRITTEN = 9;
const [TICKS_ACROSS, TICKS_UP] = [5, 9];

export function sweepPhase(
  { title, x, y, classes, cells }: PhasePanel,
  document: FigureDocument,
): PanelParts {
  const seen = cells.filter(({ alive, lives }) => alive !== null || lives !== null);
  if (seen.length === 0) return { title, legend: [], plot: null };
  const [across, up] = [axisOf(x.values, TICKS_ACROSS), axisOf(y.values, TICKS_UP)];
  const measured = seen.some(({ alive }) => alive !== null);
  const fill = handDrawn((scales) =>
    svgElement(
      document,
      'g',
      {},
      ...seen.map((cell) => {
        const [left, right] = [scales.x(cell.x - 0.5), scales.x(cell.x + 0.5)];
        const [top, bottom] = [scales.y(cell.y + 0.5), scales.y(cell.y - 0.5)];
        const share = cell.alive ?? (measured ? null : cell.lives) ?? null;
        return svgElement(document, 'rect', {
          ...{ x: left.toFixed(2), y: top.toFixed(2) },
          ...{ width: (right - left).toFixed(2), height: (bottom - top).toFixed(2) },
          ...(share === null
            ? { fill: paint('line') }
            : { fill: paint('heatPlus'), 'fill-opacity': (share / classes).toFixed(3) }),
        });
      }),
    ),
  );
  const svg = drawPlot(document, `${title}: classes alive over ${x.label} and ${y.label}.`, {
    ...{
      width: WIDTH,
      height: HEIGHT,
      marginLeft: LEFT,
      marginRight: RIGHT,
      marginTop: TOP,
      marginBottom: BOTTOM,
    },
    x: { type: 'linear', domain: across.domain, axis: null },
    y: { type: 'linear', domain: up.domain, axis: null },
    marks: [
      fill,
      ...panelFrame(across, up, x.label, 'without grid'),
      handDrawn((scales) => boundaries(document, seen, scales)),
      ...(x.values.length <= MOST_WRITTEN ? [numbers(seen, measured)] : []),
      Plot.text([up.domain[1]], {
        ...{ x: () => across.domain[0], y: (place: number) => place, text: () => y.label },
        ...{ textAnchor: 'start', dy: -12, dx: -LEFT + 8, fill: paint('quiet') },
      }),
    ],
  });
  return {
    title,
    legend: legendOf(document, classes, {
      measured,
      open: measured && seen.some(({ alive }) => alive === null),
    }),
    plot: { svg, width: WIDTH, height: HEIGHT },
  };
}

/** Thick lines between neighbours of which theory lets another number of classes live. */
function boundaries(
  document: FigureDocument,
  cells: readonly PhaseCell[],
  scales: { readonly x: (value: number) => number; readonly y: (value: number) => number },
): FigureElement {
  const lives = new Map(cells.map((cell) => [`${cell.x} ${cell.y}`, cell.lives]));
  const differs = (a: number | null, b: number | null | undefined) =>
    a !== null && b !== null && b !== undefined && a !== b;
  let path = '';
  const place = (x: number, y: number) => `${scales.x(x).toFixed(2)},${scales.y(y).toFixed(2)}`;
  for (const { x, y, lives: here } of cells) {
    if (differs(here, lives.get(`${x + 1} ${y}`)))
      path += `M${place(x + 0.5, y - 0.5)}L${place(x + 0.5, y + 0.5)}`;
    if (differs(here, lives.get(`${x} ${y + 1}`)))
      path += `M${place(x - 0.5, y + 0.5)}L${place(x + 0.5, y + 0.5)}`;
  }
  return svgElement(document, 'path', {
    ...{ d: path === '' ? 'M0,0' : path, fill: 'none', stroke: paint('vermilion') },
    ...{ 'stroke-width': '2', 'stroke-linecap': 'round', class: 'collapsar-boundary' },
  });
}

/** Measured / theory in each cell, or theory where nothing was measured in any. */
function numbers(cells: readonly PhaseCell[], measured: boolean): Plot.Markish {
  const show = (value: number | null) => (value === null ? '–' : String(Number(value.toFixed(1))));
  return Plot.text(cells, {
    ...{ x: 'x', y: 'y', fill: paint('ink'), fontSize: 10 },
    text: ({ alive, lives }: PhaseCell) => (measured ? `${show(alive)}/${show(lives)}` : show(lives)),
  });
}

function legendOf(
  document: FigureDocument,
  classes: number,
  { measured, open }: { readonly measured: boolean; readonly open: boolean },
): LegendItem[] {
  const swatch = (opacity: string, color: PaletteName = 'heatPlus') =>
    svgElement(document, 'rect', {
      ...{ x: '1', y: '0', width: '12', height: '10', fill: paint(color) },
      ...{ 'fill-opacity': opacity, stroke: paint('quiet'), 'stroke-width': '0.5' },
    });
  const what = measured ? 'measured alive' : 'alive in theory';
  return [
    { name: `all ${classes} ${what}`, width: 14, sample: swatch('1') },
    { name: 'half', width: 14, sample: swatch('0.5') },
    { name: 'none', width: 14, sample: swatch('0') },
    ...(open ? [{ name: 'not known', width: 14, sample: swatch('1', 'line') }] : []),
    {
      name: 'theory: another class is lost',
      width: 22,
      sample: svgElement(document, 'path', { d: 'M0,5H22', stroke: paint('vermilion'), 'stroke-width': '2' }),
    },
  ];
}

/** Places 0, 1, 2 …, of which at most `most` are labelled. */
function axisOf(values: readonly string[], most: number): Axis {
  const stride = Math.ceil(values.length / most);
  const ticks = values.flatMap((label, at): Tick[] => (at % stride === 0 ? [{ at, label }] : []));
  return { domain: [-0.5, values.length - 0.5], ticks, at: (value) => value, broken: null };
}
