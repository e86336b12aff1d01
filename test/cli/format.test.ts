import { describe, expect, it } from 'vitest';
import { comparisonTable } from '../../src/cli/comparisonTables.js';
import { column, duration, table, whole, wrap } from '../../src/cli/format.js';
import { tableText } from '../../src/cli/tables.js';
import type { ClassComparison } from '../../src/runs/index.js';

const one: ClassComparison = {
  count: 5000,
  weightNorm: 1.234e-5,
  featureNorm: 0.001235,
  fit: 0.9876,
  accuracy: 0.9912,
  predictedWeightNorm: 1.234e-5,
  predictedFeatureNorm: 0.001235,
  predictedFit: 0.9877,
  regime: 'metastable',
  measured: 'alive',
};

describe('the table of classes', () => {
  it.each([40, 60, 70, 75, 80, 85, 90, 95, 100, 120, 200])(
    'keeps or leaves out a number and its theory together at %i columns',
    (width) => {
      const [head, ...rest] = tableText(comparisonTable([one, one]), width).split('\n');
      const titles = head.trim().split(/ {2,}/);
      // ‖p‖, ‖h̄‖, perhaps the fit, and alive or lost: each is followed by theory.
      for (const title of ['‖p‖', '‖h̄‖', ...(titles.includes('fit') ? ['fit'] : []), 'measured'])
        expect(titles[titles.indexOf(title) + 1]).toBe('theory');
      expect(titles.filter((title) => title === 'theory')).toHaveLength(titles.includes('fit') ? 4 : 3);
      if (!titles.includes('fit'))
        expect(rest.join(' ')).toMatch(/left out for width: (accuracy, )?fit, theory;/);
    },
  );
});

describe('times and whole numbers', () => {
  it('change their form where they should', () => {
    expect([0, 9.4, 9.6, 59, 60, 73, 3599, 3600, 4000, 360_005, -3].map(duration)).toEqual([
      '0:00',
      '0:09',
      '0:10',
      '0:59',
      '1:00',
      '1:13',
      '59:59',
      '1:00:00',
      '1:06:40',
      '100:00:05',
      '0:00',
    ]);
    expect([9999, 10_000, 1_234_567].map(whole)).toEqual(['9999', '10 000', '1 234 567']);
  });
});

describe('a table', () => {
  const rows = (count: number) => Array.from({ length: count }, (_, i) => [`r${i}`]);
  it('of 33 rows is whole; of more the first 24 and the last 8 are shown', () => {
    expect(table([column('row')], rows(33), 80).split('\n')).toHaveLength(34);
    const lines = table([column('row')], rows(34), 80).split('\n');
    expect(lines).toHaveLength(1 + 24 + 1 + 8 + 1);
    expect(lines.slice(24, 28).map((line) => line.trim())).toEqual(['r23', '⋮', 'r26', 'r27']);
    expect(lines.at(-1)).toBe('(34 rows in all; --json has every one)');
  });

  it('is as wide as it need be, with two blanks between columns, and loses the most dispensable first', () => {
    const columns = [
      column('a', 0, 'left'),
      column('long title', 1),
      column('b', 2),
      { ...column('c', 3), pair: 'p' },
      { ...column('d'), pair: 'p' },
    ];
    const cells = [['x', '1', '22', '3', '4']];
    expect(table(columns, cells, 24)).toBe('a  long title   b  c  d\nx           1  22  3  4');
    // One column too few for all five.
    expect(table(columns, cells, 22)).toBe(
      'a  long title   b\nx           1  22\n(left out for width:\nc, d; --json has all)',
    );
    expect(table(columns, cells, 16)).toBe(
      'a  long title\nx           1\n(left out for\nwidth: b, c, d;\n--json has all)',
    );
    // What is not dispensable stays, however narrow it is.
    expect(table(columns, cells, 3).split('\n')[1]).toBe('x');
  });

  it('fits exactly where there is exactly room', () => {
    const columns = [column('aa'), column('bb', 1)];
    expect(table(columns, [['1', '2']], 6)).toBe('aa  bb\n 1   2');
    expect(
      table(columns, [['1', '2']], 5)
        .split(/\s+/)
        .join(' '),
    ).toContain('left out for width: bb');
  });
});

describe('wrapped text', () => {
  it('breaks at spaces, as late as it can', () => {
    expect(wrap('aa bb cc', 5)).toBe('aa bb\ncc');
    expect(wrap('aa bb cc', 4)).toBe('aa\nbb\ncc');
    expect(wrap('aa bb cc', 8)).toBe('aa bb cc');
    expect(wrap('longer a', 3)).toBe('longer\na');
    // A combining mark takes no room.
    expect(wrap('h\u0304h\u0304 b', 4)).toBe('h\u0304h\u0304 b');
  });
});
