/** The weight decays of a head: one number for all layers, or one for each. */
import { formatExact } from 'collapsar/report';
import type { JSX } from 'preact';
import { useEffect, useId, useState } from 'preact/hooks';

interface Props {
  readonly label: string;
  readonly value: readonly number[];
  readonly range: readonly [number, number];
  readonly onChange: (value: readonly number[]) => void;
}

export function DecaysField({ label, value, range, onChange }: Props): JSX.Element {
  const id = useId();
  const [typed, setTyped] = useState<string | null>(null);
  useEffect(() => setTyped(null), [value]);
  const wrong = typed !== null && parse(typed, range) === null;
  return (
    <span class="number">
      <input
        type="text"
        inputMode="decimal"
        aria-label={label}
        value={typed ?? value.map((decay) => formatExact(decay)).join(', ')}
        aria-invalid={wrong}
        {...(wrong ? { 'aria-describedby': id } : {})}
        onInput={(event) => setTyped(event.currentTarget.value)}
        onChange={(event) => {
          const found = parse(event.currentTarget.value, range);
          if (found === null) return;
          setTyped(null);
          onChange(found);
        }}
      />
      {wrong && (
        <span class="wrong" id={id} role="alert">
          one number, or one for each layer with commas between, from {formatExact(range[0])} to{' '}
          {formatExact(range[1])}
        </span>
      )}
    </span>
  );
}

function parse(text: string, [low, high]: readonly [number, number]): readonly number[] | null {
  const parts = text.trim().split(/[\s,;]+/);
  const values = parts.map((part) => (part === '' ? NaN : Number(part)));
  return values.every((value) => value >= low && value <= high) ? values : null;
}
