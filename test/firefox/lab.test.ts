/**
 * The lab in Debian's Firefox, through WebDriver BiDi: that it loads, plays, trains to the prediction's numbers and fits every
 * screen there too. Run by `npm run test:firefox`; skipped, saying so, where there is no Firefox.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveLab, type LabServer } from '../../src/cli/labServer.js';
import type { PredictionDocument } from '../../src/verbs/index.js';
import { json } from '../support/commandInProcess.js';

const FIREFOX = '/usr/bin/firefox-esr';
const FOLDER = fileURLToPath(new URL('../../dist/lab/', import.meta.url));
const wanted = process.env.COLLAPSAR_FIREFOX === '1';
if (wanted && !existsSync(FIREFOX)) console.warn(`skipped: the lab in Firefox, for want of ${FIREFOX}`);

describe.skipIf(!wanted || !existsSync(FIREFOX))('the lab in Firefox', () => {
  let server: LabServer;
  let browser: Browser;
  let page: Page;
  const said: string[] = [];

  beforeAll(async () => {
    server = await serveLab(FOLDER, 0);
    browser = await puppeteer.launch({ browser: 'firefox', executablePath: FIREFOX, headless: true });
    page = await browser.newPage();
    page.on('pageerror', (error) => said.push(String(error)));
    page.on('console', (message) => said.push(message.text()));
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  async function open(hash: string, width = 1280, height = 800): Promise<void> {
    await page.goto('about:blank');
    await page.setViewport({ width, height });
    await page.goto(server.url + hash);
    await page.waitForSelector('#late', { hidden: true });
  }
  async function until(expression: string, seconds = 50): Promise<void> {
    const end = performance.now() + 1000 * seconds;
    while ((await page.evaluate(expression)) !== true) {
      if (performance.now() > end) throw new Error(`still not so: ${expression}`);
      await new Promise((done) => setTimeout(done, 50));
    }
  }

  it('plays the phenomenon at once, and ends on the prediction', async () => {
    await open('');
    await until(`document.querySelectorAll('svg.frame .dots path').length === 3`);
    await until(`document.querySelector('.stage-words').textContent.startsWith('Converged')`);
    expect(await page.evaluate(`document.querySelector('.angles figcaption').textContent`)).toContain(
      'predicted 90°, now 90°',
    );
    expect(said).toEqual([]);
  });

  it('trains to the command line’s numbers', async () => {
    await open('#v=1&counts=30,20,10&depth=2&width=8&wd=2e-3&fd=2e-3');
    await page.click('button.train');
    await until(`document.querySelector('.verdict.held') !== null`);
    const document = (await json(
      'predict --counts 30,20,10 --depth 2 --width 8 --weight-decay 2e-3 --feature-decay 2e-3'.split(' '),
    )) as PredictionDocument;
    for (const side of ['theory', 'measured']) {
      const shown = (await page.evaluate(
        `[...document.querySelectorAll('table.classes td.weight-norm .${side}')].map((cell) => Number(cell.textContent))`,
      )) as number[];
      shown.forEach((value, k) =>
        expect(Math.abs(value / document.classes[k].weightNorm - 1)).toBeLessThan(1e-3),
      );
      expect(shown.length).toBe(3);
    }
    expect(said).toEqual([]);
  });

  it('the section in view sets the stage', async () => {
    await open('');
    await page.evaluate(
      `document.getElementById('lost').scrollIntoView({ block: 'start', behavior: 'instant' })`,
    );
    await until(`location.hash === '#v=1&story=lost'`);
  });

  it.each([380, 768, 1265, 1280, 1920, 3840])('fits a window of %s px, in all its places', async (width) => {
    for (const hash of ['', '#v=1&place=explore', '#v=1&place=network']) {
      await open(hash, width, 900);
      expect(await page.evaluate('document.documentElement.scrollWidth'), hash).toBeLessThanOrEqual(width);
    }
    expect(said).toEqual([]);
  });
});
