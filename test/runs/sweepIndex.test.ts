/** Where results lie, followed while logs grow. */
import { appendFileSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createLog } from '../../src/runs/sweepFolder.node.js';
import { indexSweep, type SweepIndex } from '../../src/runs/sweepIndex.node.js';
import { failedResult } from '../../src/verbs/sweep/result.js';
import { temporaryFolder } from '../support/cli.js';

const [SOURCE, POINTS] = ['steps: 0\n', 6];
const failing = (point: number, why: string) => failedResult(point, why, 0);
const done = (point: number, why: string) => ({ ...failing(point, why), status: 'measured' as const });

async function whatStands(index: SweepIndex): Promise<string[]> {
  const words: string[] = [];
  for await (const { point, status, failure } of index.results()) words.push(`${point} ${status} ${failure}`);
  return words;
}

async function opened(folder: string, name: string) {
  const log = await createLog(folder, name, SOURCE);
  if (log === null) throw new Error('the log is there already');
  return log;
}

describe('the index of a sweep', () => {
  it('that follows logs is that of all read anew, whichever grew first', async () => {
    const folder = temporaryFolder();
    const late = await opened(folder, 'b');
    late.append(failing(0, 'b'));
    late.append(done(1, 'b'));
    const index = await indexSweep(folder, SOURCE, POINTS);
    expect(await whatStands(index)).toEqual(['0 failed b', '1 measured b']);
    const early = await opened(folder, 'a');
    early.append(failing(0, 'a'));
    early.append(done(1, 'a'));
    early.append(failing(2, 'a'));
    late.append(done(2, 'b'));
    late.append(failing(1, 'b again'));
    early.append(done(3, 'a'));
    early.append(done(3, 'a again'));
    await index.update();
    const again = await indexSweep(folder, SOURCE, POINTS);
    expect(await whatStands(index)).toEqual(['0 failed a', '1 measured a', '2 measured b', '3 measured a']);
    expect(await whatStands(again)).toEqual(await whatStands(index));
    for (const { done, failed, damaged } of [index, again])
      expect({ done, failed, damaged }).toEqual({ done: 4, failed: 1, damaged: 0 });
    early.close();
    late.close();
  });

  it('reads no more of a log than what was appended, and a line once it is whole', async () => {
    const folder = temporaryFolder();
    const log = await opened(folder, 'a');
    log.append(done(0, 'a'));
    const index = await indexSweep(folder, SOURCE, POINTS);
    const size = readFileSync(log.path).length;
    // What was read is made unreadable: it is not read again.
    writeSync(openSync(log.path, 'r+'), 'x'.repeat(size - 1), 0);
    const line = `${JSON.stringify(done(1, 'a'))}\n`;
    appendFileSync(log.path, line.slice(0, 20));
    await index.update();
    expect([index.done, index.damaged]).toEqual([1, 0]);
    appendFileSync(log.path, line.slice(20));
    await index.update();
    expect([index.done, index.damaged, index.state(1)]).toEqual([2, 0, 'done']);
    expect((await indexSweep(folder, SOURCE, POINTS)).damaged).toBe(1);
    log.close();
  });

  it('of some logs does not open the others', async () => {
    const folder = temporaryFolder();
    const log = await opened(folder, 'slurm-0001-000001-0');
    log.append(done(4, 'a'));
    log.close();
    const other = await createLog(folder, 'slurm-0001-000010-0', 'steps: 1\n');
    other?.close();
    const index = await indexSweep(folder, SOURCE, POINTS, 'slurm-0001-000001-');
    expect([index.done, index.state(4)]).toEqual([1, 'done']);
    await expect(indexSweep(folder, SOURCE, POINTS)).rejects.toThrow('a log of another');
    await expect(indexSweep(join(folder, 'none'), SOURCE, POINTS)).resolves.toMatchObject({ done: 0 });
  });
});
