/** A slider over things in a row, one of which is shown: the moments of a training, the files of a series. */
import type { JSX } from 'preact';

interface Props {
  readonly label: string;
  readonly count: number;
  /** Of the one that is shown, from 0. */
  readonly at: number;
  /** What the one that is shown is called. */
  readonly name: string;
  readonly disabled?: boolean;
  readonly onChoose: (at: number) => void;
}

export function RowSlider({ label, count, at, name, disabled = false, onChoose }: Props): JSX.Element {
  return (
    <input
      type="range"
      aria-label={label}
      min="0"
      max={Math.max(0, count - 1)}
      step="1"
      disabled={disabled || count < 2}
      value={Math.max(0, at)}
      aria-valuetext={name}
      onInput={(event) => onChoose(Number(event.currentTarget.value))}
    />
  );
}
