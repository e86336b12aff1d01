/** Where the time of `measure` goes: reading, first pass, second pass and what follows, by phase and by kind of call. */
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { measureFeatures } from 'collapsar/metrics';
import { chooseBlas, openArrayFile } from 'collapsar/node';
import { openFeatureFile } from 'collapsar/verbs';
import { timedBlas } from '../instrument.js';
import { peakMebibytes } from '../peak.js';

/** @param {{file: string}} options */
export async function measureProfile({ file: path }) {
  const timed = timedBlas(chooseBlas(process.env.COLLAPSAR_BLAS));
  const begin = performance.now();
  const since = (/** @type {number} */ from) => (performance.now() - from) / 1000;
  const file = await openArrayFile(path);
  const opened = await openFeatureFile(file, {});
  const opening = since(begin);
  const passes = /** @type {{reading: number, work: number}[]} */ ([]);
  let end = performance.now();
  const batches = {
    ...opened.batches,
    async *batches() {
      const pass = { reading: 0, work: 0 };
      passes.push(pass);
      timed.setPhase(`pass${passes.length}`);
      let mark = performance.now();
      for await (const batch of opened.batches.batches()) {
        pass.reading += since(mark);
        mark = performance.now();
        yield batch;
        pass.work += since(mark);
        mark = performance.now();
      }
      end = performance.now();
      timed.setPhase(passes.length === 1 ? 'between' : 'after');
    },
  };
  const { measurement } = await measureFeatures(batches, { blas: timed.blas, classes: opened.counts.length });
  const after = since(end);
  await file.close();
  const { samples, dimension, kind } = opened.batches;
  return {
    seconds: since(begin),
    opening,
    passes,
    after,
    calls: timed.phases,
    bytes: samples * dimension * (kind === 'float32' ? 4 : 8),
    samples,
    dimension,
    classes: opened.counts.length,
    nc1: measurement.nc1,
    peakMebibytes: peakMebibytes(),
  };
}
