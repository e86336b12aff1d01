/** The time of the training as the one control: the scatter within classes over the steps, with the step that is shown. */
import { formatCount } from 'collapsar/report';
import type { JSX } from 'preact';
import { LogTrace } from '../parts/LogTrace.js';
import { moments, place } from '../state/history.js';
import { MomentSlider } from '../training/MomentSlider.js';

export function TimeControl(): JSX.Element {
  const all = moments.value;
  const values = all.map(({ record }) => record.nc1.quotient ?? null);
  const at = Math.max(0, place.value);
  return (
    <div class="time">
      <span class="time-name">Scatter within the classes: each line down, ten times less</span>
      <LogTrace values={values} at={at} name="scatter" title={scatterTitle} ends={endsOf()} />
      <MomentSlider label="Time of the training" meanwhile="waits" />
    </div>
  );
}

function endsOf(): readonly [string, string] {
  const steps = moments.value.map(({ record }) => formatCount(record.step));
  return [`step ${steps.at(0) ?? 0}`, `step ${steps.at(-1) ?? 0}`];
}

function scatterTitle(): string {
  const steps = moments.value.at(-1)?.record.step ?? 0;
  return `Scatter within the classes (NC1), measured up to step ${formatCount(steps)}`;
}
