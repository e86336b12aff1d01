/**
 * The phase diagram: weight decay × class size, log–log, one panel a depth, with the boundaries b_global and b_exist.
 *
 * Regimes are told apart by their words and their texture as well as by colour; the user's classes stand at the user's
 * decay, with one sign a regime.
 */
import { svgElement, type FigureDocument, type FigureElement } from '../dom.js';
import { formatCount, formatPower, formatTick } from '../format.js';
import { paint } from '../palette.js';
import { label, round, standaloneSvg, type FigureColors } from './standaloneSvg.js';

/** What the figure needs of the diagram of `advise`. */
export interface PhaseDiagramData {
  readonly sizeMeans: 'count' | 'targetSquare';
  readonly samples: number;
  readonly featureDecay: number | 'tied';
  /** The user's weight decay and depth. */
  readonly weightDecay: number;
  readonly depth: number;
  readonly sizes: readonly [number, number];
  /** Log-spaced; the boundaries are straight between these points in log–log. */
  readonly weightDecays: readonly number[];
  readonly marks: readonly {
    readonly count: number;
    readonly size: number;
    readonly classes: number;
    readonly cut: boolean;
  }[];
  readonly panels: readonly {
    readonly depth: number;
    readonly globalSize: readonly number[];
    readonly existSize: readonly number[];
    readonly regimes: readonly (string | null)[];
  }[];
}

export interface PhaseDiagramOptions {
  readonly document: FigureDocument;
  /** Left out: `literal`, for a file. */
  readonly colors?: FigureColors;
}

const PANEL = { width: 238, height: 176, gapX: 62, gapY: 66 };
const COLUMNS = 3;
const ORIGIN = { x: 66, y: 132 };
const PATTERN = 'collapsar-metastable';
/** More marks than this are thinned. */
const MOST_MARKS = 60;

export function phaseDiagram(
  data: PhaseDiagramData,
  { document, colors }: PhaseDiagramOptions,
): FigureElement {
  const { panels, marks } = data;
  const columns = Math.min(COLUMNS, panels.length);
  const rows = Math.ceil(panels.length / columns);
  const width = ORIGIN.x + columns * PANEL.width + (columns - 1) * PANEL.gapX + 28;
  const bottom = ORIGIN.y + rows * PANEL.height + (rows - 1) * PANEL.gapY;
  const held = data.featureDecay === 'tied' ? 'λ_H = λ_W' : `λ_H = ${formatTick(data.featureDecay)}`;
  const size = data.sizeMeans === 'count' ? 'samples of a class' : 'τ² of a class (its main mode)';
  return standaloneSvg(
    document,
    { width, height: bottom + 58, colors },
    `Phase diagram of ${panels.length} depths: at which weight decay a class of a given size is alive, metastable or lost; ${marks.length} class sizes marked at weight decay ${formatTick(data.weightDecay)}.`,
    pattern(document),
    label(document, 16, 26, 'Which classes survive which weight decay', { look: 'strong', size: 15 }),
    label(
      document,
      16,
      46,
      `N = ${formatCount(data.samples)} samples, ${held}; your classes at your λ_W = ${formatTick(data.weightDecay)}`,
      { look: 'quiet' },
    ),
    ...legend(document, 16, 62, panels),
    ...panels.flatMap((panel, i) => {
      const x = ORIGIN.x + (i % columns) * (PANEL.width + PANEL.gapX);
      const y = ORIGIN.y + Math.floor(i / columns) * (PANEL.height + PANEL.gapY);
      return drawPanel(document, data, panel, x, y, i % columns === 0 ? size : null);
    }),
    label(document, ORIGIN.x + (width - ORIGIN.x - 28) / 2, bottom + 42, 'weight decay λ_W', {
      anchor: 'middle',
      look: 'quiet',
    }),
  );
}

type Panel = PhaseDiagramData['panels'][number];
type Point = readonly [number, number];

function drawPanel(
  document: FigureDocument,
  data: PhaseDiagramData,
  panel: Panel,
  left: number,
  top: number,
  title: string | null,
): FigureElement[] {
  const { weightDecays, sizes } = data;
  const [x0, x1] = [Math.log10(weightDecays[0]), Math.log10(weightDecays[weightDecays.length - 1])];
  const [y0, y1] = [Math.log10(sizes[0]), Math.log10(sizes[1])];
  const x = (value: number) => left + ((value - x0) / (x1 - x0)) * PANEL.width;
  const y = (value: number) => top + ((y1 - value) / (y1 - y0)) * PANEL.height;
  const usersDepth = panel.depth === data.depth;
  const box = {
    x: round(left),
    y: round(top),
    width: String(PANEL.width),
    height: String(PANEL.height),
  };
  const curve = (values: readonly number[]) =>
    inBox(
      weightDecays.map((decay, i): Point => [Math.log10(decay), Math.log10(values[i])]),
      y0,
      y1,
    );
  const [global, exist] = [curve(panel.globalSize), curve(panel.existSize)];
  const path = (points: readonly Point[]) =>
    points.map(([a, b]) => `${round(x(a))},${round(y(b))}`).join('L');
  const lower = `L${round(left + PANEL.width)},${round(top + PANEL.height)}L${round(left)},${round(top + PANEL.height)}Z`;
  const below = (points: readonly Point[], fill: string) =>
    svgElement(document, 'path', { d: `M${path(points)}${lower}`, fill });
  const line = (points: readonly Point[], dashed: boolean): FigureElement[] => {
    const inside = points.filter(([, b], i) => !clampedBeside(points, i, b, y0, y1));
    if (inside.length === 0) return [];
    return [
      svgElement(document, 'path', {
        d: `M${path(inside)}`,
        fill: 'none',
        stroke: paint('ink'),
        'stroke-width': '1.6',
        ...(dashed ? { 'stroke-dasharray': '5 4' } : {}),
      }),
    ];
  };
  const at = x(Math.log10(data.weightDecay));
  const step = Math.ceil(data.marks.length / MOST_MARKS);
  return [
    svgElement(document, 'rect', { ...box, fill: paint('heatPlus'), 'fill-opacity': '0.42' }),
    below(global, paint('card')),
    below(global, `url(#${PATTERN})`),
    below(exist, paint('card')),
    below(exist, paint('line')),
    ...(panel.depth === 1 ? [] : line(exist, true)),
    ...line(global, false),
    svgElement(document, 'path', {
      d: `M${round(at)},${round(top)}V${round(top + PANEL.height)}`,
      stroke: paint('quiet'),
      'stroke-dasharray': '1.5 3',
    }),
    svgElement(document, 'rect', {
      ...box,
      fill: 'none',
      stroke: paint(usersDepth ? 'ink' : 'quiet'),
      'stroke-width': usersDepth ? '2.4' : '0.8',
    }),
    label(document, left, top - 9, `M = ${panel.depth}${usersDepth ? '  (yours)' : ''}`, { look: 'strong' }),
    ...regionNames(document, left, top, at, {
      alive: panel.globalSize[0] < sizes[1],
      lost: panel.existSize[panel.existSize.length - 1] > sizes[0],
    }),
    ...data.marks.flatMap(({ size }, i) =>
      size > 0 && i % step === 0 ? [sign(document, at, y(Math.log10(size)), panel.regimes[i] ?? 'lost')] : [],
    ),
    ...ticks(x0, x1, 4).map(({ value, text }) =>
      label(document, x(value), top + PANEL.height + 16, text, { anchor: 'middle', look: 'quiet', size: 11 }),
    ),
    ...ticks(y0, y1, 5).map(({ value, text }) =>
      label(document, left - 6, y(value) + 4, text, { anchor: 'end', look: 'quiet', size: 11 }),
    ),
    ...(title === null
      ? []
      : [
          label(document, left - 46, top + PANEL.height / 2, title, {
            anchor: 'middle',
            look: 'quiet',
            rotate: -90,
          }),
        ]),
  ];
}

/** Words in the corners that belong to a regime wherever it is in the box: boundaries rise to the right. */
function regionNames(
  document: FigureDocument,
  left: number,
  top: number,
  at: number,
  has: { readonly alive: boolean; readonly lost: boolean },
): FigureElement[] {
  const alive = label(document, at - left < 52 ? at + 11 : left + 8, top + 17, 'alive', {
    size: 11,
    halo: true,
  });
  const lost = label(document, left + PANEL.width - 8, top + PANEL.height - 9, 'lost', {
    size: 11,
    anchor: 'end',
    halo: true,
  });
  return [...(has.alive ? [alive] : []), ...(has.lost ? [lost] : [])];
}

/** The polyline with its sizes cut to the box, with the points where it enters and leaves. */
function inBox(points: readonly Point[], low: number, high: number): Point[] {
  const out: Point[] = [];
  points.forEach((point, i) => {
    const before = points.at(i - 1);
    if (i > 0 && before !== undefined) {
      const crossings = [low, high]
        .filter((edge) => (before[1] - edge) * (point[1] - edge) < 0)
        .map((edge): Point => [
          before[0] + ((edge - before[1]) / (point[1] - before[1])) * (point[0] - before[0]),
          edge,
        ]);
      out.push(...crossings.sort((a, b) => a[0] - b[0]));
    }
    out.push([point[0], Math.max(low, Math.min(high, point[1]))]);
  });
  return out;
}

/** True for points that only follow the edge of the box. */
function clampedBeside(points: readonly Point[], i: number, b: number, low: number, high: number): boolean {
  if (b !== low && b !== high) return false;
  const near = [points.at(i + 1), i > 0 ? points[i - 1] : undefined];
  return near.every((point) => point === undefined || point[1] === b);
}

/** Powers of ten, at most `most`; where fewer than two fit, the numbers 1, 2 and 5 as well. */
function ticks(low: number, high: number, most: number): { value: number; text: string }[] {
  const [first, last] = [Math.ceil(low - 1e-9), Math.floor(high + 1e-9)];
  if (last - first >= 1) {
    const stride = Math.ceil((last - first + 1) / most);
    const out = [];
    for (let e = first; e <= last; e += stride)
      out.push({ value: e, text: e >= 0 && e < 5 ? formatTick(10 ** e) : formatPower(e) });
    return out;
  }
  const out = [];
  for (let e = Math.floor(low); e <= last; e++)
    for (const m of [1, 2, 5]) {
      const value = e + Math.log10(m);
      if (value >= low && value <= high) out.push({ value, text: formatTick(m * 10 ** e) });
    }
  return out;
}

function sign(document: FigureDocument, x: number, y: number, regime: string): FigureElement {
  const common = { stroke: paint('card'), 'stroke-width': '1.4' };
  switch (regime) {
    case 'alive':
      return svgElement(document, 'circle', {
        cx: round(x),
        cy: round(y),
        r: '4.6',
        fill: paint('blue'),
        ...common,
      });
    case 'metastable':
      return svgElement(document, 'path', {
        d: `M${round(x)},${round(y - 6)}l6,6l-6,6l-6,-6Z`,
        fill: paint('ochre'),
        ...common,
      });
    default:
      return svgElement(document, 'path', {
        d: `M${round(x - 4)},${round(y - 4)}l8,8m0,-8l-8,8`,
        fill: 'none',
        stroke: paint('bad'),
        'stroke-width': '2.2',
      });
  }
}

function legend(document: FigureDocument, x: number, y: number, panels: readonly Panel[]): FigureElement[] {
  const swatch = (at: number, fills: readonly Readonly<Record<string, string>>[]) => [
    ...fills.map((fill) =>
      svgElement(document, 'rect', { x: String(at), y: String(y), width: '20', height: '12', ...fill }),
    ),
    svgElement(document, 'rect', {
      x: String(at),
      y: String(y),
      width: '20',
      height: '12',
      fill: 'none',
      stroke: paint('quiet'),
      'stroke-width': '0.6',
    }),
  ];
  const cut = panels.some(({ regimes }) => regimes.includes('cut'));
  return [
    ...swatch(x, [{ fill: paint('heatPlus'), 'fill-opacity': '0.42' }]),
    sign(document, x + 34, y + 6, 'alive'),
    label(document, x + 46, y + 10, 'alive at the global minimum'),
    ...swatch(x + 234, [{ fill: `url(#${PATTERN})` }]),
    sign(document, x + 268, y + 6, 'metastable'),
    label(document, x + 280, y + 10, 'metastable: zero is lower, a living local minimum survives'),
    ...swatch(x, [{ fill: paint('line') }]).map((part) => {
      part.setAttribute('transform', 'translate(0 20)');
      return part;
    }),
    sign(document, x + 34, y + 26, 'lost'),
    label(document, x + 46, y + 30, `lost${cut ? ' (or cut)' : ''}: only zero`),
    svgElement(document, 'path', {
      d: `M${x + 234},${y + 26}h28`,
      stroke: paint('ink'),
      'stroke-width': '1.6',
    }),
    label(document, x + 268, y + 30, 'b_global'),
    svgElement(document, 'path', {
      d: `M${x + 338},${y + 26}h28`,
      stroke: paint('ink'),
      'stroke-width': '1.6',
      'stroke-dasharray': '5 4',
    }),
    label(document, x + 372, y + 30, 'b_exist (one curve with b_global at M = 1)'),
  ];
}

/** Stripes. */
function pattern(document: FigureDocument): FigureElement {
  return svgElement(
    document,
    'defs',
    {},
    svgElement(
      document,
      'pattern',
      {
        id: PATTERN,
        width: '6',
        height: '6',
        patternUnits: 'userSpaceOnUse',
        patternTransform: 'rotate(45)',
      },
      svgElement(document, 'rect', { width: '6', height: '6', fill: paint('ochre'), 'fill-opacity': '0.25' }),
      svgElement(document, 'rect', {
        width: '2.4',
        height: '6',
        fill: paint('ochre'),
        'fill-opacity': '0.75',
      }),
    ),
  );
}
