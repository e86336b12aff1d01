/** Figures without variables: a drawing that leaves the page it was drawn for carries its colours itself. */
import type { FigureElement } from './dom.js';
import { PALETTE, type PaletteName, type Shade } from './palette.js';

/** What this needs of an element of either document. */
interface Walked {
  readonly tagName: string;
  readonly attributes: ArrayLike<{ readonly name: string; readonly value: string }>;
  setAttribute(name: string, value: string): void;
  querySelectorAll(selector: string): Iterable<Walked>;
  remove(): void;
}

/**
 * Writes every colour out, in place: the palette's variables as one scheme has them, `currentColor` as its ink. Plot's style sheets
 * within the drawing go: they size it in a page.
 */
export function withLiteralColors(figure: FigureElement, scheme: keyof Shade = 'light'): FigureElement {
  const root = figure as unknown as Walked;
  for (const style of [...root.querySelectorAll('style')]) style.remove();
  for (const part of [root, ...root.querySelectorAll('*')]) {
    for (const { name, value } of Array.from(part.attributes)) {
      const literal = COLORED.has(name) ? literally(value, scheme) : value;
      if (literal !== value) part.setAttribute(name, literal);
    }
  }
  return figure;
}

/** Attributes that hold colours. Names and labels are texts of a user, whatever they say. */
const COLORED: ReadonlySet<string> = new Set(['fill', 'stroke', 'color', 'stop-color', 'style']);

function literally(value: string, scheme: keyof Shade): string {
  return value
    .replace(/var\(--collapsar-(\w+)\)/g, (whole, name: string) =>
      Object.hasOwn(PALETTE, name) ? PALETTE[name as PaletteName][scheme] : whole,
    )
    .replace(/\bcurrentColor\b/gi, PALETTE.ink[scheme]);
}
