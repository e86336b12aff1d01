/** Several files of one network, as of its epochs: measured one after the other, and played. */
import { formatNumber } from 'collapsar/report';
import type { JSX } from 'preact';
import { LogTrace } from '../parts/LogTrace.js';
import { RowSlider } from '../parts/RowSlider.js';
import { busy, file, measured, series, showFile } from '../state/measuring.js';
import { prefersStill } from '../state/player.js';
import { playingSeries, playSeries, stopSeries } from '../state/seriesPlayer.js';
import { percent } from './words.js';

export function SeriesPanel(): JSX.Element | null {
  const files = series.value;
  if (files.length < 2) return null;
  const results = files.map((one) => measured.value.get(one)?.document);
  const at = files.findIndex((one) => one === file.value);
  const whole = measured.value.size === files.length && !busy.value;
  return (
    <div class="series" role="group" aria-label="The series">
      <h2>From file to file</h2>
      <p class="hint">Scatter within the classes (NC1): each line down, ten times less.</p>
      <LogTrace
        values={results.map((known) => known?.nc1.quotient ?? null)}
        at={at}
        name="series"
        title={() =>
          `Scatter within the classes (NC1), from ${files[0].name} to ${files[files.length - 1].name}`
        }
      />
      <div class="scrubber-row">
        <button type="button" disabled={!whole} onClick={playingSeries.value ? stopSeries : playSeries}>
          {playName()}
        </button>
        <RowSlider
          label="File shown"
          count={files.length}
          at={at}
          name={files[at]?.name ?? ''}
          disabled={!whole}
          onChoose={(next) => {
            stopSeries();
            showFile(next);
          }}
        />
        <output class="stage-step">
          {at + 1} of {files.length}
        </output>
      </div>
      <div class="scroll tall" tabIndex={0} role="region" aria-label="Measures of each file">
        <table>
          <thead>
            <tr>
              <th class="text">file</th>
              <th>NC1</th>
              <th>NC2, equal angles</th>
              <th>NC3</th>
              <th>NC4</th>
            </tr>
          </thead>
          <tbody>
            {files.map(({ name }, i) => (
              <tr key={i} {...(i === at ? { 'aria-current': 'true' as const } : {})}>
                <th scope="row" class="text">
                  {name}
                </th>
                <td>{formatNumber(results[i]?.nc1.quotient)}</td>
                <td>{formatNumber(results[i]?.nc2.equiangular)}</td>
                <td>{formatNumber(results[i]?.nc3.duality)}</td>
                <td>{percent(results[i]?.nc4 ?? null)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

function playName(): string {
  if (playingSeries.value) return 'Pause';
  return prefersStill() ? 'To the end' : 'Play';
}
