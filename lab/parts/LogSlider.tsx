/** A slider over powers of ten with a field for the number itself, and marks where classes die. */
import { formatExact, formatTick } from 'collapsar/report';
import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import type { DecayLimit } from '../state/limits.js';
import { NumberField } from './NumberField.js';

interface Props {
  readonly label: string;
  /** The index of λ; null for a slider of plain words. */
  readonly symbol: string | null;
  readonly value: number;
  readonly range: readonly [number, number];
  readonly limits: readonly DecayLimit[];
  /** Values that were tried, and whether they reached what they were meant to. */
  readonly tried?: readonly { readonly value: number; readonly reached: boolean }[];
  readonly onChange: (value: number) => void;
}

const STEPS = 400;

export function LogSlider({ label, symbol, value, range, limits, tried = [], onChange }: Props): JSX.Element {
  const id = useId();
  const [low, high] = range.map(Math.log10);
  const place = (x: number) => Math.min(1, Math.max(0, (Math.log10(x) - low) / (high - low)));
  const inside = limits.filter(({ global }) => global > range[0] && global < range[1]);
  const first = limits.at(0);
  // A limit beyond the end of the slider is reached nowhere on it.
  const nearest = first !== undefined && first.global < range[1] ? first : null;
  const percent = (x: number) => `${(100 * place(x)).toFixed(2)}%`;
  return (
    <div class="control">
      <div class="control-head">
        <label for={id}>
          {label}
          {symbol !== null && (
            <i>
              {' '}
              λ<sub>{symbol}</sub>
            </i>
          )}
        </label>
        <NumberField label={`${label} as a number`} value={value} range={range} onChange={onChange} />
      </div>
      <input
        id={id}
        type="range"
        min="0"
        max={STEPS}
        step="1"
        value={Math.round(place(value) * STEPS)}
        aria-valuetext={formatExact(value)}
        onInput={(event) => {
          const share = Number(event.currentTarget.value) / STEPS;
          onChange(Number((10 ** (low + share * (high - low))).toPrecision(3)));
        }}
      />
      {tried.length > 0 && (
        <svg class="marks tried" height="12" aria-hidden="true">
          {tried.map((one) => (
            <text key={one.value} x={percent(one.value)} y="10" text-anchor="middle">
              {one.reached ? '✓' : '✕'}
            </text>
          ))}
        </svg>
      )}
      {limits.length > 0 && (
        <>
          <svg class="marks" height="10" aria-hidden="true">
            {first !== undefined && first.exist > first.global && (
              <rect
                x={percent(first.global)}
                width={`${(100 * (place(first.exist) - place(first.global))).toFixed(2)}%`}
                y="1"
                height="6"
                class="mark-risk"
              />
            )}
            {inside.map(({ global }, i) => (
              <line key={i} x1={percent(global)} x2={percent(global)} y1="0" y2="9" class="mark" />
            ))}
          </svg>
          {/* Under its mark as far as the room goes: what is left beside the text is shared as the mark shares the slider. */}
          <div class="mark-text" aria-hidden="true">
            {nearest !== null && (
              <>
                <span style={{ flexGrow: place(nearest.global) }} />
                <span>
                  {nameOf(nearest)} {formatTick(Number(nearest.global.toPrecision(2)))}
                </span>
                <span style={{ flexGrow: 1 - place(nearest.global) }} />
              </>
            )}
          </div>
        </>
      )}
    </div>
  );
}

function nameOf({ classes }: DecayLimit): string {
  if (classes.length === 0) return 'every class lost from';
  if (classes.length === 1) return `class ${classes[0]} lives below`;
  return `classes ${classes.length > 3 ? `${classes[0]} … ${classes[classes.length - 1]}` : classes.join(', ')} live below`;
}
