/**
 * The lab for everyone: on every screen, light and dark, by the keyboard alone, enlarged, without a script, and without anything
 * that moves while it loads. Skipped, saying so, where there is no Chromium.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { issues, labForTests, present, startLab, until } from './page.js';

const SIZES = [
  [380, 760],
  [768, 1024],
  [1265, 800],
  [1280, 800],
  [1920, 1080],
] as const;
/** A window of 1280 × 800 px at twice the size. */
const ENLARGED = { width: 640, height: 400 };

describe.skipIf(!present)('the lab for everyone', () => {
  const lab = labForTests();
  const { visit } = lab;

  it.each([
    ['the story', '#story=lost'],
    ['Explore', '#v=1&counts=500,180,60,20,8&depth=2&wd=1.2e-2'],
    ['Your network', '#v=1&place=network'],
  ])('%s has nothing that axe finds wrong, and fits, at every width, light and dark', (_, hash) =>
    visit(hash, async (page) => {
      for (const [width, height] of SIZES)
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.setViewportSize({ width, height });
          await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
          const at = `${width} px, ${colorScheme}`;
          expect(await issues(page, undefined, colorScheme === 'light' ? 'all' : 'colors'), at).toEqual([]);
          expect(await page.evaluate('document.documentElement.scrollWidth'), at).toBeLessThanOrEqual(width);
        }
      // The picture and the button that moves it fit one window, where there are both.
      for (const [width, height] of [...SIZES, [1000, 700]] as const) {
        await page.setViewportSize({ width, height });
        const tall = await page.evaluate<number>(
          `(([first, ...more]) => first === undefined || more.length === 0 ? 0 : more[0].bottom - first.top)(
            [...document.querySelectorAll('.frame-area, .play, .train')].map((part) => part.getBoundingClientRect())
          )`,
        );
        expect(tall, `${width} × ${height} px`).toBeLessThanOrEqual(height);
      }
    }),
  );

  it.each([
    [380, 760],
    [768, 1024],
    [1280, 800],
    [3840, 2160],
  ])(
    'the picture, its button and the control that is lit are in view together at %s × %s px',
    (width, height) =>
      visit(
        '#story=lost',
        async (page) => {
          for (const selector of ['.frame-area', '.play', '#lost .lit']) {
            const box = await page.locator(selector).boundingBox();
            expect(box?.y, selector).toBeLessThan(height);
            expect((box?.y ?? 0) + (box?.height ?? 0), selector).toBeGreaterThan(0);
          }
          expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
        },
        { width, height },
      ),
  );

  it.each([
    ['the story', '#story=lost', { width: 1280, height: 800 }],
    ['the story on a phone', '', { width: 380, height: 760 }],
    ['Explore', '#v=1&place=explore', { width: 1280, height: 800 }],
    ['Your network', '#v=1&place=network', { width: 1280, height: 800 }],
  ] as const)(
    'the keyboard alone walks through %s: to every control, each in sight, and out again',
    (_, hash, size) =>
      visit(
        hash,
        async (page) => {
          await page.evaluate(walker);
          const walked: string[] = [];
          for (;;) {
            await page.keyboard.press('Tab');
            const here = await page.evaluate<{ name: string; wrong: string } | null>('walk.here()');
            if (here === null) break;
            // A section that comes into view sets its story, and another button of the same group may be the chosen one.
            if (here.name.includes(' group ') && here.name === walked.at(-1)) continue;
            expect(walked, 'a trap').not.toContain(here.name);
            walked.push(here.name);
            expect(here.wrong, here.name).toBe('');
          }
          expect([...walked].sort()).toEqual((await page.evaluate<string[]>('walk.all()')).sort());
          expect(walked.length).toBeGreaterThan(8);
        },
        size,
      ),
  );

  it('is whole where scroll bars take their room of 1280 px', async () => {
    const desktop = await startLab({ scrollbars: true });
    const open = async (hash: string) => (await desktop.open(hash, { width: 1280, height: 800 })).page;
    const room = (page: Page) =>
      page.evaluate<number[]>(
        '[document.documentElement.clientWidth, document.documentElement.scrollWidth, innerWidth]',
      );
    try {
      const story = await open('#story=lost');
      const [clear, used, whole] = await room(story);
      expect(whole - clear).toBeGreaterThan(8);
      expect(used).toBeLessThanOrEqual(clear);
      const [words, stage] = [
        (await story.locator('#lost .lit').boundingBox())!,
        (await story.locator('.stage').boundingBox())!,
      ];
      expect(words.x + words.width).toBeLessThan(stage.x);
      expect(stage.x + stage.width).toBeLessThanOrEqual(clear);
      const explore = await open('#v=1&place=explore');
      // With a step of four digits, measured and predicted numbers and the longer legend.
      await explore.getByRole('button', { name: 'Train', exact: true }).click();
      await until(explore, 'Number(document.querySelector("#step").textContent.replace(/\\D/g, "")) > 1000');
      await explore.getByRole('button', { name: 'Pause' }).click();
      await until(explore, 'document.querySelector(".train").textContent === "Go on"');
      // Nothing has a scroll bar: neither the window nor one of its columns, nor the table.
      for (const height of [800, 720]) {
        await explore.setViewportSize({ width: 1280, height });
        expect(
          await explore.evaluate<string[]>(
            `[document.documentElement, ...document.querySelectorAll('.explore > :not(.unseen), .explore .scroll')]
              .filter((part) => part.scrollHeight > part.clientHeight + 1 || part.scrollWidth > part.clientWidth + 1)
              .map((part) => part.tagName + '.' + part.className)`,
          ),
          `${height} px`,
        ).toEqual([]);
      }
      await explore.getByRole('tab', { name: 'Curves' }).click();
      await explore.waitForSelector('.chart:nth-child(2) svg.collapsar-plot');
      const tops = await explore.evaluate<number[]>(
        `[...document.querySelectorAll('.chart')].slice(0, 2).map((chart) => chart.getBoundingClientRect().top)`,
      );
      expect(tops[0]).toBe(tops[1]);
      const letters = await explore.evaluate<number[]>(
        `[...document.querySelectorAll('.chart svg text')].map((text) => text.getBoundingClientRect().height)`,
      );
      expect(Math.max(...letters)).toBeLessThan(20);
      expect(Math.min(...letters)).toBeGreaterThan(8);
    } finally {
      await desktop.close();
    }
  });

  it('explains a word where the pointer or the keyboard rests on it, in sight, and nowhere else', () =>
    visit('', async (page) => {
      const notes = () =>
        page.evaluate<string[]>(
          `[...document.querySelectorAll('.term-note')].filter((note) => note.checkVisibility()).map((note) => note.textContent)`,
        );
      for (const width of [380, 1280]) {
        await page.setViewportSize({ width, height: 800 });
        expect(await notes()).toEqual([]);
        const term = page.locator('#opening .term', { hasText: 'neural collapse' });
        await term.hover();
        expect(await notes()).toEqual([expect.stringMatching(/^The end of training, and a good one/)]);
        const box = (await term.locator('.term-note').boundingBox())!;
        expect(box.x).toBeGreaterThanOrEqual(0);
        expect(box.x + box.width).toBeLessThanOrEqual(width);
        expect(box.y + box.height).toBeLessThanOrEqual(800);
        // What is read out is what is seen.
        const id = await term.getAttribute('aria-describedby');
        expect(await page.textContent(`[id="${id}"]`)).toBe((await notes())[0]);
        await page.mouse.move(1, 1);
        expect(await notes()).toEqual([]);
        await term.focus();
        expect(await notes()).toHaveLength(1);
        await page.evaluate('document.activeElement.blur()');
      }
      // Every word of every section fits its column.
      for (const term of await page.locator('.chapter .term').all()) {
        await term.focus();
        const box = (await term.locator('.term-note').boundingBox())!;
        expect(box.x + box.width, await term.innerText()).toBeLessThanOrEqual(1280);
      }
    }));

  it('twice as large, the picture stands beside the text and leaves it half of the window', () =>
    visit(
      '#story=lost',
      async (page) => {
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(640);
        const [stage, words] = [
          await page.locator('.stage').boundingBox(),
          await page.locator('#lost .chapter-words').boundingBox(),
        ];
        expect(words?.width).toBeGreaterThan(250);
        expect((words?.x ?? 0) + (words?.width ?? 0)).toBeLessThanOrEqual(stage?.x ?? 0);
        expect(stage?.height).toBeLessThanOrEqual(400);
      },
      ENLARGED,
    ));

  it('has its first picture in the page itself, the same that the script draws in its place', async () => {
    const html = readFileSync(fileURLToPath(new URL('../../dist/lab/index.html', import.meta.url)), 'utf8');
    expect(html.match(/<polygon/g)?.length).toBe(3);
    const opened = await lab.open();
    const { page } = opened;
    try {
      const look = () =>
        page.evaluate<[string, string[]]>(
          `[document.querySelector('#lab').textContent, [...document.querySelectorAll('#lab *')].map((one) => {
            const { x, y, width, height } = one.getBoundingClientRect();
            return [one.tagName, ...[x, y, width, height].map(Math.round)].join(' ');
          })]`,
        );
      await page.route('**/*.js', (route) => route.abort());
      await page.goto(lab.url);
      const before = await look();
      await until(page, `performance.getEntriesByName('first-contentful-paint').length === 1`);
      await page.unroute('**/*.js');
      await page.goto('about:blank');
      await page.goto(lab.url);
      await until(page, 'document.querySelector("#late") === null');
      expect(await look()).toEqual(before);
      const moved = await page.evaluate<number>(
        `new Promise((done) => {
          let sum = 0;
          new PerformanceObserver((list) => {
            for (const one of list.getEntries()) if (!one.hadRecentInput) sum += one.value;
          }).observe({ type: 'layout-shift', buffered: true });
          // Once the page has nothing left to do.
          requestIdleCallback(() => requestIdleCallback(() => setTimeout(() => done(sum))));
        })`,
      );
      expect(moved).toBeLessThan(0.01);
    } finally {
      await opened.close();
    }
  });
});

/** In the page: names what the keyboard is at, and everything that it should come to. */
const walker = `window.walk = (() => {
  const numbers = new Map();
  // Of radio buttons the keyboard comes to the chosen one, and which that is changes with the section in view.
  const name = (one) => {
    const radio = one.type === 'radio';
    const key = radio ? one.name : one;
    if (!numbers.has(key)) numbers.set(key, numbers.size);
    return [one.tagName.toLowerCase(), one.id || one.getAttribute('class') || '', one.getAttribute('aria-label') || '', radio ? 'group' : '', numbers.get(key)].join(' ');
  };
  const inside = ({ left, top, right, bottom }) => right > 0 && bottom > 0 && left < innerWidth && top < innerHeight;
  const outlined = (one) => {
    const { outlineStyle, outlineWidth, stroke } = getComputedStyle(one);
    return (outlineStyle !== 'none' && parseFloat(outlineWidth) > 0) || (one.tagName === 'circle' && stroke !== 'none');
  };
  return {
    here() {
      const one = document.activeElement;
      if (one === null || one === document.body || one === document.documentElement) return null;
      const box = one.getBoundingClientRect();
      const [x, y] = [(Math.max(0, box.left) + Math.min(innerWidth, box.right)) / 2, (Math.max(0, box.top) + Math.min(innerHeight, box.bottom)) / 2];
      const top = document.elementFromPoint(x, y);
      const wrong = [];
      if (!inside(box)) wrong.push('out of sight');
      else if (top !== null && !one.contains(top) && !top.contains(one) && top.closest('.story-stage') !== null && one.closest('.story-stage') === null) wrong.push('behind the stage');
      if (![one, one.parentElement, one.querySelector('circle')].some((it) => it !== null && outlined(it))) wrong.push('focus not shown');
      return { name: name(one), wrong: wrong.join(', ') };
    },
    all() {
      const able = 'a[href], button:not(:disabled), input:not(:disabled), select, summary, [tabindex]';
      return [...document.querySelectorAll(able)].filter((one) => one.checkVisibility({ visibilityProperty: true }) && one.tabIndex >= 0 && !one.closest('fieldset:disabled')).map(name).filter((name, i, all) => all.indexOf(name) === i);
    },
  };
})()`;
