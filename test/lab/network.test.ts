/**
 * The lab's panel of one's own network as a person uses it, in Chromium. Every number that is checked comes from the command
 * line for the same file, computed there without a native BLAS, as in a browser. Skipped, saying so, where there is no
 * Chromium.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { encodeNpz } from '../../src/data/index.js';
import type { MeasureDocument, SeriesDocument } from '../../src/verbs/index.js';
import { temporaryFolder } from '../support/cli.js';
import { collapsar, json } from '../support/commandInProcess.js';
import { asNumber, issues, labForTests, present, until } from './page.js';

const UNEQUAL = '--counts 24,12,6 --depth 2 --width 8'.split(' ');

/** Numbers of a JSON text, those in its sentences included. */
const NUMBER = /-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/g;

/** Four digits are shown. */
function agree(shown: readonly number[], numbers: readonly (number | null)[]): void {
  expect(shown.length).toBe(numbers.length);
  shown.forEach((value, i) =>
    expect(Math.abs(value - (numbers[i] ?? NaN))).toBeLessThanOrEqual(6e-4 * Math.abs(value)),
  );
}

/** A network that stands at a minimum: that of λ_W = 0.002 and λ_H = 0.001. */
async function writeNetwork(
  name: string,
  options: readonly string[] = UNEQUAL,
): Promise<{ folder: string; file: string }> {
  const folder = temporaryFolder();
  await json(['predict', ...options, '--weight-decay', '2e-3', '--feature-decay', '1e-3', '--out', name], {
    cwd: folder,
  });
  return { folder, file: join(folder, name) };
}

/** A network that has not collapsed: scatter around its class means, layers that are not balanced, one class all but dead. */
function writeScattered(name: string): { folder: string; file: string } {
  const folder = temporaryFolder();
  writeFileSync(join(folder, name), scatteredNetwork(0.1));
  return { folder, file: join(folder, name) };
}

/** The same at any scatter, as a file. */
function scatteredNetwork(scatter: number): Uint8Array {
  const counts = [24, 12, 6];
  const labels = Int32Array.from(counts.flatMap((n, k) => new Array<number>(n).fill(k)));
  const d = 8;
  const grid = (rows: number, cols: number, at: (i: number, j: number) => number) =>
    Float64Array.from({ length: rows * cols }, (_, i) => at(Math.floor(i / cols), i % cols));
  const features = grid(
    labels.length,
    d,
    (i, r) => (r === labels[i] ? 0.8 : 0) + scatter * Math.sin(37 * i + 11 * r),
  );
  const W1 = grid(d, d, (i, j) => (i === j ? 1.1 : 0) + 0.1 * Math.cos(5 * i + 3 * j));
  const W2 = grid(3, d, (k, j) => (k === 2 ? 1e-6 : 1) * ((k === j ? 1 : 0) + 0.1 * Math.sin(k + 7 * j)));
  return encodeNpz([
    { name: 'features', shape: [labels.length, d], dtype: 'float64', values: features },
    { name: 'labels', shape: [labels.length], dtype: 'int32', values: labels },
    { name: 'W1', shape: [d, d], dtype: 'float64', values: W1 },
    { name: 'W2', shape: [3, d], dtype: 'float64', values: W2 },
  ]);
}

/** The command line's document of a file in its folder. */
async function measured(folder: string, name: string, options: string): Promise<MeasureDocument> {
  return (await json(['measure', name, ...options.split(' ').filter((word) => word !== '')], {
    cwd: folder,
    blas: 'portable',
  })) as MeasureDocument;
}

const shown = async (page: Page, key: string) => asNumber(await page.textContent(`[data-measure=${key}]`));
const compared = (page: Page, key: string) => page.textContent(`[data-compared=${key}]`);
const within = (page: Page) => page.locator('#network');

/** Until the panel says so: it says it in one place, which stays where it is. */
const says = (page: Page, text: string, seconds?: number) =>
  until(
    page,
    `(document.querySelector('#network [role=status]')?.textContent ?? '').startsWith(${JSON.stringify(text)})`,
    seconds,
  );

/** A file held over a place of the window and let go there by the browser itself, as from a folder of the desktop. */
async function drop(page: Page, x: number, y: number, files: readonly string[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [...files], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await session.send('Input.dispatchDragEvent', { type, x, y, data });
}

describe.skipIf(!present)('the lab’s panel of one’s own network', () => {
  const lab = labForTests();
  const { visit } = lab;

  it('measures a dropped network as the command line does, at the loss and decays of part 1', () =>
    visit('#v=1&place=network&beside=prediction&depth=1&wd=1e-3&fd=1e-4', async (page) => {
      const { folder, file } = writeScattered('net.npz');
      const expected = await measured(
        folder,
        'net.npz',
        '--loss mse --weight-decay 1e-3 --feature-decay 1e-4',
      );
      await within(page).locator('.drop').scrollIntoViewIfNeeded();
      const box = (await within(page).locator('.drop').boundingBox())!;
      await drop(page, box.x + box.width / 2, box.y + 12, [file]);
      await says(page, 'Measured net.npz.');
      const { nc1, nc2, nc3 } = expected;
      const frames = [
        ['nc2-weights', nc2.weights],
        ['nc2-features', nc2.features],
        ['nc3-logits', nc3],
      ] as const;
      for (const [key, { predicted, orthogonal, etf }] of frames)
        agree(
          [await shown(page, key), await shown(page, `${key}-orthogonal`), await shown(page, `${key}-etf`)],
          [predicted, orthogonal, etf],
        );
      agree(
        [
          await shown(page, 'nc1'),
          await shown(page, 'nc1-weighted'),
          await shown(page, 'quotient'),
          await shown(page, 'cdnv'),
          await shown(page, 'equinorm'),
          await shown(page, 'equiangular'),
          await shown(page, 'nc3'),
          await shown(page, 'nc3-centred'),
          await shown(page, 'nc3-predicted'),
          await shown(page, 'nc4'),
          await shown(page, 'balance-1'),
        ],
        [
          nc1.pinv,
          nc1.pinvWeighted,
          nc1.quotient,
          expected.cdnv,
          nc2.equinorm,
          nc2.equiangular,
          nc3.duality,
          nc3.dualityCentred,
          nc3.dualityPredicted,
          100 * expected.nc4!,
          expected.balancedness![0],
        ],
      );
      for (const [key, found, theory] of [
        ['weight-norm', 'weightNorm', 'predictedWeightNorm'],
        ['feature-norm', 'featureNorm', 'predictedFeatureNorm'],
        ['fit', 'fit', 'predictedFit'],
      ] as const) {
        const cells = async (side: string) =>
          (await page.locator(`.network-classes td.${key}.${side}`).allTextContents()).map(asNumber);
        agree(
          await cells('found'),
          expected.classes.map((one) => one[found]),
        );
        agree(
          await cells('expected'),
          expected.classes.map((one) => one[theory]),
        );
      }
      const words = async (cell: string) =>
        (await page.locator(`.network-classes td.${cell}`).allTextContents()).map((text) =>
          text.replace(/[^a-z]/g, ''),
        );
      expect(await words('outcome')).toEqual(expected.classes.map(({ measured }) => measured ?? 'neither'));
      expect(await words('regime')).toEqual(expected.classes.map(({ regime }) => regime));
      expect(await page.textContent('.network-result .verdict')).toBe(expected.verdict?.sentence);
      expect(await compared(page, 'weight-decay')).toBe('1e-3');
      expect(await compared(page, 'feature-decay')).toBe('1e-4');
      expect(await page.textContent('.compared')).toContain('squared error');
      await page.locator('.network-result .gram').last().scrollIntoViewIfNeeded();
      await until(page, 'document.querySelectorAll(".network-result .gram svg.collapsar-plot").length === 6');
      await page.locator('.network-result .drawn').first().scrollIntoViewIfNeeded();
      await page.waitForSelector('.network-result figcaption');
      expect(await page.textContent('.network-result figcaption')).toContain('measured in the file');
      expect(await page.textContent('#network')).not.toContain('end of the run');
    }));

  it('compares with settings of its own, and measures again at once when one changes', () =>
    visit('#v=1&place=network&beside=prediction&wd=1e-3&fd=1e-4', async (page) => {
      const { folder, file } = await writeNetwork('net.npz');
      await page.setInputFiles('.drop input', file);
      await says(page, 'Measured');
      const decay = page.getByLabel('Weight decay of the network');
      await decay.fill('2e-3');
      await decay.press('Enter');
      await until(page, `document.querySelector('[data-compared=weight-decay]').textContent === '2e-3'`);
      await says(page, 'Measured');
      const number = page.getByLabel('Feature decay of the network');
      await number.fill('1e-3');
      await number.press('Tab');
      await until(page, `document.querySelector('[data-compared=feature-decay]').textContent === '1e-3'`);
      const own = await measured(folder, 'net.npz', '--loss mse --weight-decay 2e-3 --feature-decay 1e-3');
      expect(own.verdict?.held).toBe(true);
      expect(await page.textContent('.network-result .verdict')).toBe(own.verdict?.sentence);
      // The problem in Explore goes its own way meanwhile.
      expect(await page.evaluate('location.hash')).toContain('&wd=1e-3&fd=1e-4');
      await within(page).getByText('cross-entropy', { exact: true }).click();
      await until(page, `document.querySelector('.compared').textContent.includes('cross-entropy')`);
      await says(page, 'Measured');
      const ce = await measured(folder, 'net.npz', '--loss ce --weight-decay 2e-3 --feature-decay 1e-3');
      agree(
        [
          await shown(page, 'nc2-weights-seli'),
          await shown(page, 'nc3-logits-seli'),
          await shown(page, 'nc2-weights'),
        ],
        [ce.seli!.weights, ce.seli!.logits, ce.nc2.weights.predicted],
      );
      expect(await page.textContent('[data-measure=angle-minority-weights]')).toBe(
        ce.minority!.minority.weights === null ? '–' : `${ce.minority!.minority.weights.toFixed(1)}°`,
      );
      expect(
        (await page.locator('.network-classes td.regime').allTextContents()).map((text) => text.trim()),
      ).toEqual(ce.prediction!.classes.map(({ separated }) => (separated ? 'separated' : 'not separated')));
      await within(page).getByText('no: measures alone').click();
      await until(page, `document.querySelector('.compared').textContent.includes('with nothing')`);
      expect(await page.locator('[data-measure=nc2-weights]').count()).toBe(0);
      await page.getByRole('button', { name: 'As in Explore' }).click();
      await until(page, `document.querySelector('[data-compared=weight-decay]')?.textContent === '1e-3'`);
      // What cannot be taken stays in its field with a word on why, and measures nothing.
      await decay.fill('1e-3, nought');
      await decay.press('Enter');
      expect(await within(page).locator('.wrong').textContent()).toContain('one for each layer');
      await decay.fill('1e-3, 2e-3, 3e-3');
      await decay.press('Enter');
      await says(page, 'net.npz was not measured');
      const refused = 'measure net.npz --loss mse --weight-decay 1e-3,2e-3,3e-3 --feature-decay 1e-4';
      const { stderr } = await collapsar(refused.split(' '), { cwd: folder });
      const wrong = await within(page).locator('.measuring .wrong').textContent();
      expect(wrong).toMatch(/^Weight decay: one value, or one for each/);
      expect(stderr).toContain(wrong!.replace('Weight decay', 'weight-decay'));
      // The measurement before is still there, and says what it was beside.
      expect(await compared(page, 'weight-decay')).toBe('1e-3');
      await decay.fill('1e-3, 2e-3');
      await decay.press('Enter');
      await says(page, 'Measured');
      expect(await compared(page, 'weight-decay')).toBe('1e-3, 2e-3');
    }));

  it('keeps its settings in the address: a link opens with them, and going back measures with those before', () =>
    visit('#v=1&place=network&beside=prediction&wd=1e-3&fd=1e-4', async (page) => {
      const { file } = await writeNetwork('net.npz');
      await page.setInputFiles('.drop input', file);
      await says(page, 'Measured');
      await page.getByRole('button', { name: 'Explore', exact: true }).click();
      await page.getByRole('button', { name: 'Your network' }).click();
      const decay = page.getByLabel('Weight decay of the network');
      await decay.fill('2e-3, 3e-3');
      await decay.press('Enter');
      await within(page).getByText('fitted to the file', { exact: true }).click();
      await until(
        page,
        `document.querySelector('[data-compared=weight-decay]')?.textContent === '2e-3, 3e-3'`,
      );
      await until(page, 'location.hash.includes("nfeature=fit")');
      const link = await page.evaluate<string>('location.hash');
      expect(link).toContain('nwd=2e-3,3e-3');
      await page.goBack();
      await page.goBack();
      await until(page, `document.querySelector('[data-compared=weight-decay]')?.textContent === '1e-3'`);
      await says(page, 'Measured');
      const other = await lab.open(link);
      try {
        const fields = other.page.locator('#network');
        expect(await fields.getByLabel('Weight decay of the network').inputValue()).toBe('2e-3, 3e-3');
        expect(await fields.getByLabel('fitted to the file').isChecked()).toBe(true);
        await other.page.setInputFiles('.drop input', file);
        await says(other.page, 'Measured');
        expect(await compared(other.page, 'weight-decay')).toBe('2e-3, 3e-3');
      } finally {
        await other.close();
      }
    }));

  it('keeps the settings of an open file at an address from before it', () =>
    visit('#v=1&place=explore&wd=1e-3&fd=1e-4', async (page) => {
      await page.getByRole('button', { name: 'Your network' }).click();
      await within(page).getByText('yes: compare with theory').click();
      await page.setInputFiles('.drop input', (await writeNetwork('net.npz')).file);
      await says(page, 'Measured');
      await page.goBack();
      const number = page.getByLabel('Weight decay as a number');
      await number.fill('3e-3');
      await number.press('Enter');
      await until(page, 'location.hash.includes("wd=3e-3")');
      await page.getByRole('button', { name: 'Your network' }).click();
      expect(await page.getByLabel('Weight decay of the network').inputValue()).toBe('1e-3');
      expect(await compared(page, 'weight-decay')).toBe('1e-3');
    }));

  it('fits the feature decay to the file, and says its range over the classes as the command line does', () =>
    visit('#v=1&place=network&beside=prediction&wd=1.5e-3', async (page) => {
      const { folder, file } = await writeNetwork('net.npz');
      const options = '--loss mse --weight-decay 1.5e-3 --feature-decay fit';
      const { fittedFeatureDecay: fitted } = await measured(folder, 'net.npz', options);
      const printed = await collapsar(['measure', 'net.npz', ...options.split(' ')], { cwd: folder });
      await page.setInputFiles('.drop input', file);
      await says(page, 'Measured');
      await within(page).getByText('fitted to the file').first().click();
      await page.waitForSelector('[data-compared=fitted]');
      const [value, low, high] = [
        await compared(page, 'fitted'),
        await compared(page, 'fitted-low'),
        await compared(page, 'fitted-high'),
      ];
      expect(printed.stdout).toContain(`λ_H was fitted: ${value} (class by class from ${low} to ${high})`);
      expect(await compared(page, 'feature-decay')).toBe(value);
      expect(await page.getByLabel('Feature decay of the network').isDisabled()).toBe(true);
      agree(
        (await page.locator('.network-classes td.class-decay').allTextContents()).map(asNumber),
        fitted!.classes,
      );
    }));

  it('takes a file that is dropped anywhere, and stays on the page', () =>
    visit('', async (page) => {
      const { file } = await writeNetwork('elsewhere.npz');
      const address = page.url();
      await page.evaluate('window.stays = true');
      // Over the explanation, which knows nothing of files.
      expect(await within(page).count()).toBe(0);
      await drop(page, 700, 300, [file]);
      await says(page, 'Measured elsewhere.npz.');
      expect(await page.evaluate('window.stays')).toBe(true);
      expect(new URL(page.url()).pathname).toBe(new URL(address).pathname);
      // From here on the file is measured with settings of its own.
      await until(
        page,
        'location.hash.includes("place=network") && location.hash.includes("beside=nothing")',
      );
      const top = await page.evaluate<number>(
        'document.querySelector("#network").getBoundingClientRect().top',
      );
      expect(Math.abs(top)).toBeLessThan(450);
      expect(await page.locator('.drop-note').count()).toBe(0);
      const spec = join(temporaryFolder(), 'spec.yaml');
      writeFileSync(spec, 'kind: ufm\n');
      await drop(page, 700, 300, [spec]);
      await says(
        page,
        'Measured elsewhere.npz. spec.yaml is no npz, safetensors or torch.save file: it was left alone.',
      );
    }));

  it('measures a series in the order of its names, shows each file’s numbers, and plays it', () =>
    visit(
      '#v=1&place=network',
      async (page) => {
        const folder = temporaryFolder();
        const scatters = [0.5, 0.1, 0.02];
        const epochs = [2, 10, 100];
        const names = epochs.map((epoch) => `epoch-${epoch}.npz`);
        names.forEach((name, i) => writeFileSync(join(folder, name), scatteredNetwork(scatters[i])));
        writeFileSync(join(folder, 'notes.txt'), 'of another kind');
        await page.setInputFiles(
          '.drop input',
          [names[2], 'notes.txt', names[0], names[1]].map((name) => join(folder, name)),
        );
        await says(page, 'Measured epoch-100.npz. Left alone: notes.txt.');
        const rows = page.locator('.series tbody tr');
        expect(await rows.locator('th').allTextContents()).toEqual(names);
        const documents = await Promise.all(names.map((name) => measured(folder, name, '')));
        agree(
          (await rows.locator('td:nth-child(2)').allTextContents()).map(asNumber),
          documents.map(({ nc1 }) => nc1.quotient),
        );
        const slider = page.getByRole('slider', { name: 'File shown' });
        expect(await slider.inputValue()).toBe('2');
        await slider.press('Home');
        agree([await shown(page, 'quotient')], [documents[0].nc1.quotient]);
        expect(await page.textContent('.network-measures b')).toBe(names[0]);
        await page.evaluate(`(() => {
          window.seen = [];
          new MutationObserver(() => {
            const name = document.querySelector('.network-measures b').textContent;
            if (name !== window.seen.at(-1)) window.seen.push(name);
          }).observe(document.querySelector('.network-measures b'), { characterData: true, subtree: true, childList: true });
        })()`);
        await page.locator('.series').getByRole('button', { name: 'Play' }).click();
        await until(page, 'window.seen.length === 2');
        expect(await page.evaluate('window.seen')).toEqual(names.slice(1));
      },
      { still: false },
    ));

  it('fits the one λ_H of a series to its last file, as the command line does', () =>
    visit('#v=1&place=network&beside=prediction&nwd=2e-3&nfeature=fit', async (page) => {
      const folder = temporaryFolder();
      const names = ['epoch-1.npz', 'epoch-2.npz', 'epoch-3.npz'];
      names.forEach((name, i) => writeFileSync(join(folder, name), scatteredNetwork([0.4, 0.2, 0.05][i])));
      await page.setInputFiles(
        '.drop input',
        names.map((name) => join(folder, name)),
      );
      const slider = page.getByRole('slider', { name: 'File shown' });
      await until(page, `document.querySelector('.series input')?.disabled === false`);
      await says(page, 'Measured epoch-3.npz.');
      const options = '--loss mse --weight-decay 2e-3 --feature-decay fit --series'.split(' ');
      const { series, featureDecay } = (await json(['measure', ...names, ...options], {
        cwd: folder,
        blas: 'portable',
      })) as SeriesDocument;
      expect(featureDecay?.file).toBe('epoch-3.npz');
      expect(await compared(page, 'fitted')).toBe(await compared(page, 'feature-decay'));
      agree([asNumber(await compared(page, 'feature-decay'))], [featureDecay!.value]);
      await slider.press('Home');
      await until(page, `document.querySelector('.network-measures b').textContent === 'epoch-1.npz'`);
      expect(Number(await compared(page, 'feature-decay'))).toBe(featureDecay!.value);
      expect(await page.textContent('.compared')).toContain('fitted to epoch-3.npz, the last of the series');
      agree(
        (await page.locator('.network-classes td.weight-norm.expected').allTextContents()).map(asNumber),
        series[0].classes.map(({ predictedWeightNorm }) => predictedWeightNorm),
      );
      // Measured again with another decay, it stays with the file that is looked at.
      const decay = page.getByLabel('Weight decay of the network');
      await decay.fill('1e-3');
      await decay.press('Enter');
      await until(page, `document.querySelector('[data-compared=weight-decay]')?.textContent === '1e-3'`);
      await until(
        page,
        `!document.querySelector('.series input').disabled && document.querySelector('.network-measures b').textContent === 'epoch-1.npz'`,
      );
    }));

  it('takes the class weights of the training as an answer, by name or one by one', () =>
    visit('#v=1&place=network&beside=prediction&nwd=2e-3&nfd=1e-3', async (page) => {
      const { folder, file } = await writeNetwork('net.npz', [...UNEQUAL, '--class-weights', 'inverse']);
      await page.setInputFiles('.drop input', file);
      await says(page, 'Measured');
      const decays = '--loss mse --weight-decay 2e-3 --feature-decay 1e-3';
      const check = async (weights: string) => {
        const command = `collapsar measure net.npz ${decays}${weights} --json`;
        await until(
          page,
          `document.querySelector('.network-result code').textContent === ${JSON.stringify(command)}`,
        );
        await says(page, 'Measured');
        const expected = await measured(folder, 'net.npz', decays + weights);
        expect(await page.textContent('.network-result .verdict')).toBe(expected.verdict?.sentence);
        agree(
          (await page.locator('.network-classes td.weight-norm.expected').allTextContents()).map(asNumber),
          expected.classes.map(({ predictedWeightNorm }) => predictedWeightNorm),
        );
        const off = expected.classes.map((one) => Math.abs(one.weightNorm! / one.predictedWeightNorm! - 1));
        return Math.max(...off);
      };
      expect(await check('')).toBeGreaterThan(1e-3);
      const select = page.getByLabel('Class weights of the network');
      await select.selectOption('inverse');
      expect(await check(' --class-weights inverse')).toBeLessThan(1e-6);
      expect(await page.textContent('.compared')).toContain('class weights one over size');
      await select.selectOption('listed');
      const list = page.getByLabel('Weight of each class');
      expect(await list.inputValue()).toBe('1, 1, 1');
      await list.fill('1, 2, 4.5');
      await list.press('Enter');
      await check(' --class-weights 1,2,4.5');
      await until(page, 'location.hash.includes("nweights=1,2,4.5")');
    }));

  it('replays a run’s records that are dropped anywhere', () =>
    visit('#v=1&place=network', async (page) => {
      const records = join(temporaryFolder(), 'records.jsonl');
      writeFileSync(records, '{"step": 1}\n');
      await drop(page, 700, 300, [records]);
      await page.waitForSelector('#complaints');
      expect(await page.textContent('#complaints')).toContain('line 1 is no record of a training');
      expect(await page.locator('#network .measuring').count()).toBe(0);
    }));

  it('says how far it is, and can be cancelled and begun again', () =>
    visit('#v=1&place=network&beside=prediction&wd=2e-3&fd=1e-3', async (page) => {
      const folder = temporaryFolder();
      const [N, d] = [40_000, 200];
      const features = Float32Array.from({ length: N * d }, (_, i) => Math.sin(i) + (i % d === 0 ? 1 : 0));
      const labels = Int32Array.from({ length: N }, (_, i) => i % 3);
      writeFileSync(
        join(folder, 'large.npz'),
        encodeNpz([
          { name: 'features', shape: [N, d], dtype: 'float32', values: features },
          { name: 'labels', shape: [N], dtype: 'int32', values: labels },
        ]),
      );
      await page.setInputFiles('.drop input', join(folder, 'large.npz'));
      await until(page, '/row/.test(document.querySelector(".how-far")?.textContent ?? "")');
      const far = (await page.textContent('.how-far'))!.replace(/\u202f/g, ' ').trim();
      expect(far).toMatch(/^\d+ %, (first|second) of two readings: row \d+( \d{3})? of 40 000$/);
      const button = within(page).getByRole('button', { name: 'Cancel' });
      await button.press('Enter');
      await says(page, 'Cancelled: large.npz was not measured.');
      expect(await page.locator('.network-result').count()).toBe(0);
      // What measured it is gone: nothing can come of it.
      await expect
        .poll(() => page.workers().filter((worker) => worker.url().includes('network')).length)
        .toBe(0);
      expect(await page.locator('.network-result').count()).toBe(0);
      // The same button, still under the finger.
      const again = within(page).getByRole('button', { name: 'Measure again' });
      expect(await again.evaluate('document.activeElement.textContent')).toBe('Measure again');
      await again.press('Enter');
      await says(page, 'Measured large.npz.');
      expect(await page.textContent('.compared')).toContain('the file holds no head weights');
      agree([await shown(page, 'quotient')], [(await measured(folder, 'large.npz', '')).nc1.quotient]);
    }));

  it('refuses a broken file in words, and goes on with the next', () =>
    visit('#v=1&place=network&beside=prediction&wd=2e-3&fd=1e-3', async (page) => {
      const { folder, file } = await writeNetwork('net.npz');
      writeFileSync(join(folder, 'bad.npz'), 'not a file of arrays');
      writeFileSync(join(folder, 'half.npz'), readFileSync(file).subarray(0, 700));
      for (const name of ['bad.npz', 'half.npz']) {
        await page.setInputFiles('.drop input', join(folder, name));
        await says(page, `${name} was not measured.`);
        const { stderr } = await collapsar(['measure', name], { cwd: folder });
        const said = await within(page).locator('.measuring .wrong').textContent();
        expect(said).toContain(name);
        expect(stderr).toContain(said);
        expect(await page.locator('.network-result').count()).toBe(0);
      }
      await page.setInputFiles('.drop input', file);
      await says(page, 'Measured net.npz.');
      expect(await within(page).locator('.wrong').count()).toBe(0);
    }));

  it('says that a measurement broke down, rather than read for ever', () =>
    visit('#v=1&place=network', async (page, { said }) => {
      const { file } = await writeNetwork('net.npz');
      await page.route('**/network.worker-*.js', (route) =>
        route.fulfill({
          contentType: 'text/javascript',
          body: 'self.onmessage = () => { throw new RangeError("Array buffer allocation failed"); };',
        }),
      );
      await page.setInputFiles('.drop input', file);
      await says(page, 'net.npz was not measured.');
      const words = await within(page).locator('.measuring .wrong').textContent();
      expect(words).toContain('The measurement of net.npz broke off.');
      expect(words).toContain('may have run out of memory');
      await page.unroute('**/network.worker-*.js');
      await within(page).getByRole('button', { name: 'Measure again' }).click();
      await says(page, 'Measured net.npz.');
      // The console has the error that was made here.
      expect(said.splice(0).every((line) => line.includes('Array buffer allocation failed'))).toBe(true);
    }));

  it('saves the command line’s document as JSON', () =>
    visit('#v=1&place=network&beside=prediction', async (page) => {
      const { folder, file } = await writeNetwork('my net.npz', [...UNEQUAL, '--bias', 'free']);
      await page.setInputFiles('.drop input', file);
      await says(page, 'Measured');
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        within(page).getByRole('button', { name: 'Save as JSON' }).click(),
      ]);
      expect(download.suggestedFilename()).toBe('my net.measure.json');
      const command = (await page.textContent('.network-result code'))!;
      expect(command).toBe(
        "collapsar measure 'my net.npz' --loss mse --weight-decay 5e-4 --feature-decay 5e-4 --json",
      );
      const printed = await collapsar(['measure', 'my net.npz', ...command.split("'")[2].trim().split(' ')], {
        cwd: folder,
        blas: 'portable',
      });
      const saved = readFileSync(await download.path(), 'utf8');
      const [withoutNumbers, numbers] = [
        (text: string) => text.replace(NUMBER, '#'),
        (text: string) => (text.match(NUMBER) ?? []).map(Number),
      ];
      expect(withoutNumbers(saved)).toBe(withoutNumbers(printed.stdout));
      const expected = numbers(printed.stdout);
      expect(expected.length).toBeGreaterThan(100);
      // Two versions of V8 may round powers and angles differently in the last bit.
      numbers(saved).forEach((value, i) =>
        expect(Math.abs(value - expected[i])).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(expected[i]))),
      );
    }));

  for (const [width, dark] of [
    [380, false],
    [1400, true],
  ] as const)
    it(`is usable by all with a result, at ${width} px, ${dark ? 'dark' : 'light'}`, () =>
      visit(
        '#v=1&place=network&beside=prediction&wd=1.5e-3&fd=1e-3',
        async (page) => {
          const { file } = await writeNetwork('a-network-with-a-rather-long-name-of-a-checkpoint-000120.npz');
          await within(page).getByText('fitted to the file').first().click();
          await page.setInputFiles('.drop input', file);
          await says(page, 'Measured');
          await page.locator('.network-result .gram').last().scrollIntoViewIfNeeded();
          await page.waitForSelector('.network-result .gram svg.collapsar-plot');
          expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
          expect(await issues(page, '#network')).toEqual([]);
        },
        { width, dark },
      ));
});
