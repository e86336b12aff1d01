import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AdviseDocument } from '../../src/verbs/index.js';
import { collapsar, json, temporaryFolder } from '../support/cli.js';

const PROBLEM = '--counts 500,500,500,300,300,150,60,30,15,5 --depth 2 --width 256 --weight-decay 2e-3'.split(
  ' ',
);

describe('advise', () => {
  it('gives the document of the contract', () => {
    const found = json(['advise', ...PROBLEM, '--feature-decay', '5e-4']) as AdviseDocument;
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
    expect((json(['advise', ...PROBLEM]) as AdviseDocument).featureDecay).toBe('tied');
  });

  it('prints the advice and writes the diagram', () => {
    const cwd = temporaryFolder();
    const { code, stdout, stderr } = collapsar(
      ['advise', ...PROBLEM, '--feature-decay', '5e-4', '--out', 'phase.svg'],
      { cwd },
    );
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('Lower the weight decay from 0.002 to 0.00048');
    expect(stdout).toContain('← yours');
    expect(readFileSync(join(cwd, 'phase.svg'), 'utf8')).toMatch(/^<svg .*<\/svg>\n$/s);
  });

  it.each([
    ['--counts 200,100,50,50 --depth 3', 'before classes 2 and 3 (n = 50) are'],
    ['--counts 200,100,50,50 --depth 1 --loss ce', 'before classes 2 and 3 (n = 50) are'],
    ['--counts 40,20,10 --depth 3 --width 2', 'before class 1 (n = 20) is'],
    ['--counts longtail:5000:100:10 --depth 3 --bias free --weight-decay 1e-3,2e-3,1e-3', 'where class 9 (n = 50) reaches'], // prettier-ignore
  ])('fits 60 columns and names classes that tie: %s', (problem, words) => {
    const before = process.env.COLUMNS;
    process.env.COLUMNS = '60';
    try {
      const { stdout } = collapsar(['advise', ...problem.split(' ')]);
      expect(stdout.replace(/\s+/g, ' ')).toContain(words);
      // Combining marks (the bar of h̄) take no room.
      for (const line of stdout.split('\n'))
        expect(Array.from(line.replace(/\p{M}/gu, '')).length, line).toBeLessThanOrEqual(60);
    } finally {
      if (before === undefined) delete process.env.COLUMNS;
      else process.env.COLUMNS = before;
    }
  });

  it('has a help with an example that works', () => {
    const { stdout } = collapsar(['advise', '--help']);
    for (const line of stdout.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
    const example = /^ {2}collapsar (advise .*)$/m.exec(stdout)?.[1] ?? '';
    expect(collapsar(example.split(/\s+/)).code).toBe(0);
  });

  it.each([
    ['cross-entropy with two layers', '--counts 8,4 --loss ce --depth 2', /depth: 1 for cross-entropy/],
    ['a diagram of cross-entropy', '--counts 8,4 --loss ce --out x.svg', /--out.*regimes/],
    ['no counts', '', /--counts/],
    ['a path that cannot be written', '--counts 8,4 --out no/such/x.svg', /can be written/],
    ['another kind of file', '--counts 8,4 --out x.pdf', /--out: a file ending in \.svg, got "x\.pdf"/],
    ['a typo', '--counts 8,4 --depht 2', /did you mean --depth/],
  ])('refuses %s: one line, exit 2', (_, args, message) => {
    const { code, stdout, stderr } = collapsar(['advise', ...args.split(' ').filter((arg) => arg !== '')]);
    expect(stderr).toMatch(/^error: [^\n]*\n$/);
    expect(stderr).toMatch(message);
    expect([code, stdout]).toEqual([2, '']);
  });
});
