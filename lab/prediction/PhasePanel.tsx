/**
 * At which decay classes die: the report's phase diagram with the reader's classes on it (the chosen depth and its neighbours,
 * all nine on request), or under cross-entropy, which has no formula, what bisection finds.
 */
import { useComputed, useSignal } from '@preact/signals';
import { portableBlas } from 'collapsar/core';
import { variationsOf } from 'collapsar/model';
import { formatCount, formatNumber } from 'collapsar/report';
import { advisedDiagram } from 'collapsar/verbs';
import type { AdviseDocument } from 'collapsar/verbs';
import type { JSX } from 'preact';
import { Explain } from '../parts/Explain.js';
import { Drawn } from '../parts/Drawn.js';
import { SaveButtons } from '../parts/SaveButtons.js';
import { PhaseControl } from './PhaseControl.js';
import { problem } from '../state/store.js';
import { canBisect, ceLimits, findCeLimits, stopCeLimits } from '../state/ceLimits.js';

export function PhasePanel(): JSX.Element {
  return (
    <section id="phase" aria-labelledby="phase-title">
      <h2 id="phase-title">Which classes live, at which decay</h2>
      {problem.value.loss === 'mse' ? <Diagram /> : <Bisection />}
      <Explain topic="phase" />
    </section>
  );
}

function Diagram(): JSX.Element | null {
  const all = useSignal(false);
  const diagram = useComputed(() =>
    variationsOf(problem.value).length > 0
      ? null
      : advisedDiagram({ problem: problem.value, featureDecay: 'fixed', blas: portableBlas }),
  ).value;
  if (diagram === null)
    return (
      <div class="phase">
        <PhaseControl />
        <p class="hint">
          Drag a class sideways and the decay changes. Class weights change what a class’s samples are worth:
          the height is n·w<sup>1+1/M</sup>, which decides who lives.
        </p>
      </div>
    );
  const drawn = all.value
    ? diagram
    : { ...diagram, panels: diagram.panels.filter(({ depth }) => near(depth, diagram.depth)) };
  return (
    <div class="phase">
      <PhaseControl />
      <p class="hint">Drag a class: sideways the decay changes, up and down its size.</p>
      <div class="scroll" tabIndex={0} role="region" aria-label="Phase diagram">
        <Drawn
          on={[diagram, all.value]}
          draw={({ phaseDiagram }, page) => phaseDiagram(drawn, { document: page, colors: 'page' })}
        />
      </div>
      {diagram.sizeMeans === 'targetSquare' && (
        <p class="hint">
          With a free bias and unequal classes the directions of the targets mix classes: the height is τ²,
          the strength of the direction that sets a class apart.
        </p>
      )}
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
function near(depth: number, centre: number): boolean {
  return Math.abs(depth - Math.min(8, Math.max(2, centre))) <= 1;
}

function Bisection(): JSX.Element {
  const limits = ceLimits.value;
  if (!canBisect(problem.value))
    return (
      <p class="hint">
        Cross-entropy has no thresholds in closed form. With one layer that is at least K − 1 wide they can be
        bisected; of deeper or narrower heads no prediction is proved to be the global minimum, so no limit
        would be certain.
      </p>
    );
  switch (limits.kind) {
    case 'none':
      return (
        <>
          <p class="hint">
            Cross-entropy has no formula for this, but one layer makes the problem convex: each class can be
            followed to the decay at which it is lost. A few classes take seconds, ten a minute or more. The
            mark on the slider, from which every class is lost, is closed.
          </p>
          <button type="button" onClick={findCeLimits}>
            Find the limits by bisection
          </button>
        </>
      );
    case 'running':
      return (
        <div class="row">
          <span role="status">Bisecting {limits.progress} …</span>
          <button type="button" onClick={stopCeLimits}>
            Stop
          </button>
        </div>
      );
    case 'failed':
      return (
        <p class="wrong" role="alert">
          {limits.message}
        </p>
      );
    case 'done':
      return <Limits document={limits.document} />;
    default:
      return limits satisfies never;
  }
}

function Limits({ document: { classes, recommendation, notes } }: { readonly document: AdviseDocument }) {
  return (
    <>
      <p>{recommendation}</p>
      <div class="scroll" tabIndex={0} role="region" aria-label="Limits by class">
        <table class="ce-limits">
          <thead>
            <tr>
              <th class="text">class</th>
              <th>n</th>
              <th>
                told apart below λ<sub>W</sub>
              </th>
            </tr>
          </thead>
          <tbody>
            {classes.map(({ count, maxWeightDecay }, k) => (
              <tr key={k}>
                <th scope="row" class="text">
                  {k}
                </th>
                <td>{formatCount(count)}</td>
                <td class="limit">{formatNumber(maxWeightDecay)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {notes.map((note) => (
        <p key={note} class="hint">
          {note}
        </p>
      ))}
    </>
  );
}
