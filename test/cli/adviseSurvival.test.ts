/** `advise --decay all` as a command: its table against its document, and its limits by a value on each side. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { adviseVerb } from '../../src/cli/advise.js';
import { number, share } from '../../src/cli/format.js';
import { survivalTable } from '../../src/cli/survivalTable.js';
import { tableText } from '../../src/cli/tables.js';
import type { SurvivalDocument } from '../../src/verbs/index.js';
import { temporaryFolder } from '../support/cli.js';
import { documentOf, runVerb } from '../support/commandInProcess.js';
import { readTextTable } from '../support/readTable.js';

const COUNTS = '--decay all --weight-layers 4 --counts 80,40,2';
const run = (line: string, width = 200) => runVerb(adviseVerb, line.split(' '), width);
const refused = async (line: string) => {
  const error: unknown = await run(line).then(
    () => null,
    (reason: unknown) => reason,
  );
  return error instanceof Error ? error.message : null;
};

describe('the table', () => {
  it.each([
    ['below every limit', 5e-3],
    ['where the smallest class is lost', 0.2],
  ])('says what the document says, %s', async (_, decay) => {
    const line = `${COUNTS} --loss ce --bias decayed --weight-decay ${decay}`;
    const { stdout } = await run(line);
    const { classes } = await documentOf<SurvivalDocument>(adviseVerb, line.split(' '));
    const words = { alive: 'learned', open: 'may be lost', lost: 'lost' };
    expect(readTextTable(stdout, 'class', 'estimate')).toEqual(
      classes.map(({ count, largestDecay: { estimate, low, high }, atDecay }, k) => ({
        class: String(k),
        n: String(count),
        estimate: number(estimate, 3),
        'learned below': number(low, 2),
        'lost above': number(high, 2),
        [`at ${decay}`]: atDecay === null ? '' : words[atDecay],
      })),
    );
    expect(classes.map(({ atDecay }) => atDecay)).toEqual(
      decay < 0.01 ? ['alive', 'alive', 'alive'] : ['open', 'open', 'lost'],
    );
  });

  it('has names, second moments and accuracies of their own columns', () => {
    const limits = { estimate: 0.04, low: 0.02, high: 0.08, estimateE: 0.03 };
    const table = survivalTable({
      name: 'classes',
      weightDecay: null,
      classes: [
        { name: 'cat', count: 9, largestDecay: limits, atDecay: null, accuracy: 0.75 },
        { name: 'dog', count: 4, largestDecay: { ...limits, estimateE: 0.06 }, atDecay: null, accuracy: 0 },
      ],
    });
    const [cat, dog] = readTextTable(tableText(table, 200), 'class', 'estimate');
    expect(cat).toEqual({
      ...{ class: '0', name: 'cat', n: '9', estimate: '0.04', 'learned below': '0.02', 'lost above': '0.08' },
      ...{ 'second moments': '0.03', right: share(0.75) },
    });
    expect(dog).toMatchObject({ class: '1', name: 'dog', 'second moments': '0.06', right: share(0) });
  });

  it('says what was asked: layers, loss, bias, samples', async () => {
    const { stdout } = await run(`${COUNTS} --class-weights 1,2,3 --label-smoothing 0.1`);
    expect(stdout).toMatch(/^4 weight layers$/m);
    expect(stdout).toMatch(
      /^squared error \(½‖·‖² of a sample\), no last bias, class weights, label smoothing 0\.1$/m,
    );
    expect(stdout).toMatch(/^122 samples of 3 classes from counts alone$/m);
    expect((await run(`${COUNTS} --mse-reduction mean`)).stdout).toContain(
      'squared error, averaged over classes (0.6667 × ½‖·‖²), no last bias',
    );
  });
});

describe('limits', () => {
  it.each([
    ['--weight-layers 1.5 --counts 4,2', 'weight-layers: a whole number of at least 2'],
    ['--weight-layers 2 --counts 4,2', null],
    ['--weight-layers 3 --counts 4,2 --label-smoothing -0.1', 'label-smoothing: a number from 0'],
    ['--weight-layers 3 --counts 4,2 --label-smoothing 0', null],
    ['--weight-layers 3 --counts 4,2 --label-smoothing 0.9', null],
    ['--weight-layers 3 --counts 4,2 --weight-decay Infinity', 'weight-decay: one positive number'],
    ['--weight-layers 3 --counts 4,2 --weight-decay 1e-9', null],
    [
      '--weight-layers 3 --counts 4,2 --class-weights 1,Infinity',
      'class-weights: inverse, inverse-sqrt, equal-survival or a number for each class',
    ],
    ['--weight-layers 3 --counts 4,2 --class-weights 1,1e-3', null],
    ['--weight-layers 3 --counts 4,2 --loss ce', null],
    ['--weight-layers 3 --counts 4,2 --loss mse --mse-reduction paper', null],
    ['--weight-layers 3 --inputs a.npz --set mnist', 'inputs: a file or --set, got "both"'],
    ['--weight-layers 3 --counts 4,2 --depth 2', '--weight-layers counts every layer with weights'],
    ['--weight-layers 3 --counts 4,2 --width 2', 'width: the model of free features'],
  ])('%s', async (line, message) => {
    const got = await refused(`--decay all ${line}`);
    if (message === null) expect(got).toBeNull();
    else expect(got).toContain(message);
  });

  it('are those of a folder: a spec must be in it, and be of a network', async () => {
    const folder = temporaryFolder();
    const path = (name: string) => join(folder, name);
    mkdirSync(path('empty'));
    expect(await refused(`--decay all ${path('empty')}`)).toContain(path('empty'));
    const ufm =
      'kind: ufm\ncounts: [4, 2]\ndepth: 1\nwidth: 2\nweightDecay: 1e-3\nfeatureDecay: 1e-3\nsteps: 1\n';
    writeFileSync(path('ufm.yaml'), ufm);
    expect(await refused(`--decay all ${path('ufm.yaml')}`)).toContain('kind: network, got "ufm"');
  });

  it('draws no file of another kind, and says where the figure is', async () => {
    const folder = temporaryFolder();
    expect(await refused(`${COUNTS} --out ${join(folder, 'a.png')}`)).toContain('a file ending in .svg');
    const { stdout } = await run(`${COUNTS} --out ${join(folder, 'a.svg')}`);
    expect(stdout.trim().split('\n').at(-1)).toBe(`The figure is in ${join(folder, 'a.svg')}`);
    expect(readFileSync(join(folder, 'a.svg'), 'utf8')).toMatch(/^<svg .*<\/svg>\n$/s);
    expect((await run(COUNTS)).stdout).not.toContain('The figure');
  });
});
