/** A value that is typed: what cannot be taken stays in the field with a word on why, and the page keeps the last good one. */
import type { JSX } from 'preact';
import { useId, useLayoutEffect, useState } from 'preact/hooks';

interface Props<T> {
  readonly label: string;
  readonly value: T;
  readonly format: (value: T) => string;
  /** Null for what cannot be taken. */
  readonly parse: (text: string) => T | null;
  /** What can be taken. */
  readonly expected: string;
  readonly onChange: (value: T) => void;
}

export function TypedField<T>({ label, value, format, parse, expected, onChange }: Props<T>): JSX.Element {
  const id = useId();
  const [typed, setTyped] = useState<string | null>(null);
  // Before the page is drawn: what is typed from then on is typed into the new value, and stays.
  useLayoutEffect(() => setTyped(null), [value]);
  const wrong = typed !== null && parse(typed) === null;
  return (
    <span class="number">
      <input
        type="text"
        inputMode="decimal"
        aria-label={label}
        value={typed ?? format(value)}
        aria-invalid={wrong}
        {...(wrong ? { 'aria-describedby': id } : {})}
        onInput={(event) => setTyped(event.currentTarget.value)}
        onChange={(event) => {
          const parsed = parse(event.currentTarget.value);
          if (parsed === null) return;
          setTyped(null);
          onChange(parsed);
        }}
      />
      {wrong && (
        <span class="wrong" id={id} role="alert">
          {expected}
        </span>
      )}
    </span>
  );
}
