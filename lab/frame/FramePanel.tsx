/** The frame in three dimensions, turned with a pointer, a wheel, buttons or keys. */
import { useComputed } from '@preact/signals';
import type { Matrix } from 'collapsar/core';
import { frameEntry, type Frame } from 'collapsar/model';
import { zeroClasses } from 'collapsar/theory';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { PredictionFacts } from '../theory/facts.js';
import { facts } from '../state/predicted.js';
import { regimeOf, type RegimeLook } from '../theory/regime.js';
import { SaveButtons } from '../parts/SaveButtons.js';
import { LIMITS, type ProjectionName } from '../link/labState.js';
import { changeView, state } from '../state/store.js';
import { measuredPoints } from '../state/session.js';
import { hasDirection } from './arrows.js';
import { wrapAngle } from './camera.js';
import { embed, type Embedding } from '../theory/embed.js';
import { FrameView, REACH, type FrameViewProps } from './FrameView.js';
import { projectionOf, PROJECTION_NAMES } from './projection.js';

const DEGREES_PER_PIXEL = 0.5;
const KEY_DEGREES = 6;

export function FramePanel(): JSX.Element | null {
  // Of the prediction alone: worked out when it changes, not with every picture of a training.
  const embedding = useComputed(() => (facts.value === null ? null : embed(facts.value.geometry))).value;
  const still = useComputed(() => (facts.value === null ? null : stillFacts(facts.value))).value;
  const area = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // A wheel listener that may hold the page back cannot be passive, which Preact's would be.
    const element = area.current;
    const onWheel = (event: WheelEvent): void => {
      // Without Ctrl (which is also a pinch) the wheel scrolls the page.
      if (!event.ctrlKey) return;
      event.preventDefault();
      zoomBy(Math.exp(-event.deltaY / 400));
    };
    element?.addEventListener('wheel', onWheel, { passive: false });
    return () => element?.removeEventListener('wheel', onWheel);
  }, [embedding === null]);
  const known = facts.value;
  if (embedding === null || still === null || known === null) return null;
  const { view } = state.value;
  const { regimes, zero, dead, angles, signs } = still;
  const projection = shownProjection(view.projection, known.rank, dead);
  const Q = cachedProjection(projection, view.axes, embedding);
  const K = embedding.classes;
  const exact = K <= 3 || (projection === 'principal' && known.rank <= 3);
  return (
    <figure class="frame-figure">
      <div
        ref={area}
        class="frame-area"
        tabIndex={0}
        role="application"
        aria-label="The frame: arrow keys turn it, plus and minus zoom, Home puts it back"
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={(event) => {
          if (event.buttons === 0) return;
          turnBy(event.movementX * DEGREES_PER_PIXEL, event.movementY * DEGREES_PER_PIXEL);
        }}
        onKeyDown={(event) => {
          if (!onKey(event.key)) return;
          event.preventDefault();
        }}
      >
        <Picture
          embedding={embedding}
          Q={Q}
          camera={view}
          regimes={regimes}
          zero={zero}
          label={`Rows of the classifier and class means of ${K} classes as vectors: ${known.frame}, rank ${known.rank}${dead > 0 ? `, ${dead} of them zero` : ''}.`}
        />
      </div>
      <div class="row frame-tools">
        <button type="button" aria-label="Zoom in" onClick={() => zoomBy(1.2)}>
          +
        </button>
        <button type="button" aria-label="Zoom out" onClick={() => zoomBy(1 / 1.2)}>
          −
        </button>
        <button type="button" onClick={putBack}>
          Put back
        </button>
        {K > 3 && <ProjectionChoice />}
        <SaveButtons name="frame" find={() => area.current?.querySelector('svg') ?? null} />
      </div>
      <figcaption>
        <span class="key">
          <b>→</b> rows of the classifier, <b>- - ○</b> class means; each kind is drawn to its longest
          predicted one.{' '}
        </span>
        <MeasuredWords embedding={embedding} />
        {signs}
        {unshown(K, Q)}
        {exact
          ? `The picture is exact: the frame has ${Math.min(K, known.rank)} dimension${known.rank === 1 ? '' : 's'}. `
          : `${dead > 0 ? `${K} dimensions, with those of classes that are zero,` : `${known.rank} dimensions`} are shown in three: ${PROJECTION_NAMES[projection]}${projection === 'principal' ? ' of rows and means together' : ''}${projection === 'classes' ? ` (${view.axes.join(', ')})` : ''}, so angles look other than they are. `}
        {angles}
      </figcaption>
    </figure>
  );
}

/** The part that changes with every picture of a training: nothing beside it is worked out anew. */
function Picture({
  embedding,
  ...view
}: Omit<FrameViewProps, 'predicted' | 'measured'> & { readonly embedding: Embedding }): JSX.Element {
  return <FrameView {...view} predicted={embedding.points} measured={measuredOf(embedding)} />;
}

function MeasuredWords({ embedding }: { readonly embedding: Embedding }): JSX.Element | null {
  const points = measuredOf(embedding);
  if (points === null) return null;
  const beyond = longestOf(points, embedding.classes) * state.value.view.zoom > REACH;
  return (
    <>
      Pale and wide: predicted. Over it: measured.{' '}
      {beyond && 'Some measured vectors are longer than the picture: zoom out to see their ends. '}
    </>
  );
}

/** Null where nothing is measured, or something of another size. */
function measuredOf({ points }: Embedding): Float64Array | null {
  const measured = measuredPoints.value;
  return measured?.length === points.length ? measured : null;
}

/** The length of the longest of 2K vectors. */
function longestOf(points: Float64Array, K: number): number {
  let most = 0;
  for (let i = 0; i < 2 * K; i++) most = Math.max(most, Math.hypot(...points.subarray(i * K, (i + 1) * K)));
  return most;
}

/** What has at most three dimensions is shown as it is; but classes that are zero keep the place where they would stand. */
function shownProjection(chosen: ProjectionName, rank: number, dead: number): ProjectionName {
  return chosen === 'alike' && rank <= 3 && dead === 0 ? 'principal' : chosen;
}

function stillFacts({ geometry, classes }: PredictionFacts) {
  const zero = zeroClasses(classes);
  return {
    regimes: classes.map(regimeOf),
    zero,
    dead: zero.filter(Boolean).length,
    signs: signsOf(classes.map(regimeOf).filter((_, k) => zero[k])),
    angles: anglesOf(geometry.weights, zero),
  };
}

/** What the signs of the classes that are zero mean. */
function signsOf(looks: readonly RegimeLook[]): string {
  const bySign = new Map(looks.map((look) => [look.sign, look]));
  return [...bySign.values()]
    .map(({ sign, look, meaning }) => `${look === 'risk' ? 'Dashed' : 'Dotted'} ${sign}: ${meaning}. `)
    .join('');
}

/** Classes whose axis the projection leaves out. */
function unshown(K: number, Q: Matrix): string {
  const left = Array.from({ length: K }, (_, k) => k).filter((k) => !hasDirection(k, Q));
  if (left.length === 0) return '';
  if (left.length === 1) return `Class ${left[0]} is not in this projection. `;
  const last = left[left.length - 1];
  const inARow = last - left[0] === left.length - 1;
  return `Classes ${inARow ? `${left[0]}–${last}` : left.join(', ')} are not in this projection. `;
}

/** Between rows of the classifier that are not zero, in the prediction itself. */
function anglesOf(weights: Frame, zero: readonly boolean[]): string {
  const alive = zero.flatMap((is, k) => (is ? [] : [k]));
  let [least, most] = [Infinity, -Infinity];
  for (const i of alive)
    for (const j of alive) {
      if (j <= i) continue;
      const sizes = Math.sqrt(frameEntry(weights, i, i) * frameEntry(weights, j, j));
      const cosine = frameEntry(weights, i, j) / sizes;
      const angle = (Math.acos(Math.max(-1, Math.min(1, cosine))) * 180) / Math.PI;
      [least, most] = [Math.min(least, angle), Math.max(most, angle)];
    }
  if (alive.length < 2) return '';
  const degrees = (angle: number) => `${Number(angle.toFixed(1))}°`;
  return `Angles between rows: ${degrees(least)}${most - least > 0.1 ? ` to ${degrees(most)}` : ''}.`;
}

let cached: { readonly key: string; readonly of: Embedding; readonly Q: Matrix } | null = null;

/** Turning the frame does not change its projection. */
function cachedProjection(name: ProjectionName, axes: readonly number[], of: Embedding): Matrix {
  const key = `${name} ${axes.join()}`;
  if (cached?.key !== key || cached.of !== of)
    cached = { key, of, Q: projectionOf(name, axes.every((k) => k < of.classes) ? axes : [0, 1, 2], of) };
  return cached.Q;
}

function ProjectionChoice(): JSX.Element {
  const { view, problem } = state.value;
  const K = problem.counts.length;
  return (
    <>
      <label class="inline">
        <span>Projection</span>
        <select
          value={view.projection}
          onChange={(event) => changeView({ projection: event.currentTarget.value as ProjectionName })}
        >
          {(Object.keys(PROJECTION_NAMES) as ProjectionName[]).map((name) => (
            <option key={name} value={name}>
              {PROJECTION_NAMES[name]}
            </option>
          ))}
        </select>
      </label>
      {view.projection === 'classes' &&
        view.axes.map((k, i) => (
          <select
            key={i}
            aria-label={`Class on axis ${i + 1}`}
            value={k}
            onChange={(event) =>
              changeView({ axes: swapped(view.axes, i, Number(event.currentTarget.value)) })
            }
          >
            {Array.from({ length: K }, (_, choice) => (
              <option key={choice} value={choice}>
                {choice}
              </option>
            ))}
          </select>
        ))}
    </>
  );
}

/** Axis i becomes class k; a class that stood elsewhere changes places with it. */
function swapped(axes: readonly number[], i: number, k: number): number[] {
  return axes.map((axis, j) => (j === i ? k : axis === k ? axes[i] : axis));
}

function turnBy(yaw: number, pitch: number): void {
  const { view } = state.value;
  changeView({
    yaw: Math.round(10 * wrapAngle(view.yaw + yaw)) / 10,
    pitch: Math.round(10 * Math.max(-90, Math.min(90, view.pitch + pitch))) / 10,
  });
}

function zoomBy(factor: number): void {
  const [least, most] = LIMITS.zoom;
  const zoom = Math.max(least, Math.min(most, state.value.view.zoom * factor));
  changeView({ zoom: Number(zoom.toPrecision(3)) });
}

function putBack(): void {
  changeView({ yaw: -12, pitch: 14, zoom: 1 });
}

function onKey(key: string): boolean {
  switch (key) {
    case 'ArrowLeft':
      turnBy(-KEY_DEGREES, 0);
      return true;
    case 'ArrowRight':
      turnBy(KEY_DEGREES, 0);
      return true;
    case 'ArrowUp':
      turnBy(0, -KEY_DEGREES);
      return true;
    case 'ArrowDown':
      turnBy(0, KEY_DEGREES);
      return true;
    case '+':
    case '=':
      zoomBy(1.2);
      return true;
    case '-':
      zoomBy(1 / 1.2);
      return true;
    case 'Home':
      putBack();
      return true;
    default:
      return false;
  }
}
