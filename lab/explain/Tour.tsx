/** Four stops, each a problem to look at (`link/stops.ts`) and something to try. */
import { effect } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { LabState } from '../link/labState.js';
import { stateAt } from '../link/stops.js';
import { leap, state } from '../state/store.js';

interface Stop {
  readonly title: string;
  readonly words: string;
  readonly attempt: string;
}

const STOPS: readonly Stop[] = [
  {
    title: 'Collapse to a frame',
    words:
      'Four classes with 100 samples each and a free bias. The best head makes each class a single point, and the four points a regular simplex: the arrows of all classes are equally long and equally far apart.',
    attempt: 'Turn the frame, then press Train and watch the measured arrows settle on it.',
  },
  {
    title: 'Imbalance bends it',
    words:
      'The paper’s 200, 100, 50, 50, without bias. The arrows stay at right angles, but their lengths differ: a large class gets a longer row of the classifier and shorter features.',
    attempt: 'Drag the bar of class 3 up to 200 and watch its arrows change places.',
  },
  {
    title: 'Small classes die',
    words:
      'A long tail under more decay. The smallest classes no longer pay for themselves: their rows and means are exactly zero at the minimum, and nothing names them.',
    attempt: 'Move weight decay to the left of all marks and see every class come back.',
  },
  {
    title: 'Depth, and the trap at the origin',
    words:
      'Six layers and a small start. Every class lives at the global minimum, but zero is a local minimum too, and gradient descent from near zero does not leave it.',
    attempt: 'Train, and see that nothing grows. Then set the scale of the start to 0.1 and train again.',
  },
];

/** What the reader had before the tour, however it was entered. */
let before: LabState | null = null;
effect(() => {
  if (state.value.tour === 0) before = state.value;
});

export function Tour(): JSX.Element {
  const { tour } = state.value;
  const heading = useRef<HTMLHeadingElement>(null);
  // Who moves by keys or by ear goes along; not at the first load of a link into the tour.
  const seen = useRef(tour);
  useEffect(() => {
    if (tour !== 0 && tour !== seen.current) heading.current?.focus({ preventScroll: true });
    seen.current = tour;
  }, [tour]);
  if (tour === 0)
    return (
      <button type="button" class="tour-start" onClick={() => visit(1)}>
        Take the tour: four stops
      </button>
    );
  const { title, words, attempt } = STOPS[tour - 1];
  return (
    <section class="tour" aria-labelledby="tour-title">
      <p class="over">
        Stop {tour} of {STOPS.length}
      </p>
      <h2 id="tour-title" ref={heading} tabIndex={-1}>
        {title}
      </h2>
      <p aria-live="polite">{words}</p>
      <p>
        <b>Try:</b> {attempt}
      </p>
      <div class="row">
        <button type="button" disabled={tour === 1} onClick={() => visit(tour - 1)}>
          Back
        </button>
        {tour < STOPS.length && (
          <button type="button" class="main" onClick={() => visit(tour + 1)}>
            Next
          </button>
        )}
        <button type="button" onClick={end}>
          End the tour
        </button>
        {before !== null && (
          <button type="button" onClick={backToOwn}>
            Back to my own problem
          </button>
        )}
      </div>
    </section>
  );
}

function end(): void {
  leap(() => (state.value = { ...state.value, tour: 0 }));
}

function backToOwn(): void {
  const previous = before;
  const { network } = state.value;
  if (previous !== null) leap(() => (state.value = { ...previous, network }));
}

function visit(tour: number): void {
  // The tour leads through the problems; a network of the reader's own is none of them.
  const { network } = state.value;
  leap(() => (state.value = { ...stateAt(tour), network }));
}
