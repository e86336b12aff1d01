/** The table of claims in docs/results.md is what its numbers in docs/results give. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { MeasuresRecord } from '../../src/runs/records.js';
import { claimsSection } from '../../scripts/claims.js';

const docs = fileURLToPath(new URL('../../docs', import.meta.url));
/** Without the room that a formatter gives to columns. */
const rowsOf = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\| *-/.test(line))
    .map((line) => line.replace(/ +/g, ' '));

describe('the table of claims', () => {
  const rows = rowsOf(claimsSection(docs));

  it('is the one that the committed results give', () => {
    const [, section] = readFileSync(`${docs}/results.md`, 'utf8').split('## The paper');
    expect(rowsOf(section.split('\n## ')[0])).toEqual(rows);
    expect(rows[0]).toBe('| claim | our run | theory | verdict |');
    expect(rows.length).toBeGreaterThan(10);
  });

  it('has means and standard deviations over seeds', () => {
    const M6 = rows.find((row) => row.includes('M = 6 |')) ?? '';
    const distances = [0, 1, 2].map((seed): number => {
      const file = `${docs}/results/paper-scale/mlp-cifar10-imbalanced-M6-seed${seed}.json`;
      const { measured } = JSON.parse(readFileSync(file, 'utf8')) as {
        measured: Pick<MeasuresRecord, 'nc2'>;
      };
      return measured.nc2.weights.predicted ?? NaN;
    });
    const [mean, deviation] = /Δ PPᵀ ([\d.e-]+) ± ([\d.e-]+)/.exec(M6)?.slice(1).map(Number) ?? [];
    const average = distances.reduce((sum, x) => sum + x, 0) / 3;
    expect(mean / average).toBeCloseTo(1, 1);
    const squares = distances.reduce((sum, x) => sum + (x - average) ** 2, 0);
    expect(deviation / Math.sqrt(squares / 2)).toBeCloseTo(1, 1);
  });
});
