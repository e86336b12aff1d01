/**
 * Samples of each class as bars on a logarithmic scale: dragged with a pointer, or moved with the arrow keys. They lie, so that
 * a finger that moves up or down scrolls the page and one that moves along a bar changes it.
 */
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { facts } from '../state/predicted.js';
import { classColor } from '../theory/classColor.js';
import { regimeOf } from '../theory/regime.js';
import { LIMITS } from '../link/labState.js';
import { changeProblem, state } from '../state/store.js';
import { snapped } from './snap.js';

const [LEAST, MOST] = LIMITS.count;
const DECADES = Math.log10(MOST / LEAST);
/** A finger moves this far along a bar before the bar follows. */
const FINGER_PIXELS = 7;

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
        <Bar key={k} n={n} k={k} regime={classes?.length === counts.length ? regimeOf(classes[k]) : null} />
      ))}
    </div>
  );
}

interface BarProps {
  readonly n: number;
  readonly k: number;
  readonly regime: ReturnType<typeof regimeOf> | null;
}

function Bar({ n, k, regime }: BarProps): JSX.Element {
  const track = useRef<HTMLDivElement>(null);
  /** Where a finger came down that has not yet moved along the bar; null: nothing, or it drags. */
  const finger = useRef<number | null>(null);
  const follow = (x: number): void => {
    const box = track.current?.getBoundingClientRect();
    if (box === undefined) return;
    const at = (count: number) => (Math.log10(count / LEAST) / DECADES) * box.width;
    const others = state.value.problem.counts.filter((_, i) => i !== k);
    setCount(k, snapped(LEAST * 10 ** (((x - box.left) / box.width) * DECADES), others, at));
  };
  return (
    <div class="bar" data-k={k}>
      <span class="bar-name" style={{ color: classColor(k) }}>
        {k}
      </span>
      <div
        ref={track}
        class="bar-track"
        role="slider"
        tabIndex={0}
        aria-label={`Class ${k}`}
        aria-valuemin={LEAST}
        aria-valuemax={MOST}
        aria-valuenow={n}
        aria-valuetext={`${n} ${n === 1 ? 'sample' : 'samples'}${regime === null ? '' : `, ${regime.word}`}`}
        onPointerDown={(event) => {
          if (event.pointerType === 'touch') {
            finger.current = event.clientX;
            return;
          }
          event.currentTarget.setPointerCapture(event.pointerId);
          follow(event.clientX);
        }}
        onPointerMove={(event) => {
          if (event.buttons === 0) return;
          if (finger.current !== null) {
            if (Math.abs(event.clientX - finger.current) < FINGER_PIXELS) return;
            finger.current = null;
          }
          follow(event.clientX);
        }}
        onPointerUp={(event) => {
          // A tap.
          if (finger.current !== null) follow(event.clientX);
          finger.current = null;
        }}
        onPointerCancel={() => (finger.current = null)}
        onKeyDown={(event) => {
          const next = afterKey(event.key, n);
          if (next === null) return;
          event.preventDefault();
          setCount(k, next);
        }}
      >
        <div
          class={`bar-fill ${regime?.look ?? ''}`}
          style={{
            width: `${Math.max(1.5, (100 * Math.log10(n / LEAST)) / DECADES)}%`,
            '--class': classColor(k),
          }}
        />
      </div>
      <span class="bar-n">{n}</span>
      <span class={`bar-sign ${regime?.look ?? ''}`} aria-hidden="true" title={regime?.meaning}>
        {regime?.sign ?? ''}
      </span>
    </div>
  );
}

function setCount(k: number, n: number): void {
  const { counts } = state.value.problem;
  const next = Math.min(MOST, Math.max(LEAST, n));
  if (next !== counts[k]) changeProblem({ counts: counts.map((old, i) => (i === k ? next : old)) });
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
