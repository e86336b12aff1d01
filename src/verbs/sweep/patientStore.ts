/**
 * A run's store that waits before it becomes a folder. Most points of a sweep are over in less time than a handful of synced
 * files takes: what they write stays in memory, without a checkpoint, and a kill costs those few seconds, which are run again to
 * the same numbers. A point that takes longer becomes a run folder with all it has written so far, and is from then on as safe
 * as any run.
 */
import type { RunStore, RunSummary, TrainRecord } from '../../runs/index.js';

export interface PatientStoreOptions {
  readonly location: string;
  /** The folder, opened when it is needed. */
  readonly open: () => RunStore;
  /** The text of the run's spec. */
  readonly spec: () => string;
  readonly clock: () => number;
  /** Milliseconds until it becomes a folder; 0 for at once. */
  readonly wait: number;
}

/** A store for a run that begins. */
export function patientStore({ location, open, spec, clock, wait }: PatientStoreOptions): RunStore {
  const began = clock();
  let folder: RunStore | null = null;
  let records: TrainRecord[] = [];
  let summary: RunSummary | null = null;
  const waits = () => folder === null && clock() - began < wait;

  /** The folder, with all that came before. */
  const opened = async (): Promise<RunStore> => {
    if (folder !== null) return folder;
    const store = open();
    await store.writeSpec(spec());
    await store.writeRecords(records);
    if (summary !== null) await store.writeSummary(summary);
    records = [];
    return (folder = store);
  };

  return {
    location,
    waits,
    async writeSpec() {
      await opened();
    },
    readSpec: () => Promise.resolve(folder === null ? null : spec()),
    readRecords: () => (folder === null ? Promise.resolve(records) : folder.readRecords()),
    async writeRecords(all) {
      if (waits()) records = [...all];
      else await (await opened()).writeRecords(all);
    },
    async appendRecords(more) {
      if (waits()) records.push(...more);
      else await (await opened()).appendRecords(more);
    },
    async writeCheckpoint(bytes) {
      await (await opened()).writeCheckpoint(bytes);
    },
    openCheckpoint: () => (folder === null ? Promise.resolve(null) : folder.openCheckpoint()),
    async keepCheckpoint(epoch, bytes) {
      await (await opened()).keepCheckpoint(epoch, bytes);
    },
    keptEpochs: () => (folder === null ? Promise.resolve([]) : folder.keptEpochs()),
    async openKept(epoch) {
      return (await opened()).openKept(epoch);
    },
    async writeSummary(made) {
      if (waits()) summary = made;
      else await (await opened()).writeSummary(made);
    },
    readSummary: () => (folder === null ? Promise.resolve(summary) : folder.readSummary()),
    async writeReport(html) {
      await (await opened()).writeReport(html);
    },
  };
}
