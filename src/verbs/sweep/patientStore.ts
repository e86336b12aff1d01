/**
 * A run's store that waits before it becomes a folder. Most points of a sweep are over in less time than a handful of synced
 * files takes: what they write stays in memory, and a kill costs those few seconds, which are run again to the same numbers.
 * A point that takes longer becomes a run folder with all it has written so far, and is from then on as safe as any run.
 */
import { openArrays, memorySource, type ArrayFile } from '../../data/index.js';
import type { RunStore, RunSummary, TrainRecord } from '../../runs/index.js';

export interface PatientStore extends RunStore {
  /** Becomes a folder now, where it is none yet. */
  keep(): Promise<void>;
}

export interface PatientStoreOptions {
  readonly location: string;
  /** The folder, opened when it is needed. */
  readonly open: () => RunStore;
  readonly clock: () => number;
  /** Milliseconds until it becomes a folder; 0 for at once. */
  readonly wait: number;
}

export function patientStore({ location, open, clock, wait }: PatientStoreOptions): PatientStore {
  const began = clock();
  let folder: RunStore | null = null;
  let spec: string | null = null;
  let records: TrainRecord[] = [];
  let checkpoint: Uint8Array | null = null;
  let summary: RunSummary | null = null;

  const keep = async () => {
    if (folder !== null) return;
    const store = open();
    if (spec !== null) await store.writeSpec(spec);
    await store.writeRecords(records);
    if (checkpoint !== null) await store.writeCheckpoint(checkpoint);
    if (summary !== null) await store.writeSummary(summary);
    folder = store;
    [records, checkpoint] = [[], null];
  };
  /** In memory while it is early, else into the folder, which then holds what came before. */
  const write = async (hold: () => void, pass: (store: RunStore) => Promise<void>) => {
    if (folder === null && clock() - began < wait) {
      hold();
      return;
    }
    await keep();
    await pass(folder ?? open());
  };
  const pass = () => folder ?? open();

  return {
    location,
    keep,
    writeSpec: (yaml) =>
      write(
        () => (spec = yaml),
        (store) => store.writeSpec(yaml),
      ),
    readSpec: () => (folder === null ? Promise.resolve(spec) : folder.readSpec()),
    readRecords: () => (folder === null ? Promise.resolve(records) : folder.readRecords()),
    writeRecords: (all) =>
      write(
        () => (records = [...all]),
        (store) => store.writeRecords(all),
      ),
    appendRecords: (more) =>
      write(
        () => records.push(...more),
        (store) => store.appendRecords(more),
      ),
    writeCheckpoint: (bytes) =>
      write(
        () => (checkpoint = bytes),
        (store) => store.writeCheckpoint(bytes),
      ),
    async openCheckpoint(): Promise<ArrayFile | null> {
      if (folder !== null) return folder.openCheckpoint();
      return checkpoint === null ? null : openArrays(memorySource('checkpoint', checkpoint));
    },
    async keepCheckpoint(epoch, bytes) {
      await keep();
      await pass().keepCheckpoint(epoch, bytes);
    },
    keptEpochs: () => (folder === null ? Promise.resolve([]) : folder.keptEpochs()),
    openKept: (epoch) => pass().openKept(epoch),
    writeSummary: (made) =>
      write(
        () => (summary = made),
        (store) => store.writeSummary(made),
      ),
    readSummary: () => (folder === null ? Promise.resolve(summary) : folder.readSummary()),
    async writeReport(html) {
      await keep();
      await pass().writeReport(html);
    },
  };
}
