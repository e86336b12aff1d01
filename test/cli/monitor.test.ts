/** `collapsar measure` of a training that the companion for PyTorch watched. */
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { MonitorDocument } from '../../src/verbs/index.js';
import { temporaryFolder } from '../support/cli.js';
import { collapsar, json } from '../support/commandInProcess.js';

const GOLDEN = new URL('../golden/monitor/run/', import.meta.url).pathname;

describe('collapsar measure of a monitored run', () => {
  let folder: string;
  beforeEach(async () => {
    folder = join(temporaryFolder(), 'run');
    await cp(GOLDEN, folder, { recursive: true });
  });

  it('prints a line an epoch, training and test, and the last beside theory', async () => {
    const { code, stdout } = await collapsar(['measure', folder], { columns: 80 });
    expect(code).toBe(0);
    const lines = stdout.split('\n');
    const document = (await json(['measure', folder])) as MonitorDocument;
    const start = lines.findIndex((line) => line.trimStart().startsWith('epoch '));
    document.series.forEach(({ epoch, accuracy, test }, i) => {
      const cells = lines[start + 1 + i].trim().split(/ {2,}|(?<=%) +/);
      expect(cells[0]).toBe(String(epoch));
      expect(cells[1]).toBe(`${(100 * accuracy!).toFixed(1)} %`);
      expect(cells[2]).toBe(`${(100 * test!.accuracy).toFixed(1)} %`);
    });
    const fitted =
      /λ_H was fitted to this epoch, and is that of the theory beside all: (\S+) \(class by class from (\S+) to ([^\s:,)]+)[^)]*\)/;
    const { value, range } = document.fittedFeatureDecay!;
    const shown = fitted.exec(stdout.replace(/\s+/g, ' '))!.slice(1).map(Number);
    // Three digits.
    [value, ...range].forEach((decay, i) => expect(shown[i] / decay).toBeCloseTo(1, 2));
    expect(stdout).toContain('body.0');
    expect(stdout).toContain('No feature is negative');
    for (const line of lines.slice(1, -2))
      expect(Array.from(line.replace(/\p{M}/gu, '')).length).toBeLessThanOrEqual(80);
    const page = await readFile(join(folder, 'report.html'), 'utf8');
    expect(page).toContain('Collapse through depth');
    expect(page).toContain('Training and test samples');
    expect(page).not.toContain('<script');
  });

  it('gives one document with --json, and writes nothing', async () => {
    const document = (await json(['measure', folder])) as MonitorDocument;
    expect(document.series.map(({ epoch }) => epoch)).toEqual([0, 10, 300]);
    expect(document.headCheck.finding).toBe('same');
    await expect(readFile(join(folder, 'report.html'))).rejects.toThrow('ENOENT');
  });

  it('takes another λ_H, and says why there is no theory', async () => {
    const { prediction } = (await json(['measure', folder, '--feature-decay', '1e-5'])) as MonitorDocument;
    expect(prediction?.problem.featureDecay).toBe(1e-5);
    const path = join(folder, 'collapsar.json');
    await writeFile(path, (await readFile(path, 'utf8')).replace('"decoupled": false', '"decoupled": true'));
    const { stdout } = await collapsar(['measure', folder]);
    expect(stdout).toContain('no prediction: SGD decays weights beside the gradient');
  });

  it('lets the head begin later, and reads the loss as the options say', async () => {
    const whole = (await json(['measure', folder])) as MonitorDocument;
    const last = (await json(['measure', folder, '--weights', 'head.1'])) as MonitorDocument;
    expect([last.depth, last.dimension, last.features]).toEqual([1, 5, 'z1']);
    expect(last.series[2].nc1).toEqual(whole.series[2].layers[2].nc1);
    expect(last.prediction?.problem).toMatchObject({ widths: [5], weightDecays: [2e-3], bias: 'free' });
    const options = [
      '--loss',
      'mse',
      '--mse-reduction',
      'mean',
      '--weight-decay',
      '1e-3',
      '--bias',
      'decayed',
    ];
    const said = (await json(['measure', folder, ...options, '--feature-decay', '1e-3'])) as MonitorDocument;
    expect(said.prediction?.problem).toMatchObject({
      ...{ loss: 'mse', bias: 'decayed', biasDecay: 1.5e-3 },
      ...{ weightDecays: [1.5e-3, 1.5e-3], featureDecay: 1.5e-3 },
    });
    expect(said.lossConvention).toContain('here 1.5·wd');
    expect([whole.nonNegative, last.nonNegative]).toEqual([true, false]);
    const wrong = await collapsar(['measure', folder, '--weights', 'head.0']);
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('of head.0, head.1, got head.0')]);
  });

  it('says what contradicts the record, and leaves the report of the run alone', async () => {
    await collapsar(['measure', folder]);
    const page = () => readFile(join(folder, 'report.html'), 'utf8');
    const before = await page();
    expect(before).toContain('No feature is negative');
    const other = ['measure', folder, '--loss', 'mse', '--weight-decay', '2e-3'];
    const said = await collapsar(other);
    expect(said.stdout.replace(/\s+/g, ' ')).toContain(
      'the run recorded cross-entropy (CrossEntropyLoss), and it is held against a squared error',
    );
    expect(said.stderr).toContain('report.html is left as it was');
    expect(said.stdout).not.toContain('report  ');
    const out = join(folder, '..', 'other');
    expect((await collapsar([...other, '--out', out])).stdout).toContain(join(out, 'report.html'));
    expect(await readFile(join(out, 'report.html'), 'utf8')).toContain('the run recorded cross-entropy');
    expect(await page()).toBe(before);
    const own = await collapsar(['measure', folder, '--out', folder]);
    expect([own.code, own.stderr]).toEqual([2, expect.stringContaining('a folder of its own')]);
    // Other decays may be the same training in other units.
    const document = (await json(['measure', folder, '--weight-decay', '1e-3'])) as MonitorDocument;
    expect(document.contradictions).toEqual([]);
  });

  it('refuses what its folder says itself, and a folder without epochs', async () => {
    const refused = await collapsar(['measure', folder, '--labels', 'y']);
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringContaining('--labels: a file to measure'),
    ]);
    const both = await collapsar(['measure', folder, '--watch', '--json']);
    expect([both.code, both.stderr]).toEqual([2, expect.stringContaining('--watch')]);
    await rm(join(folder, 'epochs.jsonl'));
    const empty = await collapsar(['measure', folder]);
    expect([empty.code, empty.stderr]).toEqual([
      2,
      expect.stringContaining('expected an epoch with finite features, got none yet'),
    ]);
  });
});
