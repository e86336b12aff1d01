/** A training in PyTorch that the companion watched, as the lab replays it: its verdict and theory, or why there is none. */
import { readMonitoredReplay } from 'collapsar/runs';
import type { BesideRecords } from './besideRecords.js';

/** Null for any other text. */
export function readMonitored(text: string): BesideRecords | null {
  const replay = readMonitoredReplay(text);
  if (replay === null) return null;
  const { step, verdict, theory } = replay;
  return {
    problem: {
      why: `This is a training in PyTorch. ${theory} The lab’s own model has free features, so the prediction in Explore is of another problem.`,
    },
    training: null,
    end: verdict === null ? null : { step, ...verdict },
    sure: true,
  };
}

/** The files that the companion for PyTorch writes: their numbers lie in a folder beside them. */
const WRITTEN = new Set(['collapsar.json', 'epochs.jsonl']);

/** What is said where files of such a training were chosen one by one; null for others. */
export function complaintOfMonitored(files: readonly { readonly name: string }[]): string | null {
  const own = files.find(({ name }) => WRITTEN.has(name));
  return own === undefined
    ? null
    : `${own.name} belongs to a training that the companion for PyTorch watched, whose numbers lie in the folder beside it. The command “collapsar lab FOLDER” opens the whole folder here: measures over its epochs first, then what theory says for the loss and the decays that it holds.`;
}
