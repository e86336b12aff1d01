/** Every linear layer over training, a panel each: its scatter, and how far it and the product above it are from theory. */
import { layersOfRecord, type LayerRecord, type TrainRecord } from '../../runs/records.js';
import type { FigureElement } from '../dom.js';
import { wrapFigure } from './figure.js';
import { inOrder } from './depthPlot.js';
import { stepsParts, type Curve, type StepsOptions } from './panel.js';
import { panelBox, type PanelParts } from './panelParts.js';

export interface LayersData {
  readonly records: readonly TrainRecord[];
}

/** Null where the linear layers were not held against theory. */
export function layersOverSteps(data: LayersData, options: StepsOptions): FigureElement | null {
  const panels = layerPanels(data, options);
  if (panels.length === 0) return null;
  return wrapFigure(
    options.document,
    'grid',
    'A panel a layer, from the features to the logits; distances are from the frames that theory has at that layer. Nothing stands above the last.',
    ...panels.map((parts) => panelBox(options.document, parts)),
  );
}

/** From the features to the end of the head. */
export function layerPanels({ records }: LayersData, options: StepsOptions): PanelParts[] {
  const last = records.at(-1);
  const layers = last === undefined ? [] : inOrder(layersOfRecord(last));
  const linear = layers.filter(({ place }) => place !== 'backbone');
  if (linear.length < 2 || linear.every(({ nc2 }) => nc2 === undefined || nc2.features.predicted === null))
    return [];
  return linear.map(({ name }, m) => {
    const of =
      (read: (layer: LayerRecord) => unknown): Curve['read'] =>
      (record) => {
        const layer = layersOfRecord(record).find((candidate) => candidate.name === name);
        return layer === undefined ? null : read(layer);
      };
    const title = titleOf(name, m, linear.length - 1);
    return stepsParts({
      document: options.document,
      records,
      title,
      label: `${title} over training on a logarithmic axis.`,
      curves: [
        { name: 'NC1', color: 'blue', read: of(({ nc1 }) => nc1.pinv) },
        {
          name: 'class means',
          color: 'vermilion',
          stroke: 'dashed',
          read: of(({ nc2 }) => nc2?.features.predicted),
        },
        {
          name: 'product above',
          color: 'green',
          stroke: 'dotted',
          width: 2.2,
          read: of(({ nc2 }) => nc2?.weights.predicted),
        },
        { name: 'product times means', color: 'quiet', read: of(({ nc3 }) => nc3?.predicted) },
      ],
      steps: options.steps ?? 'linear',
      values: 'log',
    });
  });
}

/** The layer, and the product that reads it. */
function titleOf(name: string, m: number, M: number): string {
  if (m === M) return `${name}: the logits`;
  return M - m === 1 ? `${name}, read by W${M}` : `${name}, read by W${M}…W${m + 1}`;
}
