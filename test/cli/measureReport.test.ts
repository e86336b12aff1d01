/** The page and the document that `measure --out` writes. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { measureVerb } from '../../src/cli/measure.js';
import { recordsOfFiles, type SeriesDocument, type SeriesRecords } from '../../src/verbs/index.js';
import { refusal } from '../data/helpers.js';
import { documentOf, runVerb } from '../support/commandInProcess.js';
import { all, only, readMarkup } from '../support/readMarkup.js';

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

it('draws a series of files over what their names count, with the last in full', async () => {
  const out = join(folder, 'series');
  const files = ['epoch-3.npz', 'epoch-20.npz', 'epoch-100.npz'].map((name) => join(folder, name));
  ['ufm_mse_0.0.npz', 'ufmflip_mse.npz', 'ufm_mse_0.0.npz'].forEach((name, i) => {
    copyFileSync(at(name), files[i]);
  });
  const options = '--series --loss mse --weight-decay 5e-3 --feature-decay 5e-3'.split(' ');
  await runVerb(measureVerb, [...files, ...options, '--out', out]);
  const text = page(out);
  for (const title of ['Collapse over the series', 'Norms over the series', 'The snapshots of the series'])
    expect(text).toContain(title);
  expect(text).toContain('>epoch</text>');
  expect(text).not.toContain('Training and test samples');
  const document = JSON.parse(readFileSync(join(out, 'measure.json'), 'utf8')) as SeriesDocument;
  const { records, unit } = recordsOfFiles(document);
  expect(unit).toBe('epoch');
  expect(records.map(({ step }) => step)).toEqual([3, 20, 100]);
  records.forEach(({ nc1, nc3, weightNorms }, i) => {
    const { classes, ...point } = document.series[i];
    expect({ nc1, nc3 }).toEqual({ nc1: point.nc1, nc3: point.nc3 });
    expect(weightNorms).toEqual(classes.map(({ weightNorm }) => weightNorm));
  });
});

it('counts files where names do not ascend', () => {
  const named = (...names: string[]) =>
    recordsOfFiles({
      series: names.map((file) => ({ file, classes: [], prediction: null })),
    } as unknown as SeriesDocument);
  const steps = (series: SeriesRecords) => [...series.records.map(({ step }) => step), series.unit];
  expect(steps(named('a/wd-3.npz', 'a/wd-1.npz'))).toEqual([1, 2, 'file']);
  expect(steps(named('one.npz', 'two.npz'))).toEqual([1, 2, 'file']);
  expect(steps(named('run2/step100.npz', 'run2/step200.npz'))).toEqual([100, 200, 'file']);
  expect(steps(named('ep_1.pt', 'ep_10.pt'))).toEqual([1, 10, 'epoch']);
});

it('has further tables with names at the left and numbers at the right', async () => {
  const out = join(folder, 'more');
  await runVerb(measureVerb, [at('strlabels.npz'), '--test', at('strlabels.npz'), '--out', out]);
  const tables = all(only(readMarkup(page(out)), 'section[aria-labelledby="more"]'), 'table');
  expect(tables.length).toBeGreaterThan(0);
  for (const table of tables) {
    const heads = all(table, 'thead th').map((head) => head.getAttribute('class'));
    expect(heads.map((kind) => kind === 'text')).toEqual([true, ...heads.slice(1).map(() => false)]);
    for (const row of all(table, 'tbody tr')) expect(all(row, 'th, td')).toHaveLength(heads.length);
  }
});

it('is not written over that of a run', async () => {
  writeFileSync(join(folder, 'spec.yaml'), '');
  const refused = refusal(() => runVerb(measureVerb, [at('n1c11.npz'), '--out', folder]), 'file');
  expect((await refused).message).toContain(
    'a folder of its own for the report, got one of a run, with spec.yaml',
  );
});
