/**
 * Replaying a run folder, and looking back in a training that runs, as a person does it in Chromium. What is shown at a step
 * is compared with that line of `records.jsonl`, as the command line wrote it. Skipped, saying so, where there is no Chromium.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { aboveText } from '../../lab/training/above.js';
import { damageSentence } from '../../lab/state/damageSentence.js';
import { readRecords, type RunSummary, type TrainRecord } from '../../src/runs/index.js';
import { createProblem } from '../../src/model/index.js';
import { predictMse } from '../../src/theory/index.js';
import type { MonitorDocument, PredictionDocument } from '../../src/verbs/index.js';
import { judge } from '../../src/judge/index.js';
import { NETWORK } from '../report/sample.js';
import { temporaryFolder } from '../support/cli.js';
import { json } from '../support/commandInProcess.js';
import { column, issues, labForTests, pictures, present, until } from './page.js';

const PROBLEM = { counts: [30, 20, 10], depth: 2, width: 8, weightDecay: 1e-3, featureDecay: 1e-3 };
const PROBLEM_ARGS = '--counts 30,20,10 --depth 2 --width 8 --weight-decay 1e-3 --feature-decay 1e-3';

interface Run {
  readonly folder: string;
  readonly records: string;
  readonly summary: string;
  readonly lines: readonly TrainRecord[];
}

/** A run folder that the command line made. */
async function train(change: object = {}): Promise<Run> {
  const home = temporaryFolder();
  const spec = join(home, 'spec.json');
  writeFileSync(spec, JSON.stringify({ kind: 'ufm', ...PROBLEM, steps: 300, measureEvery: 50, ...change }));
  const folder = join(home, 'run');
  await json(['train', spec, '--out', folder]);
  const records = join(folder, 'records.jsonl');
  return { folder, records, summary: join(folder, 'summary.json'), lines: linesOf(records) };
}

function linesOf(file: string): TrainRecord[] {
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as TrainRecord);
}

/** The files of a run, changed on their way. */
function copyOf(run: Run, change: (lines: string[]) => string[], summary?: (given: RunSummary) => object) {
  const folder = join(temporaryFolder(), 'copy');
  mkdirSync(folder);
  const [records, beside] = [join(folder, 'records.jsonl'), join(folder, 'summary.json')];
  writeFileSync(records, change(readFileSync(run.records, 'utf8').split('\n')).join('\n'));
  const text = readFileSync(run.summary, 'utf8');
  writeFileSync(
    beside,
    summary === undefined ? text : JSON.stringify(summary(JSON.parse(text) as RunSummary)),
  );
  return [records, beside];
}

const number = (text: string | null) => Number((text ?? '').replace(/[\s\u202f]/g, ''));
/** Chosen under Your network; the page has then read them. */
async function open(page: Page, files: readonly string[]): Promise<void> {
  await goTo(page, 'Your network');
  const before = await page.evaluate<number | null>('history.state?.run ?? null');
  await page.setInputFiles('.drop input', [...files]);
  await until(
    page,
    `document.querySelector('#complaints') !== null || (history.state?.run ?? null) !== ${String(before)}`,
  );
}
const goTo = (page: Page, name: 'Explore' | 'Your network') =>
  page.getByRole('navigation').getByRole('button', { name }).click();
const tab = (page: Page, name: string) => page.getByRole('tab', { name }).click();
const slider = (page: Page) => page.getByRole('slider', { name: 'Step shown' });

/** Four digits are shown; numbers below this are rounding. */
function agree(shown: readonly number[], known: readonly (number | null)[] | undefined): void {
  expect(shown.length).toBe(known?.length);
  shown.forEach((value, k) =>
    expect(Math.abs(value - (known?.[k] ?? NaN))).toBeLessThanOrEqual(6e-4 * Math.abs(value) + 1e-12),
  );
}

/** Every figure that is shown is that of the record. */
async function shows(page: Page, record: TrainRecord, least: number): Promise<void> {
  await until(page, `document.querySelector("#step").textContent.replace(/\\D/g, "") === "${record.step}"`);
  expect(await slider(page).getAttribute('aria-valuetext')).toBe(`step ${record.step}`);
  expect(
    Math.abs(number(await page.textContent('#objective')) - (record.objective ?? NaN)),
  ).toBeLessThanOrEqual(1e-5 * (record.objective ?? NaN));
  expect(await page.textContent('#above')).toBe(aboveText(record.objective, least));
  agree(await column(page, 'weight-norm', 'measured'), record.weightNorms);
  agree(await column(page, 'feature-norm', 'measured'), record.featureNorms);
  agree(await column(page, 'fit', 'measured'), record.fits);
}

/** Where the cursors of the charts stand, as shares of the way from the first tick at step 0 to the right end. */
function cursors(page: Page): Promise<number[]> {
  return page.evaluate(`[...document.querySelectorAll('.chart svg.collapsar-plot')].map((svg) => {
    const line = svg.querySelector('.collapsar-cursor');
    if (line === null || line.getAttribute('visibility') !== 'visible') return -1;
    const [, , width] = svg.getAttribute('viewBox').split(' ').map(Number);
    return (Number(line.getAttribute('x1')) - 50) / (width - 64);
  })`);
}

describe.skipIf(!present)('a run folder in the lab', () => {
  const lab = labForTests();
  const { visit } = lab;
  let run: Run;
  let least: number;

  beforeAll(async () => {
    run = await train();
    least = ((await json(['predict', ...PROBLEM_ARGS.split(' ')])) as PredictionDocument).objective;
  });

  it('is replayed: every step shows its line of the records, and the charts a line at it', () =>
    visit('#v=1&place=network', async (page) => {
      await open(page, [run.records, run.summary]);
      await shows(page, run.lines[6], least);
      await until(page, 'location.hash.includes("counts=30,20,10")');
      const said = (await page.textContent('#replay')) ?? '';
      expect(said).toContain('Records from a file: records.jsonl, 7 records, steps 0 to 300');
      expect(await page.textContent('.words .verdict')).toContain('How the run ended, at step 300: ');
      await page.locator('.chart').last().scrollIntoViewIfNeeded();
      await page.waitForSelector('.chart:nth-child(5) svg.collapsar-plot');
      await slider(page).press('Home');
      await shows(page, run.lines[0], least);
      for (let i = 1; i <= 3; i++) await slider(page).press('ArrowRight');
      await shows(page, run.lines[3], least);
      // Steps lie at log(1 + step/50): the axis is linear up to the first positive step.
      const expected = Math.log(1 + 150 / 50) / Math.log(1 + 300 / 50);
      // Charts follow the numbers a frame or more later.
      const furthest = async () => {
        const found = await cursors(page);
        expect(found.length).toBe(5);
        return Math.max(...found.map((at) => Math.abs(at - expected)));
      };
      await expect.poll(furthest, { timeout: 60_000 }).toBeLessThan(1e-3);
      await slider(page).fill('1');
      await shows(page, run.lines[1], least);
    }));

  it.each([false, true])('is usable by all on a narrow screen (dark: %s)', (dark) =>
    visit(
      '#v=1&place=network',
      async (page) => {
        await open(page, [run.records, run.summary]);
        await shows(page, run.lines[6], least);
        await goTo(page, 'Explore');
        await page.locator('#depth').press('ArrowRight');
        await page.waitForSelector('.recorded');
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(380);
        expect(await issues(page, '#training')).toEqual([]);
      },
      { width: 380, dark },
    ),
  );

  it('is played through steps that were measured and no others, and paused', () =>
    visit(
      '#v=1&place=network',
      async (page) => {
        await open(page, [run.records, run.summary]);
        await until(page, 'document.querySelector("#replay") !== null');
        await page.evaluate(`(() => {
        window.seen = [];
        new MutationObserver(() => {
          const step = Number(document.querySelector('#step').textContent);
          if (step !== window.seen.at(-1)) window.seen.push(step);
        }).observe(document.querySelector('#step'), { characterData: true, subtree: true, childList: true });
      })()`);
        await page.getByRole('button', { name: 'Play', exact: true }).click();
        await until(page, 'window.seen.at(-1) === 300');
        expect(await page.evaluate('window.seen')).toEqual(run.lines.map(({ step }) => step));
        await page.getByRole('button', { name: 'Play', exact: true }).click();
        await until(page, 'window.seen.at(-1) === 100');
        await page.getByRole('button', { name: 'Pause' }).click();
        const step = await page.textContent('#step');
        // More than the longest time between two steps.
        await pictures(page, 30);
        expect(await page.textContent('#step')).toBe(step);
      },
      { still: false },
    ));

  it('jumps to its end for those who prefer reduced motion', () =>
    visit(
      '#v=1&place=network',
      async (page) => {
        await open(page, [run.records, run.summary]);
        await slider(page).press('Home');
        await shows(page, run.lines[0], least);
        await page.getByRole('button', { name: 'To the end' }).click();
        await shows(page, run.lines[6], least);
      },
      { still: true },
    ));

  it('sets the fields to what it was trained with, and a training here retraces it', () =>
    visit('#v=1&place=network', async (page) => {
      const own = await train({
        steps: 3,
        measureEvery: 1,
        optimizer: { name: 'sgd', learningRate: 0.05, momentum: 0.8 },
        init: { std: 0.2, seed: 5 },
      });
      await open(page, [own.records, own.summary]);
      await goTo(page, 'Explore');
      const field = (name: string) => page.getByLabel(name, { exact: true });
      const fields = ['Seed', 'Scale of the start', 'Learning rate', 'Momentum'];
      expect(await Promise.all(fields.map((name) => field(name).inputValue()))).toEqual([
        '5',
        '0.2',
        '0.05',
        '0.8',
      ]);
      expect(await page.textContent('#replay')).toContain('Train retraces it here');
      await field('Seed').fill('6');
      await field('Seed').press('Enter');
      await until(page, 'document.querySelector("#replay").textContent.includes("begins anew")');
      await field('Seed').fill('5');
      await field('Seed').press('Enter');
      await until(page, 'document.querySelector("#replay").textContent.includes("retraces")');
      await page.getByRole('button', { name: 'One step' }).click();
      await shows(page, own.lines[1], least);
      expect(await page.locator('#replay').count()).toBe(0);
      const other = await train({ steps: 3, optimizer: { name: 'lbfgs' } });
      await open(page, [other.records, other.summary]);
      await goTo(page, 'Explore');
      await until(page, 'document.querySelector("#replay")?.textContent.includes("begins anew") === true');
      expect(await field('Seed').inputValue()).toBe('5');
    }));

  it('is left by going back, and shown again by going forth', () =>
    visit('#v=1&counts=30,20,10&depth=2&width=8&wd=1e-3&fd=1e-3', async (page) => {
      // The problem on the page is the run's own.
      await open(page, [run.records, run.summary]);
      await shows(page, run.lines[6], least);
      await page.goBack();
      await until(page, 'document.querySelector("#replay") === null');
      await goTo(page, 'Explore');
      expect(await page.textContent('.farewell')).toBe('The replay of records.jsonl was left.');
      await page.goBack();
      await page.goForward();
      expect(await page.inputValue('input.wide')).toBe('30, 20, 10');
    }));

  it('opens what the page saved as JSON', () =>
    visit('#v=1&place=network', async (page) => {
      await open(page, [run.records, run.summary]);
      await shows(page, run.lines[6], least);
      await goTo(page, 'Explore');
      // What the reader would train next is no part of the run.
      await page.getByLabel('Seed', { exact: true }).fill('7');
      await page.getByLabel('Seed', { exact: true }).press('Enter');
      await until(page, 'document.querySelector("#replay").textContent.includes("begins anew")');
      await tab(page, 'Save');
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Run as JSON' }).click(),
      ]);
      const saved = join(temporaryFolder(), 'collapsar-run.json');
      await download.saveAs(saved);
      const again = await lab.open('');
      try {
        await open(again.page, [saved]);
        await shows(again.page, run.lines[6], least);
        expect(await again.page.textContent('#replay')).toContain('collapsar-run.json, 7 records');
        expect(await again.page.textContent('.words .verdict')).toContain('How the run ended, at step 300: ');
        expect(await again.page.textContent('#replay')).toContain('Train retraces it here');
        await goTo(again.page, 'Explore');
        expect(await again.page.getByLabel('Seed', { exact: true }).inputValue()).toBe('0');
      } finally {
        await again.close();
      }
    }));

  it('is left by a training, which says so, and by closing it', () =>
    visit('#v=1&place=network', async (page) => {
      await open(page, [run.records, run.summary]);
      await goTo(page, 'Explore');
      await page.getByRole('button', { name: 'One step' }).click();
      await until(page, 'document.querySelector("#step").textContent === "1"');
      expect(await page.locator('#replay').count()).toBe(0);
      expect(await page.textContent('.farewell')).toContain('the replay of records.jsonl was left');
      await open(page, [run.records, run.summary]);
      await until(page, 'document.querySelector("#replay") !== null');
      expect(await page.locator('.farewell').count()).toBe(0);
      await page.getByRole('button', { name: 'Close the replay' }).click();
      expect(await page.locator('#replay, .measured, .chart').count()).toBe(0);
    }));

  it('is not compared with another problem than its own, and again with its own', () =>
    visit('#v=1&place=network', async (page) => {
      await open(page, [run.records, run.summary]);
      await shows(page, run.lines[6], least);
      await goTo(page, 'Explore');
      await page.locator('#depth').press('ArrowRight');
      await until(page, 'document.querySelector("#above").textContent === "–"');
      expect(await page.locator('table.classes .measured').count()).toBe(0);
      agree(
        (await page.locator('.recorded td:nth-child(2)').allTextContents()).map(Number),
        run.lines[6].weightNorms,
      );
      await tab(page, 'Curves');
      await page.locator('.chart').last().scrollIntoViewIfNeeded();
      await until(page, '!document.querySelector(".charts").textContent.includes("F − F*")');
      await tab(page, 'Classes');
      await page.getByRole('button', { name: 'Back to their problem' }).click();
      await shows(page, run.lines[6], least);
    }));

  it('is refused with the summary of another run, and where it holds no records', () =>
    visit('#v=1&place=network', async (page) => {
      const complaint = async (files: readonly string[], part: string) => {
        await open(page, files);
        await until(
          page,
          `document.querySelector("#complaints")?.textContent.includes(${JSON.stringify(part)}) === true`,
        );
        expect(await page.locator('#replay').count()).toBe(0);
        await page.getByRole('button', { name: 'Close', exact: true }).click();
      };
      await complaint([run.summary], 'add records.jsonl of the same run folder');
      const other = copyOf(
        run,
        (lines) => lines,
        (given) => ({ ...given, cdnv: 2 * (given.cdnv ?? 1) }),
      );
      await complaint(other, 'its measures at step 300 are not those of the records');
      const bad = join(temporaryFolder(), 'bad.jsonl');
      writeFileSync(bad, '{"step": 1}\n');
      await complaint([bad], 'line 1 is no record of a training');
    }));

  it('of a training in PyTorch is measured where it is dropped or chosen, as the command line measures it', () =>
    visit('#v=1&place=network', async (page) => {
      const folder = fileURLToPath(new URL('../golden/monitor/run', import.meta.url));
      const document = (await json(['measure', folder])) as MonitorDocument;
      const shows = () => until(page, 'document.querySelectorAll("#replayed tbody tr").length >= 3');
      const devtools = await page.context().newCDPSession(page);
      for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
        await devtools.send('Input.dispatchDragEvent', {
          ...{ type, x: 300, y: 300 },
          data: { items: [], files: [folder], dragOperationsMask: 1 },
        });
      await shows();
      const epochs = page.getByRole('region', { name: 'Measures of each epoch' });
      const nc1 = await epochs.locator('tbody td:nth-child(4)').allTextContents();
      agree(
        nc1.map(Number),
        document.series.map((point) => point.nc1.pinv),
      );
      const text = (await page.textContent('#replayed')) ?? '';
      const [measures, setting, theory, verdict] = [
        'of test samples',
        'CrossEntropyLoss, averaged over each batch; SGD',
        'held against theory for cross-entropy, free bias, λ_W = 0.002',
        document.verdict?.sentence ?? 'none',
      ].map((part) => text.indexOf(part));
      expect(measures).toBeGreaterThan(0);
      expect([measures < setting, setting < theory, theory < verdict]).toEqual([true, true, true]);
      expect(await issues(page, '#replayed')).toEqual([]);
      await page.getByRole('button', { name: 'Close the replay' }).click();
      await page.setInputFiles('.folder input', folder);
      await shows();
    }));

  it('is shown as far as it can be read', () =>
    visit('#v=1&place=network', async (page) => {
      const middle = copyOf(run, (lines) => lines.map((line, i) => (i === 3 ? line.slice(0, 99) : line)));
      await open(page, middle);
      await shows(page, run.lines[2], least);
      expect(await page.textContent('#replay')).toContain('Read 3 of 7 records: line 4 is damaged.');
      expect(await page.textContent('#replay')).toContain('3 of 7 records, steps 0 to 100');
      const cut = copyOf(run, (lines) => [...lines.slice(0, 5), lines[5].slice(0, 200)]);
      await open(page, cut);
      await shows(page, run.lines[4], least);
      expect(await page.textContent('#replay')).toContain('Read 5 of 6 records: line 6 is damaged.');
      expect(await page.textContent('#replay')).toContain('cannot be checked');
    }));

  it('shows curves without a comparison where the lab cannot show the problem', () =>
    visit('#v=1&place=network', async (page) => {
      const apart = async (files: readonly string[], why: string) => {
        await open(page, files);
        await until(
          page,
          `document.querySelector("#replay .apart")?.textContent.includes(${JSON.stringify(why)}) === true`,
        );
        expect(await page.textContent('#above')).toBe('–');
        expect(await page.locator('table.classes .measured').count()).toBe(0);
        await page.locator('.chart').last().scrollIntoViewIfNeeded();
        await page.waitForSelector('.chart:nth-child(5) svg.collapsar-plot');
        // A chart that was there before is drawn anew when the page has the time.
        await until(page, '!document.querySelector(".charts").textContent.includes("F − F*")');
      };
      await apart([run.records], 'No summary.json was chosen');
      const uneven = copyOf(
        run,
        (lines) => lines,
        (given) => ({ ...given, problem: { ...given.problem, widths: [8, 6] } }),
      );
      await apart(uneven, 'Its widths differ by layer');
      const many = await train({ counts: new Array<number>(22).fill(3), width: 30, steps: 50 });
      await apart([many.records, many.summary], 'It has 22 classes');
      expect(await page.locator('.recorded tbody tr').count()).toBe(22);
      const network = copyOf(
        run,
        (lines) =>
          lines.map((line, i) =>
            line === ''
              ? line
              : JSON.stringify({
                  ...(JSON.parse(line) as TrainRecord),
                  network: {
                    ...{ epoch: 2 * i, trainingLoss: null, learningRate: 0.1, testAccuracy: null },
                    ...{ featureDecay: null, layers: [] },
                  },
                }),
          ),
        (summary) => ({
          ...summary,
          kind: 'network',
          network: {
            ...NETWORK,
            data: { ...NETWORK.data, classNames: ['0', '1', '2'] },
            testClassAccuracy: null,
          },
        }),
      );
      await apart(network, 'the run of a network');
      expect(await page.textContent('#replay')).toContain('epochs 0 to 12');
      await until(page, 'document.querySelector(".chart:nth-child(1)").textContent.includes("epoch")');
      await slider(page).press('Home');
      expect(await page.textContent('.where')).toBe('record 1 of 7, epoch 0');
    }));

  it('and a training that runs is looked back at, goes on, and is followed again', () =>
    // So slowly that it does not converge meanwhile.
    visit('#v=1&place=explore&lr=0.003', async (page) => {
      const steps = 'Number(document.querySelector("#step").textContent.replace(/\\D/g, ""))';
      await page.getByRole('button', { name: 'Train', exact: true }).click();
      await until(page, `${steps} > 400 && Number(document.querySelector(".scrubber input").max) >= 4`);
      expect(await page.textContent('.words .verdict')).toMatch(/^Measured at step [\d\s]+\. So far: /);
      const [value, last] = await page.evaluate<[string, string]>(
        '(({ value, max }) => [value, max])(document.querySelector(".scrubber input"))',
      );
      expect(value).toBe(last);
      await slider(page).fill('3');
      // Step 3 on a machine with nothing else to do; a busy one measures less often.
      await until(page, 'document.querySelector(".where").textContent.startsWith("measurement 4 of")');
      const past = await page.textContent('#step');
      expect(await page.textContent('.words .verdict')).toContain(
        `Looking back at step ${past}. The training goes on.`,
      );
      const [weights, objective] = [
        await column(page, 'weight-norm', 'measured'),
        await page.textContent('#objective'),
      ];
      const frame = await page.locator('svg.frame').innerHTML();
      await until(page, `Number(document.querySelector(".scrubber input").max) > ${Number(last) + 2}`);
      expect(await page.textContent('#step')).toBe(past);
      expect(await column(page, 'weight-norm', 'measured')).toEqual(weights);
      expect(await page.textContent('#objective')).toBe(objective);
      expect(await page.locator('svg.frame').innerHTML()).toBe(frame);
      await tab(page, 'Curves');
      await page.waitForSelector('.chart svg.collapsar-plot');
      for (const at of await cursors(page)) expect(at).toBeGreaterThan(0);
      expect(await page.getByRole('button', { name: 'Pause' }).count()).toBe(1);
      await page.getByRole('button', { name: 'Live' }).click();
      await until(page, `${steps} > 500`);
      // The charts are drawn anew when the page has time for them.
      await expect.poll(async () => new Set(await cursors(page)), { timeout: 20_000 }).toEqual(new Set([-1]));
      await page.getByRole('button', { name: 'Pause' }).click();
      await until(page, '!document.querySelector(".words .verdict").textContent.includes("So far")');
      await page.locator('#depth').press('ArrowLeft');
      await until(
        page,
        'document.querySelector(".farewell")?.textContent === "The problem changed: its training was cleared."',
      );
      await page.getByRole('button', { name: 'One step' }).click();
      await until(page, 'document.querySelector(".farewell") === null');
      // Only a training that has been measured is cleared with a word.
      await until(page, '!document.querySelector(".scrubber").textContent.includes("Nothing measured yet")');
      await page.getByLabel('Momentum').fill('0.5');
      await page.getByLabel('Momentum').press('Enter');
      await until(
        page,
        'document.querySelector(".farewell")?.textContent.startsWith("Changed under way") === true',
      );
      await until(page, '!document.querySelector(".scrubber").textContent.includes("Nothing measured yet")');
      await page.getByLabel('Seed').fill('7');
      await page.getByLabel('Seed').press('Enter');
      await until(
        page,
        'document.querySelector(".farewell")?.textContent.startsWith("The start changed") === true',
      );
    }));

  it('the seed after the largest is 0, and the panel does not move when a training starts and stops', () =>
    // So slowly that it does not converge before it is paused.
    visit('#v=1&place=explore&seed=2147483647&lr=0.003', async (page) => {
      const heights = () =>
        page.evaluate<number[]>(
          `['.train', '.figures', '.scrubber', '.words'].map((name) => {
            const { top, width, height } = document.querySelector('#training ' + name).getBoundingClientRect();
            return [top, width, height];
          }).flat()`,
        );
      const before = await heights();
      await page.getByRole('button', { name: 'Another seed' }).click();
      expect(await page.getByLabel('Seed', { exact: true }).inputValue()).toBe('0');
      await until(page, 'Number(document.querySelector("#step").textContent.replace(/\\D/g, "")) > 300');
      expect(await heights()).toEqual(before);
      await page.getByRole('button', { name: 'Pause' }).click();
      await until(page, '!document.querySelector(".words .verdict").textContent.includes("So far")');
      expect(await heights()).toEqual(before);
    }));
});

describe('what is read of damaged records', () => {
  const record = (step: unknown, more: object = {}) =>
    JSON.stringify({
      ...{ step, objective: 0.5, seconds: 0, cdnv: null, nc4: 1, accuracy: 1, weightNorms: [1, 2] },
      ...{ featureNorms: [1, 2], fits: [1, 0], nc1: { pinv: 1 }, nc3: { predicted: 1 } },
      nc2: { equinorm: 1, weights: { predicted: 1 }, features: { predicted: 1 } },
      ...more,
    });

  it.each([
    [record(-1), 'step is -1, no whole number from 0'],
    [record(1.5), 'step is 1.5'],
    [record('7'), 'step is "7"'],
    [record(3), 'step is 3, after 5'],
    [record(6, { objective: 'x' }), 'objective is "x", no finite number and not null'],
    [record(6, { nc1: { pinv: true } }), 'nc1.pinv is true'],
    [record(6, { nc2: { weights: 1, features: {} } }), 'nc2.weights is 1'],
    [record(6, { weightNorms: [1] }), 'weightNorms has 1 classes, not 2'],
    [record(6, { fits: [1, 'a'] }), 'fits.1 is "a"'],
    [record(6, { network: {} }), 'network.epoch is missing'],
    [record(6).replace('0.5', '1e999'), 'objective is Infinity'],
    ['[1]', 'step is missing'],
    ['{', 'no whole JSON object'],
  ])('%s', (line, what) => {
    const read = readRecords([record(0), record(5), line, record(8)].join('\n'));
    expect(read.records.map(({ step }) => step)).toEqual([0, 5]);
    expect(damageSentence(read)).toMatch('Read 2 of 4 records: line 3 is damaged. Found there: ');
    expect(read.damage?.what).toContain(what);
  });

  it('a whole file, with a line that diverged, is not damaged', () => {
    const read = readRecords(`\uFEFF${record(0)}\r\n\n${record(0)}\n${record(2, { objective: null })}\n`);
    expect(read.damage).toBe(null);
    expect([read.records.length, read.lines]).toEqual([3, 3]);
  });
});

describe('what is said of a training', () => {
  it('how far above the minimum, as one says it', () => {
    const least = 0.0123;
    const texts = [-1e-15, 5e-10, 3.5e-6, 0.0361, 4.72, 47.3, 4712].map((share) =>
      aboveText(least * (1 + share), least),
    );
    expect(texts).toEqual(['0', '0', '3.5e-4 %', '3.6 %', '470 %', '47 × F*', '4\u202f700 × F*']);
    expect(aboveText(least * 0.99, least)).toBe('−1 %');
    expect([aboveText(null, least), aboveText(1, null)]).toEqual(['–', '–']);
  });

  it('while it runs, nothing that only its end can tell', () => {
    const prediction = predictMse(
      createProblem({ counts: [30, 20, 10], depth: 2, widths: 8, weightDecays: 1e-3, featureDecay: 1e-3 }),
    );
    const classes = prediction.classes.map(({ count, weightNorm, featureNorm, fit, regime }) => ({
      ...{ count, weightNorm: weightNorm * 1.0035, featureNorm, fit, accuracy: 1, regime },
      ...{ predictedWeightNorm: weightNorm, predictedFeatureNorm: featureNorm, predictedFit: fit },
      measured: 'alive' as const,
    }));
    const say = (given: typeof classes | readonly object[]) =>
      judge({
        ...{ prediction, classes: given as typeof classes, objective: 1, settled: false },
        ...{ status: 'running', divergence: undefined },
      });
    expect(say(classes)).toEqual({
      held: null,
      sentence: 'So far: all 3 classes are alive, as predicted; norms are within 0.35 % of the prediction.',
    });
    const mixed = classes.map((one, k) => ({
      ...one,
      measured: (['alive', 'lost', null] as const)[k],
    }));
    expect(say(mixed).sentence).toBe(
      'So far: class 0 is alive, as predicted; class 1 is near zero, though it lives at the global minimum; class 2 is neither alive nor zero yet; norms are within 0.35 % of the prediction.',
    );
  });
});
