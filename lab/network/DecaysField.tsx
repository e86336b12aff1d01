/** The weight decays of a head: one number for all layers, or one for each. */
import { formatExact } from 'collapsar/report';
import type { JSX } from 'preact';
import { TypedField } from '../parts/TypedField.js';
import { LIMITS } from '../link/labState.js';

interface Props {
  readonly label: string;
  readonly value: readonly number[];
  readonly range: readonly [number, number];
  readonly onChange: (value: readonly number[]) => void;
}

export function DecaysField({ range: [low, high], ...field }: Props): JSX.Element {
  return (
    <TypedField
      {...field}
      format={(decays) => decays.map((decay) => formatExact(decay)).join(', ')}
      expected={`one number, or one for each layer with commas between, from ${formatExact(low)} to ${formatExact(high)}`}
      parse={(text) => {
        const parts = text.trim().split(/[\s,;]+/);
        const values = parts.map((part) => (/^[\d.e+-]+$/i.test(part) ? Number(part) : NaN));
        const fine =
          values.length <= LIMITS.networkLayers[1] && values.every((value) => value >= low && value <= high);
        return fine ? values : null;
      }}
    />
  );
}
