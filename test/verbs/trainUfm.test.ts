/** `train`: what it writes and in which order, and two ways to the same end. */
import { describe, expect, it } from 'vitest';
import { portableBlas } from '../../src/core/portableBlas.js';
import { createProblem } from '../../src/model/index.js';
import { checkSpec, type TrainRecord, type UfmSpec } from '../../src/runs/index.js';
import { drawStart } from '../../src/ufm/index.js';
import { train, type TrainOptions } from '../../src/verbs/train/trainUfm.js';
import { memoryStore, type MemoryStore } from '../support/memoryStore.js';

function specOf(changes: Record<string, unknown> = {}): UfmSpec {
  const spec = checkSpec(
    {
      ...{ kind: 'ufm', counts: [6, 4, 2], depth: 2, width: 5, weightDecay: 5e-3, featureDecay: 5e-3 },
      ...{ steps: 40, measureEvery: 10, checkpointEvery: 20, ...changes },
    },
    'spec',
  );
  if (spec.kind !== 'ufm') throw new Error('a spec of the unconstrained-features model');
  return spec;
}

function optionsOf(
  spec: UfmSpec,
  store: MemoryStore | null,
  changes: Partial<TrainOptions> = {},
): TrainOptions {
  return {
    ...{ spec, store, mode: 'fresh', blas: portableBlas, madeBy: { version: '0', command: 'train' } },
    readStart: () => Promise.reject(new Error('it is drawn')),
    ...changes,
  };
}

const timeless = (records: readonly TrainRecord[]) => records.map((record) => ({ ...record, seconds: 0 }));

describe('what a training writes', () => {
  it('is its spec first, and every checkpoint after the records before it', async () => {
    const store = memoryStore();
    await train(optionsOf(specOf(), store));
    expect(store.writes).toEqual([
      'spec',
      'all records 0',
      'checkpoint',
      'records 0 10',
      'checkpoint',
      'records 20 30',
      'checkpoint',
      'records 40',
      'summary',
    ]);
  });

  it('is the same after 20 steps and 20 more as after 40', async () => {
    for (const optimizer of [{ name: 'sgd' }, { name: 'lbfgs' }]) {
      const [whole, parts] = [memoryStore(), memoryStore()];
      const document = await train(optionsOf(specOf({ optimizer }), whole));
      await train(optionsOf(specOf({ optimizer, steps: 20 }), parts));
      const longer = await train(optionsOf(specOf({ optimizer }), parts, { mode: 'resume' }));
      expect(timeless(parts.held.records)).toEqual(timeless(whole.held.records));
      expect(parts.held.checkpoint).toEqual(whole.held.checkpoint);
      expect(longer.objective).toBe(document.objective);
      expect(whole.held.records.map(({ step }) => step)).toEqual([0, 10, 20, 30, 40]);
    }
  });
});

describe('a checkpoint whose records were lost', () => {
  it('goes on with a note, to the same end', async () => {
    const [whole, store] = [memoryStore(), memoryStore()];
    await train(optionsOf(specOf({ steps: 60 }), whole));
    await train(optionsOf(specOf(), store));
    store.held.records.splice(1, 1);
    const notes: string[] = [];
    const host = { onNote: (note: string) => notes.push(note) };
    await train(optionsOf(specOf({ steps: 60 }), store, { mode: 'resume', host }));
    expect(notes).toEqual([
      'memory/records.jsonl holds 3 of the 4 records before step 40: the history of the others is lost, the state is not',
    ]);
    expect(store.held.checkpoint).toEqual(whole.held.checkpoint);
    expect(store.held.records.map(({ step }) => step)).toEqual([0, 20, 30, 40, 50, 60]);
  });

  it('says so where the checkpoint is lost, and ends as a fresh run does', async () => {
    const [whole, store] = [memoryStore(), memoryStore()];
    await train(optionsOf(specOf(), whole));
    await train(optionsOf(specOf(), store));
    store.held.checkpoint = null;
    const notes: string[] = [];
    const host = { onNote: (note: string) => notes.push(note) };
    await train(optionsOf(specOf(), store, { mode: 'resume', host }));
    expect(notes).toEqual(['memory holds no checkpoint: training begins anew, from step 0']);
    expect(store.held.checkpoint).toEqual(whole.held.checkpoint);
    expect(store.held.records.map(({ step }) => step)).toEqual([0, 10, 20, 30, 40]);
  });

  it('says nothing where none is missing', async () => {
    const store = memoryStore();
    await train(optionsOf(specOf(), store));
    const host = { onNote: (note: string) => expect.unreachable(note) };
    await train(optionsOf(specOf({ steps: 60 }), store, { mode: 'resume', host }));
  });
});

describe('a start of too many numbers', () => {
  it('is refused under cross-entropy from 2^27 on, before any is drawn', () => {
    const problem = (counts: number[]) =>
      createProblem({
        counts,
        depth: 1,
        widths: 2 ** 13,
        loss: 'ce',
        weightDecays: 1e-3,
        featureDecay: 1e-3,
      });
    expect(() => drawStart(problem([2 ** 13, 2 ** 13 + 1]), 0, 0, portableBlas)).toThrow(
      'counts: at most 134217728 numbers of features (N×d) where every sample is kept: cross-entropy, class weights, features of at least 0, got 134225920',
    );
  });
});

describe('every linear layer', () => {
  it.each(['none', 'free'])(
    'ends as theory has it, in records and summary, with a bias that is %s',
    async (bias) => {
      const store = memoryStore();
      const optimizer = { name: 'lbfgs', tolerance: 1e-11 };
      const decays = { weightDecay: 5e-4, featureDecay: 5e-4, init: { std: 0.5, seed: 0 } };
      const spec = specOf({
        ...decays,
        counts: [12, 6, 3, 3],
        depth: 3,
        width: 7,
        bias,
        optimizer,
        steps: 2000,
        measureEvery: 500,
      });
      const { layers = [], nc2 } = await train(optionsOf(spec, store));
      expect(layers.map(({ name, place }) => [name, place])).toEqual([
        ['features', 'features'],
        ['z1', 'head'],
        ['z2', 'head'],
        ['z3', 'head'],
      ]);
      expect(layers[0].nc2).toEqual(nc2);
      layers.forEach((layer, m) => {
        expect(layer.nc1.pinv).toBeLessThan(1e-12);
        expect(layer.nc2?.features.predicted).toBeLessThan(1e-6);
        expect(layer.nc2?.equinorm).toBeCloseTo(layer.predicted!.nc2.equinorm!, 6);
        if (m < 3)
          expect([layer.nc2!.weights.predicted! < 1e-6, layer.nc3!.predicted! < 1e-6]).toEqual([true, true]);
      });
      const last = store.held.records.at(-1)?.layers ?? [];
      expect(last).toEqual(layers.map((layer) => ({ ...layer, predicted: undefined })));
      expect(store.held.records[0].layers?.[2].nc2?.features.predicted).toBeGreaterThan(0.01);
    },
  );
});
