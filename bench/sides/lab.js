/**
 * The lab in a fresh Chromium: how fast it trains beside the page, how long the page's own work keeps a reader waiting, and
 * how long a moved slider waits for its prediction.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers';
import { fileURLToPath, URL } from 'node:url';
import { chromium } from 'playwright-core';
import { createProblem } from 'collapsar/model';
import { predictMse } from 'collapsar/theory';
import { serveLab } from '../../dist/cli/labServer.js';
import { check } from '../stats.js';

const FLAGS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];
const CATEGORIES = ['toplevel', 'disabled-by-default-devtools.timeline', '__metadata'];
/** A window of half a second each: the page shows the rate of the last one. */
const WINDOW_MS = 500;
/** The learning rate. */
const SLOW = '0.0003';

const wait = (/** @type {number} */ ms) => new Promise((done) => setTimeout(done, ms));

/** @param {{executable: string, windows: number}} options the paper's problem: 200, 100, 50, 50, d = 64, M = 3 */
export async function lab({ executable, windows }) {
  const server = await serveLab(fileURLToPath(new URL('../../dist/lab/', import.meta.url)), 0);
  const profile = mkdtempSync(join(tmpdir(), 'collapsar-bench-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: executable,
    headless: true,
    args: FLAGS,
    viewport: { width: 1440, height: 900 },
  });
  try {
    const page = await context.newPage();
    await page.goto(`${server.url}#v=1&place=explore`);
    await page.waitForSelector('table.classes');
    const sliderMs = await sliderLatency(page);
    await page.goto('about:blank');
    await page.goto(`${server.url}#v=1&place=explore`);
    // So slowly that the frame turns for as long as is measured: a frame at rest costs the page nothing.
    await page.getByLabel('Learning rate').fill(SLOW);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Train', exact: true }).click();
    await wait(2 * WINDOW_MS);
    const { tasks, during, pictures } = await traced(context, page, windows);
    const step = digitsOf(await page.textContent('#step'));
    const objective = Number(await page.textContent('#objective'));
    const { objective: minimum } = predictMse(
      createProblem({
        counts: [200, 100, 50, 50],
        depth: 3,
        widths: 64,
        weightDecays: 5e-4,
        featureDecay: 5e-4,
      }),
    );
    return {
      rates: during,
      tasks: tasks.length,
      p50: quantile(tasks, 0.5),
      p95: quantile(tasks, 0.95),
      p99: quantile(tasks, 0.99),
      longest: quantile(tasks, 1),
      busyShare: tasks.reduce((sum, one) => sum + one, 0) / (windows * WINDOW_MS),
      sliderMs,
      browser: context.browser()?.version() ?? null,
      checks: [
        check('the page has trained, towards the minimum', step > 0 && objective >= minimum * (1 - 1e-5), {
          step,
          objective,
          minimum,
        }),
        check('the frame has turned in every window', pictures === windows, { pictures, windows }),
      ],
    };
  } finally {
    await context.close();
    await server.close();
    rmSync(profile, { recursive: true, force: true });
  }
}

/** Milliseconds of every task of the page's main thread, ascending, and the rates shown meanwhile. */
async function traced(/** @type {any} */ context, /** @type {any} */ page, /** @type {number} */ windows) {
  const session = await context.browser().newBrowserCDPSession();
  /** @type {any[]} */
  const events = [];
  session.on('Tracing.dataCollected', (/** @type {any} */ { value }) => events.push(...value));
  await session.send('Tracing.start', { traceConfig: { includedCategories: CATEGORIES } });
  const during = [];
  const pictures = new Set();
  for (let i = 0; i < windows; i++) {
    await wait(WINDOW_MS);
    during.push(digitsOf(await page.textContent('#rate')));
    pictures.add(await page.evaluate(`document.querySelector('svg.frame').innerHTML`));
  }
  const complete = new Promise((done) => session.once('Tracing.tracingComplete', done));
  await session.send('Tracing.end');
  await complete;
  const mains = new Set(
    events.filter(({ args }) => args?.name === 'CrRendererMain').map(({ pid, tid }) => `${pid} ${tid}`),
  );
  const tasks = events
    .filter(({ name, ph, pid, tid }) => name === 'RunTask' && ph === 'X' && mains.has(`${pid} ${tid}`))
    .map(({ dur }) => (dur ?? 0) / 1000)
    .sort((a, b) => a - b);
  return { tasks, during, pictures: pictures.size };
}

/** Twenty classes, free bias: from the slider's event to the changed page, median of thirty moves. */
async function sliderLatency(/** @type {any} */ page) {
  await page.fill('input.wide', 'longtail:5000:100:20');
  await page.press('input.wide', 'Enter');
  await page.getByText('free', { exact: true }).click();
  return await page.evaluate(`(async () => {
    const slider = document.querySelectorAll('input[type=range]')[1];
    const took = [];
    for (let i = 100; i < 130; i++) {
      slider.value = String(i);
      const began = performance.now();
      slider.dispatchEvent(new Event('input', { bubbles: true }));
      took.push(performance.now() - began);
      await new Promise((done) => requestAnimationFrame(done));
    }
    return took.sort((a, b) => a - b)[15];
  })()`);
}

function quantile(/** @type {readonly number[]} */ sorted, /** @type {number} */ share) {
  return sorted[Math.floor(share * (sorted.length - 1))];
}

function digitsOf(/** @type {string | null} */ text) {
  return Number((text ?? '').replace(/\D/g, ''));
}
