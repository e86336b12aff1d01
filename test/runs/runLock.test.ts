/** A run folder belongs to one process, and what a killed one left is cleared away. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeRunFolder } from '../../src/runs/runFolder.node.js';
import { holdsLeftOversOnly, withRunLock } from '../../src/runs/runLock.node.js';
import { BIN, interrupted, temporaryFolder } from '../support/cli.js';
import { collapsar, type Printed } from '../support/commandInProcess.js';

const SPEC = (steps: number) =>
  `kind: ufm\ncounts: [4, 3, 2]\ndepth: 2\nwidth: 4\nweightDecay: 5e-3\nfeatureDecay: 5e-3\nsteps: ${steps}\nmeasureEvery: 10\ncheckpointEvery: 500\nname: mine\n`;

function home(steps = 40) {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'spec.yaml'), SPEC(steps));
  return cwd;
}
const LONG = 100_000_000;
const portable = (cwd: string) => ({ cwd, blas: 'portable' });

describe('the lock of a run folder', () => {
  it('is held while work is done, and gone after; an empty folder goes with it', async () => {
    const folder = join(temporaryFolder(), 'a/b');
    await withRunLock(folder, async () => {
      expect(readdirSync(folder)).toEqual(['.lock']);
      await expect(withRunLock(folder, () => Promise.resolve())).rejects.toThrow(
        `a run folder that no other process trains in, got one that is locked by process ${process.pid} on ${hostname()}`,
      );
    });
    expect(existsSync(folder)).toBe(false);
  });

  it('is taken over from a process that is gone, or that has the number of one; temporary files are removed', async () => {
    const folder = temporaryFolder();
    const child = spawn(process.execPath, ['-e', '']);
    await new Promise((done) => child.on('close', done));
    for (const owner of [
      { pid: child.pid, host: hostname(), began: null },
      { pid: process.pid, host: hostname(), began: 'another time' },
    ]) {
      writeFileSync(join(folder, '.lock'), JSON.stringify(owner));
      writeFileSync(join(folder, '.records.jsonl.4242.tmp'), 'half');
      writeFileSync(join(folder, 'kept.txt'), '');
      expect(await withRunLock(folder, () => Promise.resolve(readdirSync(folder).sort()))).toEqual([
        '.lock',
        'kept.txt',
      ]);
    }
  });

  it('of a process on another machine is left alone', async () => {
    const folder = temporaryFolder();
    const lock = JSON.stringify({ pid: 1, host: 'elsewhere', began: null });
    writeFileSync(join(folder, '.lock'), lock);
    await expect(withRunLock(folder, () => Promise.resolve())).rejects.toThrow('process 1 on elsewhere');
    expect(readFileSync(join(folder, '.lock'), 'utf8')).toBe(lock);
  });

  it('is taken over once, however many try', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, '.lock'), JSON.stringify({ pid: process.pid, host: hostname(), began: 'x' }));
    let inside = 0;
    const tries = await Promise.allSettled(
      Array.from({ length: 8 }, () =>
        withRunLock(folder, async () => {
          inside++;
          await new Promise((done) => setTimeout(done, 300));
        }),
      ),
    );
    expect([inside, tries.filter(({ status }) => status === 'fulfilled').length]).toEqual([1, 1]);
  });
});

describe('run folders without --out', () => {
  it('are never given twice', async () => {
    const parent = temporaryFolder();
    const folders = await Promise.all(Array.from({ length: 12 }, () => makeRunFolder(parent, 'mine')));
    expect(new Set(folders).size).toBe(12);
  });

  it('two trainings at once get two', async () => {
    const cwd = home();
    const run = () =>
      new Promise((done) => {
        spawn(process.execPath, [BIN, 'train', 'spec.yaml'], { cwd }).on('close', done);
      });
    expect(await Promise.all([run(), run()])).toEqual([0, 0]);
    expect(readdirSync(join(cwd, 'runs')).sort()).toEqual(['mine', 'mine-2']);
    for (const name of ['mine', 'mine-2'])
      expect(existsSync(join(cwd, 'runs', name, 'summary.json'))).toBe(true);
  });
});

describe('a folder in which a process trains', () => {
  it('is refused to a second in one line, and taken over when the first was killed', async () => {
    const cwd = home(LONG);
    const args = ['train', 'spec.yaml', '--out', 'run'];
    const checkpoint = join(cwd, 'run/checkpoint.safetensors');
    let second: readonly Printed[] = [];
    await interrupted(args, cwd, 'SIGKILL', async () => {
      if (!existsSync(checkpoint)) return false;
      if (second.length === 0)
        second = [
          await collapsar([...args, '--resume'], portable(cwd)),
          await collapsar(args, portable(cwd)),
        ];
      return true;
    });
    for (const { code, stderr } of second) {
      expect(code).toBe(2);
      expect(stderr).toMatch(
        /^error: run: a run folder that no other process trains in, got one that is locked by process \d+ on [^\n]*\n$/,
      );
    }
    const lock = join(cwd, 'run/.lock');
    const ofKilled = readFileSync(lock, 'utf8');
    const records = () => statSync(join(cwd, 'run/records.jsonl')).size;
    const before = records();
    const resumed = await interrupted(
      [...args, '--resume'],
      cwd,
      'SIGINT',
      () => records() > before + 3000 && readFileSync(lock, 'utf8') !== ofKilled,
    );
    expect(resumed.code).toBe(1);
    expect(existsSync(lock)).toBe(false);
  });

  it.each([[[]], [['--resume']]])(
    'that was killed before it wrote its spec is begun anew %j',
    async (more) => {
      const cwd = home();
      mkdirSync(join(cwd, 'run'));
      writeFileSync(join(cwd, 'run/.spec.yaml.4242.tmp'), '');
      writeFileSync(join(cwd, 'run/.lock'), '');
      expect(await holdsLeftOversOnly(join(cwd, 'run'))).toBe(true);
      const found = await collapsar(['train', 'spec.yaml', '--out', 'run', ...more], portable(cwd));
      expect([found.code, found.stderr.includes('error')]).toEqual([0, false]);
      expect(readdirSync(join(cwd, 'run')).filter((name) => name.startsWith('.'))).toEqual([]);
    },
  );
});

describe('a resume that is refused', () => {
  it('has changed nothing', async () => {
    const cwd = home();
    expect((await collapsar(['train', 'spec.yaml', '--out', 'run'], portable(cwd))).code).toBe(0);
    const path = (name: string) => join(cwd, 'run', name);
    const whole = readFileSync(path('checkpoint.safetensors'));
    const state = () =>
      readdirSync(path('.')).map((name) => [name, readFileSync(path(name)).toString('base64')]);
    // One bit of a number: it would be called a divergence without the checksum.
    const flipped = Buffer.from(whole);
    flipped[flipped.length - 5] ^= 0x40;
    const foreign = readFileSync(new URL('./damaged/ckpt-ufm-columns-huge.safetensors', import.meta.url));
    for (const bytes of [flipped, foreign, whole.subarray(0, whole.length - 8), Buffer.alloc(0)]) {
      writeFileSync(path('checkpoint.safetensors'), bytes);
      writeFileSync(path('records.jsonl'), readFileSync(path('records.jsonl'), 'utf8'));
      const before = state();
      const found = await collapsar(['train', '--out', 'run', '--resume', '--steps', '60'], portable(cwd));
      expect(found.code).toBe(2);
      expect(found.stderr).toMatch(/^error: [^\n]*checkpoint\.safetensors[^\n]*\n$/);
      if (bytes === flipped) expect(found.stderr).toContain('the checkpoint is damaged');
      expect(state()).toEqual(before);
    }
  });

  it('goes on with a note where records were lost', async () => {
    const cwd = home();
    expect((await collapsar(['train', 'spec.yaml', '--out', 'run'], portable(cwd))).code).toBe(0);
    const path = join(cwd, 'run/records.jsonl');
    writeFileSync(path, readFileSync(path, 'utf8').split('\n').slice(2).join('\n'));
    const found = await collapsar(['train', '--out', 'run', '--resume', '--steps', '60'], portable(cwd));
    expect(found.code).toBe(0);
    expect(found.stderr).toContain(
      'holds 2 of the 4 records before step 40: the history of the others is lost',
    );
  });
});

describe('signals', () => {
  it('SIGHUP, twice as terminals send it, keeps a checkpoint and exits with 1, though nobody reads stderr', async () => {
    const cwd = home(LONG);
    const child = spawn(process.execPath, [BIN, 'train', 'spec.yaml', '--out', 'run'], { cwd });
    child.stderr.destroy();
    await until(() => existsSync(join(cwd, 'run/checkpoint.safetensors')));
    child.kill('SIGHUP');
    child.kill('SIGHUP');
    expect(await new Promise((done) => child.on('close', done))).toBe(1);
    const summary = JSON.parse(readFileSync(join(cwd, 'run/summary.json'), 'utf8')) as object;
    expect(summary).toMatchObject({ status: 'interrupted', kind: 'ufm' });
  });

  it('a reader of stderr that goes away ends no training', async () => {
    const cwd = home(LONG);
    const child = spawn(
      process.execPath,
      ['--import=data:text/javascript,process.stderr.isTTY=true', BIN, 'train', 'spec.yaml', '--out', 'run'],
      { cwd },
    );
    await new Promise((done) => child.stderr.once('data', done));
    child.stderr.destroy();
    await new Promise((done) => setTimeout(done, 600));
    expect(child.exitCode).toBe(null);
    child.kill('SIGINT');
    expect(await new Promise((done) => child.on('close', done))).toBe(1);
    expect(existsSync(join(cwd, 'run/summary.json'))).toBe(true);
  });

  it.each([['train'], ['predict']])('Ctrl-C while %s loads exits with 1', async (verb) => {
    const cwd = home(LONG);
    const hook = `--import=data:text/javascript,${encodeURIComponent(
      "import { on } from 'node:process'; const add = process.on.bind(process); process.on = (name, f) => { const r = add(name, f); if (name === 'SIGHUP') process.kill(process.pid, 'SIGINT'); return r; };".replace(
        "import { on } from 'node:process'; ",
        '',
      ),
    )}`;
    const args =
      verb === 'train'
        ? ['train', 'spec.yaml']
        : 'predict --counts 9,5,3 --depth 3 --weight-decay 1e-5 --loss ce'.split(' ');
    const child = spawn(process.execPath, [hook, BIN, ...args], { cwd });
    const code = await new Promise((done) => child.on('close', (exit, signal) => done(signal ?? exit)));
    expect(code).toBe(1);
  });
});

async function until(ready: () => boolean): Promise<void> {
  while (!ready()) await new Promise((done) => setTimeout(done, 5));
}
