/**
 * The lab as a person uses it, in Chromium: every number that is checked comes from the command line for the same problem.
 * Skipped, saying so, where there is no Chromium.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { CLASS_COLORS, PALETTE } from '../../src/report/index.js';
import type { AdviseDocument, PredictionDocument, TrainDocument } from '../../src/verbs/index.js';
import { temporaryFolder } from '../support/cli.js';
import { json } from '../support/commandInProcess.js';
import { drawSvg, HAS_RSVG, readPng } from '../support/drawnSvg.js';
import { asNumber, column, labForTests, present, until, words } from './page.js';

const PAPER = '--counts 200,100,50,50 --depth 3 --width 64 --weight-decay 5e-4 --feature-decay 5e-4'.split(
  ' ',
);
const predict = async (args: readonly string[]) => (await json(['predict', ...args])) as PredictionDocument;
/** The paper's problem with all controls. */
const EXPLORE = '#v=1&place=explore';

/** Four digits are shown. */
function agree(shown: readonly number[], numbers: readonly (number | null)[]): void {
  expect(shown.length).toBe(numbers.length);
  shown.forEach((value, k) =>
    expect(Math.abs(value - (numbers[k] ?? NaN))).toBeLessThanOrEqual(6e-4 * Math.abs(value)),
  );
}

async function showsPrediction(page: Page, document: PredictionDocument): Promise<void> {
  await until(page, 'document.querySelector("#prediction").getAttribute("aria-busy") !== "true"');
  agree(
    await column(page, 'weight-norm'),
    document.classes.map(({ weightNorm }) => weightNorm),
  );
  agree(
    await column(page, 'feature-norm'),
    document.classes.map(({ featureNorm }) => featureNorm),
  );
  agree(
    await column(page, 'fit'),
    document.classes.map(({ fit }) => fit),
  );
  const objective = asNumber(await page.textContent('.summary .objective'));
  expect(Math.abs(objective - document.objective)).toBeLessThanOrEqual(1e-5 * document.objective);
  expect(await page.textContent('.frame-name')).toBe(document.frame);
}

const tab = (page: Page, name: string) => page.getByRole('tab', { name }).click();

describe.skipIf(!present)('the lab with all its controls', () => {
  const lab = labForTests();
  const { visit } = lab;

  it('opens on the paper’s problem with the command line’s prediction', () =>
    visit(EXPLORE, async (page) => showsPrediction(page, await predict(PAPER))));

  it('follows a bar that is dragged, keys, sliders and typed numbers, and keeps them in the address', () =>
    visit(EXPLORE, async (page) => {
      const box = (await page.getByRole('slider', { name: 'Class 3' }).boundingBox())!;
      await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width * 0.25, box.y + box.height / 2, { steps: 4 });
      await page.mouse.up();
      const counts = (await page.inputValue('input.wide')).split(', ').map(Number);
      expect(counts.slice(0, 3)).toEqual([200, 100, 50]);
      expect(counts[3]).toBeGreaterThan(7);
      expect(counts[3]).toBeLessThan(14);
      await page.getByRole('slider', { name: 'Class 0' }).press('ArrowUp');
      await page.getByRole('slider', { name: 'Class 1' }).press('PageDown');
      await page.locator('#depth').press('ArrowLeft');
      await page.getByLabel('Weight decay as a number').fill('2e-3');
      await page.getByLabel('Weight decay as a number').press('Enter');
      await page.getByText('free', { exact: true }).click();
      const expected = await predict([
        ...['--counts', `201,90,50,${counts[3]}`, '--depth', '2', '--width', '64', '--bias', 'free'],
        ...['--weight-decay', '2e-3', '--feature-decay', '5e-4'],
      ]);
      await showsPrediction(page, expected);
      await until(page, 'location.hash.includes("bias=free")');
      expect(await page.evaluate('location.hash')).toBe(
        `#v=1&counts=201,90,50,${counts[3]}&depth=2&bias=free&wd=2e-3`,
      );
      await page.reload();
      await page.waitForSelector('table.classes');
      await showsPrediction(page, expected);
    }));

  it('shows the classes that die, are at risk and live, by words and signs, and marks the threshold', () =>
    visit('#v=1&counts=500,180,60,20,8&depth=2&wd=1.2e-2', async (page) => {
      const document = await predict(
        '--counts 500,180,60,20,8 --depth 2 --width 64 --weight-decay 1.2e-2 --feature-decay 5e-4'.split(' '),
      );
      await showsPrediction(page, document);
      expect(await words(page, 'regime')).toEqual(document.classes.map(({ regime }) => regime));
      expect(document.classes.map(({ regime }) => regime).slice(2)).toEqual(['alive', 'metastable', 'lost']);
      expect(await page.locator('svg.marks .mark').count()).toBeGreaterThan(2);
      const alive = document.classes.filter(({ regime }) => regime === 'alive').length;
      expect(await page.locator('svg.frame polygon').count()).toBe(alive);
      await tab(page, 'Who lives');
      await page.locator('.phase .drawn').scrollIntoViewIfNeeded();
      await page.waitForSelector('.phase .drawn svg.collapsar-svg');
      await tab(page, 'Matrices');
      await page.waitForSelector('.gram svg.collapsar-plot');
    }));

  it('solves cross-entropy beside the page and agrees with the command line', () =>
    visit('#v=1&counts=40,20,10&depth=1&loss=ce&wd=5e-3&fd=5e-3', async (page) => {
      await page.waitForSelector('table.classes');
      await showsPrediction(
        page,
        await predict(
          '--counts 40,20,10 --depth 1 --width 64 --loss ce --weight-decay 5e-3 --feature-decay 5e-3'.split(
            ' ',
          ),
        ),
      );
      expect(await page.locator('svg.frame polygon').count()).toBe(3);
    }));

  it('bisects the limits of cross-entropy with one layer, as advise does, and marks them', () =>
    visit('#v=1&counts=20,10,5&depth=1&width=8&loss=ce&wd=1e-3&fd=5e-2', async (page) => {
      const expected = (await json(
        'advise --counts 20,10,5 --depth 1 --width 8 --loss ce --weight-decay 1e-3 --feature-decay 5e-2'.split(
          ' ',
        ),
      )) as AdviseDocument;
      await page.waitForSelector('table.classes');
      await tab(page, 'Who lives');
      await page.getByRole('button', { name: 'Find the limits by bisection' }).click();
      await page.waitForSelector('.ce-limits');
      const shown = await page.locator('.ce-limits td.limit').allTextContents();
      agree(
        shown.map(Number),
        expected.classes.map(({ maxWeightDecay }) => maxWeightDecay),
      );
      expect(await page.textContent('#phase')).toContain(expected.recommendation);
      expect(await page.locator('svg.marks').first().locator('.mark').count()).toBeGreaterThan(0);
      // Another problem has other limits.
      await page.locator('#depth').press('ArrowRight');
      await until(page, 'document.querySelector(".ce-limits") === null');
      expect(await page.textContent('#phase')).toContain(
        'of deeper or narrower heads no prediction is proved',
      );
    }));

  it('says of classes that share what is left of them that they cannot be told apart', () =>
    visit('#v=1&counts=300,40,40&bias=free&wd=0.06', async (page) => {
      await page.waitForSelector('table.classes');
      expect(await page.textContent('.summary')).toContain('Classes 1 and 2 can no longer be told apart.');
      expect((await column(page, 'weight-norm'))[1]).toBeGreaterThan(0.1);
      // Their vectors are drawn, not crossed out.
      expect(await page.locator('svg.frame polygon').count()).toBe(3);
    }));

  it('saves a chart with its title and legend', () =>
    visit('#v=1&counts=9,8,7&depth=2', async (page) => {
      await page.getByRole('button', { name: 'One step' }).click();
      await tab(page, 'Curves');
      await page.waitForSelector('.chart svg.collapsar-plot');
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Save chart-1 as SVG' }).click(),
      ]);
      const text = readFileSync(await download.path(), 'utf8');
      for (const word of ['NC1: scatter within classes', 'CDNV', 'step', `${lab.url}#v=1&amp;counts=9,8,7`])
        expect(text).toContain(word);
    }));

  it('turns the frame with pointer and keys, and names the projection', () =>
    visit(EXPLORE, async (page) => {
      const lines = () => page.locator('svg.frame line').first().getAttribute('x2');
      const before = await lines();
      const box = (await page.locator('.frame-area').boundingBox())!;
      await page.mouse.move(box.x + 50, box.y + 50);
      await page.mouse.down();
      await page.mouse.move(box.x + 150, box.y + 90, { steps: 3 });
      await page.mouse.up();
      const dragged = await lines();
      expect(dragged).not.toBe(before);
      await page.locator('.frame-area').press('ArrowLeft');
      expect(await lines()).not.toBe(dragged);
      await page.locator('.frame-area').press('Home');
      expect(await lines()).toBe(before);
      await page.getByLabel('Projection').selectOption('classes');
      expect(await page.textContent('.frame-figure figcaption')).toContain('three classes');
    }));

  it('trains to where the command line trains, and pauses, steps and restarts', () =>
    visit(EXPLORE, async (page) => {
      await page.getByRole('button', { name: 'One step' }).click();
      await until(page, 'document.querySelector("#step").textContent === "1"');
      await page.getByRole('button', { name: 'Go on' }).click();
      await until(page, 'Number(document.querySelector("#rate").textContent.replace(/[^0-9]/g, "")) > 100');
      await page.getByRole('button', { name: 'Pause' }).click();
      await page.getByRole('button', { name: 'Go on' }).click();
      // It ends by itself when it has converged.
      await until(page, 'document.querySelector(".verdict.held") !== null');
      await until(page, 'document.querySelector(".train").textContent === "Go on"');
      const document = await predict(PAPER);
      agree(
        await column(page, 'weight-norm', 'measured'),
        document.classes.map(({ weightNorm }) => weightNorm),
      );
      const step = await page.textContent('#step');
      await page.getByRole('button', { name: 'One step' }).click();
      await until(page, `document.querySelector("#step").textContent !== ${JSON.stringify(step)}`);
      await page.getByRole('button', { name: 'Another seed' }).click();
      expect(await page.getByLabel('Seed', { exact: true }).inputValue()).toBe('1');
    }));

  it('the same seed gives the command line’s numbers, through the spec that it saves', () =>
    visit('#v=1&counts=20,10,5&depth=2&width=8', async (page) => {
      const button = page.getByRole('button', { name: 'One step' });
      for (let i = 1; i <= 5; i++) {
        await button.click();
        await until(page, `document.querySelector("#step").textContent === "${i}"`);
      }
      await tab(page, 'Save');
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Spec for collapsar train' }).click(),
      ]);
      const spec = join(temporaryFolder(), 'spec.json');
      await download.saveAs(spec);
      const trained = (await json(['train', spec, '--out', join(temporaryFolder(), 'run')])) as TrainDocument;
      expect(trained.step).toBe(5);
      await tab(page, 'Classes');
      const shown = asNumber(await page.textContent('#objective'));
      expect(Math.abs(shown - trained.objective!)).toBeLessThanOrEqual(1e-5 * trained.objective!);
      agree(
        await column(page, 'weight-norm', 'measured'),
        trained.classes.map(({ weightNorm }) => weightNorm),
      );
    }));

  it('says that a training diverged, and offers a rate that is stable', () =>
    visit('#v=1&lr=50', async (page) => {
      await page.getByRole('button', { name: 'Train', exact: true }).click();
      const offer = page.getByRole('button', { name: /Restart with the stable rate/ });
      await offer.waitFor();
      expect(await page.textContent('.alert')).toContain('Training diverged');
      await offer.click();
      await until(page, 'Number(document.querySelector("#step").textContent.replace(/[^0-9]/g, "")) > 500');
      expect(await page.locator('.alert').count()).toBe(0);
    }));

  it.each(['Train', 'One step'])('also where the first step leaves the numbers: %s', (button) =>
    visit('#v=1&depth=9&scale=10&lr=100', async (page) => {
      await page.getByRole('button', { name: button, exact: true }).click();
      await page.locator('.alert').waitFor();
      expect(await page.textContent('.alert')).toMatch(/^Training diverged at step \d/);
      expect(await page.locator('.wrong').count()).toBe(0);
    }),
  );

  it('a few steps are no end: classes that are near zero have not collapsed', () =>
    visit('#v=1&depth=1', async (page) => {
      for (const step of [1, 2, 3]) {
        await page.getByRole('button', { name: 'One step' }).click();
        await until(page, `document.querySelector('#step').textContent === '${step}'`);
      }
      await until(page, `document.querySelector('.words .verdict') !== null`);
      const said = await page.textContent('.words .verdict');
      expect(said).toMatch(
        /^Stopped before the end: .*(near zero, though they live|neither alive nor zero yet)/,
      );
      expect(said).not.toContain('lost');
    }));

  it('copies a link that opens the same problem, and saves figures', () =>
    visit('#v=1&counts=9,8,7&depth=2', async (page) => {
      await page.getByRole('button', { name: 'Copy link' }).click();
      await until(page, 'document.querySelector("header output").textContent === "Copied."');
      expect(await page.evaluate('navigator.clipboard.readText()')).toBe(
        `${lab.url}#v=1&counts=9,8,7&depth=2`,
      );
      await tab(page, 'Who lives');
      await page.locator('.phase .drawn').scrollIntoViewIfNeeded();
      await page.waitForSelector('.phase .drawn svg.collapsar-svg');
      for (const name of ['frame', 'angles', 'phase-diagram'])
        for (const kind of ['SVG', 'PNG']) {
          const [download] = await Promise.all([
            page.waitForEvent('download'),
            page.getByRole('button', { name: `Save ${name} as ${kind}` }).click(),
          ]);
          const bytes = readFileSync(await download.path());
          expect(bytes.length).toBeGreaterThan(1000);
          if (kind === 'SVG') {
            expect(bytes.toString()).toMatch(/^<svg[^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"/);
            expect(bytes.toString()).not.toMatch(/var\(|currentColor|<style|@media/);
          }
          // As the browser draws it, and as a program does that knows no style sheets.
          if (kind === 'SVG' && !HAS_RSVG) continue;
          const { colors } = kind === 'PNG' ? readPng(bytes) : drawSvg(bytes.toString());
          // Of the third class in the frame, which nothing lies over, and in the legend of angles; of the classes that live in the diagram.
          const color = name === 'phase-diagram' ? PALETTE.blue.light : CLASS_COLORS[2].light;
          expect(colors.get(color) ?? 0, `${name}.${kind}`).toBeGreaterThan(50);
          // Edges of letters that are all but transparent may round to black; a fill that lost its colour is far more.
          expect(colors.get('#000000') ?? 0).toBeLessThan(300);
        }
    }));

  it('opens a broken link with a message and a working page', () =>
    visit('#v=1&depth=99&counts=200,100,50,50&wd=1e400', async (page) => {
      const said = await page.textContent('#complaints');
      expect(said).toContain('depth: a whole number from 1 to 9, got 99');
      expect(said).toContain('weight decay');
      await showsPrediction(page, await predict(PAPER));
      await page.evaluate('location.hash = "v=7"');
      await until(page, 'document.querySelector("#complaints").textContent.includes("version 7")');
    }));

  it('goes back from a preset to what was there, and forth again; and takes changes back', () =>
    visit(EXPLORE, async (page) => {
      const shows = async (counts: string, depth: string) => {
        await until(page, `document.querySelector('input.wide').value === '${counts}'`);
        expect(await page.inputValue('#depth')).toBe(depth);
      };
      await page.fill('#depth', '5');
      await page.getByRole('button', { name: 'Balanced' }).click();
      await shows('100, 100, 100, 100', '5');
      await page.goBack();
      await shows('200, 100, 50, 50', '5');
      await page.goForward();
      await shows('100, 100, 100, 100', '5');
      // What follows at once would be one gesture with it.
      const rest = await page.evaluate<number>('performance.now() + 700');
      await until(page, `performance.now() > ${rest}`);
      await page.fill('input.wide', '30, 20, 10');
      await page.press('input.wide', 'Enter');
      await shows('30, 20, 10', '5');
      await page.getByRole('button', { name: 'Undo' }).click();
      await shows('100, 100, 100, 100', '5');
    }));

  it('keeps the weights when a decay changes under way, and measures beside the new prediction', () =>
    visit('#v=1&counts=30,20,10&depth=2&width=8&wd=2e-3&fd=2e-3', async (page) => {
      await page.getByRole('button', { name: 'Train', exact: true }).click();
      await until(page, 'document.querySelector(".train").textContent === "Go on"');
      const before = await column(page, 'weight-norm', 'measured');
      await page.getByLabel('Weight decay as a number').fill('4e-3');
      await page.getByLabel('Weight decay as a number').press('Enter');
      await until(
        page,
        'document.querySelector(".farewell")?.textContent.startsWith("Changed under way") === true',
      );
      await until(page, 'document.querySelector(".verdict.held") !== null');
      const document = await predict(
        '--counts 30,20,10 --depth 2 --width 8 --weight-decay 4e-3 --feature-decay 2e-3'.split(' '),
      );
      await showsPrediction(page, document);
      const after = await column(page, 'weight-norm', 'measured');
      expect(after).not.toEqual(before);
      agree(
        after,
        document.classes.map(({ weightNorm }) => weightNorm),
      );
      // The collapse is in the record: its first moment is the change itself.
      const slider = page.getByRole('slider', { name: 'Step shown' });
      expect(Number(await slider.getAttribute('max'))).toBeGreaterThan(25);
      await slider.press('Home');
      await until(page, 'document.querySelector("#step").textContent === "0"');
      agree(await column(page, 'weight-norm', 'measured'), before);
    }));

  it('names no limit that lies beyond the end of a slider', () =>
    visit('#v=1&counts=90,30,10&depth=2&width=8&wd=1e-6&fd=1e-3', async (page) => {
      // By its decay of features class 2 would be lost far above 1, where the slider ends.
      const texts = await page.locator('.mark-text').allTextContents();
      expect(texts[0]).toMatch(/^class 2 lives below 0\.\d+$/);
      expect(texts[1]).toBe('');
    }));

  it('moves all classes over the line of the diagram with one of them, and the size of that one', () =>
    visit('#v=1&counts=90,30,10&depth=2&width=8&wd=2e-3&fd=2e-3', async (page) => {
      await tab(page, 'Who lives');
      const handle = page.getByRole('slider', { name: 'Class 2 in the diagram' });
      const box = (await handle.boundingBox())!;
      const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
      await page.mouse.move(x, y);
      await page.mouse.down();
      await page.mouse.move(x + 230, y, { steps: 4 });
      await page.mouse.up();
      await until(page, 'location.hash.includes("wd=")');
      const [weightDecay] = (await page.getByLabel('Weight decay as a number').inputValue()).split(' ');
      const counts = await page.inputValue('input.wide');
      const document = await predict([
        ...['--counts', counts.replaceAll(' ', ''), '--depth', '2', '--width', '8'],
        ...['--weight-decay', weightDecay, '--feature-decay', '2e-3'],
      ]);
      expect(document.classes[2].regime).toBe('lost');
      await tab(page, 'Classes');
      expect(await words(page, 'regime')).toEqual(document.classes.map(({ regime }) => regime));
      await tab(page, 'Who lives');
      await handle.press('ArrowUp');
      await until(
        page,
        `Number(document.querySelector('input.wide').value.split(', ')[2]) > ${counts.split(', ')[2]}`,
      );
    }));

  it.each([
    [1265, 800],
    [1280, 800],
    [1920, 1080],
  ])('is whole in a window of %s × %s px', (width, height) =>
    visit(
      '#v=1&place=explore',
      async (page) => {
        await page.getByRole('button', { name: 'One step' }).click();
        await until(page, 'document.querySelector("#step").textContent === "1"');
        expect(await page.evaluate('document.documentElement.scrollHeight')).toBeLessThanOrEqual(height);
        const boxes = await page.evaluate<number[]>(
          `['.frame-area', '.train', 'table.classes', '.angles'].map((name) => document.querySelector(name).getBoundingClientRect().bottom)`,
        );
        for (const bottom of boxes) expect(bottom).toBeLessThanOrEqual(height);
        await tab(page, 'Curves');
        await page.waitForSelector('.chart:nth-child(2) svg.collapsar-plot');
        const tops = await page.evaluate<number[]>(
          `[...document.querySelectorAll('.chart')].slice(0, 2).map((one) => one.getBoundingClientRect().top)`,
        );
        expect(tops[0]).toBe(tops[1]);
      },
      { width, height },
    ),
  );
});
