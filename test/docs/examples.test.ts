/** The examples, run as their headers say. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, transform } from 'esbuild';
import { readFileSync, writeFileSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { createProblem, parseCounts, predictMse } from '../../src/index.js';
import { temporaryFolder } from '../support/cli.js';
import { ROOT } from './documents.js';

const CHROMIUM = '/usr/bin/chromium';
const present = existsSync(CHROMIUM);
if (!present) console.warn(`skipped: the example of a page, for want of ${CHROMIUM}`);
const example = (name: string) => join(ROOT, 'examples', name);
const run = (path: string) => execFileSync(process.execPath, [path], { encoding: 'utf8' }).trim().split('\n');

describe('the examples', () => {
  it('decays.js: just below each limit every class lives, just above one does not', () => {
    const lines = run(example('decays.js'));
    expect(lines).toHaveLength(5);
    const counts = parseCounts('longtail:5000:100:10');
    for (const line of lines.slice(1)) {
      const [, depth, limit] = /^M = (\d): every class lives below λ = (\S+)$/.exec(line)!;
      const allLive = (decay: number) =>
        predictMse(
          createProblem({
            counts,
            depth: Number(depth),
            widths: 512,
            weightDecays: decay,
            featureDecay: decay,
          }),
        ).classes.every(({ regime }) => regime === 'alive');
      // The limit is printed to four digits.
      expect(allLive(Number(limit) * 0.999), line).toBe(true);
      expect(allLive(Number(limit) * 1.001), line).toBe(false);
    }
  });

  it('measure.ts: a minimiser with noise measures as predicted', async () => {
    const path = join(ROOT, 'dist', `example-${process.pid}.mjs`);
    const { code } = await transform(readFileSync(example('measure.ts'), 'utf8'), { loader: 'ts' });
    writeFileSync(path, code);
    try {
      const lines = run(path);
      const [, nc1] = /^NC1 (\S+), PPᵀ/.exec(lines[0])!;
      // Noise of 0.01 an entry beside means of norm about one half.
      expect(Number(nc1)).toBeGreaterThan(1e-5);
      expect(Number(nc1)).toBeLessThan(1e-2);
      expect(lines).toHaveLength(4);
      for (const line of lines.slice(1)) {
        const [, measured, predicted] = /‖p‖ (\S+), predicted (\S+), alive$/.exec(line)!;
        expect(measured).toBe(predicted);
      }
    } finally {
      rmSync(path);
    }
  });

  it.runIf(present)('browser.html: classes are lost as the slider moves', { timeout: 60_000 }, async () => {
    const folder = temporaryFolder();
    copyFileSync(example('browser.html'), join(folder, 'browser.html'));
    await build({
      entryPoints: [example('browser.js')],
      bundle: true,
      outfile: join(folder, 'browser.bundle.js'),
      logLevel: 'warning',
    });
    const browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
    });
    try {
      const page = await browser.newPage();
      const errors: string[] = [];
      page.on('pageerror', (error) => errors.push(error.message));
      await page.goto(pathToFileURL(join(folder, 'browser.html')).href);
      const living = async (power: string) => {
        await page.fill('#decay', power);
        return ((await page.textContent('#classes')) ?? '').split('alive').length - 1;
      };
      expect(await living('-4')).toBe(4);
      expect(await living('-2')).toBeLessThan(4);
      expect(await living('-1')).toBe(0);
      expect(errors).toEqual([]);
    } finally {
      await browser.close();
    }
  });
});
