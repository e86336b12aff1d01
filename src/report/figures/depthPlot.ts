/** The plot of a measure through depth: layers from the input to the output on one axis, the parts of the network named. */
import * as Plot from '@observablehq/plot';
import type { LayerRecord } from '../../runs/records.js';
import type { FigureDocument } from '../dom.js';
import { paint, type PaletteName } from '../palette.js';
import { drawPlot } from '../plot.js';
import type { Axis } from './axes.js';
import { placeLabels, type EndLabel } from './labels.js';
import type { SizedPlot } from './panelParts.js';

export interface DepthLine {
  /** Of each layer in order; null for a gap. */
  readonly values: readonly (number | null)[];
  readonly color: PaletteName;
  readonly opacity: number;
  readonly stroke: 'solid' | 'dashed';
  /** At the right end of the line. */
  readonly endLabel?: string;
}

export interface DepthPlot {
  readonly document: FigureDocument;
  /** One sentence, for those who cannot see the plot. */
  readonly label: string;
  readonly order: readonly LayerRecord[];
  readonly y: Axis;
  readonly lines: readonly DepthLine[];
}

const WIDTH = 400;
const AXIS_HEIGHT = 200;
const MARGIN = { left: 50, right: 46, top: 24 };
const PLACES = ['backbone', 'features', 'head'] as const;

/** From the backbone through the features to the end of the head. */
export function inOrder(layers: readonly LayerRecord[]): readonly LayerRecord[] {
  return PLACES.flatMap((place) => layers.filter((layer) => layer.place === place));
}

export function depthPlot({ document, label, order, y, lines }: DepthPlot): SizedPlot {
  const names = shortNames(order);
  const tilted = names.reduce((sum, name) => sum + 7 * name.length + 6, 0) > WIDTH - MARGIN.left;
  const room = tilted ? 12 + 4.9 * Math.max(...names.map((name) => name.length)) : 22;
  const end = order.length - 1;
  const at = y.ticks.map((tick) => tick.at);
  const labels: EndLabel[] = [];
  const curves = lines.flatMap((line): Plot.Markish[] => {
    const points = line.values.map((value, x) => ({ x, y: y.at(value) ?? Number.NaN }));
    const last = points.at(-1);
    if (line.endLabel !== undefined && last !== undefined && !Number.isNaN(last.y))
      labels.push({ y: last.y, text: line.endLabel, color: line.color });
    const color = paint(line.color);
    return [
      Plot.line(points, {
        x: 'x',
        y: 'y',
        stroke: color,
        strokeOpacity: line.opacity,
        strokeWidth: 1.8,
        ...(line.stroke === 'dashed' ? { strokeDasharray: '6 4' } : {}),
      }),
      Plot.dot(
        points.filter((point) => !Number.isNaN(point.y)),
        { x: 'x', y: 'y', r: 2.6, fill: color, fillOpacity: line.opacity },
      ),
    ];
  });
  const height = MARGIN.top + AXIS_HEIGHT + room;
  const svg = drawPlot(document, label, {
    width: WIDTH,
    height,
    marginLeft: MARGIN.left,
    marginRight: MARGIN.right,
    marginTop: MARGIN.top,
    marginBottom: room,
    x: { type: 'linear', domain: [-0.5, end + 0.5], axis: null },
    y: { type: 'linear', domain: y.domain, axis: null },
    marks: [
      Plot.gridY(at, { stroke: paint('line'), strokeOpacity: 1 }),
      Plot.axisY(at, {
        tickFormat: (_: unknown, i: number) => y.ticks[i].label,
        tickSize: 0,
        fill: paint('quiet'),
        label: null,
      }),
      ...placesOf(order),
      Plot.axisX(
        order.map((_, i) => i),
        {
          tickFormat: (_: unknown, i: number) => names[i],
          tickSize: 4,
          fill: paint('quiet'),
          stroke: paint('quiet'),
          label: null,
          ...(tilted ? { tickRotate: -45, fontSize: 10.5 } : {}),
        },
      ),
      Plot.ruleY([y.domain[0]], { stroke: paint('quiet') }),
      ...curves,
      ...placeLabels(labels, y.domain, AXIS_HEIGHT).map(({ y: height, text, color }) =>
        Plot.text([0], {
          x: () => end + 0.5,
          y: () => height,
          text: () => text,
          fill: paint(color),
          textAnchor: 'start',
          dx: 5,
          fontWeight: 600,
        }),
      ),
    ],
  });
  return { svg, width: WIDTH, height };
}

/** Rules between the parts of the network, each with its name above. */
function placesOf(order: readonly LayerRecord[]): Plot.Markish[] {
  const marks: Plot.Markish[] = [];
  for (const place of ['backbone', 'head'] as const) {
    const first = order.findIndex((layer) => layer.place === place);
    const last = order.findLastIndex((layer) => layer.place === place);
    if (first < 0) continue;
    const border = place === 'backbone' ? last + 0.5 : first - 0.5;
    if (border > 0 && border < order.length - 1)
      marks.push(
        Plot.ruleX([border], { stroke: paint('quiet'), strokeOpacity: 0.6, strokeDasharray: '2 4' }),
      );
    marks.push(
      Plot.text([place], {
        x: () => (first + last) / 2,
        frameAnchor: 'top',
        dy: -16,
        text: () => place,
        fill: paint('quiet'),
      }),
    );
  }
  return marks;
}

/** Without the ending that every backbone layer shares, as in `stage1.block1.relu`. */
function shortNames(order: readonly LayerRecord[]): string[] {
  const backbone = order.filter(({ place }) => place === 'backbone');
  const ending = /\.[^.]+$/.exec(backbone[0]?.name ?? '')?.[0] ?? '';
  const shared = ending !== '' && backbone.every(({ name }) => name.endsWith(ending));
  return order.map(({ name, place }) =>
    place === 'backbone' && shared ? name.slice(0, -ending.length) : name,
  );
}
