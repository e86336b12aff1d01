/** The moments of a training in a row: back to any of them. */
import type { JSX } from 'preact';
import { RowSlider } from '../parts/RowSlider.js';
import { choose, moments, place, shown } from '../state/history.js';
import { stop } from '../state/player.js';
import { status } from '../state/session.js';
import { pause } from '../state/training.js';

interface Props {
  readonly label?: string;
  /** What becomes of a training that runs while its reader looks back. */
  readonly meanwhile: 'waits' | 'goes on';
}

export function MomentSlider({ label = 'Step shown', meanwhile }: Props): JSX.Element {
  const record = shown.value?.record;
  return (
    <RowSlider
      label={label}
      count={moments.value.length}
      at={place.value}
      name={record === undefined ? 'no step yet' : `step ${record.step}`}
      onChoose={(at) => {
        if (meanwhile === 'waits' && status.value === 'running') pause();
        stop();
        choose(at);
      }}
    />
  );
}
