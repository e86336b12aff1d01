/**
 * Whether a monitored training had ended at its last record, as its folder says or the user: what only an end can tell (a class that
 * is lost, that theory fails) is said of no other.
 */
import type { MonitorStore } from '../../../runs/index.js';

export interface Standing {
  /** Null where the folder is of a version that does not say. */
  readonly ended: boolean | null;
  /** Whether the last record is judged as an end. */
  readonly settled: boolean;
  /** What is to be said of it; null of one that has ended with its last record. */
  readonly sentence: string | null;
}

/** Of this version on folders say that training has ended. */
const SAYS_SO = 2;

/** `said`: what the user says, or who watches it train; `measured`: the last epoch that was. */
export function standingOf(
  { manifest, end }: Pick<MonitorStore, 'manifest' | 'end'>,
  measured: number,
  said: boolean | undefined,
): Standing {
  if (said === true) return { ended: true, settled: true, sentence: missedEnd(end?.epoch ?? null, measured) };
  if (end === null && said === undefined && manifest.version < SAYS_SO)
    return {
      ended: null,
      settled: true,
      sentence: `its folder, of version ${manifest.version}, does not say whether training had ended: it is judged as one that has`,
    };
  if (end === null)
    return {
      ended: false,
      settled: false,
      sentence:
        said === false
          ? null
          : 'this training had not ended at its last record: it goes on, or was killed, or a notebook did not say so (Monitor(…, epochs=…) or monitor.end())',
    };
  if (end.why === 'exception')
    return {
      ended: false,
      settled: false,
      sentence: `this training had not ended: it was stopped by an exception after epoch ${end.epoch}`,
    };
  const sentence = missedEnd(end.epoch, measured);
  return { ended: true, settled: sentence === null, sentence };
}

function missedEnd(last: number | null, measured: number): string | null {
  return last === null || last <= measured
    ? null
    : `this training had not ended at its last record, of epoch ${measured}: it went on to epoch ${last}, and Monitor(…, epochs=${last + 1}) would have measured that`;
}
