/**
 * A place for a figure of the report. Figures are drawn one a task, when the page has nothing better to do and they are in
 * sight or near it; a figure that changes faster than it can be drawn skips what lies between.
 */
import type { FigureElement } from 'collapsar/report';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { settleStyles } from './figureStyle.js';

type Figures = typeof import('./figures.js');
type Draw = (figures: Figures, document: Document) => FigureElement | null;

interface Props {
  readonly draw: Draw;
  /** The figure is drawn anew when one of them changes. */
  readonly on: readonly unknown[];
  readonly class?: string;
}

const waiting = new Map<Element, Draw>();
/** Those that are not in sight wait apart. */
const hidden = new Map<Element, Draw>();
const inSight = new WeakSet<Element>();
/** Beyond the edges of the window, and of a part of the page that scrolls by itself where a browser knows how. */
const NEAR: IntersectionObserverInit & { readonly scrollMargin: string } = {
  rootMargin: '300px',
  scrollMargin: '300px',
};
const watch = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (!isIntersecting) {
      inSight.delete(target);
      continue;
    }
    inSight.add(target);
    const draw = hidden.get(target);
    hidden.delete(target);
    if (draw !== undefined) enqueue(target, draw);
  }
}, NEAR);
let working = false;
let loaded: Figures | null = null;

export function Drawn({ draw, on, class: look = '' }: Props): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (place.current !== null) request(place.current, draw);
  }, on);
  useEffect(() => {
    const element = place.current;
    if (element !== null) watch.observe(element);
    return () => {
      if (element === null) return;
      watch.unobserve(element);
      waiting.delete(element);
      hidden.delete(element);
    };
  }, []);
  return <div class={`drawn ${look}`} ref={place} />;
}

function request(place: Element, draw: Draw): void {
  if (inSight.has(place)) enqueue(place, draw);
  else {
    hidden.set(place, draw);
    // Printing cannot wait for them.
    void load();
  }
}

/** On paper everything is in sight. */
addEventListener('beforeprint', () => {
  if (loaded === null) return;
  for (const late of [hidden, waiting]) {
    for (const [place, draw] of late) put(place, draw, loaded);
    late.clear();
  }
});

function enqueue(place: Element, draw: Draw): void {
  waiting.set(place, draw);
  if (working) return;
  working = true;
  void work();
}

async function load(): Promise<Figures> {
  loaded ??= await import('./figures.js');
  return loaded;
}

async function work(): Promise<void> {
  const figures = await load();
  for (;;) {
    await rest();
    const next = waiting.entries().next();
    if (next.done === true) break;
    const [place, draw] = next.value;
    waiting.delete(place);
    put(place, draw, figures);
  }
  working = false;
}

function put(place: Element, draw: Draw, figures: Figures): void {
  const figure = draw(figures, document) as unknown as Element | null;
  if (figure !== null) settleStyles(figure);
  place.replaceChildren(...(figure === null ? [] : [figure]));
  // The drawing is one image with one label: Plot's names of its parts ("line", "dot") are not for readers.
  for (const part of place.querySelectorAll('svg[role=img] [aria-label]')) part.removeAttribute('aria-label');
}

function rest(): Promise<void> {
  return new Promise((done) => {
    if ('requestIdleCallback' in window) requestIdleCallback(() => done(), { timeout: 200 });
    else setTimeout(done, 0);
  });
}
