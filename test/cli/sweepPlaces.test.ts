/** Where a sweep goes on: in its own folder alone, and between a Slurm and this machine without a point that both run. */
import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { ONE_THREAD, withOneThread } from '../../src/cli/oneThread.js';
import { sweepVerb } from '../../src/cli/sweep.js';
import { portableBlas } from '../../src/core/portableBlas.js';
import { lockOwner, withRunLock } from '../../src/runs/runLock.node.js';
import { claimSubmission, lastSubmission, withdrawSubmission } from '../../src/runs/sweepSubmissions.node.js';
import { temporaryFolder } from '../support/cli.js';
import { runVerb } from '../support/commandInProcess.js';

const SPEC = `kind: ufm
counts: [12, 6]
depth: 1
width: 4
weightDecay: 2e-3
featureDecay: 2e-3
steps: 20
measureEvery: 20
sweep:
  init.seed: [0, 1, 2, 3]
`;
const REQUEST = { lines: ['#SBATCH --partition=cpu'], tasks: 2, throttle: null };

let [folder, spec, out, bin] = ['', '', '', ''];
const sweep = (...args: string[]) => runVerb(sweepVerb, args);
const fake = (name: string, script: string) => {
  writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(bin, name), 0o755);
};

beforeEach(() => {
  folder = temporaryFolder();
  [spec, out, bin] = ['sweep.yaml', 'a', 'bin'].map((name) => join(folder, name));
  writeFileSync(spec, SPEC);
  mkdirSync(bin);
  const before = process.env.PATH;
  // No Slurm but what a test puts there.
  process.env.PATH = bin;
  return () => (process.env.PATH = before);
});

describe('what would do nothing, or begin anew', () => {
  it('is refused before anything is written', async () => {
    const refusals: [string[], RegExp][] = [
      [
        [spec, '--out', out, '--resume'],
        /a: the folder of a sweep to go on with, got none of that name; leave/,
      ],
      [[folder, '--resume', '--out', out], /--out: .* alone, in which the sweep is gone on with/],
      [['--resume', '--out', out], /a: the folder of a sweep to go on with/],
      [[spec, '--resume'], /--resume: the folder of the sweep to go on with, got "none"; name it/],
      [[spec, '--out', out, '--partition', 'cpu'], /--partition: --on slurm beside it, got "cpu"/],
      [[spec, '--out', out, '--on', 'slurm', '--jobs', '2'], /--jobs: a sweep on this machine/],
      [
        [spec, '--on', 'slurm', '--time', '1x', '--dry-run'],
        /--time: a time as sbatch takes it .*, got "1x"/,
      ],
      [[spec, '--on', 'slurm', '--memory', '4Q', '--dry-run'], /--memory: a size as sbatch takes it/],
      [[spec, '--out', out, '--csv', '--y', 'nc3'], /--y: figures, got "--csv"; it chooses no columns/],
      [[spec, '--out', out, '--dry-run', '--json'], /--json: a sweep that runs, got "--dry-run"/],
      [
        [spec, '--out', out, '--on', 'slurm'],
        /--on slurm: a machine with sbatch, .*--dry-run prints the script/,
      ],
    ];
    for (const [args, message] of refusals) await expect(sweep(...args)).rejects.toThrow(message);
    // Slurm's programs are there, and know of no Slurm: its own words are shown.
    fake('sbatch', 'echo "sbatch: fatal: Could not establish a source" >&2; exit 1');
    await expect(sweep(spec, '--out', out, '--on', 'slurm')).rejects.toThrow(
      /--on slurm: a Slurm that answers, got nothing; sbatch: .*sbatch: fatal: Could not establish a source/,
    );
    fake('sbatch', 'echo slurm 22.05');
    fake('squeue', 'echo "squeue: error: Could not establish a configuration source" >&2; exit 1');
    const unasked = sweep(spec, '--out', out, '--on', 'slurm');
    await expect(unasked).rejects.toThrow(
      /--on slurm: a Slurm that answers, got nothing; .*Could not establish/,
    );
    expect(existsSync(out)).toBe(false);
    await sweep(spec, '--out', out, '--jobs', '0');
    await expect(sweep(out, '--resume', '--seed', '3')).rejects.toThrow('--seed: a SPEC file');
    await expect(sweep(out, '--resume', '--folders')).rejects.toThrow(
      '--folders: a sweep that began with it',
    );
    await expect(sweep(out, '--resume', '--data', bin)).rejects.toThrow('--data: a sweep of networks, got');
  });

  it('is a file that every point would miss', async () => {
    writeFileSync(
      spec,
      `${SPEC}init: {file: start.npz}\n`.replace('init.seed: [0, 1, 2, 3]', 'depth: [1, 2]'),
    );
    await expect(sweep(spec, '--out', out)).rejects.toThrow(/start\.npz/);
    writeFileSync(
      spec,
      `kind: network
data: {set: mnist, counts: [5, 5, 5, 5, 5, 5, 5, 5, 5, 5]}
architecture: {name: mlp, layers: 1, width: 8}
head: {depth: 1}
decay: {all: 1e-3}
optimizer: {name: sgd, learningRate: 0.1}
epochs: 1
sweep: {init.seed: [0, 1]}
`,
    );
    await expect(sweep(spec, '--out', out, '--data', bin)).rejects.toThrow(/MNIST/);
    expect(existsSync(out)).toBe(false);
  });

  it('begins anew what was killed before it wrote its spec', async () => {
    mkdirSync(out);
    writeFileSync(join(out, 'sweep.json'), '{}');
    writeFileSync(join(out, '.sweep.yaml.123.tmp'), 'kind:');
    expect(await sweep(spec, '--out', out, '--resume', '--jobs', '0')).toMatchObject({ code: 0 });
  });
});

it('loads a library for one thread, and leaves the environment as it was', () => {
  const before = { ...process.env };
  const seen = withOneThread(() => {
    expect(process.env).toMatchObject(ONE_THREAD);
    return portableBlas;
  })();
  expect(seen).toBe(portableBlas);
  expect(process.env).toEqual(before);
});

describe('a sweep that Slurm began', () => {
  /** Points 1 and 3 are not done; of a job of two tasks the second has points 2 and 3. */
  async function beginOnSlurm(): Promise<void> {
    await sweep(spec, '--out', out, '--jobs', '0');
    const log = join(out, 'logs', 'local-0001-0.jsonl');
    const lines = readFileSync(log, 'utf8').split('\n');
    writeFileSync(log, [lines[0], lines[1], lines[3], ''].join('\n'));
    const submission = await claimSubmission(out, [0, 1, 2, 3], REQUEST, 0);
    writeFileSync(join(out, 'slurm', '0001.json'), JSON.stringify({ ...submission, job: '7' }));
  }
  const points = () =>
    readFileSync(join(out, 'results.csv'), 'utf8')
      .split('\n')
      .slice(1, -1)
      .map((row) => row.split(',')[0]);

  it('is taken over on this machine but for the points of tasks that run', async () => {
    await beginOnSlurm();
    await expect(sweep(out, '--resume')).rejects.toThrow('--on slurm: a machine with sbatch');
    const unasked = sweep(out, '--resume', '--on', 'local', '--jobs', '0');
    await expect(unasked).rejects.toThrow(
      /Slurm’s word on whether job 7 still runs, got none .*remove .*0001\.json/,
    );
    fake('squeue', 'case "$*" in *%K*) echo 1;; *) echo RUNNING;; esac');
    const taken = await sweep(out, '--resume', '--on', 'local', '--jobs', '0');
    expect(taken.stderr).toMatch(/left to Slurm: 1 point of job 7[^]*with 3 of 4 points/);
    expect(taken.code).toBe(1);
    expect(points()).toEqual(['0', '0', '1', '1', '2', '2']);
    const rest = sweep(out, '--resume', '--on', 'local', '--jobs', '0');
    await expect(rest).rejects.toThrow('points that no job of Slurm has, got 1 point of job 7; scancel it');
    fake('squeue', 'exit 0');
    fake('scontrol', 'echo "slurm_load_jobs error: Invalid job id specified" >&2; exit 1');
    const end = await sweep(out, '--resume', '--on', 'local', '--jobs', '0');
    expect(end.code).toBe(0);
    expect(points()).toEqual(['0', '0', '1', '1', '2', '2', '3', '3']);
  });

  it('is submitted by one login, and not while this machine works at it', async () => {
    await beginOnSlurm();
    expect(await lastSubmission(out)).toBe(1);
    // Both logins have seen the first submission, and one of them makes the second.
    const both = await Promise.all([1, 2].map(() => claimSubmission(out, [3], REQUEST, 1)));
    expect(both.filter((submission) => submission !== null)).toHaveLength(1);
    for (const submission of both) if (submission !== null) await withdrawSubmission(out, submission);
    fake('sbatch', '[ "$1" = --version ] && exit 0; echo "$*" >> "$0.calls"; echo 8');
    fake('squeue', 'exit 0');
    fake('scontrol', 'echo "slurm_load_jobs error: Invalid job id specified" >&2; exit 1');
    await withRunLock(out, async () => {
      expect(await lockOwner(out)).toMatchObject({ pid: process.pid });
      await expect(sweep(out, '--resume')).rejects.toThrow('a sweep in which no other process works');
    });
    expect(existsSync(join(bin, 'sbatch.calls'))).toBe(false);
    expect(await lastSubmission(out)).toBe(1);
  });

  it('asks for what it asked for before, but for what is said anew', async () => {
    await beginOnSlurm();
    appendFileSync(join(out, 'logs', 'local-0001-0.jsonl'), '');
    const { stdout } = await sweep(out, '--resume', '--time', '04:00:00', '--dry-run');
    expect(stdout).toMatch(/--array=0-1\n[^]*--partition=cpu\n#SBATCH --time=04:00:00\n/);
    expect(stdout).toContain(`sweep ${out} --task 0001`);
  });
});
