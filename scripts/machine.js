/** What a result depends on besides the code: machine, runtimes, commit. No names of hosts, users or folders. */
import { execFileSync } from 'node:child_process';
import { arch, availableParallelism, cpus, platform, totalmem } from 'node:os';
import process from 'node:process';

export function describeMachine() {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round((totalmem() / 2 ** 30) * 10) / 10,
    platform: platform(),
    arch: arch(),
  };
}

/** The commit measured, and whether `src` or `bench` differed from it. @param {string} root */
export function describeCommit(root) {
  const git = (/** @type {string[]} */ ...args) => {
    try {
      return execFileSync('git', args, {
        cwd: root,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim();
    } catch {
      return null;
    }
  };
  const commit = git('rev-parse', '--short=12', 'HEAD');
  return {
    commit,
    changed: commit === null ? null : git('status', '--porcelain', '--', 'src', 'bench') !== '',
  };
}

export function describeRuntime() {
  return { node: process.versions.node, v8: process.versions.v8 };
}
