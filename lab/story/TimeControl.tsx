/** The time of the training as the one control: the scatter within classes over the steps, with the step that is shown. */
import { paint } from 'collapsar/report';
import type { JSX } from 'preact';
import { choose, moments, place } from '../state/history.js';
import { stop } from '../state/player.js';
import * as session from '../state/session.js';
import * as conduct from '../state/training.js';

const [WIDTH, HEIGHT, PAD] = [340, 84, 6];
/** Powers of ten below the first. */
const DEEPEST = 9;

export function TimeControl(): JSX.Element {
  const all = moments.value;
  const last = Math.max(1, all.length - 1);
  const values = all.map(({ record }) => record.nc1.quotient ?? null);
  const top = Math.log10(Math.max(1e-300, ...values.map((value) => value ?? 0)));
  const x = (i: number) => PAD + ((WIDTH - 2 * PAD) * i) / last;
  const y = (value: number) =>
    PAD +
    (HEIGHT - 2 * PAD) * Math.min(1, Math.max(0, (top - Math.log10(Math.max(1e-300, value))) / DEEPEST));
  const path = values
    .flatMap((value, i) => (value === null ? [] : [`${x(i).toFixed(1)} ${y(value).toFixed(1)}`]))
    .join('L');
  const at = Math.max(0, place.value);
  return (
    <div class="time">
      <span class="time-name">Scatter within the classes: each line down, ten times less</span>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
        {Array.from({ length: DEEPEST + 1 }, (_, i) => {
          const height = PAD + ((HEIGHT - 2 * PAD) * i) / DEEPEST;
          return <line key={i} x1="0" x2={WIDTH} y1={height} y2={height} stroke={paint('line')} />;
        })}
        {path !== '' && <path d={`M${path}`} fill="none" stroke={paint('ink')} stroke-width="2" />}
        {all.length > 1 && (
          <g>
            <line x1={x(at)} x2={x(at)} y1="0" y2={HEIGHT} stroke={paint('blue')} stroke-width="1.5" />
            {values[at] !== null && <circle cx={x(at)} cy={y(values[at])} r="4.5" fill={paint('blue')} />}
          </g>
        )}
      </svg>
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
