/** Which figures a sweep gets, and which of its points they show: by default, or as `--x`, `--y` and `--panel` say. */
import { refuse } from '../../core/errors.js';
import { spread } from '../../core/spread.js';
import { dimensionsOf, placesOf, type Dimension } from './dimensions.js';
import type { SweepPlan } from './plan.js';
import { quantitiesIn, quantityOf, type Quantity } from './quantities.js';

export interface LayoutChoices {
  /** A key of the sweep. */
  readonly x?: string | undefined;
  /** Names of measures, or one key of the sweep for a phase diagram. */
  readonly y?: readonly string[] | undefined;
  /** Keys of the sweep; none of them: one panel. */
  readonly panel?: readonly string[] | undefined;
}

/** Places of a dimension that are drawn, in order. */
export interface Drawn {
  readonly dimension: Dimension;
  readonly places: readonly number[];
  /** How many places have a result: of these they were chosen. */
  readonly of: number;
}

interface FigureBase {
  readonly name: string;
  readonly title: string;
  /** Of each combination of their places a panel. */
  readonly panels: readonly Drawn[];
  /** Of these dimensions the first place alone. */
  readonly held: readonly Dimension[];
}

export interface LinesLayout extends FigureBase {
  readonly kind: 'lines';
  readonly quantities: readonly Quantity[];
  /** `count`: class size. */
  readonly x: Drawn | 'count';
  /** `class`: a curve for each of some classes. */
  readonly curves: Drawn | 'class' | null;
}

export interface PhaseLayout extends FigureBase {
  readonly kind: 'phase';
  readonly x: Drawn;
  readonly y: Drawn;
}

export type FigureLayout = LinesLayout | PhaseLayout;

const [MOST_ACROSS, MOST_CURVES, MOST_PANELS] = [400, 8, 6];
const [MOST_CELLS, FEW_CURVES] = [100, 4];

/** `hasResult`: of which points there is something to draw; values that no such point has are not chosen. */
export function layoutsOf(
  plan: SweepPlan,
  choices: LayoutChoices = {},
  hasResult: (point: number) => boolean = () => true,
): FigureLayout[] {
  const dimensions = dimensionsOf(plan);
  const axes = chooseAxes(dimensions, choices);
  const { across, panels, upright } = axes;
  const lay = createLaying(dimensions, panels, placesWith(plan, hasResult));
  if (choices.y !== undefined) {
    const measures = choices.y.filter((name) => !dimensions.some(({ keys }) => keys.includes(name)));
    const quantities = measures.map((name) => quantityAsked(plan, name));
    checkAxes(axes, choices, quantities.length);
    if (across === null) refuse('y', 'a sweep over a key that is no seed', choices.y[0]);
    return [
      ...quantities.map((quantity) =>
        quantity.per === 'point' ? lay.ofPoints(quantity, across) : lay.ofClasses(quantity, across),
      ),
      ...upright.map((up) => lay.phase(across, up)),
    ].flatMap((layout) => (layout === null ? [] : [layout]));
  }
  checkAxes(axes, choices, Infinity);
  const other = dimensions.find((dimension) => dimension !== across && panels?.includes(dimension) !== true);
  const depth = dimensions.find(({ keys, numbers }) => keys.includes('depth') && numbers !== null);
  return [
    lay.ofPoints('alive', across),
    lay.norms(across),
    depth === undefined ? null : lay.ofClasses('fit', depth),
    lay.ofPoints('excess', across),
    lay.ofPoints('nc1', across),
    other === undefined ? null : lay.phase(across, other),
  ].flatMap((layout) => (layout === null ? [] : [layout]));
}

interface Axes {
  /** Null where seeds alone are swept. */
  readonly across: Dimension | null;
  readonly panels: readonly Dimension[] | undefined;
  /** Of phase diagrams. */
  readonly upright: readonly Dimension[];
}

/** What is not chosen runs across where something else is upright or a panel. */
function chooseAxes(dimensions: readonly Dimension[], { x, y = [], panel }: LayoutChoices): Axes {
  const byKey = (key: string, where: string): Dimension =>
    dimensions.find(({ keys }) => keys.includes(key)) ??
    refuse(where, `one of ${dimensions.flatMap(({ keys }) => keys).join(', ')}`, key);
  const panels = panel?.map((key) => byKey(key, 'panel'));
  const upright = y.flatMap((key) => dimensions.find(({ keys }) => keys.includes(key)) ?? []);
  const free = dimensions.filter(
    (dimension) => !upright.includes(dimension) && panels?.includes(dimension) !== true,
  );
  const across = x === undefined ? (mainDimension(free) ?? mainDimension(dimensions)) : byKey(x, 'x');
  return { across, panels, upright };
}

/** Refuses a key that would stand for two directions of a figure; `lines`: how many figures are no phase diagrams. */
function checkAxes(
  { across, panels = [], upright }: Axes,
  { panel = [] }: LayoutChoices,
  lines: number,
): void {
  const twice = upright.find((up) => up === across);
  if (twice !== undefined) refuse('y', `another key than ${twice.label}, which runs across`, twice.label);
  for (const [i, dimension] of panels.entries())
    if (dimension === across || (lines === 0 && upright.every((up) => up === dimension)))
      refuse('panel', 'a key that is not an axis of the figure', panel[i]);
}

/** Refuses a name that is no measure, or none of this sweep. */
function quantityAsked(plan: SweepPlan, name: string): Quantity {
  const quantities = quantitiesIn(plan);
  return (
    quantities.find((quantity) => quantity.name === name) ??
    refuse(
      'y',
      `a measure of this sweep (${quantities.map((quantity) => quantity.name).join(', ')}) or a key of it`,
      name,
    )
  );
}

/** A weight decay where one is swept, else the longest with numbers, else the longest. */
function mainDimension(dimensions: readonly Dimension[]): Dimension | null {
  const long = dimensions.filter(({ names }) => names.length > 1);
  const numeric = long.filter(({ numbers }) => numbers !== null);
  const longest = (list: readonly Dimension[]) =>
    [...list].sort((a, b) => b.names.length - a.names.length).at(0);
  return (
    numeric.find(({ keys }) => keys.includes('weightDecay')) ??
    longest(numeric) ??
    longest(long) ??
    dimensions.at(0) ??
    null
  );
}

/** Of each axis the places of points with a result, in order; all of them where there is none. */
function placesWith(plan: SweepPlan, hasResult: (point: number) => boolean): readonly (readonly number[])[] {
  const seen = plan.axes.map(() => new Set<number>());
  for (let point = 0; point < plan.points; point++)
    if (hasResult(point)) for (const [axis, place] of placesOf(plan, point).entries()) seen[axis].add(place);
  return plan.axes.map(({ values }, axis) => {
    const all = [...values.keys()];
    return seen[axis].size === 0 ? all : all.filter((place) => seen[axis].has(place));
  });
}

function createLaying(
  dimensions: readonly Dimension[],
  requested: readonly Dimension[] | undefined,
  places: readonly (readonly number[])[],
) {
  const drawn = (dimension: Dimension, most: number): Drawn => {
    const run = places[dimension.axis];
    return { dimension, places: spread(run.length, most).map((at) => run[at]), of: run.length };
  };
  /** Panels of what is not used otherwise: those that were requested for, or all. */
  const rest = (used: readonly (Dimension | null | undefined)[]) => {
    const free = dimensions.filter((dimension) => !used.includes(dimension));
    const wanted = requested === undefined ? free : free.filter((dimension) => requested.includes(dimension));
    let room = MOST_PANELS;
    const panels = wanted.map((dimension) => {
      const panel = drawn(dimension, Math.max(1, room));
      room = Math.floor(room / panel.places.length);
      return panel;
    });
    return { panels, held: free.filter((dimension) => !wanted.includes(dimension)) };
  };
  const named = (quantity: string | Quantity) =>
    typeof quantity === 'string' ? quantityOf(quantity) : quantity;

  return {
    /** A measure of points against a dimension; another one as curves. */
    ofPoints(given: string | Quantity, across: Dimension | null): LinesLayout | null {
      const quantity = named(given);
      if (quantity === undefined || across === null) return null;
      const curves =
        dimensions.find((dimension) => dimension !== across && requested?.includes(dimension) !== true) ??
        null;
      return {
        ...{ kind: 'lines', name: quantity.name, quantities: [quantity] },
        title: `${quantity.title} against ${across.label}`,
        ...{ x: drawn(across, MOST_ACROSS), curves: curves === null ? null : drawn(curves, MOST_CURVES) },
        ...rest([across, curves]),
      };
    },
    /** A measure of classes against a dimension, a curve a class. */
    ofClasses(given: string | Quantity, across: Dimension): LinesLayout | null {
      const quantity = named(given);
      if (quantity === undefined) return null;
      return {
        ...{ kind: 'lines', name: quantity.name, quantities: [quantity], curves: 'class' },
        ...{ title: `${quantity.title} against ${across.label}`, x: drawn(across, MOST_ACROSS) },
        ...rest([across]),
      };
    },
    /** Norms against class size; a curve for each of some places of a dimension. */
    norms(across: Dimension | null): LinesLayout {
      return {
        ...{ kind: 'lines', name: 'norms', title: 'Norms against class size', x: 'count' },
        quantities: ['weightNorm', 'featureNorm'].flatMap((name) => quantityOf(name) ?? []),
        curves: across === null ? null : drawn(across, FEW_CURVES),
        ...rest([across]),
      };
    },
    phase(across: Dimension | null, up: Dimension): PhaseLayout | null {
      if (across === null || across === up) return null;
      return {
        ...{ kind: 'phase', name: 'phase', title: `Classes alive over ${across.label} and ${up.label}` },
        ...{ x: drawn(across, MOST_CELLS), y: drawn(up, MOST_CELLS) },
        ...rest([across, up]),
      };
    },
  };
}
