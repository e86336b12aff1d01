/**
 * Collapse through depth: the scatter within classes and, where they were measured, the distances from the frames that theory has
 * at each linear layer, from the backbone through the features to the end of the head, at several moments from first to last.
 */
import { layersOfRecord, type LayerRecord, type TrainRecord } from '../../runs/records.js';
import type { FigureDocument, FigureElement } from '../dom.js';
import { finite, formatCount } from '../format.js';
import type { PaletteName } from '../palette.js';
import { logAxis } from './axes.js';
import { besideTheoryPanels } from './depthBesideTheory.js';
import { depthPlot, inOrder } from './depthPlot.js';
import { wrapFigure } from './figure.js';
import { lineItems } from './legend.js';
import { panelBox, type PanelParts } from './panelParts.js';
import { timeOf } from './trainingTime.js';

export interface DepthData {
  readonly records: readonly TrainRecord[];
  /** Of the summary, with what theory has at each layer. */
  readonly layers?: readonly LayerRecord[] | undefined;
}

export interface DepthOptions {
  readonly document: FigureDocument;
}

/** What is drawn of each layer. */
type Read = (layer: LayerRecord) => unknown;

interface MomentLine {
  readonly when: number;
  readonly layers: readonly LayerRecord[];
  readonly color: PaletteName;
  readonly opacity: number;
}

/** Shares of the training at which lines are drawn: collapse is fast at first. */
const SHARES = [0, 0.03, 0.1, 0.35, 1];

/** Null where fewer than two layers were measured. */
export function collapseThroughDepth(data: DepthData, options: DepthOptions): FigureElement | null {
  const panels = depthPanels(data, options);
  if (panels.length === 0) return null;
  const unit = timeOf(data.records).unit;
  const besideTheory = data.layers?.some(({ predicted }) => predicted != null) === true;
  return wrapFigure(
    options.document,
    'grid',
    `Layers from the input to the output, left to right; one line ${unit === 'epoch' ? 'an epoch' : 'a step'}, its number at the right. The lower, the closer to collapse.${besideTheory ? ' In the last panel a dashed line is what theory has at each layer.' : ''}`,
    ...panels.map((parts) => panelBox(options.document, parts)),
  );
}

/**
 * tr Σ_W / tr Σ_B and NC1; then, of the linear layers, the distances of the class means, of the product above them and of the two
 * together from theory; last both beside theory. Empty where fewer than two layers were measured.
 */
export function depthPanels({ records, layers }: DepthData, { document }: DepthOptions): PanelParts[] {
  const lines = chooseMoments(records);
  const order = lines.at(-1)?.layers ?? [];
  if (order.length < 2) return [];
  const unit = timeOf(records).unit;
  const panel = (title: string, read: Read, part = order) =>
    momentPanel(document, { title, unit, lines, order: part, read });
  const linear = order.filter(({ place }) => place !== 'backbone');
  const compared = linear.some(({ nc2 }) => nc2 !== undefined && nc2.features.predicted !== null);
  return [
    panel('tr Σ_W / tr Σ_B through depth', ({ nc1 }) => nc1.quotient),
    panel('NC1, tr(Σ_W Σ_B⁺)/K, through depth', ({ nc1 }) => nc1.pinv),
    ...(compared && linear.length > 1
      ? [
          panel('NC2: class means of a layer, from theory', ({ nc2 }) => nc2?.features.predicted, linear),
          panel(
            'NC2: the product above it, from theory',
            ({ nc2 }) => nc2?.weights.predicted,
            linear.slice(0, -1),
          ),
          panel(
            'NC3: the product times the means, from theory',
            ({ nc3 }) => nc3?.predicted,
            linear.slice(0, -1),
          ),
        ]
      : []),
    ...besideTheoryPanels(document, inOrder(layers ?? [])),
  ];
}

/** The first and the last measurement and some between, oldest first: grey before training, then ever stronger. */
function chooseMoments(records: readonly TrainRecord[]): MomentLine[] {
  const time = timeOf(records);
  const measured = records.flatMap((record) => {
    const layers = layersOfRecord(record);
    const when = time.of(record);
    return layers.length === 0 || when === null ? [] : [{ when, layers: inOrder(layers) }];
  });
  if (measured.length === 0) return [];
  const [first, last] = [measured[0].when, measured[measured.length - 1].when];
  const chosen = new Set<number>();
  for (const share of SHARES) {
    const wanted = first + share * (last - first);
    let nearest = 0;
    measured.forEach(({ when }, i) => {
      if (Math.abs(when - wanted) < Math.abs(measured[nearest].when - wanted)) nearest = i;
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

interface MomentPanel {
  readonly title: string;
  readonly unit: string;
  readonly lines: readonly MomentLine[];
  readonly order: readonly LayerRecord[];
  readonly read: Read;
}

function momentPanel(document: FigureDocument, { title, unit, lines, order, read }: MomentPanel): PanelParts {
  const valueOf = (line: MomentLine, name: string) => {
    const layer = line.layers.find((candidate) => candidate.name === name);
    return layer === undefined ? null : finite(read(layer));
  };
  const all = lines.flatMap((line) => order.map(({ name }) => valueOf(line, name)));
  if (all.every((value) => value === null)) return { title, legend: [], plot: null };
  const stroke = (color: PaletteName) => (color === 'quiet' ? 'dashed' : 'solid');
  return {
    title,
    legend: lineItems(
      document,
      lines.map(({ when, color, opacity }) => ({
        name: `${unit} ${formatCount(when)}`,
        color,
        stroke: stroke(color),
        opacity,
      })),
    ),
    plot: depthPlot({
      document,
      label: `${title} on a logarithmic axis, ${order.length} layers, at ${lines.length} ${unit}s from ${lines[0].when} to ${lines[lines.length - 1].when}.`,
      order,
      y: logAxis(all),
      lines: lines.map((line) => ({
        values: order.map(({ name }) => valueOf(line, name)),
        color: line.color,
        opacity: line.opacity,
        stroke: stroke(line.color),
        endLabel: String(line.when),
      })),
    }),
  };
}
