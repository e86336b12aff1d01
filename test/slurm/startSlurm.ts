/** A Slurm of one machine on loopback, for tests: its daemons run as root, in a folder of their own, without cgroups. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { temporaryFolder } from '../support/cli.js';

/** What keeps Slurm from starting here; null where nothing does. */
export function obstacle(): string | null {
  const missing = ['slurmctld', 'slurmd', 'munged', 'sbatch', 'squeue', 'scontrol'].filter(
    (name) => spawnSync('which', [name]).status !== 0,
  );
  if (missing.length > 0) return `no ${missing.join(', ')}: apt-get install slurm-wlm`;
  return process.getuid?.() === 0 ? null : 'needs root, as its daemons start jobs for users';
}

export interface TestSlurm {
  readonly env: NodeJS.ProcessEnv;
  /** Of the one node. */
  readonly node: string;
  /** What a program of Slurm prints. */
  call(program: string, ...args: string[]): string;
  close(): Promise<void>;
}

/** Waits for a condition; `why` is what is known where it does not come. */
export async function until(
  condition: () => boolean,
  seconds = 60,
  why: () => string = () => '',
): Promise<void> {
  const end = Date.now() + 1000 * seconds;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`it took longer than ${seconds} s. ${why()}`);
    await delay(50);
  }
}

export async function startSlurm(): Promise<TestSlurm> {
  const home = temporaryFolder();
  const env = { ...process.env, SLURM_CONF: join(home, 'slurm.conf') };
  const node = hostname().split('.')[0];
  const daemons: { readonly child: ChildProcess; readonly name: string; end: string | null }[] = [];
  const start = (name: string, args: readonly string[]) => {
    const child = spawn(name, [...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const daemon = { child, name, end: null as string | null };
    let printed = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (printed = `${printed}${chunk.toString()}`.slice(-1000)));
    child.on('error', (error) => (daemon.end = error.message));
    child.on('close', (code, signal) => (daemon.end = `ended with ${code ?? signal}: ${printed.trim()}`));
    daemons.push(daemon);
  };
  const call = (program: string, ...args: string[]) =>
    spawnSync(program, args, { env, encoding: 'utf8' }).stdout;
  const close = async () => {
    if (existsSync(env.SLURM_CONF)) call('scancel', '--user=root');
    for (const { child } of daemons.reverse()) {
      child.kill('SIGTERM');
      await delay(200);
      child.kill('SIGKILL');
    }
  };
  /** The ends of the daemons and the last lines of their logs: why Slurm did not start. */
  const state = () =>
    daemons
      .map(({ name, end }) => {
        const log = join(home, `${name}.log`);
        const lines = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n').slice(-8) : [];
        return [`${name} ${end ?? 'runs'}`, ...lines].join('\n  ');
      })
      .join('\n');
  const socket = join(home, 'munge.sock');
  for (const name of ['state', 'spool']) mkdirSync(join(home, name));
  chmodSync(home, 0o755);
  writeFileSync(join(home, 'munge.key'), Buffer.alloc(128, 7), { mode: 0o600 });
  writeFileSync(env.SLURM_CONF, configuration(home, node, socket));
  try {
    start('munged', [
      ...['--foreground', '--force', `--socket=${socket}`, `--key-file=${join(home, 'munge.key')}`],
      ...[`--pid-file=${home}/munge.pid`, `--log-file=${home}/munged.log`, `--seed-file=${home}/munge.seed`],
    ]);
    await until(
      () => existsSync(socket),
      30,
      () => `munge did not start.\n${state()}`,
    );
    start('slurmctld', ['-D', '-L', join(home, 'slurmctld.log'), '-c']);
    start('slurmd', ['-D', '-L', join(home, 'slurmd.log')]);
    const idle = () => /idle/.test(call('sinfo', '-h', '-o', '%T'));
    await until(idle, 60, () => `Slurm did not start.\n${state()}`);
  } catch (error) {
    await close();
    throw error;
  }
  return { env, node, call, close };
}

function configuration(home: string, node: string, socket: string): string {
  const [controller, daemon] = [17_600 + (process.pid % 300), 18_000 + (process.pid % 300)];
  return `${[
    'ClusterName=test',
    `SlurmctldHost=${node}(127.0.0.1)`,
    'SlurmUser=root',
    'SlurmdUser=root',
    `SlurmctldPort=${controller}`,
    `SlurmdPort=${daemon}`,
    'AuthType=auth/munge',
    `AuthInfo=socket=${socket}`,
    'ProctrackType=proctrack/linuxproc',
    'TaskPlugin=task/none',
    'JobAcctGatherType=jobacct_gather/none',
    'AccountingStorageType=accounting_storage/none',
    'SelectType=select/cons_tres',
    'SelectTypeParameters=CR_Core',
    'SchedulerType=sched/backfill',
    'SchedulerParameters=batch_sched_delay=0,sched_interval=1',
    'ReturnToService=2',
    'KillWait=2',
    'MpiDefault=none',
    'SwitchType=switch/none',
    `StateSaveLocation=${home}/state`,
    `SlurmdSpoolDir=${home}/spool`,
    `SlurmctldPidFile=${home}/slurmctld.pid`,
    `SlurmdPidFile=${home}/slurmd.pid`,
    `NodeName=${node} NodeAddr=127.0.0.1 CPUs=${availableParallelism()} State=UNKNOWN`,
    `PartitionName=all Nodes=${node} Default=YES MaxTime=10 State=UP`,
  ].join('\n')}\n`;
}
