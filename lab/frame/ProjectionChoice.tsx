/** How more than three dimensions become three. */
import type { JSX } from 'preact';
import type { ProjectionName } from '../link/labState.js';
import { changeView, state } from '../state/store.js';
import { PROJECTION_NAMES } from './projection.js';

export function ProjectionChoice(): JSX.Element {
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
  const next = axes.map((axis) => (axis === k ? axes[i] : axis));
  next[i] = k;
  return next;
}
