/**
 * What a training writes while it runs: records, then the checkpoint that comes after them. In this order, each on the disk
 * before the next is begun, a checkpoint is never ahead of its records, whenever the machine stops.
 */
import type { RunStore, TrainRecord } from '../../runs/index.js';

export interface RecorderOptions {
  /** Null keeps nothing. */
  readonly store: RunStore | null;
  readonly clock: () => number;
  /** Steps done, by which a checkpoint is known to be written already; -1 for none. */
  readonly saved: number;
  readonly step: () => number;
  /** The state as a checkpoint; null where it is not worth keeping: the run has diverged. */
  readonly encode: () => Uint8Array | null | Promise<Uint8Array | null>;
}

/** `M`: a measurement with its record. */
export interface Recorder<M extends { readonly record: TrainRecord }> {
  /** Keeps a measurement; its record is written with the next `write` or `save`. */
  record(measured: M): void;
  /** The last measurement, and the one before. */
  readonly last: M | null;
  readonly previous: M | null;
  /** Writes the records that are not written yet. */
  write(): Promise<void>;
  /** Writes records and checkpoint; false where the state is not worth keeping. `keepAs`: an epoch of a series too. */
  save(keepAs?: number): Promise<boolean>;
  /** Milliseconds since the last checkpoint. */
  age(): number;
}

export function createRecorder<M extends { readonly record: TrainRecord }>(
  options: RecorderOptions,
): Recorder<M> {
  const { store, clock } = options;
  let [last, previous]: [M | null, M | null] = [null, null];
  let pending: TrainRecord[] = [];
  let [saved, savedAt] = [options.saved, clock()];
  const write = async () => {
    if (pending.length > 0) await store?.appendRecords(pending);
    pending = [];
  };
  return {
    get last() {
      return last;
    },
    get previous() {
      return previous;
    },
    record(measured) {
      [last, previous] = [measured, last];
      pending.push(measured.record);
    },
    write,
    async save(keepAs) {
      await write();
      savedAt = clock();
      if (store?.waits?.() === true) return true;
      const step = options.step();
      if (store === null || (saved === step && keepAs === undefined)) return true;
      const bytes = await options.encode();
      if (bytes === null) return false;
      if (saved !== step) await store.writeCheckpoint(bytes);
      if (keepAs !== undefined) await store.keepCheckpoint(keepAs, bytes);
      saved = step;
      return true;
    },
    age: () => clock() - savedAt,
  };
}
