/** Saves a figure as SVG or PNG. */
import type { FigureElement } from 'collapsar/report';
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { complaints, linkOf, state } from '../state/store.js';
import type { Caption } from './captioned.js';
import { download, pngBlob, svgText } from './standalone.js';

type Figures = typeof import('./figures.js');

interface Props {
  readonly name: string;
  /** What a drawing that does not say it by itself is to have around it. */
  readonly caption?: () => Omit<Caption, 'link'>;
  /** The drawing on the page. */
  readonly find?: () => SVGElement | null;
  /** Or the first drawing in the nearest element that matches. */
  readonly within?: string;
  /** Or a drawing made for the file: one that says by itself what a page says around it. */
  readonly make?: (figures: Figures, document: Document) => FigureElement | null;
}

/** Of a drawing that has its title and legend. */
const PLAIN = { title: null, legend: null, classes: 0 };

export function SaveButtons({ name, caption, find, within, make }: Props): JSX.Element {
  const place = useRef<HTMLSpanElement>(null);
  const drawing = async (): Promise<SVGElement | null> => {
    if (make !== undefined)
      return make(await import('./figures.js'), document) as unknown as SVGElement | null;
    return (
      find?.() ??
      place.current
        ?.closest(within ?? 'figure')
        ?.querySelector<SVGElement>('svg.collapsar-plot, svg.collapsar-svg') ??
      null
    );
  };
  const save = async (kind: 'svg' | 'png'): Promise<void> => {
    try {
      const svg = await drawing();
      if (svg === null) {
        complaints.value = ['There is nothing to save yet: the figure is not drawn.'];
        return;
      }
      const around = { ...(caption?.() ?? PLAIN), link: linkOf(state.value) };
      const blob =
        kind === 'svg'
          ? new Blob([svgText(svg, around)], { type: 'image/svg+xml' })
          : await pngBlob(svg, around);
      download(`collapsar-${name}.${kind}`, blob);
    } catch (error) {
      complaints.value = [
        `The figure was not saved: ${error instanceof Error ? error.message : 'an error'}.`,
      ];
    }
  };
  return (
    <span class="save" ref={place}>
      <button type="button" aria-label={`Save ${name} as SVG`} onClick={() => void save('svg')}>
        SVG
      </button>
      <button type="button" aria-label={`Save ${name} as PNG`} onClick={() => void save('png')}>
        PNG
      </button>
    </span>
  );
}
