/** The time of the training as the one control: the scatter within classes over the steps, with the step that is shown. */
import type { JSX } from 'preact';
import { LogTrace } from '../parts/LogTrace.js';
import { choose, moments, place } from '../state/history.js';
import { stop } from '../state/player.js';
import * as session from '../state/session.js';
import * as conduct from '../state/training.js';

export function TimeControl(): JSX.Element {
  const all = moments.value;
  const values = all.map(({ record }) => record.nc1.quotient ?? null);
  const at = Math.max(0, place.value);
  return (
    <div class="time">
      <span class="time-name">Scatter within the classes: each line down, ten times less</span>
      <LogTrace values={values} at={at} />
      <input
        type="range"
        aria-label="Time of the training"
        min="0"
        max={Math.max(0, all.length - 1)}
        step="1"
        disabled={all.length < 2}
        value={at}
        aria-valuetext={`step ${all[at]?.record.step ?? 0}`}
        onInput={(event) => {
          if (session.status.value === 'running') conduct.pause();
          stop();
          choose(Number(event.currentTarget.value));
        }}
      />
    </div>
  );
}
