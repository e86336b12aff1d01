/** `collapsar measure RUN --watch` beside a training that writes: before its folder is there, while it grows, to Ctrl-C. */
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { collapsar, interrupted, temporaryFolder } from '../support/cli.js';

const GOLDEN = new URL('../golden/monitor/run/', import.meta.url).pathname;
const LINES = readFileSync(`${GOLDEN}epochs.jsonl`, 'utf8').trimEnd().split('\n');
const EPOCHS = LINES.map((line) => (JSON.parse(line) as { epoch: number }).epoch);

/** Epochs of the lines printed so far. */
function printed(stdout: string): number[] {
  return [...stdout.matchAll(/^ +(\d+) .*%$/gm)].map(([, epoch]) => Number(epoch));
}

describe('collapsar measure --watch', () => {
  it('waits for a folder, prints each epoch as it comes, and the last in full at Ctrl-C', async () => {
    const cwd = temporaryFolder();
    const folder = join(cwd, 'run');
    let written = 0;
    // What the companion writes: the manifest, then of each epoch its file, and its line once that is whole.
    const write = (epoch: number) => {
      const name = `epochs/${String(EPOCHS[epoch]).padStart(6, '0')}.safetensors`;
      copyFileSync(`${GOLDEN}${name}`, join(folder, name));
      // A line that is not whole yet is no epoch.
      appendFileSync(join(folder, 'epochs.jsonl'), LINES[epoch].slice(0, 20));
      appendFileSync(join(folder, 'epochs.jsonl'), `${LINES[epoch].slice(20)}\n`);
    };
    const { code, stdout, stderr } = await interrupted(
      ['measure', 'run', '--watch'],
      cwd,
      'SIGINT',
      (notes, output) => {
        if (!notes.includes('waiting')) return false;
        if (!existsSync(folder)) {
          mkdirSync(join(folder, 'epochs'), { recursive: true });
          writeFileSync(join(folder, 'collapsar.json'), readFileSync(`${GOLDEN}collapsar.json`));
        }
        if (printed(output).length < written) return false;
        if (written < EPOCHS.length) write(written++);
        return printed(output).length === EPOCHS.length;
      },
    );
    expect(code).toBe(0);
    expect(stderr).toContain('run has no epoch yet: waiting for one; Ctrl-C ends');
    expect(printed(stdout)).toEqual(EPOCHS);
    expect(stdout.match(/epoch +right/g)).toHaveLength(1);
    // It is not known to have ended.
    expect(stdout).toMatch(/Not there yet|So far every class is as theory says/);
    expect(stdout.indexOf('\nepoch 300\n')).toBeGreaterThan(stdout.lastIndexOf('100.0 %'));
    expect(readFileSync(join(folder, 'report.html'), 'utf8')).toContain('Collapse through depth');
  });

  it('ends with a training that has ended, and judges it', () => {
    const folder = join(temporaryFolder(), 'run');
    cpSync(GOLDEN, folder, { recursive: true });
    appendFileSync(join(folder, 'epochs.jsonl'), '{"end":"epochs","epoch":300}\n');
    const { code, stdout } = collapsar(['measure', folder, '--watch']);
    expect(code).toBe(0);
    expect(printed(stdout)).toEqual(EPOCHS);
    expect(stdout).not.toContain('Not there yet');
  });

  it('is not for what no training writes', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'notes.txt'), '');
    const { code, stderr } = collapsar(['measure', folder, '--watch']);
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining('a folder that the companion for PyTorch writes'),
    ]);
  });
});
