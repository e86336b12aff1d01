/**
 * The explanation as a visitor meets it, in Chromium: what it shows at first, what its sections do, and that it holds on every
 * screen. Numbers come from the command line for the same problem. Skipped, saying so, where there is no Chromium.
 */
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { CLASS_COLORS } from '../../src/report/index.js';
import type { PredictionDocument } from '../../src/verbs/index.js';
import { json } from '../support/commandInProcess.js';
import { labForTests, pictures, present, standsStill, until } from './page.js';

const ROOM = '--depth 1 --width 3 --weight-decay 5e-3 --feature-decay 5e-3'.split(' ');
const predict = async (args: readonly string[]) => (await json(['predict', ...args])) as PredictionDocument;
const converged = (page: Page) =>
  until(page, 'document.querySelector(".stage-words").textContent.startsWith("Converged")');
const angles = (page: Page) => page.textContent('.angles figcaption');
const story = (name: string) =>
  `location.hash === ${JSON.stringify(name === 'points' ? '' : `#v=1&story=${name}`)}`;

describe.skipIf(!present)('the explanation', () => {
  const lab = labForTests();
  const { visit } = lab;

  it('opens with the phenomenon: it plays at once, slowly, and ends on the prediction', () =>
    visit(
      '',
      async (page) => {
        expect(await page.textContent('h1')).toBe('Train long enough, and every class shrinks to a point');
        // Samples of three classes, each in its colour, and none yet where it will be.
        await page.waitForSelector('svg.frame .dots path');
        const dots = await page.evaluate<number[]>(
          `[...document.querySelectorAll('svg.frame .dots path')].map((path) => path.getAttribute('d').split('M').length - 1)`,
        );
        expect(dots).toEqual([30, 30, 30]);
        const steps = 'Number(document.querySelector("#step").textContent.replace(/\\D/g, ""))';
        const [sixty] = await page.evaluate<[number]>(
          `new Promise((done) => {
            const began = performance.now();
            const look = () => (${steps} < 60 ? requestAnimationFrame(look) : done([performance.now() - began]));
            look();
          })`,
        );
        expect(sixty).toBeGreaterThan(1500);
        expect(await page.textContent('.play')).toBe('Pause');
        await converged(page);
        expect(await page.textContent('.play')).toBe('Play again');
        const document = await predict(['--counts', '30,30,30', ...ROOM]);
        expect(document.frame).toBe('orthogonal frame');
        expect(await angles(page)).toContain('predicted 90°, now 90°');
        // Back in time by the slider: the scatter that is told is another.
        const answer = () => page.textContent('#points .answer');
        const late = await answer();
        await page.getByRole('slider', { name: 'Time of the training' }).press('Home');
        await until(page, `${steps} === 0`);
        expect(await answer()).not.toBe(late);
        expect(await answer()).toContain('At step 0');
      },
      { still: false },
    ));

  it('stands still for those who prefer it, until they ask: then it shows the end', () =>
    visit('', async (page) => {
      await pictures(page, 20);
      expect(await page.textContent('.play')).toBe('Play');
      expect(await page.textContent('#step')).toBe('0');
      await page.getByRole('button', { name: 'Play', exact: true }).click();
      await converged(page);
      expect(await angles(page)).toContain('now 90°');
    }));

  it('a bias turns the room into a star with the weights as they are, and Undo turns it back', () =>
    visit('#story=angles&bias=none', async (page) => {
      await page.getByRole('button', { name: 'Play', exact: true }).click();
      await converged(page);
      await page.locator('#angles').getByText('free: a star').click();
      await until(
        page,
        'document.querySelector(".angles figcaption").textContent.includes("predicted 120°, now 120°")',
      );
      await converged(page);
      const document = await predict(['--counts', '30,30,30', ...ROOM, '--bias', 'free']);
      expect(document.frame).toBe('simplex ETF');
      // The record begins at the change: with the angles of the room.
      await page.getByRole('slider', { name: 'Step shown' }).press('Home');
      expect(await angles(page)).toContain('predicted 120°, now 90°');
      await page.getByRole('button', { name: 'Undo' }).click();
      await until(page, 'document.querySelector(".angles figcaption").textContent.includes("predicted 90°")');
      await until(page, 'location.hash.includes("bias=none")');
    }));

  it('never draws four right angles without saying that they are not', () =>
    visit('#story=angles&counts=30x4&width=4&bias=none', async (page) => {
      expect(await angles(page)).toContain('predicted 90°');
      expect(await page.textContent('.frame-figure figcaption')).toContain(
        'its angles are not the true ones',
      );
      await page.locator('#angles').getByText('free: a star').click();
      await until(page, 'document.querySelector(".angles figcaption").textContent.includes("109.5°")');
      expect(await page.textContent('.frame-figure figcaption')).not.toContain('not the true ones');
    }));

  it('the section in view sets the stage, and its story can be linked', () =>
    visit('', async (page) => {
      for (const name of ['angles', 'imbalance', 'lost']) {
        await page.evaluate(
          `document.getElementById('${name}').scrollIntoView({ block: 'start', behavior: 'instant' })`,
        );
        await until(page, story(name));
      }
      // The next comes on stage when its heading has come to the middle, and the answer above stays that of its own sizes.
      const answer = await page.textContent('#lost .answer');
      expect(answer).toContain('Class 2 lives below a decay of 0.118.');
      const headingAt = (share: number) =>
        page.evaluate(
          `scrollBy({ top: document.getElementById('descent-title').getBoundingClientRect().top - ${share} * innerHeight, behavior: 'instant' })`,
        );
      await headingAt(0.55);
      await pictures(page, 5);
      expect(await page.evaluate(story('lost'))).toBe(true);
      await headingAt(0.45);
      await until(page, story('trapped'));
      expect(await page.textContent('#lost .answer')).toBe(answer);
      const tops = await page.evaluate<number>(
        'document.querySelector(".stage").getBoundingClientRect().top',
      );
      expect(Math.abs(tops)).toBeLessThan(5);
      await page.evaluate(
        `document.getElementById('opening').scrollIntoView({ block: 'start', behavior: 'instant' })`,
      );
      await until(page, story('points'));
    }));

  it('a link to a story opens its section and keeps it', () =>
    visit('#story=lost', async (page) => {
      await until(page, 'Math.abs(document.getElementById("lost").getBoundingClientRect().top) < 200');
      await standsStill(page);
      expect(await page.evaluate(story('lost'))).toBe(true);
    }));

  it('a decay that is raised loses the smallest class before the eyes, as theory says', () =>
    visit('#story=lost', async (page) => {
      await page.getByRole('button', { name: 'Play', exact: true }).click();
      await converged(page);
      expect(await page.textContent('#lost .answer')).toContain('All 3 classes are alive.');
      const decay = async (value: string) => {
        await page.locator('#lost').getByLabel('Weight decay as a number').fill(value);
        await page.locator('#lost').getByLabel('Weight decay as a number').press('Enter');
      };
      await decay('0.2');
      await until(page, 'document.querySelector("#lost .answer").textContent.includes("Class 2 is zero")');
      const document = await predict(
        '--counts 90,30,10 --depth 1 --width 3 --weight-decay 0.2 --feature-decay 5e-3'.split(' '),
      );
      expect(document.classes.map(({ regime }) => regime)).toEqual(['alive', 'alive', 'lost']);
      await converged(page);
      const pairs = () => page.locator('.angles svg g[data-k] path').count();
      const two = await page.locator('#lost tr').nth(3).textContent();
      expect(two).toContain('lost');
      expect(await page.locator('.stage-words').textContent()).toContain('Converged');
      // Back again it lives again: one layer holds nothing at zero.
      await page.getByRole('button', { name: 'Undo' }).click();
      await until(page, 'document.querySelector("#lost .answer").textContent.includes("All 3 classes")');
      await converged(page);
      expect(await pairs()).toBe(6);
      expect(await angles(page)).toContain('now 90°');
    }));

  it('class weights bring a lost class back, in the training too, and their story is a link', () =>
    visit('#story=rescue', async (page) => {
      const answer = () => page.textContent('#lost .answer');
      const weights = (name: string) => page.locator('#lost').getByText(name, { exact: true }).click();
      await page.getByRole('button', { name: 'Play', exact: true }).click();
      await converged(page);
      expect(await answer()).toContain('All 3 classes are alive. Every class lives below a decay of 0.609.');
      await weights('none');
      await converged(page);
      expect(await answer()).toContain('Class 2 is zero at the minimum.');
      await weights('1 / size');
      await until(page, 'document.querySelector("#lost .answer").textContent.includes("All 3")');
      await converged(page);
      const document = await predict(
        '--counts 90,30,10 --depth 1 --width 3 --weight-decay 0.2 --feature-decay 5e-3 --class-weights inverse'.split(
          ' ',
        ),
      );
      expect(await answer()).toContain(
        `Class 0 lives below a decay of ${Number(document.classes[0].maxWeightDecay?.toPrecision(3))}.`,
      );
      await page.locator('#lost').getByText('Show the maths').click();
      for (const [side, tolerance] of [
        // A training ends when hardly anything is left to gain: of the objective, so that norms are within a hundredth.
        ['theory', 1e-3],
        ['measured', 1e-2],
      ] as const) {
        const shown = (await page.locator(`#lost td.weight-norm .${side}`).allTextContents()).map(Number);
        expect(shown.length).toBe(3);
        shown.forEach((value, k) =>
          expect(Math.abs(value / document.classes[k].weightNorm - 1), side).toBeLessThan(tolerance),
        );
      }
      await until(page, story('rescue&weights=inverse'));
    }));

  it('training is trapped from a small start, and not from a larger one', () =>
    visit('#story=trapped', async (page) => {
      const answer = () => page.textContent('#descent .answer');
      const start = page.getByLabel('Size of the random weights it starts from as a number');
      await page.getByRole('button', { name: 'Play', exact: true }).click();
      // At rest, and not where theory says: that is no convergence.
      await until(page, 'document.querySelector(".stage-words").textContent.includes("not at the minimum")');
      expect(await answer()).toContain('This training has lost every class');
      expect(await answer()).toContain('A start of 0.05 is trapped: try one twice as large.');
      await start.fill('0.3');
      await start.press('Enter');
      await page.getByRole('button', { name: 'Play', exact: true }).click();
      await until(page, 'document.querySelector("#descent .answer").textContent.includes("Theory held")');
      expect(await answer()).toContain('Trapped at 0.05, free at 0.3: the edge is between.');
    }));

  it('cross-entropy’s surprise is a cross', () =>
    visit('#story=surprise', async (page) => {
      await until(page, 'document.querySelector("#descent .answer").textContent.includes("a cross")');
      const document = await predict(
        '--counts 20x4 --depth 3 --width 4 --loss ce --weight-decay 5e-3 --feature-decay 5e-4 --budget 2'.split(
          ' ',
        ),
      );
      expect(document.frame).toBe('orthoplex');
      expect(await angles(page)).toContain('predicted 90° to 180°');
    }));

  it('a finger that swipes over the bars scrolls, and one that moves along a bar changes it', () =>
    visit(
      '#story=imbalance',
      async (page) => {
        const bar = page.getByRole('slider', { name: 'Class 2', exact: true });
        const box = (await bar.boundingBox())!;
        const session = await page.context().newCDPSession(page);
        const touch = (type: string, x: number, y: number) =>
          session.send('Input.dispatchTouchEvent', {
            type: type as 'touchStart',
            touchPoints: type === 'touchEnd' ? [] : [{ x, y }],
          });
        const [x, y] = [box.x + box.width * 0.8, box.y + box.height / 2];
        const before = await page.evaluate<number>('scrollY');
        await touch('touchStart', x, y);
        for (let i = 1; i <= 8; i++) await touch('touchMove', x, y - 15 * i);
        await touch('touchEnd', x, y);
        await until(page, `scrollY > ${before + 20}`);
        // A page that still scrolls would move the bar from under the finger.
        await standsStill(page);
        expect(await bar.getAttribute('aria-valuenow')).toBe('10');
        // Not behind the stage, however far the swipe went.
        await page.evaluate(
          `document.querySelectorAll('.bar-track')[2].scrollIntoView({ block: 'end', behavior: 'instant' })`,
        );
        await standsStill(page);
        const now = (await bar.boundingBox())!;
        await touch('touchStart', now.x + now.width * 0.3, now.y + 5);
        for (let i = 1; i <= 4; i++)
          await touch('touchMove', now.x + now.width * (0.3 + 0.05 * i), now.y + 5);
        await touch('touchEnd', 0, 0);
        await until(
          page,
          `Number(document.querySelectorAll('.bar-track')[2].getAttribute('aria-valuenow')) > 50`,
        );
        await session.detach();
      },
      { width: 380, height: 760 },
    ));

  it('a class under the pointer stands out everywhere', () =>
    visit('', async (page) => {
      await page.locator('#imbalance .bar').nth(1).hover();
      await until(page, 'document.documentElement.dataset.hot === "1"');
      const shown = await page.evaluate<string[]>(
        `[...document.querySelectorAll('#imbalance .bar')].map((bar) => getComputedStyle(bar).opacity)`,
      );
      expect(shown).toEqual(['0.22', '1', '0.22']);
      const color = await page.evaluate<string>(
        `getComputedStyle(document.querySelectorAll('#imbalance .bar-name')[1]).color`,
      );
      const [r, g, b] = [1, 3, 5].map((i) => parseInt(CLASS_COLORS[1].light.slice(i, i + 2), 16));
      expect(color).toBe(`rgb(${r}, ${g}, ${b})`);
    }));

  it('prints what is open and far out of sight, with the chosen option dark', () =>
    visit(
      '#v=1&place=explore',
      async (page) => {
        await page.evaluate(
          `[...document.querySelectorAll('[role=tab]')].find((tab) => tab.textContent === 'Matrices').click()`,
        );
        await page.waitForSelector('.gram', { state: 'attached' });
        const drawn = `document.querySelectorAll('.gram svg.collapsar-plot').length`;
        expect(await page.evaluate(drawn)).toBe(0);
        // Figures are loaded after the page stands; from then on a page that is printed waits for nothing.
        await until(page, `dispatchEvent(new Event('beforeprint')) && ${drawn} === 3`);
        await page.emulateMedia({ media: 'print' });
        expect(
          await page.evaluate(
            `getComputedStyle(document.querySelector('.choice-row .chosen')).printColorAdjust`,
          ),
        ).toBe('exact');
      },
      { width: 380, height: 600 },
    ));

  it('says what to do when its file is opened by a double click', async () => {
    const opened = await lab.open('');
    try {
      const file = fileURLToPath(new URL('../../dist/lab/index.html', import.meta.url));
      await opened.page.goto(pathToFileURL(file).href);
      // After three seconds, in which a page that is served takes it away.
      const shown = await opened.page.evaluate<[number, string]>(
        `(() => {
          const late = document.querySelector('.late');
          const [animation] = late.getAnimations();
          animation.finish();
          return [animation.effect.getTiming().delay, getComputedStyle(late).visibility];
        })()`,
      );
      expect(shown).toEqual([3000, 'visible']);
      expect(await opened.page.textContent('.late')).toContain('collapsar lab');
    } finally {
      await opened.close();
    }
  });
});
