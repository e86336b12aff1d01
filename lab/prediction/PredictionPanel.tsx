/** What theory says, in words. */
import { formatNumber } from 'collapsar/report';
import type { JSX } from 'preact';
import { fateOf } from '../theory/fate.js';
import { predicted } from '../state/predicted.js';

export function PredictionPanel(): JSX.Element {
  const { facts, stale, progress, failure } = predicted.value;
  return (
    <section
      class={`panel${stale ? ' stale' : ''}`}
      aria-labelledby="prediction-title"
      id="prediction"
      aria-busy={stale && failure === null}
    >
      <h2 id="prediction-title" class="unseen">
        Prediction
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
    </section>
  );
}

function Summary(): JSX.Element {
  const { facts } = predicted.value;
  if (facts === null) return <p class="lead">No prediction yet.</p>;
  return (
    <div class="summary" role="status">
      <p class="lead">
        <b class="frame-name">{facts.frame}</b>, rank {facts.rank} of {facts.classes.length}.{' '}
        {fateOf(facts.classes)}
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
