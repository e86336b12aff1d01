/** A run that this page saved as JSON: its records, the problem and the start beside them. */
import { checkState } from '../link/labState.js';
import { asObject, endOf, type ReadSummary } from './readSummary.js';

export interface SavedRun {
  /** As in records.jsonl. */
  readonly lines: string;
  readonly known: ReadSummary;
}

/** Null for any other JSON. */
export function readSaved(text: string): SavedRun | null {
  let saved;
  try {
    saved = asObject(JSON.parse(text));
  } catch {
    return null;
  }
  const records = saved?.records;
  if (saved === null || !Array.isArray(records) || asObject(saved.state) === null) return null;
  const { state, complaints } = checkState(saved.state);
  const whole = complaints.length === 0;
  // Of a replay beside another problem the file has the records, and not the problem that is theirs.
  const own = saved.replayOf === null || typeof saved.predictedObjective === 'number';
  const last = asObject(records.at(-1));
  return {
    lines: records.map((record) => JSON.stringify(record)).join('\n'),
    known: {
      problem:
        whole && own
          ? state.problem
          : {
              why: 'The file does not say which problem was trained, so the records are not compared with parts 1 and 2.',
            },
      training: whole && own && saved.retraces === true ? state.training : null,
      end: endOf({ verdict: saved.verdict, step: last?.step }),
      sure: true,
    },
  };
}
