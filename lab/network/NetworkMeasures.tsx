/** What can be said of a file without knowing how it was trained. */
import { formatCount } from 'collapsar/report';
import type { JSX } from 'preact';
import type { Result } from '../state/measuring.js';
import { MeasureTable } from './MeasureTables.js';

export function NetworkMeasures({
  result: { document: measured },
}: {
  readonly result: Result;
}): JSX.Element {
  const { depth } = measured;
  return (
    <div class="network-measures">
      <h2>How collapsed it is</h2>
      <p>
        <b>{measured.file}</b>: {formatCount(measured.samples)} samples in {measured.counts.length} classes,{' '}
        {formatCount(measured.dimension)} numbers in each feature,{' '}
        {depth === null ? 'no head' : `a head of ${depth} linear layer${depth === 1 ? '' : 's'}`}.
      </p>
      {measured.notes.map((note) => (
        <p key={note} class="hint">
          {note}
        </p>
      ))}
      <MeasureTable document={measured} />
    </div>
  );
}
