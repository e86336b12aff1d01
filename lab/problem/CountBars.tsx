/** Samples of each class as bars on a logarithmic scale: dragged with a pointer, or moved with the arrow keys. */
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { facts } from '../state/predicted.js';
import { regimeOf } from '../theory/regime.js';
import { LIMITS } from '../link/labState.js';
import { changeProblem, state } from '../state/store.js';

const [LEAST, MOST] = LIMITS.count;
const DECADES = Math.log10(MOST / LEAST);

export function CountBars(): JSX.Element {
  const { counts } = state.value.problem;
  const classes = facts.value?.classes;
  return (
    <div
      class={`bars${counts.length > 12 ? ' many' : ''}`}
      role="group"
      aria-label="Samples of each class, logarithmic"
    >
      {counts.map((n, k) => (
        <Bar
          key={k}
          n={n}
          k={k}
          regime={classes?.length === counts.length ? regimeOf(classes[k]) : null}
          crowded={counts.length > 12}
        />
      ))}
    </div>
  );
}

interface BarProps {
  readonly n: number;
  readonly k: number;
  readonly regime: ReturnType<typeof regimeOf> | null;
  readonly crowded: boolean;
}

function Bar({ n, k, regime, crowded }: BarProps): JSX.Element {
  const track = useRef<HTMLDivElement>(null);
  const drag = (event: PointerEvent): void => {
    const box = track.current?.getBoundingClientRect();
    if (box === undefined || event.buttons === 0) return;
    const share = (box.bottom - event.clientY) / box.height;
    setCount(k, tidy(LEAST * 10 ** (share * DECADES)));
  };
  return (
    <div class="bar">
      <span class={`bar-n${crowded ? ' crowded' : ''}`}>{n}</span>
      <div
        ref={track}
        class="bar-track"
        role="slider"
        tabIndex={0}
        aria-label={`Class ${k}`}
        aria-orientation="vertical"
        aria-valuemin={LEAST}
        aria-valuemax={MOST}
        aria-valuenow={n}
        aria-valuetext={`${n} ${n === 1 ? 'sample' : 'samples'}${regime === null ? '' : `, ${regime.word}`}`}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          drag(event);
        }}
        onPointerMove={drag}
        onKeyDown={(event) => {
          const next = afterKey(event.key, n);
          if (next === null) return;
          event.preventDefault();
          setCount(k, next);
        }}
      >
        <div
          class={`bar-fill ${regime?.look ?? ''}`}
          style={{ height: `${Math.max(2, (100 * Math.log10(n / LEAST)) / DECADES)}%` }}
        />
      </div>
      <span class={`bar-k ${regime?.look ?? ''}`}>
        <span class="bar-name">{k}</span>
        <span aria-hidden="true" class="bar-sign">
          {regime?.sign ?? ''}
        </span>
      </span>
    </div>
  );
}

function setCount(k: number, n: number): void {
  const { counts } = state.value.problem;
  const next = Math.min(MOST, Math.max(LEAST, n));
  if (next !== counts[k]) changeProblem({ counts: counts.map((old, i) => (i === k ? next : old)) });
}

/** Two digits: what a hand can aim at. */
function tidy(n: number): number {
  return Math.round(Number(n.toPrecision(2)));
}

/** Arrows move by one, with Page keys a tenth of the size; Home and End go to the limits. */
function afterKey(key: string, n: number): number | null {
  const leap = Math.max(1, Math.round(n / 10));
  switch (key) {
    case 'ArrowUp':
    case 'ArrowRight':
      return n + 1;
    case 'ArrowDown':
    case 'ArrowLeft':
      return n - 1;
    case 'PageUp':
      return n + leap;
    case 'PageDown':
      return n - leap;
    case 'Home':
      return LEAST;
    case 'End':
      return MOST;
    default:
      return null;
  }
}
