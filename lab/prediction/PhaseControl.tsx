/**
 * Which classes live, as a picture to take hold of: each class at its size and the weight decay, above the line alive, below it
 * lost. Dragged sideways the decay changes, up and down the class's size.
 *
 * Squared error: class k lives while M N (Nλ_H)^{1/M} λ_W/τ² < b_global, where τ² is n_k unless targets mix (free bias, unequal
 * sizes), and n_k·w_k^{1+1/M} with class weights; so each class's own limit places it, and one line serves all. Up to b_exist a
 * local minimum survives.
 */
import { useComputed } from '@preact/signals';
import { formatNumber, formatTick, paint } from 'collapsar/report';
import { depthOf, isBalanced, samplesOf } from 'collapsar/model';
import { thresholds } from 'collapsar/theory';
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { LIMITS } from '../link/labState.js';
import { SaveButtons } from '../parts/SaveButtons.js';
import { facts } from '../state/predicted.js';
import { changeProblem, state } from '../state/store.js';
import { classColor } from '../theory/classColor.js';
import { looksOf } from '../theory/fate.js';

const [WIDTH, HEIGHT] = [360, 230];
const [LEFT, RIGHT, TOP, BOTTOM] = [40, 350, 10, 190];
const RADIUS = 9;
const KEY_FACTOR = 1.1;
const PHASE_LEGEND = 'white: alive · yellow: zero is best, a living solution survives beside it · grey: lost';

export function PhaseControl(): JSX.Element | null {
  const drawing = useRef<SVGSVGElement>(null);
  const shape = useComputed(() => shapeOf()).value;
  if (shape === null) return null;
  const { left, right, low, high, line, exist, points, sizes } = shape;
  const X = (decay: number) => LEFT + ((RIGHT - LEFT) * Math.log(decay / left)) / Math.log(right / left);
  const Y = (size: number) => BOTTOM - ((BOTTOM - TOP) * Math.log(size / low)) / Math.log(high / low);
  const edge = (factor: number) => {
    const [a, b] = [factor * left, factor * right];
    return `${X(left)} ${Y(a)}L${X(right)} ${Y(b)}`;
  };
  const follow = (k: number, event: PointerEvent): void => {
    const box = drawing.current?.getBoundingClientRect();
    if (box === undefined || event.buttons === 0) return;
    const x = ((event.clientX - box.left) / box.width) * WIDTH;
    const y = ((event.clientY - box.top) / box.height) * HEIGHT;
    const decay = left * (right / left) ** ((x - LEFT) / (RIGHT - LEFT));
    const size = low * (high / low) ** ((BOTTOM - y) / (BOTTOM - TOP));
    move(k, decay, sizes ? size : null);
  };
  return (
    <figure class="phase-figure">
      <svg
        ref={drawing}
        class="phase-control"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="group"
        aria-label="Which classes live: their sizes against the weight decay"
        font-size="10.5"
        fill={paint('quiet')}
      >
        <clipPath id="phase-area">
          <rect x={LEFT} y={TOP} width={RIGHT - LEFT} height={BOTTOM - TOP} />
        </clipPath>
        <g clip-path="url(#phase-area)">
          <rect x={LEFT} y={TOP} width={RIGHT - LEFT} height={BOTTOM - TOP} fill={paint('card')} />
          <path
            d={`M${edge(line)}L${RIGHT} ${BOTTOM + 900}L${LEFT} ${BOTTOM + 900}Z`}
            fill={paint('ochre')}
            fill-opacity="0.45"
          />
          <path
            d={`M${edge(exist)}L${RIGHT} ${BOTTOM + 900}L${LEFT} ${BOTTOM + 900}Z`}
            fill={paint('card')}
          />
          <path
            d={`M${edge(exist)}L${RIGHT} ${BOTTOM + 900}L${LEFT} ${BOTTOM + 900}Z`}
            fill={paint('quiet')}
            fill-opacity="0.24"
          />
          <path d={`M${edge(line)}`} stroke={paint('ink')} stroke-width="1.5" />
        </g>
        <rect
          x={LEFT}
          y={TOP}
          width={RIGHT - LEFT}
          height={BOTTOM - TOP}
          fill="none"
          stroke={paint('line')}
        />
        <text x={LEFT + 8} y={TOP + 16} fill={paint('ink')} font-weight="600">
          alive
        </text>
        <text x={RIGHT - 8} y={BOTTOM - 8} text-anchor="end" fill={paint('ink')} font-weight="600">
          lost
        </text>
        {ticks(left, right).map((decay) => (
          <text key={decay} x={X(decay)} y={BOTTOM + 15} text-anchor="middle">
            {formatTick(decay)}
          </text>
        ))}
        <text x={(LEFT + RIGHT) / 2} y={HEIGHT - 5} text-anchor="middle">
          weight decay →
        </text>
        {ticks(low, high).map((size) => (
          <text key={size} x={LEFT - 6} y={Y(size) + 4} text-anchor="end">
            {formatTick(size)}
          </text>
        ))}
        <text transform={`translate(10 ${(TOP + BOTTOM) / 2}) rotate(-90)`} text-anchor="middle">
          {sizes ? 'samples of the class' : 'samples × weight'}
        </text>
        {fanned(points.map(({ decay, size }) => [X(decay), Y(size)] as const)).map(([x, y], i) => {
          const { k, decay, size, word } = points[i];
          return (
            <g
              key={k}
              data-k={k}
              class="phase-class"
              role="slider"
              tabindex={0}
              aria-label={`Class ${k} in the diagram`}
              aria-valuemin={Math.log10(LIMITS.weightDecay[0])}
              aria-valuemax={Math.log10(LIMITS.weightDecay[1])}
              aria-valuenow={Number(Math.log10(decay).toFixed(3))}
              aria-valuetext={`weight decay ${formatNumber(decay, 3)}, ${sizes ? `${size} samples, ` : ''}${word}`}
              transform={`translate(${x.toFixed(1)} ${y.toFixed(1)})`}
              onPointerDown={(event) => {
                event.currentTarget.setPointerCapture(event.pointerId);
                event.preventDefault();
              }}
              onPointerMove={(event) => follow(k, event)}
              onKeyDown={(event) => {
                const next = afterKey(event.key, decay, size);
                if (next === null) return;
                event.preventDefault();
                move(k, next.decay, sizes ? next.size : null);
              }}
            >
              <circle r={RADIUS} fill={classColor(k)} stroke={paint('card')} stroke-width="2" />
              <text dy="3.7" text-anchor="middle" font-weight="700" fill={paint('card')}>
                {k}
              </text>
            </g>
          );
        })}
      </svg>
      <SaveButtons
        name="who-lives"
        caption={() => ({ title: titleOf(), legend: PHASE_LEGEND, classes: points.length })}
        find={() => drawing.current}
      />
    </figure>
  );
}

function titleOf(): string {
  const known = facts.value;
  if (known === null) return 'Which classes live';
  const layers = depthOf(known.problem);
  return `Which classes live: ${known.problem.counts.join(', ')} samples, ${layers} ${layers === 1 ? 'layer' : 'layers'}`;
}

/** Between classes in one place, and in all for the classes of a place. */
const [APART, WIDEST] = [1.5 * RADIUS, 130];

/** Classes in one place stand side by side around it, so that each can be seen and taken. */
function fanned(places: readonly (readonly [x: number, y: number])[]): (readonly [number, number])[] {
  const near = (a: readonly [number, number], b: readonly [number, number]) =>
    Math.abs(a[0] - b[0]) < RADIUS / 2 && Math.abs(a[1] - b[1]) < RADIUS / 2;
  return places.map((place, i) => {
    const here = places.flatMap((other, j) => (near(place, other) ? [j] : []));
    const apart = Math.min(APART, WIDEST / here.length);
    return [place[0] + (here.indexOf(i) - (here.length - 1) / 2) * apart, place[1]];
  });
}

/** Null where no formula draws the line: under cross-entropy, and where class weights stand beside a bias. */
function shapeOf() {
  const known = facts.value;
  if (known?.problem.loss !== 'mse') return null;
  const { problem, classes } = known;
  const weighted = problem.classWeights !== null;
  if (weighted && problem.bias !== 'none') return null;
  const M = depthOf(problem);
  const N = samplesOf(problem);
  const { bGlobal, bExist } = thresholds(M);
  const slope = M * N * (N * problem.featureDecay) ** (1 / M);
  const [decay] = problem.weightDecays;
  const words = looksOf(classes);
  // Where targets mix or samples count unequally, classes stand at their strength, which no hand can set.
  const sizes = !weighted && (problem.bias === 'none' || isBalanced(problem));
  const points = classes.flatMap(({ count, maxWeightDecay }, k) => {
    const size = sizes ? count : ((maxWeightDecay ?? 0) * slope) / bGlobal;
    return size > 0 ? [{ k, decay, size, word: words[k].word }] : [];
  });
  const all = points.map(({ size }) => size);
  return {
    ...{ points, sizes, line: slope / bGlobal, exist: slope / bExist },
    left: Math.min(1e-4, decay / 2),
    right: 1,
    low: Math.min(1, ...all.map((size) => size / 2)),
    high: Math.max(1000, 3 * Math.max(...all)),
  };
}

/** Powers of ten from one end to the other. */
function ticks(low: number, high: number): number[] {
  const first = Math.ceil(Math.log10(low) - 1e-9);
  const last = Math.floor(Math.log10(high) + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => 10 ** (first + i));
}

function move(k: number, decay: number, size: number | null): void {
  const { counts } = state.value.problem;
  const clamp = (value: number, [least, most]: readonly [number, number]) =>
    Math.min(most, Math.max(least, value));
  changeProblem({
    weightDecay: Number(clamp(decay, LIMITS.weightDecay).toPrecision(3)),
    ...(size === null
      ? {}
      : { counts: counts.map((n, i) => (i === k ? Math.round(clamp(size, LIMITS.count)) : n)) }),
  });
}

function afterKey(key: string, decay: number, size: number): { decay: number; size: number } | null {
  switch (key) {
    case 'ArrowLeft':
      return { decay: decay / KEY_FACTOR, size };
    case 'ArrowRight':
      return { decay: decay * KEY_FACTOR, size };
    case 'ArrowUp':
      return { decay, size: Math.max(size + 1, size * KEY_FACTOR) };
    case 'ArrowDown':
      return { decay, size: Math.min(size - 1, size / KEY_FACTOR) };
    default:
      return null;
  }
}
