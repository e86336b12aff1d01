/** A run that this page saved as JSON: its records, the problem and the start beside them. */
import { Misshapen, parseJson } from 'collapsar/runs';
import { checkState } from '../link/checkState.js';
import type { BesideRecords } from './besideRecords.js';

type Fields = Readonly<Record<string, unknown>>;

export interface SavedRun {
  /** As in records.jsonl. */
  readonly lines: string;
  readonly known: BesideRecords;
}

/** Of a sentence. */
const LONGEST = 1200;

/** Null for any other JSON. */
export function readSaved(text: string): SavedRun | null {
  let saved;
  try {
    saved = asObject(parseJson(text));
  } catch (error) {
    if (error instanceof Misshapen) return null;
    throw error;
  }
  const records = saved?.records;
  if (saved === null || !Array.isArray(records) || asObject(saved.state) === null) return null;
  const { state, complaints } = checkState(saved.state);
  const whole = complaints.length === 0;
  // Of a replay beside another problem the file has the records, and not the problem that is theirs.
  const own = saved.replayOf === null || typeof saved.predictedObjective === 'number';
  return {
    lines: records.map((record) => JSON.stringify(record)).join('\n'),
    known: {
      problem:
        whole && own
          ? state.problem
          : {
              why: 'The file does not say which problem was trained, so the records are not compared with theory.',
            },
      training: whole && own && saved.retraces === true ? state.training : null,
      end: endOf(asObject(saved.verdict), asObject(records.at(-1))?.step),
      sure: true,
    },
  };
}

function endOf(verdict: Fields | null, step: unknown): BesideRecords['end'] {
  if (typeof verdict?.sentence !== 'string' || typeof step !== 'number') return null;
  const { sentence, held } = verdict;
  return { step, sentence: sentence.slice(0, LONGEST), held: typeof held === 'boolean' ? held : null };
}

function asObject(value: unknown): Fields | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;
}
