/** What is replayed: the file, how much of it, how the run ended, and whether it is compared with the prediction shown. */
import { formatCount, formatNumber } from 'collapsar/report';
import type { JSX } from 'preact';
import { predicted } from '../state/predicted.js';
import { changeProblem, changeTraining, leap, state } from '../state/store.js';
import type { ReplaySource } from '../state/replaySource.js';
import { comparable, measuredClasses, records, source } from '../state/session.js';
import { clear } from '../state/training.js';

export function ReplayNotice(): JSX.Element | null {
  const from = source.value;
  if (from === null) return null;
  const all = records.value;
  const network = all.every((record) => record.network !== undefined);
  const [first, last] = [all[0], all[all.length - 1]];
  const range =
    all.length === 1
      ? `step ${formatCount(first.step)}`
      : `steps ${formatCount(first.step)} to ${formatCount(last.step)}`;
  const epochs = `, epochs ${formatCount(first.network?.epoch)} to ${formatCount(last.network?.epoch)}`;
  const count =
    from.lines === all.length
      ? formatCount(all.length)
      : `${formatCount(all.length)} of ${formatCount(from.lines)}`;
  return (
    <div class="note" id="replay" role="status">
      {from.monitored === null ? (
        <p>
          <b>Records from a file:</b> {from.name}, {count} {from.lines === 1 ? 'record' : 'records'}, {range}
          {network && epochs}. They hold norms and measures, no directions: the picture and the matrices in
          Explore are predicted ones. <Retrace from={from} />
        </p>
      ) : (
        <p>
          <b>Measured here:</b> {from.name.replace(/\.jsonl$/, '')}, {formatCount(all.length)}{' '}
          {all.length === 1 ? 'epoch' : 'epochs'} from {formatCount(first.step)} to {formatCount(last.step)}.
        </p>
      )}
      {from.notes.map((note) => (
        <p key={note}>{note}</p>
      ))}
      <Comparison from={from} />
      <div class="row">
        <button type="button" onClick={() => clear()}>
          Close the replay
        </button>
      </div>
    </div>
  );
}

/** What a training here would be. */
function Retrace({ from }: { readonly from: ReplaySource }): JSX.Element {
  const same =
    comparable.value &&
    from.training !== null &&
    JSON.stringify(from.training) === JSON.stringify(state.value.training);
  return same ? (
    <>
      Seed, start, rate and momentum are the run’s: Train retraces it here, with the directions, and leaves
      the records.
    </>
  ) : (
    <>A training here begins anew and leaves them.</>
  );
}

function Comparison({ from }: { readonly from: ReplaySource }): JSX.Element | null {
  const { problem } = from;
  if ('why' in problem) return <p class="apart">{problem.why}</p>;
  if (comparable.value) return null;
  if (predicted.value.stale)
    return <p class="apart">They are compared with the prediction as soon as it is solved.</p>;
  return (
    <p class="apart">
      The problem in Explore is no longer theirs, so they are not compared with its prediction.{' '}
      <button
        type="button"
        onClick={() =>
          leap(() => {
            changeProblem(problem);
            if (from.training !== null) changeTraining(from.training);
          })
        }
      >
        Back to their problem
      </button>
    </p>
  );
}

/** Class by class, where the prediction is of another problem. */
export function RecordedClasses(): JSX.Element | null {
  const classes = measuredClasses.value;
  if (comparable.value || classes === null) return null;
  return (
    <div class="scroll recorded" tabIndex={0} role="region" aria-label="Classes of the records">
      <table>
        <thead>
          <tr>
            <th class="text">class</th>
            <th>‖p‖ measured</th>
            <th>‖h̄‖ measured</th>
            <th>fit measured</th>
          </tr>
        </thead>
        <tbody>
          {classes.map(({ weightNorm, featureNorm, fit }, k) => (
            <tr key={k}>
              <th scope="row" class="text">
                {k}
              </th>
              <td>{formatNumber(weightNorm)}</td>
              <td>{formatNumber(featureNorm)}</td>
              <td>{formatNumber(fit)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
