/** Whether jobs of Slurm have ended, from the answers of its programs, with fakes in their place. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isOver, type CallSlurm } from '../../src/cli/slurmStates.js';
import type { Submission } from '../../src/runs/sweepSubmissions.node.js';
import { temporaryFolder } from '../support/cli.js';

const SUBMISSION: Submission = {
  ...{ number: '0001', name: 'collapsar-ab-0001', ranges: [[0, 3]], tasks: 2, share: 2, job: '7', at: 0 },
  request: { lines: [], tasks: 2, throttle: null },
};
type Fakes = Partial<Record<'squeue' | 'sacct' | 'scontrol', string | Error>>;
const calling =
  (fakes: Fakes, calls: string[] = []): CallSlurm =>
  (program, words) => {
    calls.push([program, ...words].join(' '));
    const text = fakes[program as keyof Fakes] ?? new Error(`${program}: not found`);
    return text instanceof Error ? Promise.reject(text) : Promise.resolve(text);
  };
const shown = (task: string, state: string, name = SUBMISSION.name) =>
  `JobId=8 ArrayJobId=7 ArrayTaskId=${task} JobName=${name} UserId=a(1) JobState=${state} Reason=None\n`;
const over = (fakes: Fakes, submission = SUBMISSION, folder = temporaryFolder()) =>
  isOver(folder, submission, calling(fakes));

describe('whether a submission is over', () => {
  it('is not while squeue lists a task of it, and nothing else is called', async () => {
    const calls: string[] = [];
    const call = calling({ squeue: 'COMPLETED\nPENDING\n' }, calls);
    expect(await isOver(temporaryFolder(), SUBMISSION, call)).toBe(false);
    expect(calls).toEqual(['squeue --noheader --array --name=collapsar-ab-0001 --format=%T']);
  });

  it('is what the accounting says when the queue is empty', async () => {
    expect(await over({ squeue: '', sacct: 'COMPLETED\nREQUEUED\n' })).toBe(false);
    expect(await over({ squeue: '', sacct: 'COMPLETED\nCANCELLED by 0\n' })).toBe(true);
  });

  it('is what scontrol says where there is no accounting, with or without squeue', async () => {
    for (const squeue of ['', new Error('squeue: down')]) {
      const ended = shown('0', 'COMPLETED') + shown('1', 'NODE_FAIL');
      expect(await over({ squeue, scontrol: ended })).toBe(true);
      expect(await over({ squeue, scontrol: shown('0', 'COMPLETED') + shown('1-3', 'PENDING') })).toBe(false);
      expect(await over({ squeue, scontrol: shown('0', 'COMPLETING') })).toBe(false);
      const forgotten = new Error('scontrol: slurm_load_jobs error: Invalid job id specified');
      expect(await over({ squeue, scontrol: forgotten })).toBe(true);
    }
  });

  it('looks for the name where the number of the job is not known, for as long as a job takes to be seen', async () => {
    const lost = { ...SUBMISSION, job: null };
    const others = shown('0', 'RUNNING', 'another');
    expect(await over({ scontrol: others + shown('0', 'RUNNING') }, lost)).toBe(false);
    expect(await over({ scontrol: others }, lost)).toBe(true);
    expect(await over({ squeue: '', scontrol: others }, { ...lost, at: Date.now() })).toBe(false);
  });

  it('is by the exit codes of all its tasks where nothing answers, and else says which program does not', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'slurm'));
    writeFileSync(join(folder, 'slurm', '0001-0.exit'), '0\n');
    writeFileSync(join(folder, 'slurm', '0002-1.exit'), '0\n');
    await expect(over({}, SUBMISSION, folder)).rejects.toThrow('squeue: not found');
    writeFileSync(join(folder, 'slurm', '0001-1.exit'), '1\n');
    expect(await over({}, SUBMISSION, folder)).toBe(true);
  });
});
