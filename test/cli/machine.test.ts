/** What the machine and its files do to a command: one line, the right exit code, and a terminal that nobody else drives. */
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildBlas, hasCompiler } from '../support/builtBlas.js';
import { BIN, PRESETS, temporaryFolder } from '../support/cli.js';
import { collapsar } from '../support/commandInProcess.js';

const PROBLEM = '--counts 8,4,2 --depth 2 --width 4 --weight-decay 1e-3'.split(' ');
const LONG = 'x'.repeat(300);

describe.skipIf(!existsSync('/dev/full'))('a full disk behind stdout', () => {
  it.each([
    ['a table', ['predict', ...PROBLEM]],
    ['a document', ['predict', ...PROBLEM, '--json']],
    ['a long document', ['predict', '--counts', '5x3000', '--json']],
    ['help', ['--help']],
    ['help of a verb', ['train', '--help']],
  ])('%s: one line on stderr, exit 1', (_, args) => {
    const full = openSync('/dev/full', 'w');
    const { status, stderr } = spawnSync(process.execPath, [BIN, ...args], {
      stdio: ['ignore', full, 'pipe'],
      encoding: 'utf8',
    });
    closeSync(full);
    expect(stderr).toBe(
      'error: stdout: room on its disk, got a disk that is full (ENOSPC); free some, then run it again (a run folder: with --resume)\n',
    );
    expect(status).toBe(1);
  });

  it('on stderr it changes neither the result nor the exit code', async () => {
    const full = openSync('/dev/full', 'w');
    const run = (args: readonly string[]) =>
      spawnSync(process.execPath, [BIN, ...args], { stdio: ['ignore', 'pipe', full], encoding: 'utf8' });
    const good = run(['predict', ...PROBLEM, '--json']);
    const bad = run(['predict', '--counts', 'none']);
    closeSync(full);
    expect([good.status, bad.status, bad.stdout]).toEqual([0, 2, '']);
    expect(good.stdout).toBe((await collapsar(['predict', ...PROBLEM, '--json'])).stdout);
  });
});

describe('a reader that leaves', () => {
  it('is no failure, and says nothing', () => {
    const command = `"${process.execPath}" "${BIN}" predict --counts 5x3000 --json | head -c 5; echo " \${PIPESTATUS[0]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', command], { encoding: 'utf8' });
    expect([stdout, stderr]).toEqual(['{"pro 0\n', '']);
  });
});

describe('paths that cannot be', () => {
  const cwd = temporaryFolder();
  mkdirSync(join(cwd, 'folder.npz'));
  mkdirSync(join(cwd, 'folder.svg'));
  writeFileSync(join(cwd, 'file'), '');
  const preset = join(PRESETS, 'paper-imbalanced.yaml');

  it.each([
    ['predict', [...PROBLEM, '--out', `${LONG}.npz`], /x+\.npz: a file that can be written, got one that is too long \(ENAMETOOLONG\); shorten it/],
    ['verify', [...PROBLEM, '--budget', '60', '--out', `${LONG}.npz`], /can be written, got one that is too long/],
    ['basin', [...PROBLEM, '--starts', '9999', '--out', `${LONG}.svg`], /can be written, got one that is too long/],
    ['advise', [...PROBLEM, '--out', `${LONG}.svg`], /can be written, got one that is too long/],
    ['predict', [...PROBLEM, '--out', 'folder.npz'], /folder\.npz: a file that can be written, got a folder/],
    ['basin', [...PROBLEM, '--starts', '9999', '--out', 'folder.svg'], /folder\.svg: a file that can be written, got a folder/],
    ['predict', [...PROBLEM, '--out', 'file/a.npz'], /file\/a\.npz: a file /],
    ['train', [preset, '--steps', '3', '--out', LONG], /x+: a name that the file system takes, got one that is too long \(ENAMETOOLONG\); shorten it/],
    ['train', [preset, '--steps', '3', '--out', 'file/a'], /file/],
    ['train', [`${LONG}.yaml`], /a spec file, got one that is too long \(ENAMETOOLONG\)/],
    ['measure', [`${LONG}.npz`], /ENAMETOOLONG/],
    ['report', [LONG], /x+: /],
  ] as const)('%s %s', async (verb, args, words) => {
    const { code, stdout, stderr } = await collapsar([verb, ...args], { cwd });
    expect(stderr).toMatch(words);
    expect(stderr).toMatch(/^error: [^\n]+\n$/);
    expect([code, stdout]).toEqual([2, '']);
  }); // prettier-ignore
});

/** ESC, C1's CSI, an override of the direction. */
const HOSTILE = 'a\u001b[31m\u009b2J\u202eb';
// eslint-disable-next-line no-control-regex
const UNFIT = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]|\p{Bidi_Control}/u;

describe('names that would drive the terminal', () => {
  const cwd = temporaryFolder();
  const preset = join(PRESETS, 'paper-imbalanced.yaml');

  it('are shown by their numbers in tables and sentences on stdout', async () => {
    const trained = await collapsar(['train', preset, '--steps', '20', '--out', HOSTILE], { cwd });
    expect(trained.code).toBe(0);
    expect(trained.stdout + trained.stderr).not.toMatch(UNFIT);
    expect(trained.stdout).toContain('run folder  a\\u001b[31m\\u009b2J\\u202eb');
  });

  it('are escaped in --json, and mean the same', async () => {
    const { code, stdout } = await collapsar(['report', HOSTILE, '--json'], { cwd });
    expect(code).toBe(0);
    expect(stdout).not.toMatch(UNFIT);
    expect((JSON.parse(stdout) as { report: string }).report).toBe(join(HOSTILE, 'report.html'));
  });

  it('are not in errors', async () => {
    for (const args of [['measure', `${HOSTILE}.npz`], ['train', `${HOSTILE}.yaml`], [HOSTILE]]) {
      const { code, stderr } = await collapsar(args, { cwd });
      expect(stderr).toMatch(/^error: [^\n]+\n$/);
      expect(stderr).not.toMatch(UNFIT);
      expect(code).toBe(2);
    }
  });
});

/** Names of functions that only a reader of the sources knows, and words for a bug. */
const INNER = /eigenSymmetric|svd|dsyevd|dgesdd|info =|this is a bug/;

describe.skipIf(!hasCompiler())(
  `a BLAS whose LAPACK is stuck${hasCompiler() ? '' : ' [skipped: no C compiler on this machine]'}`,
  () => {
    const cwd = temporaryFolder();
    const convex =
      '--counts 8,4,2 --depth 1 --width 4 --loss ce --weight-decay 1e-3 --feature-decay 1e-3 --json';
    const predict = (blas: string) => collapsar(['predict', ...convex.split(' ')], { cwd, blas });

    it.each(['int', 'long long'] as const)('does not keep anyone from a prediction (%s)', async (integer) => {
      const blas = hasCompiler() ? buildBlas(cwd, `stuck${integer.length}`, { integer, version: true }) : '';
      const [stuck, portable] = [await predict(blas), await predict('portable')];
      expect([stuck.code, stuck.stderr]).toEqual([0, '']);
      const objective = ({ stdout }: typeof stuck) => (JSON.parse(stdout) as { objective: number }).objective;
      expect(Math.abs(objective(stuck) / objective(portable) - 1)).toBeLessThan(1e-9);
    });

    it('that refuses what it is called with is a failure, exit 1, in words', async () => {
      const blas = buildBlas(cwd, 'refusing', { integer: 'int', version: true });
      const spec =
        'kind: ufm\ncounts: [4, 2]\ndepth: 2\nwidth: 3\nloss: mse\nbias: none\nweightDecay: 1e-3\n';
      const rest =
        'featureDecay: 1e-3\noptimizer: {name: sgd, learningRate: 0.1, momentum: 0.9}\nsteps: 20\n';
      writeFileSync(join(cwd, 'spec.yaml'), `${spec}${rest}measureEvery: 10\ninit: {std: 0.1, seed: 0}\n`);
      const { code, stderr } = await collapsar(['train', 'spec.yaml', '--out', 'run'], { cwd, blas });
      expect(stderr).toMatch(
        /error: BLAS: a LAPACK that is called as it was built, got one that refuses its argument 4/,
      );
      expect(stderr).toContain('COLLAPSAR_BLAS=portable');
      expect(stderr).not.toMatch(INNER);
      expect(code).toBe(1);
    });
  },
);

describe('numbers that overflow on the way', () => {
  it.each([1e160, 1e200])('a start of %s is refused by its name', async (scale) => {
    const args = [...PROBLEM, '--feature-decay', '1e-3', '--starts', '1', '--scales', String(scale)];
    const { code, stderr } = await collapsar(['basin', ...args]);
    expect(stderr).toMatch(
      /^error: start: weights and features whose products are finite, got [^\n]+; take a smaller scale\n$/,
    );
    expect(code).toBe(2);
  });
});
