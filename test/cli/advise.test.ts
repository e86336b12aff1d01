import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AdviseDocument, PredictionDocument } from '../../src/verbs/index.js';
import { temporaryFolder } from '../support/cli.js';
import { collapsar, json } from '../support/commandInProcess.js';

const PROBLEM = '--counts 500,500,500,300,300,150,60,30,15,5 --depth 2 --width 256 --weight-decay 2e-3'.split(
  ' ',
);

describe('advise', () => {
  it('gives the document of the contract', async () => {
    const found = (await json(['advise', ...PROBLEM, '--feature-decay', '5e-4'])) as AdviseDocument;
    expect(found.featureDecay).toBe('fixed');
    // n/(N²λ_H) and, for two layers, b_global·n/(2N√(Nλ_H)).
    expect(found.depths[0].maxWeightDecay! / (5 / (2360 ** 2 * 5e-4))).toBeCloseTo(1, 12);
    expect(found.depths[1].maxWeightDecay! / ((0.5 * 5) / (2 * 2360 * Math.sqrt(2360 * 5e-4)))).toBeCloseTo(
      1,
      12,
    );
    expect(Object.keys(found.classes[0])).toEqual(
      expect.arrayContaining(['count', 'regime', 'fit', 'lost', 'margin', 'maxWeightDecay']),
    );
    expect(found.diagram?.panels).toHaveLength(9);
    expect(((await json(['advise', ...PROBLEM])) as AdviseDocument).featureDecay).toBe('tied');
  });

  it('takes decays of nn.MSELoss(): λ is K/2 times what was typed', async () => {
    const typed = ['advise', '--counts', '200,100,20,10', '--depth', '2'];
    const mean = (await json([
      ...typed,
      '--weight-decay',
      '1e-3',
      '--mse-reduction',
      'mean',
    ])) as AdviseDocument;
    const paper = (await json([...typed, '--weight-decay', '2e-3'])) as AdviseDocument;
    expect(mean.depths).toEqual(paper.depths);
    expect(mean).toMatchObject({ decayConversion: { reduction: 'mean', lambdaPerDecay: 2 } });
  });

  it('prints the advice and writes the diagram', async () => {
    const cwd = temporaryFolder();
    const { code, stdout, stderr } = await collapsar(
      ['advise', ...PROBLEM, '--feature-decay', '5e-4', '--out', 'phase.svg'],
      { cwd },
    );
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('Lower the weight decay from 0.002 to 0.00018, with λ_H scaled alike,');
    expect(stdout).not.toContain('was taken equal');
    expect(stdout).toContain('← yours');
    expect(readFileSync(join(cwd, 'phase.svg'), 'utf8')).toMatch(/^<svg .*<\/svg>\n$/s);
  });

  it.each([
    [
      '--counts 200,100,50,50 --depth 3',
      'before classes 2 and 3 (n = 50) fall below 90 % of their target (they are lost beyond',
    ],
    ['--counts 200,100,50,50 --depth 1 --loss ce', 'before classes 2 and 3 (n = 50) fall'],
    ['--counts 40,20,10 --depth 3 --width 2', 'before class 1 (n = 20) falls'],
    ['--counts longtail:5000:100:10 --depth 3 --bias free --weight-decay 1e-3,2e-3,1e-3', 'where class 9 (n = 50) reaches'], // prettier-ignore
  ])('fits 60 columns and names classes that tie: %s', async (problem, words) => {
    const { stdout } = await collapsar(['advise', ...problem.split(' ')], { columns: 60 });
    expect(stdout.replace(/\s+/g, ' ')).toContain(words);
    // Combining marks (the bar of h̄) take no room.
    for (const line of stdout.split('\n'))
      expect(Array.from(line.replace(/\p{M}/gu, '')).length, line).toBeLessThanOrEqual(60);
  });

  it('says first that λ_H was taken equal to λ_W where nobody gave it, as predict does', async () => {
    for (const verb of ['advise', 'predict']) {
      const { stdout } = await collapsar([verb, ...PROBLEM]);
      // The question that advise answers stands before it.
      const [first, , third] = stdout.split('\n');
      expect(verb === 'advise' ? third : first).toMatch(/^λ_H was taken equal to λ_W/);
      expect(await json([verb, ...PROBLEM])).toMatchObject({ featureDecaySource: 'tied' });
      const given = await collapsar([verb, ...PROBLEM, '--feature-decay', '5e-4']);
      expect(given.stdout).not.toContain('was taken equal');
      expect(await json([verb, ...PROBLEM, '--feature-decay', '5e-4'])).toMatchObject({
        featureDecaySource: 'given',
      });
    }
  });

  it('prints where classes of one count merge under cross-entropy, as predict does', async () => {
    const at = (decay: string) =>
      `--counts 30,30,2,2,2 --loss ce --weight-decay ${decay} --feature-decay ${decay}`.split(' ');
    expect((await collapsar(['advise', ...at('1e-3')])).stdout).toContain('merges from');
    const from = Math.sqrt(2) / 66;
    for (const [decay, merged] of [
      ['1e-3', false],
      ['2.2e-2', true],
    ] as const) {
      expect((await collapsar(['predict', ...at(decay)])).stdout.replace(/\s+/g, ' ')).toContain(
        `the 3 of 2 from 0.02143${merged ? ' (they have merged)' : ''}`,
      );
      const { merging } = (await json(['predict', ...at(decay)])) as PredictionDocument;
      expect(merging![1]).toEqual({ count: 2, classes: 3, from, merged });
    }
  });

  it('takes a fit to keep, and refuses what is none', async () => {
    const { keep, keepFit } = (await json(['advise', ...PROBLEM, '--keep', '0.8'])) as AdviseDocument;
    expect(keepFit).toBe(0.8);
    const at = [
      'predict',
      '--counts',
      PROBLEM[1],
      '--depth',
      '2',
      '--weight-decay',
      String(keep! * (1 - 1e-9)),
    ];
    const { classes } = (await json(at)) as { classes: { fit: number }[] };
    expect(Math.min(...classes.map(({ fit }) => fit))).toBeCloseTo(0.8, 6);
    const { code, stderr } = await collapsar(['advise', ...PROBLEM, '--keep', '1.2']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: --keep: (expected )?a fit between 0 and 1, got 1\.2.*\n$/);
  });

  it('has a help with an example that works', async () => {
    const { stdout } = await collapsar(['advise', '--help']);
    for (const line of stdout.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
    const example = /^ {2}collapsar (advise .*)$/m.exec(stdout)?.[1] ?? '';
    expect((await collapsar(example.split(/\s+/))).code).toBe(0);
  });

  it.each([
    ['cross-entropy with two layers', '--counts 8,4 --loss ce --depth 2', /depth: 1 for cross-entropy/],
    ['a diagram of cross-entropy', '--counts 8,4 --loss ce --out x.svg', /--out.*regimes/],
    [
      'a λ_H to hold that is not given',
      '--counts 8,4 --hold-feature-decay',
      /--hold-feature-decay: .*a λ_H to hold/,
    ],
    ['no counts', '', /--counts/],
    ['a path that cannot be written', '--counts 8,4 --out no/such/x.svg', /can be written/],
    ['another kind of file', '--counts 8,4 --out x.pdf', /--out: a file ending in \.svg, got "x\.pdf"/],
    ['a typo', '--counts 8,4 --depht 2', /did you mean --depth/],
  ])('refuses %s: one line, exit 2', async (_, args, message) => {
    const { code, stdout, stderr } = await collapsar([
      'advise',
      ...args.split(' ').filter((arg) => arg !== ''),
    ]);
    expect(stderr).toMatch(/^error: [^\n]*\n$/);
    expect(stderr).toMatch(message);
    expect([code, stdout]).toEqual([2, '']);
  });
});
