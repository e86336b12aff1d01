/** A hundred kills at chance moments: a run that is taken up again ends where an uninterrupted one does. COLLAPSAR_DEEP=1 only. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import { BIN, collapsar, temporaryFolder } from '../support/cli.js';
import { writeMnistFolder } from '../support/idxFolder.js';

const KILLS = 50;
const UFM = `kind: ufm
counts: [40, 20, 10]
depth: 3
width: 24
weightDecay: 5e-3
featureDecay: 5e-3
steps: 12000
measureEvery: 20
checkpointEvery: 100
`;
const NETWORK = JSON.stringify({
  ...{ kind: 'network', data: { set: 'mnist' }, architecture: { name: 'mlp', layers: 2, width: 64 } },
  ...{ head: { depth: 2, width: 16 }, decay: { head: 1e-3, features: 1e-3 } },
  ...{ optimizer: { name: 'sgd', learningRate: 0.02 }, batch: 10, epochs: 120, checkpointEvery: 1 },
});

/** Runs to its end or a kill after so long; true for a kill. */
function killed(args: readonly string[], cwd: string, after: number): Promise<boolean> {
  const child = spawn(process.execPath, [BIN, ...args], { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const timer = setTimeout(() => child.kill('SIGKILL'), after);
  return new Promise((done, fail) => {
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (signal === 'SIGKILL') done(true);
      else if (code === 0) done(false);
      else fail(new Error(`exit ${code}: ${stderr}`));
    });
  });
}

/** Everything but the clock: wall-clock fields do not count. */
function endOf(folder: string) {
  const records = readFileSync(join(folder, 'records.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => ({ ...(JSON.parse(line) as object), seconds: 0 }));
  const checkpoint = readFileSync(join(folder, 'checkpoint.safetensors'));
  const tensors = checkpoint.subarray(8 + Number(checkpoint.readBigUInt64LE(0)));
  const hidden = readdirSync(folder).filter((name) => name.startsWith('.'));
  return { records, tensors, hidden };
}

describe.skipIf(process.env.COLLAPSAR_DEEP !== '1')('a hundred kills', () => {
  it.each([
    ['the unconstrained-features model', 'spec.yaml', UFM],
    ['a network', 'net.json', NETWORK],
  ])(
    'of %s',
    async (_, name, spec) => {
      const cwd = temporaryFolder();
      writeFileSync(join(cwd, name), spec);
      writeMnistFolder(join(cwd, 'data'), 6);
      const began = performance.now();
      expect(collapsar(['train', name, '--out', 'whole'], { cwd }).code).toBe(0);
      const whole = performance.now() - began;
      const expected = endOf(join(cwd, 'whole'));
      const random = createRandom(name.length);
      let [kills, runs] = [0, 0];
      for (; kills < KILLS; runs++) {
        const out = `run-${runs}`;
        let mode: string[] = [];
        while (await killed(['train', name, '--out', out, ...mode], cwd, random.uniform() * whole)) {
          kills++;
          // A fresh start takes what was killed before its spec; everything else is taken up again.
          const started = readdirSync(cwd).includes(out) && readdirSync(join(cwd, out)).includes('spec.yaml');
          mode = started ? ['--resume'] : [];
        }
        expect(endOf(join(cwd, out))).toEqual(expected);
      }
      console.log(`${kills} kills, ${runs} runs to the end`);
    },
    600_000,
  );
});
