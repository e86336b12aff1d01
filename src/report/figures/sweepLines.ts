/** A panel of a sweep: measured means as dots on a thin line, bars from the least to the most over seeds, theory dashed. */
import * as Plot from '@observablehq/plot';
import type { FigureDocument } from '../dom.js';
import { formatTick } from '../format.js';
import { CATEGORIES, paint, type PaletteName } from '../palette.js';
import { drawPlot } from '../plot.js';
import { categoryAxis, linearAxis, logAxis, valueAxis, type Axis, type ScaleKind } from './axes.js';
import { lineItems, symbolItems } from './legend.js';
import { panelFrame } from './panelFrame.js';
import type { PanelParts } from './panelParts.js';

export interface SweepPoint {
  readonly x: number;
  readonly mean: number;
  readonly least: number;
  readonly most: number;
}

export interface SweepCurve {
  /** In the legend; null where there is one curve alone. */
  readonly name: string | null;
  readonly measured: readonly SweepPoint[];
  /** Corners of the predicted line. */
  readonly predicted: readonly { readonly x: number; readonly y: number }[];
}

/** `few`: a tick at each value. `names`: places 0, 1, 2 … of values that are no numbers. */
export type SweepScale =
  | { readonly kind: ScaleKind }
  | { readonly kind: 'few'; readonly values: readonly number[] }
  | { readonly kind: 'names'; readonly names: readonly string[] };

export interface LinesPanel {
  readonly kind: 'lines';
  readonly title: string;
  readonly x: { readonly label: string; readonly scale: SweepScale };
  readonly y: {
    readonly label: string;
    readonly scale: ScaleKind;
    /** On a logarithmic axis: what is below lies on the line of zeros. */
    readonly floor: number;
    /** Drawn even if no value reaches it. */
    readonly include: readonly number[];
  };
  readonly curves: readonly SweepCurve[];
}

const [WIDTH, HEIGHT] = [400, 250];
const [TOP, BOTTOM] = [12, 37];

export function sweepLines(
  { title, x: across, y: up, curves }: LinesPanel,
  document: FigureDocument,
): PanelParts {
  const measured = curves.flatMap((curve) => curve.measured);
  const predicted = curves.flatMap((curve) => curve.predicted);
  if (measured.length + predicted.length === 0) return { title, legend: [], plot: null };
  const x = axisAcross(
    across.scale,
    [...measured, ...predicted].map((point) => point.x),
  );
  const raised = (value: number) => (up.scale === 'log' && value <= up.floor ? 0 : value);
  const values = [
    ...measured.flatMap(({ mean, least, most }) => [mean, least, most]),
    ...predicted.map((point) => point.y),
  ];
  const y =
    up.scale === 'log'
      ? logAxis([...values.map(raised), ...up.include], up.floor > 0 ? `≤ ${formatTick(up.floor)}` : '0')
      : linearAxis([...values, ...up.include], 0);
  const at = (value: number) => y.at(raised(value)) ?? y.domain[0];
  const marks: Plot.Markish[] = panelFrame(x, y, across.label);
  for (const [i, curve] of curves.entries()) marks.push(...marksOf(curve, colorOf(i), x, at));
  const svg = drawPlot(document, `${title}: ${up.label} against ${across.label}.`, {
    ...{
      width: WIDTH,
      height: HEIGHT,
      marginLeft: 54,
      marginRight: 16,
      marginTop: TOP,
      marginBottom: BOTTOM,
    },
    x: { type: 'linear', domain: x.domain, axis: null },
    y: { type: 'linear', domain: y.domain, axis: null },
    marks,
  });
  return { title, legend: legendOf(curves, document), plot: { svg, width: WIDTH, height: HEIGHT } };
}

function axisAcross(scale: SweepScale, values: readonly number[]): Axis {
  switch (scale.kind) {
    case 'linear':
      return linearAxis(values);
    case 'log':
      return logAxis(values);
    case 'few':
      return valueAxis(scale.values);
    case 'names':
      return categoryAxis(scale.names);
    default:
      return scale satisfies never;
  }
}

/** Curves side by side are told apart. */
function colorOf(curve: number): PaletteName {
  return CATEGORIES[curve % CATEGORIES.length];
}

function marksOf(
  { measured, predicted }: SweepCurve,
  color: PaletteName,
  x: Axis,
  at: (value: number) => number,
): Plot.Markish[] {
  const stroke = paint(color);
  const points = measured.flatMap((point) => {
    const across = x.at(point.x);
    if (across === null) return [];
    return [{ x: across, mean: at(point.mean), least: at(point.least), most: at(point.most) }];
  });
  const line = predicted.flatMap((point) => {
    const across = x.at(point.x);
    return across === null ? [] : [{ x: across, y: at(point.y) }];
  });
  const ranged = points.filter(({ least, most }) => most > least);
  return [
    ...(line.length > 1
      ? [
          Plot.line(line, {
            x: 'x',
            y: 'y',
            stroke,
            strokeWidth: 1.6,
            strokeDasharray: '6 4',
            strokeOpacity: 0.9,
          }),
        ]
      : line.map((corner) =>
          Plot.dot([corner], { x: 'x', y: 'y', r: 5, stroke, strokeWidth: 1.4, fill: 'none' }),
        )),
    Plot.line(points, { x: 'x', y: 'mean', stroke, strokeWidth: 1, strokeOpacity: 0.45 }),
    Plot.ruleX(ranged, { x: 'x', y1: 'least', y2: 'most', stroke, strokeWidth: 1.3 }),
    Plot.dot(points, { x: 'x', y: 'mean', r: points.length > 40 ? 1.8 : 2.8, fill: stroke }),
  ];
}

function legendOf(curves: readonly SweepCurve[], document: FigureDocument): PanelParts['legend'] {
  const named = curves.flatMap(({ name }, i) =>
    name === null ? [] : [{ name, color: colorOf(i), symbol: 'dot' as const }],
  );
  const ink = curves.length === 1 ? colorOf(0) : 'ink';
  return [
    ...symbolItems(document, named),
    ...(named.length === 0 && curves.some(({ measured }) => measured.length > 0)
      ? symbolItems(document, [{ name: 'measured', color: ink, symbol: 'dot' }])
      : []),
    ...(curves.some(({ predicted }) => predicted.length > 0)
      ? lineItems(document, [{ name: 'theory', color: ink, stroke: 'dashed', opacity: 1 }])
      : []),
  ];
}
