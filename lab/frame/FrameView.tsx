/** The frame as a drawing: predicted vectors, and over them the measured ones while a training is shown. Pure SVG. */
import { paint } from 'collapsar/report';
import type { Matrix } from 'collapsar/core';
import type { JSX } from 'preact';
import type { RegimeLook } from '../prediction/regime.js';
import { arrowsOf, axisTip, headOf, type Arrow } from './arrows.js';
import { createEye, type Camera } from './camera.js';
import { classColor } from './classColor.js';
import { spread } from './labels.js';

export interface FrameViewProps {
  readonly predicted: Float64Array;
  readonly measured: Float64Array | null;
  readonly Q: Matrix;
  readonly camera: Camera;
  readonly regimes: readonly RegimeLook[];
  /** By class: whether its vectors are zero. */
  readonly zero: readonly boolean[];
  readonly label: string;
}

/** Of the picture, from its middle, in lengths of the longest predicted vector. */
export const REACH = 1.2;
const AXIS = 0.42;
/** Shorter than this on paper, a vector is a dot. */
const SHORT = 0.03;
/** The head of an arrow, and the ring at the end of a class mean. */
const HEAD = 0.09;
const RING = 0.032;
const RING_WIDTH = 0.016;
/** The name of a class without a vector, with its sign; and how near the edge a name may stand. */
const NAME = { width: 0.19, height: 0.085 } as const;
const EDGE = REACH - 0.05;

export function FrameView({
  predicted,
  measured,
  Q,
  camera,
  regimes,
  zero,
  label,
}: FrameViewProps): JSX.Element {
  const eye = createEye(camera);
  const K = Q.cols;
  const ghost = measured !== null;
  const color = (k: number) => classColor(k, K, regimes[k]);
  const dying = regimes.flatMap((regime, k) => (zero[k] ? [{ regime, k }] : []));
  const names = spread(
    dying.map(({ k }) => axisTip(k, AXIS, Q, eye)),
    NAME,
  );
  return (
    <svg
      class="frame"
      viewBox={`${-REACH} ${-REACH} ${2 * REACH} ${2 * REACH}`}
      role="img"
      aria-label={label}
      font-size="0.085"
    >
      <circle r="0.018" fill={paint('quiet')} />
      {dying.map(({ regime, k }, i) => {
        const tip = names[i];
        return (
          <g key={`d${k}`} fill={paint('quiet')}>
            <line
              x2={rounded(tip.x * 0.86)}
              y2={rounded(tip.y * 0.86)}
              stroke={paint('quiet')}
              stroke-width="0.01"
              stroke-dasharray={regime.look === 'risk' ? '0.05 0.03' : '0.012 0.035'}
            />
            <text x={rounded(tip.x)} y={rounded(tip.y)} dy="0.03" text-anchor="middle" font-weight="600">
              {regime.sign}
              {k}
            </text>
          </g>
        );
      })}
      {arrowsOf(predicted, Q, eye).map((arrow) => draw(arrow, color(arrow.k), ghost ? 'ghost' : 'plain'))}
      {measured !== null &&
        arrowsOf(measured, Q, eye).map((arrow) => draw(arrow, color(arrow.k), 'measured'))}
    </svg>
  );
}

/**
 * One vector. Opacity goes to strokes and fills, not to the group: a group would be a layer of its own for the browser to
 * blend, dozens a picture. Lines therefore end where heads and rings begin.
 */
function draw(arrow: Arrow, color: string, manner: 'plain' | 'ghost' | 'measured'): JSX.Element | null {
  const { kind, k, tip, length } = arrow;
  if (manner !== 'measured' && length < SHORT) return null;
  const key = `${manner}${kind}${k}`;
  const far = 0.72 + 0.28 * Math.max(-1, Math.min(1, tip.depth));
  const opacity = manner === 'ghost' ? 0.34 : rounded(Math.min(1, Math.max(0.5, far)), 100);
  if (kind === 'feature') {
    const end = Math.max(0, 1 - (RING + RING_WIDTH / 2) / length);
    return (
      <g key={key} stroke-opacity={opacity} fill-opacity={opacity}>
        <line
          x2={rounded(end * tip.x)}
          y2={rounded(end * tip.y)}
          stroke={color}
          stroke-width="0.014"
          stroke-dasharray="0.035 0.03"
        />
        <circle
          cx={rounded(tip.x)}
          cy={rounded(tip.y)}
          r={RING}
          fill={manner === 'measured' ? color : paint('card')}
          stroke={color}
          stroke-width={RING_WIDTH}
        />
      </g>
    );
  }
  const head = headOf(arrow, HEAD);
  const out = length > SHORT ? nameAt(tip, 1 + 0.1 / length) : 1;
  return (
    <g key={key} stroke-opacity={opacity} fill-opacity={opacity}>
      <line
        x2={rounded(head.base.x)}
        y2={rounded(head.base.y)}
        stroke={color}
        stroke-width={manner === 'ghost' ? 0.045 : 0.022}
      />
      <polygon points={head.points} fill={color} />
      {manner !== 'ghost' && length > SHORT && (
        <text
          x={rounded(tip.x * out)}
          y={rounded(tip.y * out)}
          dy="0.03"
          text-anchor="middle"
          font-weight="600"
          fill={paint('ink')}
          fill-opacity="1"
          stroke={paint('card')}
          stroke-opacity="1"
          stroke-width="0.02"
          paint-order="stroke"
        >
          {k}
        </text>
      )}
    </g>
  );
}

/** Beyond the tip, but inside the picture while the tip is. */
function nameAt({ x, y }: { readonly x: number; readonly y: number }, out: number): number {
  const far = Math.max(Math.abs(x), Math.abs(y));
  return far > REACH ? out : Math.min(out, EDGE / far);
}

/** A tenth of a pixel is enough; what has not moved is not drawn anew. */
function rounded(value: number, steps = 1000): number {
  return Math.round(value * steps) / steps;
}
