import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { settingsInWords } from '../../src/cli/reproduceWords.js';
import { EXPERIMENTS, findExperiment } from '../../src/runs/catalogue/experiments.js';
import type { RunSummary } from '../../src/runs/index.js';
import type { ReproduceDocument } from '../../src/verbs/reproduce/document.js';
import { interrupted, json as documentOfBuilt, temporaryFolder } from '../support/cli.js';
import { collapsar, json } from '../support/commandInProcess.js';
import { SHARED_IS_THERE, SHARED_NOTE, sharedPath } from '../support/shared.js';

/** Characters on screen: combining marks take no room. */
const onScreen = (line: string) => Array.from(line.replace(/\p{M}/gu, '')).length;

async function listAt(columns: number): Promise<string> {
  return (await collapsar(['reproduce', '--list'], { columns })).stdout;
}

describe('reproduce --list', () => {
  it.each([50, 80, 200])('names every experiment and fits %i columns', async (columns) => {
    const lines = (await listAt(columns)).split('\n');
    for (const { name, origin } of EXPERIMENTS)
      expect(
        lines.find((line) => line.startsWith(`${name} `)),
        name,
      ).toContain(origin === 'paper' ? "paper's" : 'ours');
    for (const line of lines) expect(onScreen(line), line).toBeLessThanOrEqual(columns);
  });

  it('says the settings in words and, with --json, as specs', async () => {
    expect(await listAt(200)).toContain(
      'CIFAR-10: the first 100, 100, 200, 200, 300, 300, 400, 400, 500, 500 of each class',
    );
    const { experiments } = (await json(['reproduce', '--list'])) as {
      experiments: { name: string; origin: string; paper: { kind: string }; quick: { kind: string } }[];
    };
    expect(experiments.map(({ name }) => name)).toEqual(EXPERIMENTS.map(({ name }) => name));
    for (const { paper, quick } of experiments) expect(paper.kind).toBe(quick.kind);
    const one = (await json(['reproduce', 'ufm-balanced', '--list'])) as { experiments: { name: string }[] };
    expect(one.experiments.map(({ name }) => name)).toEqual(['ufm-balanced']);
  });
});

describe('reproduce --list --scale quick', () => {
  it('says what is not as in the paper', async () => {
    const quick = (await collapsar(['reproduce', '--list', '--scale', 'quick'])).stdout;
    expect(quick).toContain('At quick scale');
    expect((await collapsar(['reproduce', '--list'])).stdout).not.toContain('At quick scale');
    const flat = quick.replace(/\s+/g, ' ');
    for (const experiment of EXPERIMENTS) {
      const words = settingsInWords(experiment.specOf('quick', experiment.quick, 0));
      expect(flat, experiment.name).toContain(words);
      const { depth, width } = experiment.quick;
      expect(flat).toContain(`${experiment.title}: M = ${depth}; width ${width};`);
    }
    // Decay, rate, batch, images, epochs: all that the quick scale changes is told.
    for (const text of [
      'decay 0.001 of all parameters',
      'SGD 0.05',
      'batch 32',
      'the first 100 of each class',
      'at most 100 test images',
      '160 epochs',
      '0.25 of its channels',
    ])
      expect(
        settingsInWords(
          findExperiment('resnet18-cifar10-balanced').specOf(
            'quick',
            findExperiment('resnet18-cifar10-balanced').quick,
            0,
          ),
        ),
      ).toContain(text);
    const { stdout } = await collapsar(['reproduce', '--help']);
    expect(stdout.replace(/\s+/g, ' ')).toContain('another learning rate and other decays');
  });
});

describe('reproduce', () => {
  it.each([
    [
      [],
      'collapsar reproduce: the name of an experiment, got nothing; collapsar reproduce --list shows them',
    ],
    [['ufm-balance'], 'got "ufm-balance"; did you mean ufm-balanced?'],
    [['ufm-balanced', '--scale', 'tiny'], '--scale: quick or paper, got "tiny"'],
    [['ufm-balanced', '--depth', '1.5'], '--depth: whole numbers from 1 to 1000, got 1.5'],
    [['ufm-balanced', '--bias', 'some'], '--bias: none or free or both, got "some"'],
    [['ufm-balanced', '--seed', '-1'], '--seed: a whole number from 0'],
    [['ufm-balanced', '--data', 'data'], '--data: an experiment on images, got "ufm-balanced"'],
    [['ufm-balanced', '--dept', '1'], 'did you mean --depth?'],
    [['mlp-fashion-imbalanced'], 'give their folder (--data DIR)'],
  ])('refuses %j in one line', async (args, message) => {
    const found = await collapsar(['reproduce', ...args]);
    expect(found.code).toBe(2);
    expect(found.stdout).toBe('');
    expect(found.stderr).toContain(message);
    expect(found.stderr.trim().split('\n')).toHaveLength(1);
  });

  it('says the times, runs each in a folder of its own, and shows measured beside predicted', async () => {
    const cwd = temporaryFolder();
    const args = ['reproduce', 'ufm-balanced', '--width', '8', '--bias', 'both'];
    const found = await collapsar(args, { cwd });
    expect(found.stderr).toBe("note: width 8 is not one of this experiment's (64); it is run all the same\n");
    expect(found.code).toBe(0);
    expect(found.stdout).toMatch(/M3-d8-nobias-mse +new +\d+:\d\d\nM3-d8-bias-mse +new +\d+:\d\d/);
    expect(found.stdout).toContain('in all, as a few steps take here');
    // Free features have no test images, and the table no such column to explain.
    expect(found.stdout).not.toContain('Test:');
    expect(found.stdout.match(/Theory held/g)?.length).toBeGreaterThanOrEqual(2);
    for (const name of ['M3-d8-nobias-mse', 'M3-d8-bias-mse'])
      for (const file of ['spec.yaml', 'records.jsonl', 'summary.json', 'report.html'])
        expect(existsSync(join(cwd, 'runs/ufm-balanced-quick', name, file)), `${name}/${file}`).toBe(true);

    const summary = join(cwd, 'runs/ufm-balanced-quick/M3-d8-bias-mse/summary.json');
    const before = statSync(summary).mtimeMs;
    const again = (await json(args, { cwd })) as ReproduceDocument;
    expect(again.runs.map(({ done, estimatedSeconds }) => [done, estimatedSeconds])).toEqual([
      ['earlier', null],
      ['earlier', null],
    ]);
    expect(statSync(summary).mtimeMs).toBe(before);
    for (const { measured, predicted, verdict } of again.runs) {
      expect(measured?.objective).toBeCloseTo(predicted?.objective ?? NaN, 9);
      expect(verdict?.held).toBe(true);
    }
  });

  it('stops at Ctrl-C with what to type, and the same command goes on to the same numbers', async () => {
    const cwd = temporaryFolder();
    const args = ['reproduce', 'ufm-imbalanced', '--depth', '1,2', '--width', '12'];
    const folder = (out: string, name = 'M1-d12-nobias-mse') => join(cwd, out, name);
    const stopped = await interrupted([...args, '--out', 'stopped'], cwd, 'SIGINT', () =>
      existsSync(join(folder('stopped'), 'checkpoint.safetensors')),
    );
    expect(stopped.code).toBe(1);
    expect(stopped.stderr).toMatch(
      /interrupted; go on with the same command: (?:npx collapsar|node \S+collapsar\.js) /,
    );
    expect(stopped.stderr).toContain(`${args.join(' ')} --out stopped`);
    expect((await collapsar([...args, '--out', 'stopped'], { cwd })).code).toBe(0);
    const alone = args.map((word) => (word === '1,2' ? '1' : word));
    expect((await collapsar([...alone, '--out', 'whole'], { cwd })).code).toBe(0);
    const summary = (out: string) =>
      JSON.parse(readFileSync(join(folder(out), 'summary.json'), 'utf8')) as RunSummary;
    expect(summary('stopped').status).toBe('finished');
    expect(summary('stopped').objective).toBe(summary('whole').objective);
  });
});

describe.skipIf(!SHARED_IS_THERE)(`reproduce on real images${SHARED_NOTE}`, () => {
  it('starts a network from the folder above its images, stops at Ctrl-C, and reports what there is', async () => {
    const cwd = temporaryFolder();
    const args = ['reproduce', 'mlp-fashion-imbalanced', '--width', '16', '--depth', '2'];
    const data = ['--data', sharedPath('data')];
    const stopped = await interrupted(
      [...args, ...data, '--json'],
      cwd,
      'SIGINT',
      // Two lines of records: epochs 0 and 50.
      (stderr) => /^ +50 /m.test(stderr),
    );
    expect(stopped.code).toBe(1);
    const document = JSON.parse(stopped.stdout) as ReproduceDocument;
    expect(document.status).toBe('interrupted');
    expect(document.estimatedSeconds).toBeGreaterThan(0);
    const [run] = document.runs;
    expect(run.measured?.epoch).toBeGreaterThanOrEqual(50);
    expect(run.measured?.testAccuracy).toBeGreaterThan(0.1);
    expect(run.predicted?.featureDecay.source).toBe('exact');
    expect(run.classes.map(({ count }) => count)).toEqual([20, 20, 40, 40, 60, 60, 80, 80, 100, 100]);

    const rest = documentOfBuilt([...args, ...data], { cwd }) as ReproduceDocument;
    expect(rest.status).toBe('finished');
    expect(rest.runs[0].measured?.epoch).toBe(1200);
  });
});
