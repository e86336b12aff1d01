/** Symbols and numbers as this panel writes them. */
import { formatExact } from 'collapsar/report';
import type { JSX } from 'preact';

export const LAMBDA_W = (
  <i>
    λ<sub>W</sub>
  </i>
);
export const LAMBDA_H = (
  <i>
    λ<sub>H</sub>
  </i>
);

export const LOSSES = { mse: 'squared error', ce: 'cross-entropy' } as const;

/** Four significant digits without zeros at the end, as the command line writes a number in a sentence. */
export function short(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e6 || size < 1e-3)) return value.toExponential(3).replace(/\.?0+e/, 'e');
  return String(Number(value.toPrecision(4)));
}

/** A share as 95.34 %. */
export function percent(share: number | null): string {
  return share === null ? '–' : `${(100 * share).toFixed(2)}\u00a0%`;
}

export function degrees(angle: number | null): string {
  return angle === null ? '–' : `${angle.toFixed(1)}°`;
}

/** One value where all layers have the same. */
export function decays(values: readonly number[], show: (value: number) => string = formatExact): string {
  return new Set(values).size === 1 ? show(values[0]) : values.map(show).join(', ');
}

/** The head of a column with what it means below the pointer. */
export function Head({
  children,
  meaning,
  span,
}: {
  readonly children: JSX.Element | string;
  readonly meaning: string;
  readonly span?: number;
}): JSX.Element {
  return (
    <th
      scope={span === undefined ? 'col' : 'colgroup'}
      title={meaning}
      {...(span === undefined ? {} : { colSpan: span })}
    >
      {children}
    </th>
  );
}
