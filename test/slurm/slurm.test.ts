/**
 * A sweep on a real Slurm of one machine, started here on loopback: a node drained and jobs killed in the middle. Runs with
 * `npm run test:slurm` as root, where Debian's slurm-wlm is installed, and fails elsewhere; without that command it is left out.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { BIN, temporaryFolder } from '../support/cli.js';
import { obstacle, startSlurm, until, type TestSlurm } from './startSlurm.js';

describe.runIf(process.env.COLLAPSAR_SLURM !== undefined)('a sweep on Slurm', { timeout: 300_000 }, () => {
  let slurm: TestSlurm;
  beforeAll(async () => {
    const why = obstacle();
    if (why !== null) throw new Error(`Slurm cannot start here: ${why}`);
    slurm = await startSlurm();
    return () => slurm.close();
  }, 120_000);

  const SPEC = `kind: ufm
counts: [12, 6, 3]
depth: 2
width: 8
weightDecay: 2e-3
featureDecay: 2e-3
steps: 12000
measureEvery: 12000
sweep:
  depth: [1, 2]
  init.seed: {from: 0, to: 11, points: 12}
`;
  const timeless = (folder: string) =>
    readFileSync(join(folder, 'results.csv'), 'utf8').replace(/,[^,\n]*$/gm, '');
  const logged = (folder: string) =>
    existsSync(join(folder, 'logs'))
      ? readdirSync(join(folder, 'logs')).reduce(
          (sum, name) => sum + readFileSync(join(folder, 'logs', name), 'utf8').split('\n').length - 2,
          0,
        )
      : 0;
  const jobs = () =>
    slurm
      .call('squeue', '--noheader', '--array', '--format=%i %T')
      .split('\n')
      .filter((line) => line !== '');

  it('ends with the same results.csv when a node is drained, jobs are killed and the login is left', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'sweep.yaml'), SPEC);
    const here = spawnSync(process.execPath, [BIN, 'sweep', 'sweep.yaml', '--out', 'here'], { cwd });
    expect(here.status).toBe(0);
    const said: string[] = [];
    const follow = (args: readonly string[], env: NodeJS.ProcessEnv = slurm.env) => {
      const child = spawn(process.execPath, [BIN, 'sweep', ...args], { cwd, env });
      child.stderr.on('data', (chunk: Buffer) => said.push(chunk.toString()));
      return { child, closed: new Promise<number | null>((done) => child.on('close', done)) };
    };
    const first = follow(['sweep.yaml', '--out', 'a', '--on', 'slurm', '--tasks', '6', '--throttle', '4']);
    const folder = join(cwd, 'a');
    await until(() => logged(folder) > 2);
    const log: string[] = [`logged ${logged(folder)}`, ...jobs()];
    // A node is drained: what runs goes on, nothing new starts. Then a running task is put back, and others are killed.
    slurm.call('scontrol', 'update', `NodeName=${slurm.node}`, 'State=DRAIN', 'Reason=test');
    log.push(slurm.call('sinfo', '-h', '-o', '%n %T').trim());
    const running = jobs().filter((line) => line.endsWith('RUNNING'));
    const [requeued, killed] = [0, 1].map((i) => running.at(i)?.split(' ')[0]);
    if (requeued !== undefined) slurm.call('scontrol', 'requeue', requeued);
    if (killed !== undefined) slurm.call('scancel', '--signal=KILL', '--full', killed);
    log.push(`requeued ${requeued}, killed ${killed}`, ...jobs());
    const waiting = jobs().filter((line) => line.endsWith('PENDING'));
    const cancelled = waiting.at(-1)?.split(' ')[0];
    if (cancelled !== undefined && cancelled !== requeued) slurm.call('scancel', cancelled);
    log.push(`cancelled ${cancelled}`);
    // The login is lost without a word; another one goes on.
    first.child.kill('SIGKILL');
    await first.closed;
    slurm.call('scontrol', 'update', `NodeName=${slurm.node}`, 'State=RESUME');
    // Slurm waits two minutes before it starts again what was put back, unless it is told so once it has ended.
    await until(() => !jobs().some((line) => line === `${requeued} COMPLETING`));
    if (requeued !== undefined) slurm.call('scontrol', 'update', `JobId=${requeued}`, 'StartTime=now');
    // At this login squeue does not answer, and there is no accounting: it follows with scontrol.
    const bin = join(cwd, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'squeue'), '#!/bin/sh\necho squeue >> "$0.calls"; exit 1\n', { mode: 0o755 });
    const second = follow(['a', '--resume'], { ...slurm.env, PATH: `${bin}:${slurm.env.PATH}` });
    const code = await second.closed;
    log.push(...readdirSync(join(folder, 'slurm')), ...readdirSync(join(folder, 'logs')));
    console.log([...said, ...log].join('\n'));
    expect(code).toBe(0);
    expect(existsSync(join(bin, 'squeue.calls'))).toBe(true);
    expect(timeless(folder)).toBe(timeless(join(cwd, 'here')));
    // What was cancelled could only come from a second submission.
    expect(readdirSync(join(folder, 'slurm'))).toContain('0002.json');
  });

  it('is taken over by this machine but for what its tasks have', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'sweep.yaml'), SPEC);
    const call = (...args: string[]) =>
      spawnSync(process.execPath, [BIN, 'sweep', ...args], { cwd, env: slurm.env, encoding: 'utf8' });
    slurm.call('scontrol', 'update', `NodeName=${slurm.node}`, 'State=DRAIN', 'Reason=test');
    const env = { ...slurm.env };
    const login = spawn(
      process.execPath,
      [BIN, 'sweep', 'sweep.yaml', '--out', 'a', '--on', 'slurm', '--tasks', '4'],
      { cwd, env, stdio: 'ignore' },
    );
    await until(() => jobs().length === 4);
    login.kill('SIGKILL');
    const job = jobs()[0].split('_')[0];
    const none = call('a', '--resume', '--on', 'local');
    expect(none.stderr).toContain(`points that no job of Slurm has, got 24 points of job ${job}; scancel it`);
    expect(none.status).toBe(2);
    slurm.call('scancel', `${job}_1`);
    await until(() => jobs().length === 3);
    const some = call('a', '--resume', '--on', 'local');
    expect(some.stderr).toContain(`left to Slurm: 18 points of job ${job}`);
    expect(some.status).toBe(1);
    slurm.call('scontrol', 'update', `NodeName=${slurm.node}`, 'State=RESUME');
    expect(call('a', '--resume').status).toBe(0);
    expect(readdirSync(join(cwd, 'a', 'slurm')).filter((name) => name.endsWith('.json'))).toEqual([
      '0001.json',
    ]);
    expect(logged(join(cwd, 'a'))).toBe(24);
  });
});
