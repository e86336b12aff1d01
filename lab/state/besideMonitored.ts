/** A training in PyTorch that the companion watched, as the lab replays it: its verdict and theory, or why there is none. */
import { readMonitoredReplay } from 'collapsar/runs';
import type { BesideRecords } from './besideRecords.js';

/** Null for any other text. */
export function readMonitored(text: string): BesideRecords | null {
  const monitored = readMonitoredReplay(text);
  if (monitored === null) return null;
  const { step, verdict } = monitored;
  return {
    problem: {
      why: 'This is a training in PyTorch: theory for it stands below, and the lab’s own model, of free features, is another problem.',
    },
    training: null,
    end: verdict === null ? null : { step, ...verdict },
    sure: true,
    monitored,
  };
}
