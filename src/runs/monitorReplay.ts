/**
 * What stands beside the records of a monitored training where they are replayed: what it was held against at its last epoch and what
 * came of it, or why it was held against nothing.
 */
import {
  fields,
  flag,
  list,
  Misshapen,
  oneOf,
  orNull,
  parseJson,
  text,
  whole,
  type Shape,
} from './jsonShape.js';
import { manifestShape, type MonitorManifest } from './monitorText.js';

export const REPLAY_FORMAT = 'collapsar monitored replay';

export interface MonitoredReplay {
  readonly format: typeof REPLAY_FORMAT;
  /** Of the last record. */
  readonly step: number;
  readonly verdict: { readonly held: boolean | null; readonly sentence: string } | null;
  /** Loss and decays as they were captured. */
  readonly network: MonitorManifest;
  /** Loss, decays and bias of theory, or why there is none: a sentence. */
  readonly theory: string;
  /** What else is to be said, in sentences. */
  readonly notes: readonly string[];
}

const shape: Shape<MonitoredReplay> = fields({
  format: oneOf<typeof REPLAY_FORMAT>([REPLAY_FORMAT]),
  step: whole,
  verdict: orNull(fields({ held: orNull(flag), sentence: text })),
  network: manifestShape,
  theory: text,
  notes: list(text),
});

/** Null for any other text. */
export function readMonitoredReplay(content: string): MonitoredReplay | null {
  try {
    return shape(parseJson(content), '');
  } catch (error) {
    if (error instanceof Misshapen) return null;
    throw error;
  }
}
