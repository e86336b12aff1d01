/**
 * The page in Chromium, opened from disk and offline: nothing asked for, nothing said on the console, nothing wider than
 * the window, in light and dark. Skipped, saying so, where there is no Chromium.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFigureDocument } from '../../src/report/document.node.js';
import { renderReport } from '../../src/report/index.js';
import { divergedRun, dyingRun, killedRun, longTail, sampleRun, type Sample } from './sample.js';

const CHROMIUM = '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const present = existsSync(CHROMIUM);
if (!present) console.warn(`skipped: the report in a browser, for want of ${CHROMIUM}`);

const RUNS: readonly (readonly [string, Sample])[] = [
  ['plain', sampleRun({ counts: [200, 100, 50, 50], steps: 30_000, every: 100 })],
  ['dying', dyingRun()],
  ['diverged', divergedRun()],
  ['killed', killedRun()],
  ['many', longTail(200)],
  ['fifty', longTail(50)],
];

describe.skipIf(!present)('the report in a browser', () => {
  let browser: Browser;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'collapsar-report-'));
    browser = await chromium.launch({ executablePath: CHROMIUM, headless: true, args: FLAGS });
    for (const [name, run] of RUNS)
      await writeFile(
        join(folder, `${name}.html`),
        renderReport({ ...run, document: createFigureDocument() }),
      );
  });
  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true, force: true });
  });

  describe.each(RUNS.map(([name]) => name))('%s', (name) => {
    let page: Page;
    let address: string;
    const [said, asked]: [string[], string[]] = [[], []];

    beforeAll(async () => {
      address = pathToFileURL(join(folder, `${name}.html`)).href;
      const context = await browser.newContext({ offline: true });
      page = await context.newPage();
      page.on('console', (message) => said.push(message.text()));
      page.on('pageerror', (error) => said.push(error.message));
      page.on('request', (request) => asked.push(request.url()));
      await page.goto(address);
    });
    afterAll(() => page.context().close());

    for (const colorScheme of ['light', 'dark'] as const)
      for (const width of [380, 1280])
        it(`${colorScheme}, ${width} px`, async () => {
          await page.emulateMedia({ colorScheme });
          await page.setViewportSize({ width, height: 800 });
          const seen = await page.evaluate<Seen>(LOOK);
          expect(said).toEqual([]);
          expect(asked).toEqual([address]);
          expect(seen.inner).toBe(width);
          expect(seen.width).toBeLessThanOrEqual(width);
          expect(seen.escaped).toEqual([]);
          expect(seen.headings).toBe(1);
          expect(seen.plots).toBeGreaterThan(3);
          // The paper and the ink are those of the scheme: light on dark or the other way round.
          const [ground, ink] = [seen.ground, seen.ink].map(brightness);
          expect(ground > ink).toBe(colorScheme === 'light');
        });
  });
});

interface Seen {
  /** Of the window that the page is laid out for. */
  readonly inner: number;
  readonly width: number;
  readonly headings: number;
  readonly plots: number;
  readonly ground: string;
  readonly ink: string;
  /** Text of plots that reaches beyond its plot. */
  readonly escaped: readonly string[];
}

/** Runs in the page, which has the DOM that this compilation has not. */
const LOOK = `(() => {
  const escaped = [];
  for (const svg of document.querySelectorAll('svg.collapsar-plot')) {
    const box = svg.getBoundingClientRect();
    for (const text of svg.querySelectorAll('text')) {
      const at = text.getBoundingClientRect();
      if (at.width > 0 && (at.left < box.left - 1 || at.right > box.right + 1 || at.bottom > box.bottom + 1 || at.top < box.top - 1))
        escaped.push(svg.getAttribute('aria-label') + ': ' + text.textContent);
    }
  }
  const style = getComputedStyle(document.body);
  return {
    inner: innerWidth,
    width: document.documentElement.scrollWidth,
    headings: document.querySelectorAll('h1').length,
    plots: document.querySelectorAll('svg.collapsar-plot').length,
    ground: style.backgroundColor,
    ink: style.color,
    escaped,
  };
})()`;

function brightness(color: string): number {
  return (color.match(/\d+/g) ?? []).slice(0, 3).reduce((sum, part) => sum + Number(part), 0);
}
