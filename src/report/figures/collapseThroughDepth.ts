/**
 * Collapse through depth: the scatter within classes, layer by layer from the backbone through the features to the end of the
 * head, at several epochs from first to last.
 */
import * as Plot from '@observablehq/plot';
import type { LayerRecord, TrainRecord } from '../../runs/records.js';
import { logAxis } from './axes.js';
import type { FigureDocument, FigureElement } from '../dom.js';
import { drawPlot } from '../plot.js';
import { wrapFigure } from './figure.js';
import { finite, formatCount } from '../format.js';
import { placeLabels, type EndLabel } from './labels.js';
import { lineItems } from './legend.js';
import { paint, type PaletteName } from '../palette.js';
import { panelBox, type PanelParts } from './panelParts.js';

export interface DepthData {
  readonly records: readonly TrainRecord[];
}

export interface DepthOptions {
  readonly document: FigureDocument;
}

/** What is drawn of each layer. */
type Read = (layer: LayerRecord) => unknown;

interface EpochLine {
  readonly epoch: number;
  readonly layers: readonly LayerRecord[];
  readonly color: PaletteName;
  readonly opacity: number;
}

const WIDTH = 400;
const AXIS_HEIGHT = 200;
const MARGIN = { left: 50, right: 36, top: 24 };
/** Shares of the training at which lines are drawn: collapse is fast at first. */
const SHARES = [0, 0.03, 0.1, 0.35, 1];
const PLACES = ['backbone', 'features', 'head'] as const;

/** Null where fewer than two layers were measured. */
export function collapseThroughDepth(data: DepthData, options: DepthOptions): FigureElement | null {
  const panels = depthPanels(data, options);
  if (panels.length === 0) return null;
  return wrapFigure(
    options.document,
    'grid',
    'Layers from the input to the output, left to right; one line an epoch, its number at the right. The lower, the closer to collapse.',
    ...panels.map((parts) => panelBox(options.document, parts)),
  );
}

/** tr Σ_W / tr Σ_B, then NC1; empty where fewer than two layers were measured. */
export function depthPanels({ records }: DepthData, { document }: DepthOptions): PanelParts[] {
  const lines = chooseEpochs(records);
  const order = lines.at(-1)?.layers ?? [];
  if (order.length < 2) return [];
  return [
    depthPanel(document, 'tr Σ_W / tr Σ_B through depth', lines, order, ({ nc1 }) => nc1.quotient),
    depthPanel(document, 'NC1, tr(Σ_W Σ_B⁺)/K, through depth', lines, order, ({ nc1 }) => nc1.pinv),
  ];
}

/** The first and the last measurement and some between, oldest first: grey before training, then ever stronger. */
function chooseEpochs(records: readonly TrainRecord[]): EpochLine[] {
  const measured = records.flatMap(({ network }) =>
    network === undefined || network.layers.length === 0
      ? []
      : [{ epoch: network.epoch, layers: inOrder(network.layers) }],
  );
  if (measured.length === 0) return [];
  const [first, last] = [measured[0].epoch, measured[measured.length - 1].epoch];
  const chosen = new Set<number>();
  for (const share of SHARES) {
    const wanted = first + share * (last - first);
    let nearest = 0;
    measured.forEach(({ epoch }, i) => {
      if (Math.abs(epoch - wanted) < Math.abs(measured[nearest].epoch - wanted)) nearest = i;
    });
    chosen.add(nearest);
  }
  const drawn = [...chosen].sort((a, b) => a - b).map((i) => measured[i]);
  return drawn.map((line, i) => ({
    ...line,
    color: i === 0 && drawn.length > 1 ? 'quiet' : 'blue',
    opacity: i === 0 || drawn.length < 3 ? 1 : 0.35 + (0.65 * i) / (drawn.length - 1),
  }));
}

function inOrder(layers: readonly LayerRecord[]): readonly LayerRecord[] {
  return PLACES.flatMap((place) => layers.filter((layer) => layer.place === place));
}

function depthPanel(
  document: FigureDocument,
  title: string,
  lines: readonly EpochLine[],
  order: readonly LayerRecord[],
  read: Read,
): PanelParts {
  const valueOf = (line: EpochLine, name: string) => {
    const layer = line.layers.find((candidate) => candidate.name === name);
    return layer === undefined ? null : finite(read(layer));
  };
  const all = lines.flatMap((line) => order.map(({ name }) => valueOf(line, name)));
  if (all.every((value) => value === null)) return { title, legend: [], plot: null };
  const y = logAxis(all);
  const names = shortNames(order);
  const tilted = names.reduce((sum, name) => sum + 7 * name.length + 6, 0) > WIDTH - MARGIN.left;
  const room = tilted ? 12 + 4.9 * Math.max(...names.map((name) => name.length)) : 22;
  const end = order.length - 1;
  const at = y.ticks.map((tick) => tick.at);
  const labels: EndLabel[] = [];
  const curves = lines.flatMap((line): Plot.Markish[] => {
    const points = order.map(({ name }, x) => ({ x, y: y.at(valueOf(line, name)) ?? Number.NaN }));
    const last = points.at(-1);
    if (last !== undefined && !Number.isNaN(last.y))
      labels.push({ y: last.y, text: String(line.epoch), color: line.color });
    const color = paint(line.color);
    return [
      Plot.line(points, {
        x: 'x',
        y: 'y',
        stroke: color,
        strokeOpacity: line.opacity,
        strokeWidth: 1.8,
        ...(line.color === 'quiet' ? { strokeDasharray: '6 4' } : {}),
      }),
      Plot.dot(
        points.filter((point) => !Number.isNaN(point.y)),
        { x: 'x', y: 'y', r: 2.6, fill: color, fillOpacity: line.opacity },
      ),
    ];
  });
  const height = MARGIN.top + AXIS_HEIGHT + room;
  const svg = drawPlot(
    document,
    `${title} on a logarithmic axis, ${order.length} layers, at ${lines.length} epochs from ${lines[0].epoch} to ${lines[lines.length - 1].epoch}.`,
    {
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
    },
  );
  return {
    title,
    legend: lineItems(
      document,
      lines.map(({ epoch, color, opacity }) => ({
        name: `epoch ${formatCount(epoch)}`,
        color,
        stroke: color === 'quiet' ? 'dashed' : 'solid',
        opacity,
      })),
    ),
    plot: { svg, width: WIDTH, height },
  };
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
