/** The built lab in Debian's Chromium, with what a test asks of it. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, vi } from 'vitest';
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
  readonly open: (hash?: string, options?: OpenOptions) => Promise<Opened>;
  readonly close: () => Promise<void>;
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
  /** The last of them is in front: one behind another gets few pictures a second. */
  const inUse: Page[] = [];
  return {
    url: server.url,
    async open(hash = '', { width = 1400, height = 900, dark = false, still = true } = {}) {
      const page = free.pop() ?? (await context.newPage());
      inUse.push(page);
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
          inUse.splice(inUse.indexOf(page), 1);
          if (inUse.length > 0) {
            await page.close();
            await inUse.at(-1)?.bringToFront();
            return;
          }
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

/** What the tests of a file share: one browser, and a page of it for as long as a test needs it. */
export interface Visits {
  readonly url: string;
  readonly open: Lab['open'];
  /** A page on which something is done, and which at the end has said nothing and asked this server alone. */
  readonly visit: (
    hash: string,
    act: (page: Page, opened: Opened) => Promise<void>,
    options?: OpenOptions,
  ) => Promise<void>;
}

/** Called in a `describe`: the lab is there before its first test and gone after its last. */
export function labForTests(): Visits {
  let lab: Lab | null = null;
  const started = (): Lab => {
    if (lab === null) throw new Error('no test has begun');
    return lab;
  };
  beforeAll(async () => {
    lab = await startLab();
  });
  afterAll(() => lab?.close());
  return {
    get url() {
      return started().url;
    },
    open: (hash, options) => started().open(hash, options),
    async visit(hash, act, options) {
      const { url, open } = started();
      const opened = await open(hash, options);
      try {
        await act(opened.page, opened);
        expect(opened.said).toEqual([]);
        expect(opened.asked.filter((asked) => !asked.startsWith(url) && !asked.startsWith('blob:'))).toEqual(
          [],
        );
        expect(opened.page.url().startsWith(url)).toBe(true);
      } finally {
        await opened.close();
      }
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

/** So many pictures of the page later: long enough for what a picture moves, however busy the machine is. */
export async function pictures(page: Page, count: number): Promise<void> {
  await page.evaluate(`new Promise((done) => {
    let left = ${count};
    const next = () => (left-- > 0 ? requestAnimationFrame(next) : done(null));
    next();
  })`);
}

/** Until the page has stood where it is for twenty pictures: what still scrolls moves what one aims at. */
export async function standsStill(page: Page): Promise<void> {
  await page.evaluate(`new Promise((done) => {
    let [last, stood] = [scrollY, 0];
    const look = () => {
      stood = scrollY === last ? stood + 1 : 0;
      last = scrollY;
      if (stood === 20) done(null);
      else requestAnimationFrame(look);
    };
    look();
  })`);
}

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** `colors`: what a change of colours alone can change. */
export type Rules = 'all' | 'colors';

function optionsOf(rules: Rules): object {
  const reported = { resultTypes: ['violations'], preload: false };
  return rules === 'all' ? reported : { ...reported, runOnly: ['color-contrast', 'link-in-text-block'] };
}

/** What axe finds in the page, or the part of it that a selector names, of any severity, with every text unfolded. */
export async function issues(page: Page, part?: string, rules: Rules = 'all'): Promise<string[]> {
  await page.evaluate('document.querySelectorAll("details").forEach((one) => (one.open = true))');
  // Evaluated, not added as a script: the page's policy would refuse it, as it should.
  if (await page.evaluate('window.axe === undefined')) await page.evaluate(readFileSync(AXE, 'utf8'));
  const found = await page.evaluate<{ id: string; nodes: { html: string }[] }[]>(
    `axe.run(${part === undefined ? 'document' : JSON.stringify(part)}, ${JSON.stringify(optionsOf(rules))}).then(({ violations }) => violations)`,
  );
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
}

/** The number in a text with thin spaces between thousands. */
export function asNumber(text: string | null): number {
  return Number((text ?? '').replace(/[\s\u00a0\u202f%°]/g, ''));
}
