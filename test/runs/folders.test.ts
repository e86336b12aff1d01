/** Folders are made with those above them, by several at a time too. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeFolder } from '../../src/runs/folders.node.js';
import { temporaryFolder } from '../support/cli.js';

it('makes what is missing, whoever else makes the same', async () => {
  const home = temporaryFolder();
  // Some see that nothing is there, then find the folder above made by another.
  for (let round = 0; round < 40; round++) {
    const names = Array.from({ length: 16 }, (_, i) => join(home, `${round}`, 'points', `${i % 12}`));
    await Promise.all(
      names.map(async (name, i) => {
        for (let turn = 0; turn < i; turn++) await new Promise((done) => setImmediate(done));
        await makeFolder(name);
      }),
    );
    expect(names.filter((name) => !existsSync(name))).toEqual([]);
  }
});

it.runIf(process.platform === 'linux')('refuses a file system that makes none', async () => {
  await expect(makeFolder('/proc/collapsar/a')).rejects.toThrow(
    /\/proc\/collapsar: a folder that can be made/,
  );
});
