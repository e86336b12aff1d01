import { describe, expect, it } from 'vitest';
import type { PredictionDocument } from '../../src/verbs/index.js';
import { collapsar as built, interrupted, temporaryFolder } from '../support/cli.js';
import { collapsar, json } from '../support/commandInProcess.js';

const PROBLEM =
  '--counts 8,4,2,2 --depth 3 --width 6,5,6 --loss mse --bias none --weight-decay 5e-3,1e-2,3e-3 --feature-decay 5e-3'.split(
    ' ',
  );

describe('predict', () => {
  it.each([undefined, 'portable'])('gives the document of the contract (BLAS %s)', async (blas) => {
    const found = (await json(
      ['predict', ...PROBLEM],
      blas === undefined ? {} : { blas },
    )) as PredictionDocument;
    expect(Object.keys(found)).toEqual(
      expect.arrayContaining([
        'objective',
        'optimality',
        'unique',
        'rank',
        'modes',
        'classes',
        'frame',
        'bias',
        'geometry',
        'certificate',
        'alternatives',
      ]),
    );
    // The reference is printed to ten decimals.
    expect(Math.abs(found.objective - 0.0567898776)).toBeLessThan(6e-11);
    expect(found).toMatchObject({
      optimality: 'global',
      unique: true,
      uniqueUpTo: 'none',
      rank: 4,
      bias: null,
    });
    const searched = 'predict --counts 3,3 --depth 2 --loss ce --bias free --budget 0.1'.split(' ');
    const { unique, uniqueUpTo } = (await json(searched)) as PredictionDocument;
    expect(uniqueUpTo).toBe(unique === true ? 'none' : 'exchange');
    const split = 'predict --counts 5,5,5 --depth 2 --width 2'.split(' ');
    expect(await json(split)).toMatchObject({ unique: false, uniqueUpTo: 'exchange' });
    expect(Object.keys(found.modes[0])).toEqual(['target', 'value', 'b', 'bGlobal', 'bExist', 'regime']);
    expect(Object.keys(found.classes[0])).toEqual(
      expect.arrayContaining([
        'count',
        'weightNorm',
        'featureNorm',
        'regime',
        'share',
        'fit',
        'margin',
        'separated',
        'maxWeightDecay',
      ]),
    );
    expect(found.geometry.kind).toBe('diagonal');
    expect(Object.keys(found.certificate!)).toEqual(['lowerBound', 'gap', 'relativeGap']);
  });

  it('compares the solutions of cross-entropy, and says what that means for the claim', async () => {
    const found = (await json(
      'predict --counts 10x6 --depth 2 --width 8 --loss ce --weight-decay 1e-3'.split(' '),
    )) as PredictionDocument;
    expect(found).toMatchObject({ optimality: 'best-known', frame: 'orthoplex', rank: 3 });
    // A lower bound, which proves nothing of the best known solution.
    expect(found.certificate!.lowerBound).toBeLessThan(0.059578);
    expect(found.certificate!.lowerBound / found.objective).toBeGreaterThan(0.5);
    const simplex = found.alternatives.find(({ name }) => name.startsWith('simplex ETF'))!;
    // The reference is printed to six decimals.
    expect(Math.abs(simplex.objective - 0.063548)).toBeLessThan(6e-7);
    expect(Math.abs(found.objective - 0.059578)).toBeLessThan(6e-7);
    expect(found.note).toMatch(/Garrod & Keating.*shows the second/);
  });

  it('says of cross-entropy which classes are separated, not which live', async () => {
    const { stdout } = await collapsar(
      'predict --counts 200,100,50,50 --loss ce --weight-decay 0.0324'.split(' '),
    );
    expect(stdout).toMatch(/^ +1 +100 .* yes$/m);
    expect(stdout).toMatch(/^ +2 +50 .* no$/m);
    expect(stdout).toContain('2 of 4 classes are not separated from another class');
    expect(stdout).not.toContain('lives');
  });

  it('predicts that everything is lost, and nothing else beside it', async () => {
    const args = 'predict --counts 10x6 --loss ce --weight-decay 1 --depth 2'.split(' ');
    expect((await collapsar(args)).stdout).toMatch(/every class lost \(P = 0, H = 0\) {2}← the prediction/);
    expect(((await json(args)) as PredictionDocument).alternatives).toHaveLength(1);
  });

  it('says how far it searched, and that the question is open', async () => {
    const { stdout } = await collapsar(
      'predict --counts 8,4,2,2 --depth 2 --loss ce --weight-decay 1e-3'.split(' '),
    );
    expect(stdout).toMatch(
      /^searched {2}\d+ starts of ranks 1 to 3, \d+ exchanges of classes and \d+ kicks; ended because/m,
    );
    expect(stdout.replaceAll('\n', ' ')).toContain('No theorem says where the minimum is');
  });

  it('certifies imbalanced cross-entropy with one layer', async () => {
    const found = (await json(
      'predict --counts 20,5,1,1,1 --loss ce --bias free --weight-decay 5e-3'.split(' '),
    )) as PredictionDocument;
    // The reference is printed to ten decimals.
    expect(Math.abs(found.objective - 0.1676751507)).toBeLessThan(6e-11);
    expect(found.optimality).toBe('global');
    expect(found.certificate!.relativeGap).toBeLessThan(1e-8);
  });

  it.each([
    ['one layer', ['--counts', Array.from({ length: 400 }, (_, k) => k + 1).join(',')], /solving {2}step/],
    ['a search', ['--counts', '10x40', '--depth', '3'], /searching {2}\d+ starts/],
  ])('prints the best so far on Ctrl-C, with exit 1: %s', async (_, problem, running) => {
    const { code, stdout, stderr } = await interrupted(
      ['predict', ...problem, '--loss', 'ce', '--bias', 'free', '--weight-decay', '1e-7', '--json'],
      temporaryFolder(),
      'SIGINT',
      (shown) => running.test(shown),
      { progress: true },
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/stopping with the best so far; again to stop at once/);
    expect(stderr).toMatch(/interrupted: this is the best found so far\n$/);
    const found = JSON.parse(stdout) as PredictionDocument;
    expect(found).toMatchObject({ interrupted: true, optimality: 'best-known' });
    expect(found.objective).toBeGreaterThanOrEqual(found.certificate?.lowerBound ?? 0);
  });

  it('omits a dense geometry above 1000 classes and keeps a diagonal one', async () => {
    const biased = await json(
      'predict --counts longtail:5000:100:1001 --bias free --weight-decay 1e-9'.split(' '),
    );
    expect((biased as PredictionDocument).geometry).toEqual({ kind: 'omitted' });
    const plain = await json('predict --counts longtail:5000:100:1001 --weight-decay 1e-9'.split(' '));
    expect((plain as PredictionDocument).geometry.kind).toBe('diagonal');
  });

  it('prints a table that a narrow terminal can show, and says what was cut', async () => {
    const { stdout, code } = await collapsar([
      'predict',
      '--counts',
      '5000x100',
      '--depth',
      '2',
      '--weight-decay',
      '1e-6',
    ]);
    expect(code).toBe(0);
    expect(stdout).toContain('100 rows in all');
    expect(stdout).toContain('orthogonal frame');
  });

  it.each([
    ['no counts', '', /--counts/],
    ['a class without samples', '--counts 8,0', /class 1: a positive whole number/],
    ['a negative count', '--counts 8,-3', /class 1/],
    ['a fraction', '--counts 8,2.5', /2\.5/],
    ['no layers', '--counts 8,4 --depth 0', /depth/],
    ['half a layer', '--counts 8,4 --depth 1.5', /depth/],
    ['widths of the wrong length', '--counts 8,4 --depth 2 --width 3,3,3', /width.*2 layers/],
    ['a width of zero', '--counts 8,4 --width 0', /width/],
    ['a decay of zero', '--counts 8,4 --weight-decay 0', /weight decay.*positive/],
    ['a negative decay', '--counts 8,4 --feature-decay -1', /feature decay/],
    ['NaN', '--counts 8,4 --weight-decay NaN', /--weight-decay: a number/],
    ['infinity', '--counts 8,4 --weight-decay Infinity', /finite/],
    ['an unknown loss', '--counts 8,4 --loss l2', /mse, ce or focal:G/],
    ['an unknown bias', '--counts 8,4 --bias maybe', /none or free/],
    ['a typo', '--counts 8,4 --depht 2', /did you mean --depth/],
    ['an option without its value', '--counts', /--counts/],
    ['an option twice', '--counts 8,4 --counts 4,4', /once/],
    ['another kind of file', '--counts 8,4 --out net.safetensors', /--out: a file ending in \.npz/],
    ['a stray word', '--counts 8,4 more', /options only/],
    ['too many classes', '--counts 5x99999999', /at most/],
  ])('refuses %s: one line, exit 2', async (_, args, message) => {
    const { code, stdout, stderr } = await collapsar([
      'predict',
      ...args.split(' ').filter((arg) => arg !== ''),
    ]);
    expect(stderr).toMatch(/^error: [^\n]*\n$/);
    expect(stderr).toMatch(message);
    expect([code, stdout]).toEqual([2, '']);
  });
});

describe('the command line', () => {
  it.each(['predict', 'measure', 'train', 'report', 'doctor'])('%s --help shows an example', async (verb) => {
    const { code, stdout } = await collapsar([verb, '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain(`collapsar ${verb}`);
    for (const line of stdout.split('\n')) expect(line.length, line).toBeLessThanOrEqual(82);
  });

  it('is the built program with its exit codes', async () => {
    const [good, bad] = [
      built(['predict', ...PROBLEM, '--json'], { blas: 'portable' }),
      built(['predict', '--counts', '0']),
    ];
    expect([good.code, good.stderr]).toEqual([0, '']);
    expect(good).toEqual(await collapsar(['predict', ...PROBLEM, '--json'], { blas: 'portable' }));
    expect([bad.code, bad.stdout]).toEqual([2, '']);
    expect(bad).toEqual(await collapsar(['predict', '--counts', '0']));
  });

  it('lists its verbs, and guesses at a misspelt one', async () => {
    expect((await collapsar([])).stdout).toContain('collapsar measure');
    const { code, stderr } = await collapsar(['mesure']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/did you mean measure\?/);
  });

  it('finds what computes', async () => {
    expect(await json(['doctor'], { blas: 'portable' })).toMatchObject({
      blas: { name: 'portable', native: false },
    });
    const { code, stderr } = await collapsar(['doctor'], { blas: '/no/such/library.so' });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: COLLAPSAR_BLAS: [^\n]*\n$/);
  });
});
