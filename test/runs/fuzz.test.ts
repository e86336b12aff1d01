/** Damaged files of a run folder end in the library's own refusals and nothing else; a hundred thousand with COLLAPSAR_DEEP=1. */
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/core/errors.js';
import { portableBlas } from '../../src/core/portableBlas.js';
import { createRandom } from '../../src/core/random.js';
import { memorySource, openArrays } from '../../src/data/index.js';
import { createFigureDocument } from '../../src/report/document.node.js';
import { renderReport } from '../../src/report/index.js';
import {
  checkSpec,
  decodeCheckpoint,
  decodeNetworkCheckpoint,
  encodeNetworkCheckpoint,
  Misshapen,
  readRecords,
  readSummary,
  unlikeRecords,
} from '../../src/runs/index.js';
import { train } from '../../src/verbs/train/trainUfm.js';
import { networkRun, sampleRun } from '../report/sample.js';
import { memoryStore } from '../support/memoryStore.js';

const DEEP = process.env.COLLAPSAR_DEEP === '1';
/** Inputs of each of the five kinds. */
const INPUTS = DEEP ? 20_000 : 100;
/** So many of the documents that are taken are drawn too: a page costs a tenth of a second. */
const PAGES = DEEP ? 200 : 5;

const random = createRandom(7);
const below = (n: number) => Math.floor(random.uniform() * n);
const HOSTILE: readonly unknown[] = [
  ...[null, true, -1, 0.5, 1e308, 2 ** 53, '', 'x\u001b[31m', '\u202e', [], {}, [[1]], { a: {} }],
  ...['a'.repeat(3000), JSON.parse(`${'['.repeat(400)}${']'.repeat(400)}`) as unknown, '__proto__'],
];

/** A copy with one node, anywhere, replaced by something hostile, dropped, or doubled. */
function mutated(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || below(4) === 0) return HOSTILE[below(HOSTILE.length)];
  const copy = structuredClone(value) as Record<string, unknown>;
  const keys = Object.keys(copy);
  if (keys.length === 0) return HOSTILE[below(HOSTILE.length)];
  const key = keys[below(keys.length)];
  if (Array.isArray(copy) && below(4) === 0) copy.push(copy[Number(key)]);
  else if (below(6) === 0) Reflect.deleteProperty(copy, key);
  else copy[key] = mutated(copy[key]);
  return copy;
}

/** Bytes with a few of them changed, cut off, or put in. */
function damaged(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice(0, below(8) === 0 ? below(bytes.length) : bytes.length);
  for (let i = below(4); i >= 0 && copy.length > 0; i--) copy[below(copy.length)] ^= 1 << below(8);
  return copy;
}

/** `null` where the work is refused as it should be; anything else is thrown. */
async function refused<T>(work: () => T | Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Misshapen || error instanceof InputError) return null;
    throw error;
  }
}

const { records, summary } = sampleRun({ counts: [8, 4], steps: 30, every: 10 });
const network = networkRun();
const lines = (list: readonly unknown[]) => list.map((line) => JSON.stringify(line)).join('\n');

describe('damaged files of a run folder', () => {
  it('records and summaries are read or refused, and what is read can be drawn', async () => {
    let [taken, pages] = [0, 0];
    for (let i = 0; i < 2 * INPUTS; i++) {
      const run = i % 2 === 0 ? { records, summary } : network;
      const text = JSON.stringify(mutated(run.summary));
      const found = await refused(() =>
        readSummary(below(10) === 0 ? text.slice(0, below(text.length)) : text),
      );
      const list = [...run.records.slice(0, 4)] as unknown[];
      const at = below(list.length);
      list[at] = mutated(list[at]);
      const read = readRecords(lines(list));
      if (found === null) continue;
      taken++;
      if (pages++ >= PAGES || unlikeRecords(found, read.records) !== null) continue;
      renderReport({
        ...{ records: read.records, summary: found, predicted: null, spec: '', command: found.command },
        document: createFigureDocument(),
      });
    }
    expect(taken).toBeGreaterThan(INPUTS / 20);
  }, 600_000);

  it('checkpoints are refused wherever a bit flips, and those of before checksums where a run cannot be theirs', async () => {
    const spec = checkSpec(
      {
        ...{ kind: 'ufm', counts: [6, 4, 2], depth: 2, width: 3, weightDecay: 5e-3, featureDecay: 5e-3 },
        ...{ steps: 3, measureEvery: 10 },
      },
      'spec',
    );
    if (spec.kind !== 'ufm') throw new Error('a spec of the unconstrained-features model');
    const store = memoryStore();
    const options = { blas: portableBlas, madeBy: { version: '', command: '' }, spec, store };
    const readStart = () => Promise.reject(new Error('it is drawn'));
    await train({ ...options, mode: 'fresh', readStart });
    const whole = store.held.checkpoint ?? new Uint8Array();
    const checked = await decodeCheckpoint(await openArrays(memorySource('c', whole)));
    // A file that says nothing of a checksum, as older versions wrote it.
    const text = Buffer.from(whole).toString('latin1');
    const older = Uint8Array.from(
      Buffer.from(
        text.replace(/"checksum":"\w+",/, (part) => ' '.repeat(part.length)),
        'latin1',
      ),
    );
    for (let i = 0; i < INPUTS; i++) {
      const bytes = damaged(i % 2 === 0 ? whole : older);
      const found = await refused(async () => decodeCheckpoint(await openArrays(memorySource('c', bytes))));
      // What passes has the same numbers: only the word of the checksum itself may have been hit.
      if (i % 2 === 0 && found !== null) expect(found.arrays).toEqual(checked.arrays);
      if (found === null) continue;
      store.held.checkpoint = bytes;
      await refused(() => train({ ...options, mode: 'resume', readStart }));
    }
  }, 600_000);

  it('checkpoints of networks the same', async () => {
    const state = { generator: [1, 2, 3, 4], spare: null };
    const arrays = new Map([
      ['W1', Float32Array.of(1, 2, 3, 4)],
      ['velocity:W1', Float32Array.of(0, 1, 0, 1)],
    ]);
    const bytes = encodeNetworkCheckpoint({
      progress: {
        ...{ epoch: 1, stepInEpoch: 0, step: 4, shuffle: state, augmentation: state },
        ...{ lossSum: 0, correct: 0, seen: 0, ceiling: 1e4 },
      },
      ...{ seconds: 1, epochLoss: 0.5, blas: { name: 'portable', threads: 1 }, data: 'a', arrays },
    });
    for (let i = 0; i < 2 * INPUTS; i++) {
      const hit = damaged(bytes);
      const found = await refused(async () =>
        decodeNetworkCheckpoint(await openArrays(memorySource('c', hit))),
      );
      if (found !== null) expect(found.arrays).toEqual(arrays);
    }
  }, 600_000);
});
