/** How far the measuring of a training in PyTorch is. */
import type { JSX } from 'preact';
import { cancelRun, runProgress } from '../state/monitoredRun.js';

export function RunStatus(): JSX.Element | null {
  const now = runProgress.value;
  if (now === null) return null;
  const { run, done, total, solving } = now;
  return (
    <div class="measuring">
      <div class="row">
        <button type="button" onClick={cancelRun}>
          Cancel
        </button>
        <p role="status">
          {solving
            ? `The last epoch of ${run} is measured. Solving for its prediction …`
            : `Measuring ${run} …`}
        </p>
      </div>
      <p class="how-far">
        {total === 0 ? (
          <progress aria-label="Measuring" />
        ) : (
          <progress aria-label="Measuring" value={done} max={total} />
        )}{' '}
        <span>{total === 0 ? '' : `epoch ${done + 1} of ${total}`}</span>
      </p>
    </div>
  );
}
