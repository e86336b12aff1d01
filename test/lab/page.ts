/** The built lab in Debian's Chromium, with what a test asks of it. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { serveLab, type LabServer } from '../../src/cli/labServer.js';

const CHROMIUM = '/usr/bin/chromium';
const FOLDER = fileURLToPath(new URL('../../dist/lab/', import.meta.url));
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const present = existsSync(CHROMIUM);
if (!present) console.warn(`skipped: the lab in a browser, for want of ${CHROMIUM}`);

export interface Opened {
  readonly page: Page;
  /** What the console and the page's errors said; nothing, one hopes. */
  readonly said: string[];
  /** Addresses asked for. */
  readonly asked: string[];
  close(): Promise<void>;
}

export interface Lab {
  readonly url: string;
  open(hash?: string, options?: { width?: number; dark?: boolean }): Promise<Opened>;
  close(): Promise<void>;
}

export async function startLab(): Promise<Lab> {
  const server: LabServer = await serveLab(FOLDER, 0);
  const browser: Browser = await chromium.launch({ executablePath: CHROMIUM, headless: true, args: FLAGS });
  return {
    url: server.url,
    async open(hash = '', { width = 1400, dark = false } = {}) {
      const context = await browser.newContext({
        viewport: { width, height: 900 },
        colorScheme: dark ? 'dark' : 'light',
        acceptDownloads: true,
      });
      await context.grantPermissions(['clipboard-read', 'clipboard-write']);
      const page = await context.newPage();
      const [said, asked]: [string[], string[]] = [[], []];
      page.on('console', (message) => said.push(message.text()));
      page.on('pageerror', (error) => said.push(error.message));
      page.on('request', (request) => asked.push(request.url()));
      await page.goto(server.url + hash);
      await page.waitForSelector('#problem');
      return { page, said, asked, close: () => context.close() };
    },
    async close() {
      await browser.close();
      await server.close();
    },
  };
}

/** The numbers of a column of the class table, as shown. */
export async function column(
  page: Page,
  name: string,
  side: 'theory' | 'measured' = 'theory',
): Promise<number[]> {
  const texts = await page.locator(`table.classes td.${name} .${side}`).allTextContents();
  return texts.map(Number);
}

export function words(page: Page, name: string): Promise<string[]> {
  return page
    .locator(`table.classes td.${name}`)
    .allTextContents()
    .then((texts) => texts.map((text) => text.replace(/[^a-z]/g, '')));
}

/** Waits until an expression holds in the page. (Playwright's own way needs `eval` in the page, which its policy forbids.) */
export async function until(page: Page, expression: string, seconds = 50): Promise<void> {
  const end = performance.now() + 1000 * seconds;
  while ((await page.evaluate<unknown>(expression)) !== true) {
    if (performance.now() > end) throw new Error(`still not so: ${expression}`);
    await new Promise((done) => setTimeout(done, 30));
  }
}

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** What axe finds serious or critical in the page, or the part of it that a selector names, with every text unfolded. */
export async function seriousIssues(page: Page, part?: string): Promise<string[]> {
  await page.evaluate('document.querySelectorAll("details").forEach((one) => (one.open = true))');
  // Evaluated, not added as a script: the page's policy would refuse it, as it should.
  await page.evaluate(readFileSync(AXE, 'utf8'));
  const found = await page.evaluate<{ id: string; impact: string; nodes: { html: string }[] }[]>(
    `axe.run(${part === undefined ? '' : JSON.stringify(part)}).then(({ violations }) => violations)`,
  );
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
}
