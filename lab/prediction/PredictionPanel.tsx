/** What theory says: the frame, the matrices, class by class, and the phase diagram. */
import { formatNumber } from 'collapsar/report';
import type { JSX } from 'preact';
import { Explain } from '../explain/Explain.js';
import { FramePanel } from '../frame/FramePanel.js';
import { ClassTable } from './ClassTable.js';
import { GramMaps } from './GramMaps.js';
import { PhasePanel } from './PhasePanel.js';
import { predicted } from './predicted.js';
import { regimeOf } from './regime.js';

export function PredictionPanel(): JSX.Element {
  const { facts, stale, progress, failure } = predicted.value;
  return (
    <section
      class={`panel${stale ? ' stale' : ''}`}
      aria-labelledby="prediction-title"
      id="prediction"
      aria-busy={stale && failure === null}
    >
      <h2 id="prediction-title">
        <span class="ordinal">2</span> Prediction
      </h2>
      <Summary />
      {stale && failure === null && (
        <p class="note" role="status">
          {facts === null ? '' : 'Below is the problem before. '}Cross-entropy is being solved: {progress} …
        </p>
      )}
      {failure !== null && (
        <p class="wrong" role="alert">
          {failure}
        </p>
      )}
      <FramePanel />
      <ClassTable />
      <Explain topic="frame" />
      <GramMaps />
      <Explain topic="gram" />
      <h3>Which classes live, at which decay</h3>
      <PhasePanel />
      <Explain topic="phase" />
    </section>
  );
}

function Summary(): JSX.Element {
  const { facts } = predicted.value;
  if (facts === null) return <p class="lead">No prediction yet.</p>;
  const looks = facts.classes.map(regimeOf);
  const dead = looks.filter(({ look }) => look === 'dead').length;
  const risk = looks.filter(({ look }) => look === 'risk').length;
  const K = looks.length;
  const fate =
    dead + risk === 0
      ? `All ${K} classes are alive.`
      : `${dead + risk} of ${K} classes ${dead + risk === 1 ? 'is' : 'are'} zero at the minimum${risk > 0 ? `, ${risk} of them metastable` : ''}.`;
  return (
    <div class="summary" role="status">
      <p class="lead">
        <b class="frame-name">{facts.frame}</b>, rank {facts.rank} of {K}. {fate}
      </p>
      <p class="quiet">
        {facts.optimality === 'global' ? 'Global minimum' : 'Best known value'} F* ={' '}
        <span class="objective">{formatNumber(facts.objective, 6)}</span>
        {facts.unique === false && '; one of several minimisers'}
      </p>
      {facts.note !== null && <p class="quiet">{facts.note}</p>}
    </div>
  );
}
