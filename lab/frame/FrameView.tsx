/** The frame as a drawing: predicted vectors, and over them samples and measured ones while a training is shown. Pure SVG. */
import { paint } from 'collapsar/report';
import type { Matrix } from 'collapsar/core';
import type { JSX } from 'preact';
import type { RegimeLook } from '../theory/regime.js';
import type { Dots } from '../workers/dots.js';
import { arrowsOf, axisTip, hasDirection, headOf, inSpace, spotsOf, type Arrow } from './arrows.js';
import { createEye, type Camera } from './camera.js';
import { classColor } from '../theory/classColor.js';
import { guidesOf } from './guides.js';
import { spread, type Name } from './labels.js';

export interface FrameViewProps {
  readonly predicted: Float64Array;
  readonly measured: Float64Array | null;
  /** Samples; null where none are at hand. */
  readonly dots: Dots | null;
  readonly Q: Matrix;
  readonly camera: Camera;
  readonly regimes: readonly RegimeLook[];
  /** By class: whether its vectors are zero. */
  readonly zero: readonly boolean[];
  readonly label: string;
}

/** Of the picture, from its middle, in lengths of the longest predicted vector. */
export const REACH = 1.2;
/** Arrows point up more than down: the picture is moved by half of what is left below. */
const LIFT = 0.1;
const AXIS = 0.42;
/** Shorter than this on paper, a vector is a dot. */
const SHORT = 0.03;
/** The head of an arrow, and the ring at the end of a class mean. */
const HEAD = 0.09;
const RING = 0.052;
const RING_WIDTH = 0.014;
/** Of a sample, across. */
const DOT = 0.036;
/** Of the predicted length; of the longest predicted one where theory says zero. */
const FAIR = 0.3;
/** From the tip of a row to its name. */
const BEYOND = 0.1;

export function FrameView({
  predicted,
  measured,
  dots,
  Q,
  camera,
  regimes,
  zero,
  label,
}: FrameViewProps): JSX.Element {
  const eye = createEye(camera);
  const K = Q.cols;
  const dying = zero.flatMap((is, k) =>
    is && hasDirection(k, Q) ? [{ k, ...axisTip(k, AXIS, Q, eye) }] : [],
  );
  const theory = arrowsOf(predicted, Q, eye);
  const measuredArrows = measured === null ? [] : arrowsOf(measured, Q, eye);
  const guides =
    K === 3
      ? guidesOf(
          [0, 1, 2].map((k) => inSpace(predicted, k, Q)),
          eye,
        )
      : [];
  const named = namedRows(theory, measuredArrows);
  // A name stands beyond its row, and beyond the mean where that lies further out.
  const beyondMean = (k: number, tip: Arrow['tip'], length: number): number => {
    const mean = (measured === null ? theory : measuredArrows).find(
      (one) => one.kind === 'feature' && one.k === k,
    );
    if (mean === undefined) return length;
    const along = (mean.tip.x * tip.x + mean.tip.y * tip.y) / length;
    const aside = Math.abs(mean.tip.x * tip.y - mean.tip.y * tip.x) / length;
    return aside < RING && along > length - RING && along < 1.5 * length + RING ? along + RING : length;
  };
  const places = spread([
    ...named.map(({ k, tip, length }): Name => {
      const out = (beyondMean(k, tip, length) + BEYOND) / length;
      return { x: out * tip.x, y: out * tip.y, width: nameWidth(String(k)), must: true };
    }),
    ...dying.map(({ k, x, y }): Name => ({ x, y, width: nameWidth(`${regimes[k].sign}${k}`), must: false })),
  ]);
  return (
    <svg
      class="frame"
      viewBox={`${-REACH} ${-REACH - (K > 3 ? 0 : LIFT)} ${2 * REACH} ${2 * REACH}`}
      role="img"
      aria-label={label}
      font-size="8.5"
    >
      {guides.map((path, i) => (
        <path
          key={i}
          d={path}
          fill="none"
          stroke={paint('quiet')}
          stroke-opacity="0.55"
          stroke-width="0.008"
        />
      ))}
      <circle r="0.018" fill={paint('quiet')} />
      {dying.map(({ k, ...tip }, i) => {
        const place = places[named.length + i];
        const end = place === null ? tip : { x: 0.86 * place.x, y: 0.86 * place.y };
        return (
          <g key={`d${k}`} fill={paint('quiet')} data-k={k}>
            <line
              x2={rounded(end.x)}
              y2={rounded(end.y)}
              stroke={paint('quiet')}
              stroke-width="0.01"
              stroke-dasharray={regimes[k].look === 'risk' ? '0.05 0.03' : '0.012 0.035'}
            />
            {place !== null && (
              <text transform={letters(place)} dy="3" text-anchor="middle" font-weight="600">
                {regimes[k].sign}
                {k}
              </text>
            )}
          </g>
        );
      })}
      {theory.map((arrow) => draw(arrow, measured === null ? 'plain' : 'ghost'))}
      {dots !== null && measured !== null && (
        <g class="dots">
          {spotsOf(dots, Q, eye).map((path, k) => (
            <path
              key={k}
              d={path}
              data-k={k}
              stroke={classColor(k)}
              stroke-opacity="0.62"
              stroke-width={DOT}
              stroke-linecap="round"
            />
          ))}
        </g>
      )}
      {measuredArrows.map((arrow) => draw(arrow, 'measured'))}
      {named.map(({ k }, i) => {
        const place = places[i];
        return (
          place !== null && (
            <text
              key={`n${k}`}
              data-k={k}
              transform={letters(place)}
              dy="3"
              text-anchor="middle"
              font-weight="600"
              fill={paint('ink')}
              stroke={paint('card')}
              stroke-width="2"
              paint-order="stroke"
            >
              {k}
            </text>
          )
        );
      })}
    </svg>
  );
}

/**
 * Class by class the row that carries its name: the measured one when it is a fair part of the predicted one, which has it
 * until then. What is small where theory says zero needs none: its axis has one.
 */
function namedRows(theory: readonly Arrow[], measured: readonly Arrow[]): Arrow[] {
  const rows = new Map<number, Arrow>();
  for (const arrow of theory) if (arrow.kind === 'weight' && arrow.length > SHORT) rows.set(arrow.k, arrow);
  for (const arrow of measured) {
    const predicted = rows.get(arrow.k)?.length;
    const fair = predicted === undefined ? FAIR : FAIR * predicted;
    if (arrow.kind === 'weight' && arrow.length > fair) rows.set(arrow.k, arrow);
  }
  return [...rows.values()].sort((a, b) => a.k - b.k);
}

function nameWidth(text: string): number {
  return 0.03 + 0.053 * text.length;
}

/**
 * One vector. Opacity goes to strokes and fills, not to the group: a group would be a layer of its own for the browser to
 * blend, dozens a picture. Lines therefore end where heads and rings begin.
 */
function draw(arrow: Arrow, manner: 'plain' | 'ghost' | 'measured'): JSX.Element | null {
  const { kind, k, tip, length } = arrow;
  const color = classColor(k);
  if (manner !== 'measured' && length < SHORT) return null;
  const key = `${manner}${kind}${k}`;
  const far = 0.72 + 0.28 * Math.max(-1, Math.min(1, tip.depth));
  const opacity = manner === 'ghost' ? 0.26 : rounded(Math.min(1, Math.max(0.5, far)), 100);
  if (kind === 'feature')
    return (
      <circle
        key={key}
        data-k={k}
        cx={rounded(tip.x)}
        cy={rounded(tip.y)}
        r={RING}
        fill="none"
        stroke={color}
        stroke-opacity={opacity}
        stroke-width={manner === 'ghost' ? 2 * RING_WIDTH : RING_WIDTH}
      />
    );
  const head = headOf(arrow, HEAD);
  return (
    <g key={key} data-k={k} stroke-opacity={opacity} fill-opacity={opacity}>
      <line
        x2={rounded(head.base.x)}
        y2={rounded(head.base.y)}
        stroke={color}
        stroke-width={manner === 'ghost' ? 0.045 : 0.022}
      />
      <polygon points={head.points} fill={color} />
    </g>
  );
}

/** A tenth of a pixel is enough; what has not moved is not drawn anew. */
/** A hundredth in size: programs lay letters out in whole units, or nearly, and would spoil letters that are far smaller than one. */
function letters({ x, y }: { readonly x: number; readonly y: number }): string {
  return `translate(${rounded(x)} ${rounded(y)}) scale(0.01)`;
}

function rounded(value: number, steps = 1000): number {
  return Math.round(value * steps) / steps;
}
