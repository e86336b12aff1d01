/** The page and the document that `measure --out` writes. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { measureVerb } from '../../src/cli/measure.js';
import { refusal } from '../data/helpers.js';
import { documentOf, runVerb } from '../support/commandInProcess.js';

const at = (name: string) => new URL(`../cases/${name}`, import.meta.url).pathname;
let folder = '';
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'page-'))));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const page = (out: string) => readFileSync(join(out, 'report.html'), 'utf8');

it('holds the verdict, the numbers and the matrices of the document', async () => {
  const out = join(folder, 'judged');
  const args = [at('etf_offset.npz'), ...'--loss ce --weight-decay 5e-3 --feature-decay 2e-3'.split(' ')];
  const { code, stdout } = await runVerb(measureVerb, [...args, '--out', out]);
  expect(code).toBe(0);
  expect(stdout).toContain(`The report is in ${join(out, 'report.html')}`);
  const document = await documentOf<{ nc2: { equinorm: number }; verdict: { warnings: string[] } }>(
    measureVerb,
    args,
  );
  expect(JSON.parse(readFileSync(join(out, 'measure.json'), 'utf8'))).toEqual(document);
  const text = page(out);
  expect(text).toContain('<b>As theory says</b>Every class is as theory says');
  expect(text).toContain(document.verdict.warnings[0]);
  expect(text).toContain(`<data value="${document.nc2.equinorm}"`);
  // Three matrices, each measured, predicted and their difference.
  expect(text.match(/class="collapsar-heat"/g)).toHaveLength(9);
  expect(text).not.toMatch(/<script|https?:\/\/[^"<]*\.js/);
});

it('says that it was not judged where no decays were given, and has the test samples and names', async () => {
  const out = join(folder, 'plain');
  await runVerb(measureVerb, [at('strlabels.npz'), '--test', at('strlabels.npz'), '--out', out]);
  const text = page(out);
  expect(text).toContain('<b>Measured, not judged</b>no prediction: it needs a loss');
  expect(text).toContain('Test samples about the class means of training.');
  for (const name of ['cat', 'dog', 'emu', 'fox']) expect(text).toContain(name);
});

it('is not written over that of a run', async () => {
  writeFileSync(join(folder, 'spec.yaml'), '');
  const refused = refusal(() => runVerb(measureVerb, [at('n1c11.npz'), '--out', folder]), 'file');
  expect((await refused).message).toContain(
    'a folder of its own for the report, got one of a run, with spec.yaml',
  );
});
