/** A number that is typed: what cannot be taken stays in the field with a word on why, and the page keeps the last good one. */
import { formatExact } from 'collapsar/report';
import type { JSX } from 'preact';
import { useEffect, useId, useState } from 'preact/hooks';

interface Props {
  readonly label: string;
  readonly value: number;
  readonly range: readonly [number, number];
  readonly whole?: boolean;
  readonly onChange: (value: number) => void;
}

export function NumberField({ label, value, range, whole = false, onChange }: Props): JSX.Element {
  const id = useId();
  const [typed, setTyped] = useState<string | null>(null);
  useEffect(() => setTyped(null), [value]);
  const text = typed ?? formatExact(value);
  const wrong = typed !== null && !fits(typed, range, whole);
  return (
    <span class="number">
      <input
        type="text"
        inputMode="decimal"
        aria-label={label}
        value={text}
        aria-invalid={wrong}
        {...(wrong ? { 'aria-describedby': id } : {})}
        onInput={(event) => setTyped(event.currentTarget.value)}
        onChange={(event) => {
          const given = event.currentTarget.value;
          if (!fits(given, range, whole)) return;
          setTyped(null);
          onChange(Number(given));
        }}
      />
      {wrong && (
        <span class="wrong" id={id} role="alert">
          {whole ? 'a whole number' : 'a number'} from {formatExact(range[0])} to {formatExact(range[1])}
        </span>
      )}
    </span>
  );
}

function fits(text: string, [low, high]: readonly [number, number], whole: boolean): boolean {
  const value = text.trim() === '' ? NaN : Number(text);
  return value >= low && value <= high && (!whole || Number.isInteger(value));
}
