/** What theory says: the frame, and class by class. */
import { formatNumber } from 'collapsar/report';
import type { ComponentChildren, JSX } from 'preact';
import { Explain } from '../parts/Explain.js';
import { ClassTable } from './ClassTable.js';
import { fateOf } from '../theory/fate.js';
import { predicted } from '../state/predicted.js';

/** `children`: the frame, drawn. */
export function PredictionPanel({ children }: { readonly children: ComponentChildren }): JSX.Element {
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
      {children}
      <ClassTable />
      <Explain topic="frame" />
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
