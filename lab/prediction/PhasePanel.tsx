/** The phase diagram of the report with the reader's classes on it: the chosen depth and its neighbours, all nine on request. */
import { useComputed, useSignal } from '@preact/signals';
import { portableBlas } from 'collapsar/core';
import { phaseDiagram } from 'collapsar/report';
import { advise } from 'collapsar/verbs';
import type { JSX } from 'preact';
import { Drawn } from '../page/Drawn.js';
import { SaveButtons } from '../share/SaveButtons.js';
import { problem } from '../state/store.js';

export function PhasePanel(): JSX.Element {
  const all = useSignal(false);
  const diagram = useComputed(() =>
    problem.value.loss === 'mse'
      ? advise({ problem: problem.value, featureDecay: 'fixed', blas: portableBlas }).diagram
      : null,
  ).value;
  if (diagram === null)
    return (
      <p class="hint">
        Cross-entropy has no thresholds in closed form; <code>collapsar advise</code> bisects them.
      </p>
    );
  const shown = all.value
    ? diagram
    : { ...diagram, panels: diagram.panels.filter(({ depth }) => near(depth, diagram.depth)) };
  return (
    <div class="phase">
      <div class="scroll" tabIndex={0} role="region" aria-label="Phase diagram">
        <Drawn on={[diagram, all.value]} draw={(_, page) => phaseDiagram(shown, { document: page })} />
      </div>
      <div class="row">
        <button type="button" aria-pressed={all.value} onClick={() => (all.value = !all.value)}>
          {all.value ? 'Three depths only' : 'All nine depths'}
        </button>
        <SaveButtons name="phase-diagram" within=".phase" />
      </div>
    </div>
  );
}

/** Three neighbouring depths of the nine. */
function near(depth: number, own: number): boolean {
  return Math.abs(depth - Math.min(8, Math.max(2, own))) <= 1;
}
