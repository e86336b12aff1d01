/** The measures of every record of a training in PyTorch, training and test samples side by side. */
import { formatCount, formatNumber } from 'collapsar/report';
import type { TrainRecord } from 'collapsar/runs';
import type { JSX } from 'preact';
import { shown } from '../state/history.js';
import { records } from '../state/session.js';

export function EpochTable(): JSX.Element {
  const at = shown.value?.record ?? null;
  return (
    <div class="scroll tall" tabIndex={0} role="region" aria-label="Measures of each epoch">
      <table>
        <thead>
          <tr>
            <th>epoch</th>
            <th>accuracy</th>
            <th>of test samples</th>
            <th>NC1</th>
            <th>NC2, equal angles</th>
            <th>NC3</th>
            <th>NC4</th>
          </tr>
        </thead>
        <tbody>
          {records.value.map((record) => (
            <tr key={record.step} {...(record === at ? { 'aria-current': 'true' as const } : {})}>
              <Cells record={record} />
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cells({ record }: { readonly record: TrainRecord }): JSX.Element {
  const { step, accuracy, nc1, nc2, nc3, nc4, network } = record;
  return (
    <>
      <th scope="row">{formatCount(step)}</th>
      <td>{percent(accuracy)}</td>
      <td>{percent(network?.testAccuracy ?? null)}</td>
      <td>{formatNumber(nc1.pinv)}</td>
      <td>{formatNumber(nc2.equiangular)}</td>
      <td>{formatNumber(nc3.duality)}</td>
      <td>{percent(nc4)}</td>
    </>
  );
}

function percent(share: number | null): string {
  return share === null ? '–' : `${(100 * share).toFixed(2)} %`;
}
