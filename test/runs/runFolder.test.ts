import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openRunFolder } from '../../src/runs/runFolder.node.js';
import type { TrainRecord } from '../../src/runs/index.js';
import { collapsar, temporaryFolder } from '../support/cli.js';

/** Where every write finds the disk full. */
const FULL = '/dev/full';

describe.skipIf(!existsSync(FULL))('a run folder on a full disk', () => {
  it('keeps the file before, leaves no part of the new one, and names the file', async () => {
    const folder = join(temporaryFolder(), 'run');
    const store = openRunFolder(folder);
    await store.writeCheckpoint(Uint8Array.of(1, 2, 3));
    const path = join(folder, 'checkpoint.safetensors');
    symlinkSync(FULL, join(folder, `.checkpoint.safetensors.${process.pid}.tmp`));
    await expect(store.writeCheckpoint(new Uint8Array(64))).rejects.toMatchObject({ code: 'ENOSPC', path });
    expect(readdirSync(folder)).toEqual(['checkpoint.safetensors']);
    expect([...readFileSync(path)]).toEqual([1, 2, 3]);
  });

  it('names the records', async () => {
    const folder = temporaryFolder();
    symlinkSync(FULL, join(folder, 'records.jsonl'));
    await expect(openRunFolder(folder).appendRecords([{ step: 1 } as TrainRecord])).rejects.toMatchObject({
      code: 'ENOSPC',
      path: join(folder, 'records.jsonl'),
    });
  });

  it('is a failure that is told, not a bug: exit 1', () => {
    const cwd = temporaryFolder();
    mkdirSync(join(cwd, 'a'));
    symlinkSync(FULL, join(cwd, 'a/min.npz'));
    const found = collapsar(
      'predict --counts 8,4,2 --depth 1 --weight-decay 1e-3 --out a/min.npz'.split(' '),
      { cwd },
    );
    expect(found.stderr).toMatch(
      /^error: a\/min\.npz: room on its disk, got a disk that is full \(ENOSPC\); free some, [^\n]*\n$/,
    );
    expect(found.code).toBe(1);
  });
});
