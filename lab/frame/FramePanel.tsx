/** The frame in three dimensions, turned with a pointer, a wheel, buttons or keys. */
import { useComputed } from '@preact/signals';
import type { Matrix } from 'collapsar/core';
import { zeroClasses } from 'collapsar/theory';
import { formatCount } from 'collapsar/report';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { PredictionFacts } from '../theory/facts.js';
import { facts } from '../state/predicted.js';
import { regimeOf, type RegimeLook } from '../theory/regime.js';
import { SaveButtons } from '../parts/SaveButtons.js';
import type { ProjectionName } from '../link/labState.js';
import { state } from '../state/store.js';
import { pictured, shownStep } from '../state/session.js';
import { hasDirection } from './arrows.js';
import { embed, type Embedding } from '../theory/embed.js';
import { FrameView, REACH, type FrameViewProps } from './FrameView.js';
import { isExact, projectionOf, PROJECTION_NAMES } from './projection.js';
import { ProjectionChoice } from './ProjectionChoice.js';
import { onKey, putBack, turnBy, zoomBy, zoomIn, zoomOut } from './turning.js';

const DEGREES_PER_PIXEL = 0.5;

interface Props {
  /** `story`: the picture and little else; `explore`: with zoom and projections. */
  readonly manner: 'story' | 'explore';
}

export function FramePanel({ manner }: Props): JSX.Element | null {
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
  if (embedding === null || still === null || known === null) return <div class="frame-figure frame-area" />;
  const { view } = state.value;
  const { regimes, zero, dead, signs } = still;
  const { Q, exact, name: projection } = cachedProjection(view.projection, view.axes, embedding, known.rank);
  const K = embedding.classes;
  return (
    <figure class="frame-figure">
      <div
        ref={area}
        class="frame-area"
        tabIndex={0}
        role="application"
        aria-label="The picture: arrow keys turn it, plus and minus zoom, Home puts it back"
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
          label={`Rows of the classifier as arrows and class means as rings, ${K} classes: ${known.frame}${dead > 0 ? `, ${dead} of them zero` : ''}.`}
        />
      </div>
      <figcaption>
        <span class="key">
          <b>●</b> samples <b>○</b> their mean <b>→</b> the classifier’s arrow; pale: predicted.
        </span>{' '}
        <MeasuredWords embedding={embedding} />
        {signs}
        {unshown(K, Q)}
        {!exact &&
          `A shadow of ${K - dead} dimensions (${PROJECTION_NAMES[projection]}): its angles are not the true ones, those on the line below are.`}
      </figcaption>
      {manner === 'explore' && (
        <div class="row frame-tools">
          <button type="button" aria-label="Zoom in" onClick={zoomIn}>
            +
          </button>
          <button type="button" aria-label="Zoom out" onClick={zoomOut}>
            −
          </button>
          <button type="button" onClick={putBack}>
            Put back
          </button>
          {K > 3 && <ProjectionChoice />}
        </div>
      )}
      <SaveButtons
        name="frame"
        caption={() => captionOf(known)}
        find={() => area.current?.querySelector('svg') ?? null}
      />
    </figure>
  );
}

function captionOf({ problem, frame }: PredictionFacts) {
  const at = pictured.value === null ? 'predicted' : `step ${formatCount(shownStep.value)}`;
  return {
    title: `Neural collapse of ${problem.counts.join(', ')} samples: ${frame}, ${at}`,
    legend: 'dots: samples · ring: their mean · arrow: the classifier’s row · pale: predicted',
    classes: problem.counts.length,
  };
}

/** The part that changes with every picture of a training: nothing beside it is worked out anew. */
function Picture({
  embedding,
  ...view
}: Omit<FrameViewProps, 'predicted' | 'measured' | 'dots'> & { readonly embedding: Embedding }): JSX.Element {
  const measured = measuredOf(embedding);
  const dots = measured === null ? null : (pictured.value?.dots ?? null);
  return <FrameView {...view} predicted={embedding.points} measured={measured} dots={dots} />;
}

function MeasuredWords({ embedding }: { readonly embedding: Embedding }): JSX.Element | null {
  const points = measuredOf(embedding);
  if (points === null || longestOf(points, embedding.classes) * state.value.view.zoom <= REACH) return null;
  return <>Some measured vectors are longer than the picture. </>;
}

/** Null where nothing is measured, or something of another size. */
function measuredOf({ points }: Embedding): Float64Array | null {
  const measured = pictured.value?.points ?? null;
  return measured?.length === points.length ? measured : null;
}

/** The length of the longest of 2K vectors. */
function longestOf(points: Float64Array, K: number): number {
  let most = 0;
  for (let i = 0; i < 2 * K; i++) most = Math.max(most, Math.hypot(...points.subarray(i * K, (i + 1) * K)));
  return most;
}

function stillFacts({ classes }: PredictionFacts) {
  const zero = zeroClasses(classes);
  return {
    regimes: classes.map(regimeOf),
    zero,
    dead: zero.filter(Boolean).length,
    signs: signsOf(classes.map(regimeOf).filter((_, k) => zero[k])),
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

interface Cached {
  readonly key: string;
  readonly of: Embedding;
  readonly name: ProjectionName;
  readonly Q: Matrix;
  readonly exact: boolean;
}

const FLAT = 2;

let cached: Cached | null = null;

/** Turning the frame does not change its projection. */
function cachedProjection(
  name: ProjectionName,
  axes: readonly number[],
  of: Embedding,
  rank: number,
): Cached {
  const key = `${name} ${axes.join()}`;
  if (cached?.key !== key || cached.of !== of) {
    const at = axes.every((k) => k < of.classes) ? axes : [0, 1, 2];
    const Q = projectionOf(name, at, of);
    const strongest = projectionOf('principal', at, of);
    // What has three dimensions at most is shown as it is; what lies flat from its front, but three classes are never turned.
    cached =
      name === 'alike' && ((rank <= FLAT && of.classes > 3) || !isExact(Q, of)) && isExact(strongest, of)
        ? { key, of, name: 'principal', Q: strongest, exact: true }
        : { key, of, name, Q, exact: isExact(Q, of) };
  }
  return cached;
}
