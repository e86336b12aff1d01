/** The built lab in Debian's Chromium, with what a test asks of it. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { vi } from 'vitest';
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

/** Nothing here takes this long but on a machine that is busy with other things. */
export const PATIENCE_MS = 120_000;
vi.setConfig({ testTimeout: 2 * PATIENCE_MS, hookTimeout: PATIENCE_MS });

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

export interface OpenOptions {
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
  /** Prefers reduced motion: the default, for a test that waits for no picture is a fast one. */
  readonly still?: boolean;
}

export interface Lab {
  readonly url: string;
  open(hash?: string, options?: OpenOptions): Promise<Opened>;
  close(): Promise<void>;
}

/** With `scrollbars` such as a desktop has, which take room. One browser and, unless two are open at once, one page for all that a file opens. */
export async function startLab({ scrollbars = false } = {}): Promise<Lab> {
  const server: LabServer = await serveLab(FOLDER, 0);
  const browser: Browser = await chromium.launch({
    executablePath: CHROMIUM,
    headless: true,
    args: FLAGS,
    ignoreDefaultArgs: scrollbars ? ['--hide-scrollbars'] : [],
  });
  const context = await browser.newContext({ acceptDownloads: true });
  context.setDefaultTimeout(PATIENCE_MS);
  context.setDefaultNavigationTimeout(PATIENCE_MS);
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const free: Page[] = [];
  return {
    url: server.url,
    async open(hash = '', { width = 1400, height = 900, dark = false, still = true } = {}) {
      const page = free.pop() ?? (await context.newPage());
      await page.setViewportSize({ width, height });
      await page.emulateMedia({
        media: null,
        colorScheme: dark ? 'dark' : 'light',
        reducedMotion: still ? 'reduce' : 'no-preference',
      });
      const [said, asked]: [string[], string[]] = [[], []];
      page.on('console', (message) => said.push(message.text()));
      page.on('pageerror', (error) => said.push(error.message));
      page.on('request', (request) => asked.push(request.url()));
      await page.goto(server.url + hash);
      // The page has its first picture from the start; the script takes this line away when it is there.
      await page.waitForSelector('#late', { state: 'detached' });
      return {
        page,
        said,
        asked,
        async close() {
          page.removeAllListeners();
          await page.goto('about:blank');
          free.push(page);
        },
      };
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
export async function until(page: Page, expression: string, seconds = PATIENCE_MS / 1000): Promise<void> {
  const end = performance.now() + 1000 * seconds;
  while ((await page.evaluate<unknown>(expression)) !== true) {
    if (performance.now() > end) throw new Error(`still not so: ${expression}`);
    await new Promise((done) => setTimeout(done, 30));
  }
}

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** What axe finds in the page, or the part of it that a selector names, of any severity, with every text unfolded. */
export async function issues(page: Page, part?: string): Promise<string[]> {
  await page.evaluate('document.querySelectorAll("details").forEach((one) => (one.open = true))');
  // Evaluated, not added as a script: the page's policy would refuse it, as it should.
  await page.evaluate(`window.axe === undefined && (() => { ${readFileSync(AXE, 'utf8')} })()`);
  const found = await page.evaluate<{ id: string; nodes: { html: string }[] }[]>(
    `axe.run(${part === undefined ? '' : JSON.stringify(part)}).then(({ violations }) => violations)`,
  );
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
}

/** The number in a text with thin spaces between thousands. */
export function asNumber(text: string | null): number {
  return Number((text ?? '').replace(/[\s\u00a0\u202f%°]/g, ''));
}
