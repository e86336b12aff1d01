/**
 * All angles between two classes' arrows on one line from 0° to 180°: measured above it, predicted below. A picture in three
 * dimensions shows the angles of three classes; of four or more only this does.
 */
import { useComputed } from '@preact/signals';
import { formatCount, paint } from 'collapsar/report';
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { SaveButtons } from '../parts/SaveButtons.js';
import { anglesOf, rangeWords, widestAngle, type PairAngle } from '../theory/angles.js';
import { classColor } from '../theory/classColor.js';
import { facts } from '../state/predicted.js';
import { pictured, shownStep } from '../state/session.js';

const [LEFT, RIGHT, AXIS, HEIGHT] = [14, 346, 46, 92];
/** Angles that differ by less stand above each other. */
const BIN = 2.5;
const LARGEST = 4.6;
/** Of a hundred pairs in one place smaller dots could not be seen: they overlap. */
const SMALLEST = 1.2;
/** Above the line and below it. */
const [ABOVE, BELOW] = [32, 26];
const TICKS = [0, 60, 90, 120, 180];
/** Names of the ends stay inside. */
const ANCHORS: ReadonlyMap<number, 'start' | 'end'> = new Map([
  [0, 'start'],
  [180, 'end'],
]);

export function AngleStrip(): JSX.Element | null {
  const drawing = useRef<SVGSVGElement>(null);
  const predicted = useComputed(() =>
    facts.value === null ? [] : anglesOf(facts.value.geometry.weights),
  ).value;
  const measured = pictured.value?.angles ?? [];
  const K = facts.value?.classes.length ?? 0;
  if (K < 2) return null;
  const widest = widestAngle(K);
  const words = [
    ['predicted', rangeWords(predicted)],
    ['now', rangeWords(measured)],
  ].flatMap(([name, range]) => (range === null ? [] : [`${name} ${range}`]));
  return (
    <figure class="angles">
      <figcaption>Angles between arrows: {words.length === 0 ? 'none yet' : words.join(', ')}</figcaption>
      <svg
        ref={drawing}
        viewBox={`0 0 360 ${HEIGHT}`}
        role="img"
        aria-label={`Angles between the arrows of ${K} classes: ${words.join(', ')}`}
        font-size="10"
      >
        <line x1={LEFT} x2={RIGHT} y1={AXIS} y2={AXIS} stroke={paint('quiet')} />
        {TICKS.map((degrees) => (
          <g key={degrees} fill={paint('quiet')}>
            <line x1={at(degrees)} x2={at(degrees)} y1={AXIS - 3} y2={AXIS + 3} stroke={paint('quiet')} />
            <text x={at(degrees)} y={HEIGHT - 1} text-anchor={ANCHORS.get(degrees) ?? 'middle'}>
              {degrees}°
            </text>
          </g>
        ))}
        {K > 3 && (
          <g>
            <path
              d={`M${at(widest)} ${AXIS - 40}V${HEIGHT - 12}`}
              stroke={paint('quiet')}
              stroke-dasharray="2 3"
              fill="none"
            />
            <text x={at(widest) + 4} y={9} fill={paint('quiet')}>
              {Number(widest.toFixed(1))}°: widest for {K}
            </text>
          </g>
        )}
        {stacked(predicted, BELOW).map(({ angle, x, place, r }) => (
          <circle
            key={`p${angle.i}-${angle.j}`}
            data-k={`${angle.i} ${angle.j}`}
            cx={x}
            cy={AXIS + 5 + r + 2 * r * place}
            r={Math.max(0.8, r - 0.9)}
            fill="none"
            stroke={paint('quiet')}
            stroke-width="1.2"
          />
        ))}
        {stacked(measured, ABOVE).map(({ angle, x, place, r }) => (
          <Pair
            key={`m${angle.i}-${angle.j}`}
            angle={angle}
            x={x}
            y={AXIS - 5 - r - 2 * r * place}
            r={Math.max(SMALLEST, r)}
          />
        ))}
      </svg>
      <SaveButtons
        name="angles"
        caption={() => ({
          title: `Angle between every two arrows of ${facts.value?.problem.counts.join(', ') ?? ''} samples`,
          legend: `above the line: ${pictured.value === null ? 'nothing trained yet' : `step ${formatCount(shownStep.value)}`} · below: predicted`,
          classes: K,
        })}
        find={() => drawing.current}
      />
    </figure>
  );
}

/** A dot in the colours of both classes. */
function Pair({
  angle: { i, j },
  x,
  y,
  r,
}: {
  readonly angle: PairAngle;
  readonly x: number;
  readonly y: number;
  readonly r: number;
}): JSX.Element {
  const half = (sweep: 0 | 1) =>
    `M${x.toFixed(2)} ${(y - r).toFixed(2)}A${r} ${r} 0 0 ${sweep} ${x.toFixed(2)} ${(y + r).toFixed(2)}Z`;
  return (
    <g data-k={`${i} ${j}`}>
      <path d={half(0)} fill={classColor(i)} />
      <path d={half(1)} fill={classColor(j)} />
    </g>
  );
}

interface Stacked {
  readonly angle: PairAngle;
  readonly x: number;
  readonly place: number;
  readonly r: number;
}

/** Angles that are nearly equal above each other, all at one size, so that the tallest stack has room. */
function stacked(angles: readonly PairAngle[], room: number): Stacked[] {
  const heights = new Map<number, number>();
  const placed = angles.map((angle) => {
    const bin = Math.round(angle.degrees / BIN);
    const place = heights.get(bin) ?? 0;
    heights.set(bin, place + 1);
    return { angle, x: at(angle.degrees), place };
  });
  const tallest = Math.max(1, ...heights.values());
  const r = Math.min(LARGEST, room / (2 * tallest));
  return placed.map((one) => ({ ...one, r }));
}

function at(degrees: number): number {
  return LEFT + ((RIGHT - LEFT) * degrees) / 180;
}
