/**
 * The linear layers at the end of a training beside theory: how far the class means of each and the product above it are from
 * the frames of balanced classes, measured and predicted. On unequal counts both change from layer to layer.
 */
import type { LayerRecord, LayerValues } from '../../runs/records.js';
import type { FigureDocument } from '../dom.js';
import { finite } from '../format.js';
import type { PaletteName } from '../palette.js';
import { linearAxis } from './axes.js';
import { depthPlot, type DepthLine } from './depthPlot.js';
import { lineItems } from './legend.js';
import type { PanelParts } from './panelParts.js';

type Values = Partial<Pick<LayerValues, 'nc2' | 'nc3'>>;
type Read = (values: Values) => unknown;

const CURVES: readonly {
  readonly name: string;
  readonly color: PaletteName;
  readonly read: (frame: Frame) => Read;
}[] = [
  {
    name: 'class means',
    color: 'blue',
    read:
      (frame) =>
      ({ nc2 }) =>
        nc2?.features[frame],
  },
  {
    name: 'product above',
    color: 'vermilion',
    read:
      (frame) =>
      ({ nc2 }) =>
        nc2?.weights[frame],
  },
  {
    name: 'product times means',
    color: 'green',
    read:
      (frame) =>
      ({ nc3 }) =>
        nc3?.[frame],
  },
];
type Frame = 'orthogonal' | 'etf';
const TITLES: Readonly<Record<Frame, string>> = {
  orthogonal: 'At the end: distance from an orthogonal frame',
  etf: 'At the end: distance from the simplex ETF',
};

/** Two panels; none where theory says nothing of the layers. */
export function besideTheoryPanels(document: FigureDocument, layers: readonly LayerRecord[]): PanelParts[] {
  const order = layers.filter(({ predicted }) => predicted != null);
  if (order.length < 2) return [];
  return (['orthogonal', 'etf'] as const).map((frame) => {
    const lines = CURVES.flatMap(({ color, read }): DepthLine[] => {
      const values = (of: (layer: LayerRecord) => Values) =>
        order.map((layer) => finite(read(frame)(of(layer))));
      return [
        { values: values((layer) => layer), color, opacity: 1, stroke: 'solid' },
        { values: values(({ predicted }) => predicted ?? {}), color: 'ink', opacity: 0.75, stroke: 'dashed' },
      ];
    });
    return {
      title: TITLES[frame],
      legend: lineItems(document, [
        ...CURVES.map(({ name, color }) => ({ name, color, stroke: 'solid' as const, opacity: 1 })),
        { name: 'theory', color: 'ink', stroke: 'dashed', opacity: 0.75 },
      ]),
      plot: depthPlot({
        document,
        label: `${TITLES[frame]}, ${order.length} layers, measured and predicted.`,
        order,
        y: linearAxis(
          lines.flatMap(({ values }) => values),
          0,
        ),
        lines,
      }),
    };
  });
}
