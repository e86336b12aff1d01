/** Saves a figure as SVG or PNG. */
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { complaints } from '../state/store.js';
import { download, pngBlob, svgText } from './standalone.js';

interface Props {
  readonly name: string;
  /** The drawing; or all drawings in the nearest element that matches `within`. */
  readonly find?: () => SVGElement | null;
  readonly within?: string;
}

export function SaveButtons({ name, find, within }: Props): JSX.Element {
  const place = useRef<HTMLSpanElement>(null);
  const drawing = (): SVGElement | null =>
    find?.() ??
    place.current
      ?.closest(within ?? 'figure')
      ?.querySelector<SVGElement>('svg.collapsar-plot, svg.collapsar-svg') ??
    null;
  const save = async (kind: 'svg' | 'png'): Promise<void> => {
    const svg = drawing();
    if (svg === null) return;
    try {
      const blob = kind === 'svg' ? new Blob([svgText(svg)], { type: 'image/svg+xml' }) : await pngBlob(svg);
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
