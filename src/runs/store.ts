/**
 * Where a run keeps its files. In Node a folder (`runFolder.node.ts`); elsewhere whatever the caller provides.
 */
import type { ArrayFile } from '../data/index.js';
import type { RunSummary, TrainRecord } from './records.js';

export interface RunStore {
  /** How people find it again: a path. */
  readonly location: string;
  /** True while it keeps spec and checkpoints for itself, so that nobody needs to encode them; never, where it is left out. */
  readonly waits?: () => boolean;
  writeSpec(yaml: string): Promise<void>;
  readSpec(): Promise<string | null>;
  /** Whole records only: a last line that was cut off is not one. */
  readRecords(): Promise<TrainRecord[]>;
  /** Replaces all records. */
  writeRecords(records: readonly TrainRecord[]): Promise<void>;
  appendRecords(records: readonly TrainRecord[]): Promise<void>;
  /** Written whole or not at all. */
  writeCheckpoint(bytes: Uint8Array): Promise<void>;
  /** Open file of the last checkpoint; null when there is none. */
  openCheckpoint(): Promise<ArrayFile | null>;
  /** Keeps a checkpoint of an epoch beside the last one. */
  keepCheckpoint(epoch: number, bytes: Uint8Array): Promise<void>;
  /** The epochs of which checkpoints were kept, ascending; and one of them, opened. */
  keptEpochs(): Promise<number[]>;
  openKept(epoch: number): Promise<ArrayFile>;
  writeSummary(summary: RunSummary): Promise<void>;
  readSummary(): Promise<RunSummary | null>;
  writeReport(html: string): Promise<void>;
}
