/** A drawing with what a talk needs around it: a title, what its colours and signs mean, and where it can be opened. */
import { paint } from 'collapsar/report';
import { classColor } from '../theory/classColor.js';

const NAMESPACE = 'http://www.w3.org/2000/svg';
const MARGIN = 14;
const LINE = 19;
/** Narrower drawings stand in the middle of this. */
const NARROWEST = 420;
/** Of a letter, on the average, in its own size. */
const LETTER = 0.62;

export interface Caption {
  readonly title: string | null;
  /** Signs, in words. */
  readonly legend: string | null;
  /** Classes whose colours are explained; 0 for none. */
  readonly classes: number;
  readonly link: string;
}

export function captioned(
  drawing: SVGElement,
  size: { width: number; height: number },
  caption: Caption,
): SVGElement {
  const { title, legend, classes, link } = caption;
  const width = Math.max(NARROWEST, size.width) + 2 * MARGIN;
  const outer = element('svg', {});
  let y = MARGIN;
  const write = (text: string, fontSize: number, color: string, weight = '400'): void => {
    const fitting = Math.min(fontSize, (width - 2 * MARGIN) / (LETTER * text.length));
    const line = element('text', {
      x: MARGIN,
      y: y + fitting,
      'font-size': fitting,
      'font-weight': weight,
      fill: color,
    });
    line.textContent = text;
    outer.append(line);
    y += LINE;
  };
  if (title !== null) write(title, 15, paint('ink'), '600');
  const inner = drawing.cloneNode(true) as SVGElement;
  for (const [name, value] of Object.entries({ x: (width - size.width) / 2, y, ...size }))
    inner.setAttribute(name, String(value));
  inner.removeAttribute('class');
  outer.append(inner);
  y += size.height + 4;
  if (classes > 0) {
    const step = Math.min(34, (width - 2 * MARGIN) / classes);
    for (let k = 0; k < classes; k++) {
      const x = MARGIN + k * step;
      outer.append(element('circle', { cx: x + 5, cy: y + 8, r: 4.5, fill: classColor(k) }));
      const name = element('text', { x: x + 12, y: y + 12, 'font-size': 11, fill: paint('ink') });
      name.textContent = String(k);
      outer.append(name);
    }
    y += LINE;
  }
  if (legend !== null) write(legend, 11.5, paint('quiet'));
  write(link, 10, paint('quiet'));
  const height = y + MARGIN / 2;
  for (const [name, value] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}` }))
    outer.setAttribute(name, String(value));
  return outer;
}

function element(name: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const made = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}
