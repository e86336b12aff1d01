/**
 * `sweep --on slurm` with fakes of Slurm's programs: `sbatch` runs the tasks, `scontrol` alone says how they are.
 * Left out without COLLAPSAR_DEEP: three processes and the waiting of a follower.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BIN, temporaryFolder } from '../support/cli.js';

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
const FAKES = {
  sbatch: `#!/bin/sh
[ "$1" = --version ] && exit 0
for task in 0 1; do SLURM_ARRAY_TASK_ID=$task sh "$2" >> "$FAKES/out.txt" 2>&1; done
sed -n 's/^#SBATCH --job-name=//p' "$2" > "$FAKES/name"
echo 7
`,
  squeue: '#!/bin/sh\necho down >&2; exit 1\n',
  sacct: '#!/bin/sh\necho "Slurm accounting storage is disabled" >&2; exit 1\n',
  scontrol: `#!/bin/sh
for task in 0 1; do echo "JobId=7 ArrayTaskId=$task JobName=$(cat "$FAKES/name") JobState=COMPLETED"; done
`,
};

describe.runIf(process.env.COLLAPSAR_DEEP !== undefined)('a sweep on Slurm', () => {
  it(
    'is submitted, followed by scontrol where nothing else answers, and put together',
    { timeout: 60_000 },
    () => {
      const cwd = temporaryFolder();
      writeFileSync(join(cwd, 'sweep.yaml'), SPEC);
      const bin = join(cwd, 'bin');
      mkdirSync(bin);
      for (const [name, script] of Object.entries(FAKES)) {
        writeFileSync(join(bin, name), script);
        chmodSync(join(bin, name), 0o755);
      }
      const env = { ...process.env, PATH: `${bin}:${process.env.PATH}`, FAKES: bin };
      const sweep = spawnSync(
        process.execPath,
        [BIN, 'sweep', 'sweep.yaml', '--out', 'a', '--on', 'slurm', '--tasks', '2'],
        { cwd, env, encoding: 'utf8' },
      );
      expect(sweep.stderr).toContain('submitted 4 points as job 7, 2 tasks');
      expect(sweep.status).toBe(0);
      const rows = readFileSync(join(cwd, 'a', 'results.csv'), 'utf8')
        .trim()
        .split('\n')
        .slice(1);
      expect(rows.map((row) => row.split(',')[0])).toEqual(['0', '0', '1', '1', '2', '2', '3', '3']);
      expect(readdirSync(join(cwd, 'a', 'logs'))).toEqual([
        'slurm-0001-000000-0.jsonl',
        'slurm-0001-000001-0.jsonl',
      ]);
      expect(readFileSync(join(cwd, 'a', 'slurm', '0001-1.exit'), 'utf8')).toBe('0\n');
    },
  );
});
