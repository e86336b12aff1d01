/** The moments of a training as a slider: back to any of them, played, or followed as they come. */
import { formatCount } from 'collapsar/report';
import type { JSX } from 'preact';
import { chosen, moments, place, shown } from '../state/history.js';
import { play, playing, prefersStill, stop } from '../state/player.js';
import { status } from '../state/session.js';
import { MomentSlider } from './MomentSlider.js';

export function Scrubber(): JSX.Element {
  const count = moments.value.length;
  const replay = status.value === 'replay';
  const live = status.value === 'running';
  const what = replay ? 'record' : 'measurement';
  return (
    <div class="scrubber" role="group" aria-label="Looking back">
      <div class="scrubber-row">
        <button
          type="button"
          disabled={count < 2 || live}
          title={live ? 'The training itself is running' : `Shows one ${what} after the other`}
          onClick={playing.value ? stop : play}
        >
          {playName()}
        </button>
        <MomentSlider meanwhile="goes on" />
        {!replay && (
          <button
            type="button"
            disabled={chosen.value === null}
            title="Back to the newest state"
            onClick={() => {
              stop();
              chosen.value = null;
            }}
          >
            Live
          </button>
        )}
      </div>
      <p class="hint where">{where(what)}</p>
    </div>
  );
}

function playName(): string {
  if (playing.value) return 'Pause';
  return prefersStill() ? 'To the end' : 'Play';
}

/** Which of the moments is shown. */
function where(what: 'record' | 'measurement'): string {
  const count = moments.value.length;
  const record = shown.value?.record;
  if (record === undefined) return 'Nothing measured yet.';
  if (chosen.value === null && what === 'measurement')
    return count === 1 ? 'the only measurement so far' : `the newest of ${formatCount(count)} measurements`;
  const epoch = record.network?.epoch;
  const words = `${what} ${formatCount(place.value + 1)} of ${formatCount(count)}`;
  return epoch === undefined ? words : `${words}, epoch ${formatCount(epoch)}`;
}
