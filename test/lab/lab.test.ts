/**
 * The lab as a person uses it, in Chromium: every number that is checked comes from the command line for the same problem.
 * Skipped, saying so, where there is no Chromium.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PALETTE } from '../../src/report/index.js';
import type { AdviseDocument, PredictionDocument, TrainDocument } from '../../src/verbs/index.js';
import { json, temporaryFolder } from '../support/cli.js';
import { drawSvg, HAS_RSVG, readPng } from '../support/drawnSvg.js';
import { column, present, seriousIssues, startLab, until, words, type Lab, type Opened } from './page.js';

const PAPER = '--counts 200,100,50,50 --depth 3 --width 64 --weight-decay 5e-4 --feature-decay 5e-4'.split(
  ' ',
);
const predict = (args: readonly string[]) => json(['predict', ...args]) as PredictionDocument;
const asNumber = (text: string | null) => Number((text ?? '').replace(/[\s\u202f]/g, ''));

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

describe.skipIf(!present)('the lab', () => {
  let lab: Lab;
  let open: Opened | null = null;

  beforeAll(async () => {
    lab = await startLab();
  });
  afterAll(async () => {
    await lab.close();
  });

  /** Every test leaves a page that said nothing and asked this server only. */
  async function visit(hash: string, act: (page: Page) => Promise<void>, options = {}): Promise<void> {
    open = await lab.open(hash, options);
    try {
      await act(open.page);
      expect(open.said).toEqual([]);
      expect(open.asked.filter((url) => !url.startsWith(lab.url) && !url.startsWith('blob:'))).toEqual([]);
    } finally {
      await open.close();
    }
  }

  it('opens on the paper’s problem with the command line’s prediction', () =>
    visit('', (page) => showsPrediction(page, predict(PAPER))));

  it('follows a bar that is dragged, keys, sliders and typed numbers, and keeps them in the address', () =>
    visit('', async (page) => {
      const box = (await page.getByRole('slider', { name: 'Class 3' }).boundingBox())!;
      await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width / 2, box.y + box.height * 0.75, { steps: 4 });
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
      const expected = predict([
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
      const document = predict(
        '--counts 500,180,60,20,8 --depth 2 --width 64 --weight-decay 1.2e-2 --feature-decay 5e-4'.split(' '),
      );
      await showsPrediction(page, document);
      expect(await words(page, 'regime')).toEqual(document.classes.map(({ regime }) => regime));
      expect(document.classes.map(({ regime }) => regime).slice(2)).toEqual(['alive', 'metastable', 'lost']);
      expect(await page.locator('svg.marks .mark').count()).toBeGreaterThan(2);
      const alive = document.classes.filter(({ regime }) => regime === 'alive').length;
      expect(await page.locator('svg.frame polygon').count()).toBe(alive);
      await page.locator('.phase').scrollIntoViewIfNeeded();
      await page.waitForSelector('.phase svg.collapsar-svg');
      await page.locator('.gram').first().scrollIntoViewIfNeeded();
      await page.waitForSelector('.gram svg.collapsar-plot');
    }));

  it('solves cross-entropy beside the page and agrees with the command line', () =>
    visit('#v=1&counts=40,20,10&depth=1&loss=ce&wd=5e-3&fd=5e-3', async (page) => {
      await page.waitForSelector('table.classes');
      await showsPrediction(
        page,
        predict(
          '--counts 40,20,10 --depth 1 --width 64 --loss ce --weight-decay 5e-3 --feature-decay 5e-3'.split(
            ' ',
          ),
        ),
      );
      expect(await page.locator('svg.frame polygon').count()).toBe(3);
    }));

  it('bisects the limits of cross-entropy with one layer, as advise does, and marks them', () =>
    visit('#v=1&counts=20,10,5&depth=1&width=8&loss=ce&wd=1e-3&fd=5e-2', async (page) => {
      const expected = json(
        'advise --counts 20,10,5 --depth 1 --width 8 --loss ce --weight-decay 1e-3 --feature-decay 5e-2'.split(
          ' ',
        ),
      ) as AdviseDocument;
      await page.waitForSelector('table.classes');
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
      await page.waitForSelector('.chart svg.collapsar-plot');
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Save chart-1 as SVG' }).click(),
      ]);
      const text = readFileSync(await download.path(), 'utf8');
      for (const word of ['NC1: scatter within classes', 'CDNV', 'step']) expect(text).toContain(word);
    }));

  it('turns the frame with pointer and keys, and names the projection', () =>
    visit('', async (page) => {
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
      expect(await page.textContent('.frame-figure figcaption')).toContain('three classes (0, 1, 2)');
    }));

  it('trains to where the command line trains, and pauses, steps and restarts', () =>
    visit('', async (page) => {
      await page.getByRole('button', { name: 'One step' }).click();
      await until(page, 'document.querySelector("#step").textContent === "1"');
      await page.getByRole('button', { name: 'Go on' }).click();
      await until(page, 'Number(document.querySelector("#rate").textContent.replace(/[^0-9]/g, "")) > 100');
      await until(page, 'Number(document.querySelector("#step").textContent.replace(/[^0-9]/g, "")) > 20000');
      await page.getByRole('button', { name: 'Pause' }).click();
      await until(page, 'document.querySelector(".verdict.held") !== null');
      const document = predict(PAPER);
      agree(
        await column(page, 'weight-norm', 'measured'),
        document.classes.map(({ weightNorm }) => weightNorm),
      );
      expect(await page.locator('.chart svg.collapsar-plot').count()).toBeGreaterThan(0);
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
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Spec for collapsar train' }).click(),
      ]);
      const spec = join(temporaryFolder(), 'spec.json');
      await download.saveAs(spec);
      const trained = json(['train', spec, '--out', join(temporaryFolder(), 'run')]) as TrainDocument;
      expect(trained.step).toBe(5);
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

  it.each([1200, 1280, 1366, 1440])('the table of classes is whole at %s px, or shades its edge', (width) =>
    visit(
      '',
      async (page) => {
        const [need, room] = await page.evaluate<[number, number]>(
          `(({ scrollWidth, clientWidth }) => [scrollWidth, clientWidth])(document.querySelector('#prediction .scroll'))`,
        );
        if (width >= 1280) expect(need).toBeLessThanOrEqual(room);
        expect(
          await page.evaluate(
            `getComputedStyle(document.querySelector('#prediction .scroll')).backgroundImage`,
          ),
        ).toContain('linear-gradient');
      },
      { width },
    ),
  );

  it('copies a link that opens the same problem, and saves figures', () =>
    visit('#v=1&counts=9,8,7&depth=2', async (page) => {
      await page.getByRole('button', { name: 'Copy link' }).click();
      await until(page, 'document.querySelector("#share output").textContent === "Copied."');
      expect(await page.evaluate('navigator.clipboard.readText()')).toBe(
        `${lab.url}#v=1&counts=9,8,7&depth=2`,
      );
      await page.locator('#phase').scrollIntoViewIfNeeded();
      await page.waitForSelector('.phase svg.collapsar-svg');
      for (const name of ['frame', 'phase-diagram'])
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
          // Of the third class in the frame, which nothing lies over; of the classes that live in the diagram.
          const color = PALETTE[name === 'frame' ? 'green' : 'blue'].light;
          expect(colors.get(color) ?? 0, `${name}.${kind}`).toBeGreaterThan(50);
          // An edge that is all but transparent may round to black.
          expect(colors.get('#000000') ?? 0).toBeLessThan(20);
        }
    }));

  it('opens a broken link with a message and a working page', () =>
    visit('#v=1&depth=99&counts=200,100,50,50&wd=1e400', async (page) => {
      const said = await page.textContent('#complaints');
      expect(said).toContain('depth: a whole number from 1 to 9, got 99');
      expect(said).toContain('weight decay');
      await showsPrediction(page, predict(PAPER));
      await page.evaluate('location.hash = "v=7"');
      await until(page, 'document.querySelector("#complaints").textContent.includes("version 7")');
    }));

  it('leads through four stops', () =>
    visit('', async (page) => {
      await page.getByRole('button', { name: /Take the tour/ }).click();
      const titles: (string | null)[] = [];
      for (let stop = 1; stop <= 4; stop++) {
        titles.push(await page.textContent('#tour-title'));
        if (stop === 1) expect(await page.textContent('.frame-name')).toBe('simplex ETF');
        if (stop === 3) expect(await words(page, 'regime')).toContain('metastable');
        if (stop < 4) await page.getByRole('button', { name: 'Next' }).click();
      }
      expect(new Set(titles).size).toBe(4);
      await page.getByRole('button', { name: 'End the tour' }).click();
      expect(await page.locator('#tour-title').count()).toBe(0);
    }));

  it('goes back from a preset and from the tour to what was there, and forth again', () =>
    visit('', async (page) => {
      const shows = async (counts: string, depth: string) => {
        await until(page, `document.querySelector('input.wide').value === '${counts}'`);
        expect(await page.inputValue('#depth')).toBe(depth);
      };
      await page.fill('#depth', '5');
      await page.getByRole('button', { name: 'Balanced' }).click();
      await shows('100, 100, 100, 100', '5');
      await page.getByRole('button', { name: /Take the tour/ }).click();
      await page.getByRole('button', { name: 'Next' }).click();
      await shows('200, 100, 50, 50', '3');
      await page.goBack();
      expect(await page.textContent('#tour-title')).toBe('Collapse to a frame');
      await page.goBack();
      await shows('100, 100, 100, 100', '5');
      expect(await page.locator('#tour-title').count()).toBe(0);
      await page.goBack();
      await shows('200, 100, 50, 50', '5');
      // One's own problem is what was there before the tour, however it is entered.
      await page.fill('input.wide', '30, 20, 10');
      await page.press('input.wide', 'Enter');
      await until(page, 'location.hash.includes("counts=30,20,10")');
      await page.goForward();
      await shows('100, 100, 100, 100', '5');
      await page.goForward();
      await page.getByRole('button', { name: 'Back to my own problem' }).click();
      await shows('100, 100, 100, 100', '5');
      expect(await page.locator('#complaints').count()).toBe(0);
    }));

  for (const dark of [false, true])
    for (const width of [380, 1400, 3840])
      it(`is usable by all at ${width} px, ${dark ? 'dark' : 'light'}`, () =>
        visit(
          '#v=1&counts=500,180,60,20,8&depth=2&wd=1.2e-2',
          async (page) => {
            expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
            await page.getByRole('button', { name: 'One step' }).click();
            await until(page, 'document.querySelector("#step").textContent === "1"');
            expect(await seriousIssues(page)).toEqual([]);
          },
          { width, dark },
        ));
});
