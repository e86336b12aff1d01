/** One number of a range. */
import { formatExact } from 'collapsar/report';
import type { JSX } from 'preact';
import { TypedField } from './TypedField.js';

interface Props {
  readonly label: string;
  readonly value: number;
  readonly range: readonly [number, number];
  readonly whole?: boolean;
  readonly onChange: (value: number) => void;
}

export function NumberField({ range: [low, high], whole = false, ...field }: Props): JSX.Element {
  return (
    <TypedField
      {...field}
      format={formatExact}
      expected={`${whole ? 'a whole number' : 'a number'} from ${formatExact(low)} to ${formatExact(high)}`}
      parse={(text) => {
        const value = text.trim() === '' ? NaN : Number(text);
        return value >= low && value <= high && (!whole || Number.isInteger(value)) ? value : null;
      }}
    />
  );
}
