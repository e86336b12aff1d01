/**
 * One small plot of curves over training: title, legend, lines, dashed references, labels at the right end. Time runs in
 * epochs where the records are of a network, else in steps.
 *
 * Every figure over training is made of these.
 */
import * as Plot from '@observablehq/plot';
import type { Maybe, TrainRecord } from '../../runs/records.js';
import { linearAxis, logAxis, stepAxis, type Axis, type ScaleKind } from './axes.js';
import { svgElement, type FigureDocument, type FigureElement } from '../dom.js';
import { drawPlot, handDrawn } from '../plot.js';
import { finite } from '../format.js';
import { lineItems, type LegendEntry, type Stroke } from './legend.js';
import { placeLabels, type EndLabel } from './labels.js';
import { paint, type PaletteName } from '../palette.js';
import { panelFrame } from './panelFrame.js';
import { panelBox, type PanelParts } from './panelParts.js';
import { panelsDrawing } from './panelsDrawing.js';
import { thin, type CurvePoint } from './thin.js';
import { timeOf, type TrainingTime } from './trainingTime.js';

export interface Curve {
  /** In the legend; without it the curve is not listed. */
  readonly name?: string;
  readonly color: PaletteName;
  readonly stroke?: Stroke;
  readonly width?: number;
  readonly opacity?: number;
  read(record: TrainRecord): unknown;
  /** At the right end of the curve. */
  readonly endLabel?: string;
}

/** A horizontal line: a predicted value. */
export interface Reference {
  readonly name?: string;
  readonly value: number;
  readonly color: PaletteName;
  readonly opacity?: number;
}

export interface PanelOptions {
  readonly document: FigureDocument;
  readonly records: readonly TrainRecord[];
  readonly title: string;
  /** One sentence, for those who cannot see the plot. */
  readonly label: string;
  readonly curves: readonly Curve[];
  readonly references?: readonly Reference[];
  readonly steps: ScaleKind;
  /** What time is counted in, where it is neither steps nor epochs. */
  readonly unit?: string | undefined;
  readonly values: ScaleKind;
  /** The label of the line of zeros on a logarithmic axis. */
  readonly zeroLabel?: string;
  /** Drawn even if no value reaches it: for a share of samples, one sample. */
  readonly include?: readonly number[];
  readonly legend?: 'show' | 'hide';
  /** Asks for a thin vertical line at a moment of training, hidden at first: handed what moves it, at no cost of drawing. */
  readonly cursor?: (move: MoveCursor) => void;
  /** Units of the drawing; text keeps its size. Left out: `PANEL_SIZE`. */
  readonly size?: PanelSize;
}

/** Puts the line at the time of a record; away where there is none, or it has no place on the axis. */
export type MoveCursor = (record: TrainRecord | null) => void;

/** What every figure over steps is drawn with. */
export interface StepsOptions {
  readonly document: FigureDocument;
  readonly steps?: ScaleKind;
  /** What time is counted in, where it is neither steps nor epochs. */
  readonly unit?: string | undefined;
}

export interface PanelSize {
  readonly width: number;
  readonly height: number;
}

/** Every panel of a report: wide enough that text stays readable when a phone scales it down. */
const PANEL_SIZE: PanelSize = { width: 400, height: 238 };
/** Margins. */
const TOP = 12;
const BOTTOM = 37;
/** Room for a tick and its label. */
const UNITS_A_STEP_TICK = 57;
const UNITS_A_VALUE_TICK = 34;
const DASH: Readonly<Record<Stroke, string | undefined>> = {
  solid: undefined,
  dashed: '6 4',
  dotted: '1.5 3.5',
};

/** The panel; where no curve has a value, a sentence in its place. */
export function stepsPanel(options: PanelOptions): FigureElement {
  return panelBox(options.document, stepsParts(options));
}

/** The same as a drawing that stands alone, title and legend in it. */
export function stepsDrawing(options: PanelOptions): FigureElement {
  return panelsDrawing(options.document, options.label, [stepsParts(options)], 1);
}

/** A curve with its value at each record. */
interface Drawn {
  readonly curve: Curve;
  readonly values: Maybe[];
}

/** The same in parts. */
export function stepsParts(options: PanelOptions): PanelParts {
  const { document, records, title } = options;
  const { width, height } = options.size ?? PANEL_SIZE;
  const references = options.references ?? [];
  const drawn: Drawn[] = options.curves
    .map((curve) => ({ curve, values: records.map((record) => finite(curve.read(record))) }))
    .filter(({ values }) => values.some((value) => value !== null));
  if (drawn.length === 0) return { title, legend: [], plot: null };

  const time = timeOf(records);
  const { unit = time.unit } = options;
  const startIsBelow = options.values === 'log' && raiseStart(drawn.map(({ values }) => values));
  const [x, y] = axesOf(options, drawn, time, { width, height });
  const logarithmic = options.steps === 'log' && records.length > 1;
  const points = drawn.map(({ values }) => thin(place(records, time, values, x, y)));
  const labels = placeLabels(endLabels(drawn, points), y.domain, height - TOP - BOTTOM);
  const marks: Plot.Markish[] = [
    ...panelFrame(x, y, logarithmic ? `${unit} (logarithmic)` : unit),
    ...references.flatMap((reference) => referenceLine(reference, y)),
    ...drawn.flatMap(({ curve }, i) => [line(points[i], curve), ...lonely(points[i], curve)]),
    ...labels.map((label) => endText(label, x)),
  ];
  if (options.cursor !== undefined)
    marks.push(
      cursorLine(document, [TOP, height - BOTTOM], (record) => x.at(time.of(record)), options.cursor),
    );
  const svg = drawPlot(document, options.label, {
    width,
    height,
    marginLeft: 50,
    marginRight: labels.length > 0 ? 14 + 7 * Math.max(...labels.map(({ text }) => text.length)) : 14,
    marginTop: TOP,
    marginBottom: BOTTOM,
    x: { type: 'linear', domain: x.domain, axis: null },
    y: { type: 'linear', domain: y.domain, axis: null },
    marks,
  });
  return {
    title,
    legend: options.legend === 'hide' ? [] : lineItems(document, legendEntries(drawn, references)),
    plot: { svg, width, height },
    startIsBelow,
  };
}

/** Steps across, values up. */
function axesOf(
  options: PanelOptions,
  drawn: readonly Drawn[],
  time: TrainingTime,
  { width, height }: PanelSize,
): [Axis, Axis] {
  const x = stepAxis(
    options.records.map((record) => time.of(record) ?? 0),
    options.steps,
    Math.max(3, Math.floor(width / UNITS_A_STEP_TICK)),
  );
  const all = [
    ...drawn.flatMap(({ values }) => values),
    ...(options.references ?? []).map(({ value }) => value),
    ...(options.include ?? []),
  ];
  const y =
    options.values === 'log'
      ? logAxis(all, options.zeroLabel, Math.max(3, Math.floor(height / UNITS_A_VALUE_TICK)))
      : linearAxis(all, 0);
  return [x, y];
}

function referenceLine(reference: Reference, y: Axis): Plot.Markish[] {
  const at = y.at(reference.value);
  if (at === null) return [];
  return [
    Plot.ruleY([at], {
      stroke: paint(reference.color),
      strokeDasharray: DASH.dashed ?? '',
      strokeWidth: 1.3,
      strokeOpacity: reference.opacity ?? 0.9,
    }),
  ];
}

/** Names at the ends of the curves that have one. */
function endLabels(drawn: readonly Drawn[], points: readonly (readonly CurvePoint[])[]): EndLabel[] {
  return drawn.flatMap(({ curve: { endLabel, color } }, i) => {
    const last = points[i].findLast((point) => point.y !== null);
    return endLabel === undefined || last === undefined || last.y === null
      ? []
      : [{ y: last.y, text: endLabel, color }];
  });
}

function endText({ y, text, color }: EndLabel, x: Axis): Plot.Markish {
  return Plot.text([0], {
    x: () => x.domain[1],
    y: () => y,
    text: () => text,
    fill: paint(color),
    textAnchor: 'start',
    dx: 7,
    fontWeight: 600,
  });
}

function legendEntries(drawn: readonly Drawn[], references: readonly Reference[]): LegendEntry[] {
  return [
    ...drawn.map(({ curve }) => curve),
    ...references.map((reference) => ({ ...reference, stroke: 'dashed' as const })),
  ].flatMap(({ name, color, stroke, opacity }) =>
    name === undefined ? [] : [{ name, color, stroke: stroke ?? 'solid', opacity: opacity ?? 1 }],
  );
}

/** A start is drawn where it is unless that takes more of a logarithmic axis than this factor. */
const FAR_BELOW = 30;

/**
 * Raises the first values that are far below everything later to the least of that, so that they do not press the rest flat:
 * an orthogonal start has rounding for a distance from its frame. Whether there were any.
 */
function raiseStart(curves: readonly Maybe[][]): boolean {
  const later = curves.flatMap((values) => values.slice(1)).filter((x) => x !== null && x > 0);
  const least = later.reduce<number>((a, b) => Math.min(a, b ?? a), Infinity);
  if (!Number.isFinite(least)) return false;
  let raised = false;
  for (const values of curves) {
    const first = values[0];
    if (first === null || !(first > 0 && first < least / FAR_BELOW)) continue;
    values[0] = least;
    raised = true;
  }
  return raised;
}

function place(
  records: readonly TrainRecord[],
  time: TrainingTime,
  values: readonly Maybe[],
  x: Axis,
  y: Axis,
): CurvePoint[] {
  const points: CurvePoint[] = [];
  records.forEach((record, i) => {
    const at = x.at(time.of(record));
    if (at !== null) points.push({ x: at, y: y.at(values[i]) });
  });
  return points;
}

function line(points: readonly CurvePoint[], curve: Curve): Plot.Markish {
  return Plot.line(points, {
    x: 'x',
    y: (point: CurvePoint) => point.y ?? Number.NaN,
    stroke: paint(curve.color),
    strokeWidth: curve.width ?? 1.8,
    strokeOpacity: curve.opacity ?? 1,
    strokeLinecap: 'butt',
    ...(DASH[curve.stroke ?? 'solid'] === undefined
      ? {}
      : { strokeDasharray: DASH[curve.stroke ?? 'solid'] ?? '' }),
  });
}

/** A line through one point is nothing: such points are dots. */
function lonely(points: readonly CurvePoint[], curve: Curve): Plot.Markish[] {
  const alone = points.filter(
    ({ y }, i) => y !== null && (points[i - 1]?.y ?? null) === null && (points[i + 1]?.y ?? null) === null,
  );
  if (alone.length === 0) return [];
  return [
    Plot.dot(alone, { x: 'x', y: 'y', r: 3, fill: paint(curve.color), fillOpacity: curve.opacity ?? 1 }),
  ];
}

/** A line from top to bottom that `cursor` is handed the way to move. */
function cursorLine(
  document: FigureDocument,
  [top, bottom]: readonly [number, number],
  placeOf: (record: TrainRecord) => Maybe,
  cursor: (move: MoveCursor) => void,
): Plot.Markish {
  return handDrawn(({ x }) => {
    const line = svgElement(document, 'line', {
      class: 'collapsar-cursor',
      y1: String(top),
      y2: String(bottom),
      stroke: paint('ink'),
      visibility: 'hidden',
    });
    cursor((record) => {
      const at = record === null ? null : placeOf(record);
      line.setAttribute('visibility', at === null ? 'hidden' : 'visible');
      if (at === null) return;
      const across = x(at).toFixed(2);
      line.setAttribute('x1', across);
      line.setAttribute('x2', across);
    });
    return line;
  });
}
