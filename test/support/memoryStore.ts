/** A run's store in memory, which also keeps the order of its writes. */
import { memorySource, openArrays, type ArrayFile } from '../../src/data/index.js';
import type { RunStore, RunSummary, TrainRecord } from '../../src/runs/index.js';

export interface MemoryStore extends RunStore {
  /** What was written, in order: `records 3`, `checkpoint`, `summary`. */
  readonly writes: string[];
  readonly held: {
    spec: string | null;
    records: TrainRecord[];
    checkpoint: Uint8Array | null;
    summary: RunSummary | null;
  };
}

export function memoryStore(): MemoryStore {
  const writes: string[] = [];
  const held: MemoryStore['held'] = { spec: null, records: [], checkpoint: null, summary: null };
  const kept = new Map<number, Uint8Array>();
  const write = (what: string, then: () => void) => {
    writes.push(what);
    then();
    return Promise.resolve();
  };
  const open = (bytes: Uint8Array): Promise<ArrayFile> => openArrays(memorySource('checkpoint', bytes));
  return {
    location: 'memory',
    writes,
    held,
    writeSpec: (yaml) => write('spec', () => (held.spec = yaml)),
    readSpec: () => Promise.resolve(held.spec),
    readRecords: () => Promise.resolve(held.records),
    writeRecords: (records) => write(`all records ${records.length}`, () => (held.records = [...records])),
    appendRecords: (records) =>
      write(`records ${records.map(({ step }) => step).join(' ')}`, () => held.records.push(...records)),
    writeCheckpoint: (bytes) => write('checkpoint', () => (held.checkpoint = bytes.slice())),
    openCheckpoint: () => (held.checkpoint === null ? Promise.resolve(null) : open(held.checkpoint)),
    keepCheckpoint: (epoch, bytes) => write(`checkpoint ${epoch}`, () => kept.set(epoch, bytes.slice())),
    keptEpochs: () => Promise.resolve([...kept.keys()]),
    openKept: (epoch) => open(kept.get(epoch) ?? new Uint8Array()),
    writeSummary: (summary) => write('summary', () => (held.summary = summary)),
    readSummary: () => Promise.resolve(held.summary),
    writeReport: () => write('report', () => undefined),
  };
}
