/**
 * Data of a sweep's figures, from its results one by one: memory grows with what is drawn, not with the points. Over seeds a mean
 * (on a logarithmic axis the geometric one), the least and the most.
 */
import { spread } from '../../core/spread.js';
import type { SweepCurve, SweepFigureData, SweepScale } from '../../report/index.js';
import type { PointResult } from '../../runs/index.js';
import { placesOf, scaleOf } from './dimensions.js';
import type { Drawn, FigureLayout, LinesLayout, PhaseLayout } from './layout.js';
import { captionOf, type SeedsDrawn } from './figureCaption.js';
import type { SweepPlan } from './plan.js';
import { quantitiesIn, quantityOf, type Quantity } from './quantities.js';
import { hasFailed } from './resultsCsv.js';
import { addToSum, emptySum, meanOver, type SeedSum } from './seedMean.js';

export interface FigureGathering {
  add(result: PointResult): void;
  /** Figures in which anything is drawn. */
  figures(): SweepFigureData[];
  /** Names of the measures that some point has. */
  drawable(): string[];
}

/** Where theory says exactly at which value of the x axis each class is lost: of a point, in any order; null where it does not. */
export type LimitsOf = (point: number, key: string) => readonly number[] | null;

const MOST_CLASS_CURVES = 8;

interface Tally {
  readonly measured: SeedSum;
  readonly x: number;
  /** Of theory, one value or the mean of several. */
  lines: number;
  theory: number;
  /** A point of it. */
  readonly point: number;
}

export function createGathering(
  plan: SweepPlan,
  layouts: readonly FigureLayout[],
  limitsOf: LimitsOf = () => null,
): FigureGathering {
  const gatherings = layouts.map((layout) =>
    layout.kind === 'lines' ? gatherLines(plan, layout, limitsOf) : gatherPhase(plan, layout),
  );
  const unseen = new Set(quantitiesIn(plan));
  return {
    add(result) {
      for (const quantity of unseen) if (hasValue(quantity, result)) unseen.delete(quantity);
      const places = placesOf(plan, result.point);
      for (const gathering of gatherings) gathering.add(result, places);
    },
    figures: () => gatherings.flatMap((gathering) => gathering.figure() ?? []),
    drawable: () => quantitiesIn(plan).flatMap((quantity) => (unseen.has(quantity) ? [] : [quantity.name])),
  };
}

function hasValue({ per, measured, predicted }: Quantity, result: PointResult): boolean {
  const ks = per === 'point' ? [0] : [...result.counts.keys()];
  return ks.some((k) => (measured(result, k) ?? predicted?.(result, k) ?? null) !== null);
}

/** Which of the panels shows these places; −1 for none. */
function panelIndex(panels: readonly Drawn[], places: readonly number[]): number {
  let index = 0;
  for (const { dimension, places: shown } of panels) {
    const at = shown.indexOf(places[dimension.axis]);
    if (at < 0) return -1;
    index = index * shown.length + at;
  }
  return index;
}

/** "depth 2, featureDecay 1e-3" of each panel, in the order of their indices. */
function panelTitles(panels: readonly Drawn[]): string[] {
  return panels.reduce<string[]>(
    (titles, { dimension, places }) =>
      titles.flatMap((title) =>
        places.map((place) => [title, dimension.names[place]].filter((part) => part !== '').join(', ')),
      ),
    [''],
  );
}

function isHeld({ held }: FigureLayout, places: readonly number[]): boolean {
  return held.every(({ axis }) => places[axis] === 0);
}

function gatherLines(plan: SweepPlan, layout: LinesLayout, limitsOf: LimitsOf) {
  const { quantities, x, curves, panels } = layout;
  const tallies = new Map<string, Tally>();
  let failed = 0;
  let classes: { readonly shown: readonly number[]; readonly counts: readonly number[] } | null = null;

  const tally = (key: string, at: number, point: number): Tally => {
    const before = tallies.get(key);
    if (before !== undefined) return before;
    const made: Tally = {
      ...{ measured: emptySum(), x: at, lines: 0, theory: 0, point },
    };
    tallies.set(key, made);
    return made;
  };
  const curveOf = (places: readonly number[]) =>
    curves === null || curves === 'class' ? 0 : curves.places.indexOf(places[curves.dimension.axis]);
  const numbersOf = ({ dimension }: Drawn, place: number) => dimension.numbers?.[place] ?? place;

  function add(result: PointResult, places: readonly number[]): void {
    const panel = panelIndex(panels, places);
    const curve = curveOf(places);
    if (panel < 0 || curve < 0 || !isHeld(layout, places)) return;
    if (hasFailed(result)) failed++;
    if (result.predicted === null && result.measured === null) return;
    classes ??= { shown: spread(result.counts.length, MOST_CLASS_CURVES), counts: result.counts };
    const place = x === 'count' ? 0 : x.places.indexOf(places[x.dimension.axis]);
    if (place < 0) return;
    for (const [q, quantity] of quantities.entries()) {
      const ks = quantity.per === 'point' ? [0] : result.counts.keys();
      for (const k of ks) {
        if (curves === 'class' && quantity.per === 'class' && !classes.shown.includes(k)) continue;
        const line = curves === 'class' ? k : curve;
        const key = `${panel} ${q} ${line} ${x === 'count' ? k : place}`;
        const at = x === 'count' ? result.counts[k] : numbersOf(x, x.places[place]);
        count(tally(key, at, result.point), quantity, result, k);
      }
    }
  }

  function curveAt(panel: number, q: number, line: number, name: string | null): SweepCurve {
    const quantity = quantities[q];
    const prefix = `${panel} ${q} ${line} `;
    const ofLine = [...tallies].filter(([key]) => key.startsWith(prefix)).map(([, value]) => value);
    ofLine.sort((a, b) => a.x - b.x);
    const measured = ofLine
      .filter(({ measured: { count: n } }) => n > 0)
      .map(({ x: at, measured: sum }) => {
        const [mean, least, most] = [meanOver(sum, quantity.scale), sum.least, sum.most].map((value) =>
          drawable(value, quantity),
        );
        return { x: at, mean, least, most };
      });
    const predicted = ofLine
      .filter(({ lines }) => lines > 0)
      .map(({ x: at, theory, lines }) => ({ x: at, y: theory / lines }));
    const exact = quantity.name === 'alive' ? staircase(ofLine, predicted) : null;
    return { name, measured, predicted: exact ?? predicted };
  }

  /** Classes that live, with a corner at the exact value at which each is lost. */
  function staircase(
    ofLine: readonly Tally[],
    predicted: readonly { readonly x: number }[],
  ): { x: number; y: number }[] | null {
    if (x === 'count' || ofLine.length < 2 || predicted.length < 2) return null;
    const limits = limitsOf(ofLine[0].point, x.dimension.keys.join(','));
    if (limits === null) return null;
    const [from, to] = [predicted[0].x, predicted[predicted.length - 1].x];
    let alive = limits.filter((limit) => limit > from).length;
    const corners = [{ x: from, y: alive }];
    for (const limit of [...limits].sort((a, b) => a - b)) {
      if (!(limit > from && limit <= to)) continue;
      corners.push({ x: limit, y: alive });
      alive--;
      corners.push({ x: limit, y: alive });
    }
    return [...corners, { x: to, y: alive }];
  }

  function namesOfCurves(): readonly { readonly line: number; readonly name: string | null }[] {
    if (curves === null) return [{ line: 0, name: null }];
    if (curves === 'class')
      return (classes?.shown ?? []).map((k) => ({ line: k, name: `${k}: n = ${classes?.counts[k] ?? 0}` }));
    return curves.places.map((place, line) => ({ line, name: curves.dimension.names[place] }));
  }

  return {
    add,
    figure(): SweepFigureData | null {
      const all = [...tallies.values()];
      if (!all.some(({ measured, lines }) => measured.count > 0 || lines > 0)) return null;
      const seeds: SeedsDrawn = { counts: all.map(({ measured }) => measured.count), failed };
      const titles = panelTitles(panels);
      const lines = namesOfCurves();
      return {
        ...{ name: layout.name, title: layout.title, caption: captionOf(plan, layout, seeds) },
        panels: titles.flatMap((title, panel) =>
          quantities.map((quantity, q) => ({
            kind: 'lines' as const,
            title: [quantities.length > 1 || title === '' ? quantity.title : '', title]
              .filter((part) => part !== '')
              .join(' · '),
            x: {
              label: x === 'count' ? 'samples of the class' : x.dimension.label,
              scale: x === 'count' ? countScale(all) : scaleOf(x.dimension),
            },
            y: {
              ...{ label: quantity.label, scale: quantity.scale, floor: quantity.floor ?? 0 },
              include: quantity.include ?? [],
            },
            curves: lines.map(({ line, name }) => curveAt(panel, q, line, lines.length === 1 ? null : name)),
          })),
        ),
      };
    },
  };
}

function countScale(tallies: readonly Tally[]): SweepScale {
  const numbers = [...new Set(tallies.map(({ x }) => x))].sort((a, b) => a - b);
  return scaleOf({ numbers, values: [] });
}

function count(tally: Tally, quantity: Quantity, result: PointResult, k: number): void {
  const [measured, predicted] = [quantity.measured(result, k), quantity.predicted?.(result, k) ?? null];
  if (predicted !== null) {
    tally.lines++;
    tally.theory += predicted;
  }
  if (measured !== null) addToSum(tally.measured, measured);
}

/** On a logarithmic axis nothing lies below the floor. */
function drawable(value: number, { scale, floor = 0 }: Quantity): number {
  return scale === 'log' ? Math.max(value, floor, Number.MIN_VALUE) : value;
}

function gatherPhase(plan: SweepPlan, layout: PhaseLayout) {
  const { x, y, panels } = layout;
  const alive = quantityOf('alive');
  const cells = new Map<string, { count: number; alive: number; lives: number | null }>();
  let [classes, failed] = [0, 0];
  return {
    add(result: PointResult, places: readonly number[]): void {
      const panel = panelIndex(panels, places);
      const [across, up] = [x, y].map(({ dimension, places: shown }) =>
        shown.indexOf(places[dimension.axis]),
      );
      if (panel < 0 || across < 0 || up < 0 || !isHeld(layout, places)) return;
      if (hasFailed(result)) failed++;
      if (result.predicted === null && result.measured === null) return;
      classes = Math.max(classes, result.counts.length);
      const key = `${panel} ${across} ${up}`;
      const cell = cells.get(key) ?? { count: 0, alive: 0, lives: null };
      cells.set(key, cell);
      const measured = alive?.measured(result, 0) ?? null;
      cell.lives = alive?.predicted?.(result, 0) ?? cell.lives;
      if (measured === null) return;
      cell.count++;
      cell.alive += measured;
    },
    figure(): SweepFigureData | null {
      if (![...cells.values()].some(({ count: n, lives }) => n > 0 || lives !== null)) return null;
      const seeds: SeedsDrawn = { counts: [...cells.values()].map(({ count: n }) => n), failed };
      const words = ({ dimension, places }: Drawn) => places.map((place) => dimension.values[place]);
      return {
        ...{ name: layout.name, title: layout.title, caption: captionOf(plan, layout, seeds) },
        panels: panelTitles(panels).map((title, panel) => ({
          kind: 'phase' as const,
          title: title === '' ? layout.title : title,
          x: { label: x.dimension.label, values: words(x) },
          y: { label: y.dimension.label, values: words(y) },
          classes,
          cells: [...cells].flatMap(([key, { count: n, alive: sum, lives }]) => {
            const [at, across, up] = key.split(' ').map(Number);
            return at === panel ? [{ x: across, y: up, alive: n === 0 ? null : sum / n, lives }] : [];
          }),
        })),
      };
    },
  };
}
