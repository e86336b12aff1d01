/**
 * Reads values back from the plots of a figure, by the tick labels that a reader has: which curve stands at which height,
 * what a ring and a dot in the row of a class say.
 */
import { all, numberOf, only, readMarkup, type Markup } from './readMarkup.js';

export type Scale = 'linear' | 'log';
export type Point = readonly [number, number];

export interface Panel {
  readonly title: string;
  readonly box: Markup;
  /** Names in the legend. */
  readonly names: readonly string[];
  /** The [time, value] of the curve whose line looks like its sample in the legend. */
  curve(name: string, values: Scale, steps?: Scale): Point[];
  /** The curve of a colour and dash: `solid`, `dashed`, `dotted`. */
  curveOf(color: string, look: Look, values: Scale, steps?: Scale): Point[];
  /** Heights of the horizontal dashed lines. */
  references(values: Scale): { readonly color: string; readonly value: number }[];
}

export type Look = 'solid' | 'dashed' | 'dotted';

/** Panels of a figure by title. */
export function readPanels(figure: string): ReadonlyMap<string, Panel> {
  const boxes = all(readMarkup(figure), '.collapsar-panel');
  return new Map(boxes.map((box) => [only(box, '.collapsar-panel-title').textContent, readPanel(box)]));
}

function readPanel(box: Markup): Panel {
  const legend = all(box, '.collapsar-legend li');
  const curveOf: Panel['curveOf'] = (color, look, values, steps = 'linear') => {
    const lines = all(box, 'svg.collapsar-plot > g[aria-label="line"]').filter(
      (line) => colorOf(line) === color && lookOf(line) === look,
    );
    if (lines.length !== 1) throw new Error(`one ${look} ${color} line, got ${lines.length}`);
    const [x, y] = [axis(box, 'x', steps), axis(box, 'y', values)];
    return pathPoints(only(lines[0], 'path').getAttribute('d') ?? '').map(([a, b]) => [x(a), y(b)]);
  };
  return {
    title: only(box, '.collapsar-panel-title').textContent,
    box,
    names: legend.map(({ textContent }) => textContent),
    curve(name, values, steps) {
      const entry = legend.find(({ textContent }) => textContent === name);
      if (entry === undefined) throw new Error(`a curve named ${name}`);
      const sample = only(entry, 'path');
      return curveOf(colorOf(sample), lookOf(sample), values, steps);
    },
    curveOf,
    references(values) {
      const y = axis(box, 'y', values);
      return all(box, 'svg.collapsar-plot > g[aria-label="rule"]')
        .filter((rule) => rule.getAttribute('stroke-dasharray') === '6 4')
        .map((rule) => ({ color: colorOf(rule), value: y(numberOf(only(rule, 'line'), 'y1')) }));
    },
  };
}

/** The palette's name in `stroke`, or in `fill`. */
export function colorOf(element: Markup, attribute: 'stroke' | 'fill' = 'stroke'): string {
  return /--collapsar-(\w+)/.exec(element.getAttribute(attribute) ?? '')?.[1] ?? '';
}

function lookOf(line: Markup): Look {
  const dash = line.getAttribute('stroke-dasharray');
  if (dash === null) return 'solid';
  return dash.startsWith('1.5') ? 'dotted' : 'dashed';
}

export function pathPoints(d: string): Point[] {
  return [...d.matchAll(/[ML]([-\d.e]+),([-\d.e]+)/g)].map(([, x, y]) => [Number(x), Number(y)]);
}

/** From pixels to values, by the first and the last tick; on a logarithmic axis the line of zeros does not count. */
export function axis(inside: Markup, name: 'x' | 'y', scale: Scale): (pixel: number) => number {
  const group = only(inside, `svg.collapsar-plot > g[aria-label="${name}-axis tick label"]`);
  const ticks = all(group, 'text')
    .map((text) => ({ at: placeOf(text)[name === 'x' ? 0 : 1], value: tickValue(text.textContent) }))
    .filter(({ value }) => !Number.isNaN(value) && (scale === 'linear' || value > 0));
  const [first, last] = [ticks[0], ticks[ticks.length - 1]];
  const [into, out] = scale === 'log' ? [Math.log, Math.exp] : [(v: number) => v, (v: number) => v];
  return (pixel) => {
    const share = (pixel - first.at) / (last.at - first.at);
    return out(into(first.value) + share * (into(last.value) - into(first.value)));
  };
}

/** Of `translate(x,y)`. */
export function placeOf(element: Markup): Point {
  const [, x, y] =
    /translate\(([-\d.e]+)[, ]([-\d.e]+)\)/.exec(element.getAttribute('transform') ?? '') ?? [];
  return [Number(x), Number(y)];
}

const RAISED = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** 0.05, 10⁻³, 3·10⁻⁷, 2.5k as numbers; NaN for words. */
export function tickValue(text: string): number {
  const power = /^(?:([−\d.]+)·)?10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)$/u.exec(text);
  if (power !== null) {
    const exponent = Array.from(power[2]).map((c) => (c === '⁻' ? '-' : RAISED.indexOf(c)));
    return Number(`${(power.at(1) ?? '1').replace('−', '-')}e${exponent.join('')}`);
  }
  const unit = { k: 1e3, M: 1e6, G: 1e9 }[text.at(-1) ?? ''] ?? 1;
  return Number(text.replace('−', '-').replace(/[kMG]$/, '')) * unit;
}
