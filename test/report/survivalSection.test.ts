/** The section of a page on survival under one decay of everything: the estimate of each class beside what became of it. */
import { describe, expect, it } from 'vitest';
import { createFigureDocument } from '../../src/report/document.node.js';
import { renderReport } from '../../src/report/index.js';
import type { NetworkDetails, SurvivalRecord } from '../../src/runs/records.js';
import { networkRun } from './sample.js';

const run = networkRun();
const counts = run.summary.classes.map(({ count }) => count);
/** Learned, open, lost, and so on: the decay is 0.01, and the estimates fall. */
const survival: SurvivalRecord = {
  weightDecay: 0.01,
  weightLayers: 5,
  classes: counts.map((_, k) => {
    const estimate = [0.1, 0.012, 0.001][k % 3];
    const atDecay = (['alive', 'open', 'lost'] as const)[k % 3];
    return { estimate, low: estimate / 2, high: estimate * 2, atDecay };
  }),
};

function pageOf(
  details: Partial<NetworkDetails>,
  accuracy: (k: number) => number,
  status = run.summary.status,
) {
  const summary = {
    ...run.summary,
    status,
    classes: run.summary.classes.map((compared, k) => ({ ...compared, accuracy: accuracy(k) })),
    network: { ...run.summary.network, ...details },
  };
  return renderReport({ ...run, summary, document: createFigureDocument() });
}

/** The cells of each row of the table. */
function rowsOf(page: string): string[][] {
  const table = page.slice(page.indexOf('id="survival-table"')).split('</table>')[0];
  return table
    .split('<tr>')
    .slice(2)
    .map((row) =>
      [...row.matchAll(/<t[hd][^>]*>([\s\S]*?)<\/t[hd]>/g)].map(([, cell]) =>
        cell
          .replace(/<[^>]*>/g, '')
          .replace(/\s/g, ' ')
          .trim(),
      ),
    );
}

describe('the section on survival', () => {
  it('has the estimate, the interval, what was expected and what came of each class', () => {
    const page = pageOf({ survival }, (k) => (k % 3 === 2 ? 0.2 : 0.9));
    const rows = rowsOf(page);
    expect(rows).toHaveLength(counts.length);
    rows.forEach(([name, n, estimate, low, high, expected, became, right], k) => {
      const limit = survival.classes[k];
      expect(name.startsWith(String(k))).toBe(true);
      expect([Number(n), Number(estimate), Number(low), Number(high)]).toEqual([
        counts[k],
        limit.estimate,
        limit.low,
        limit.high,
      ]);
      expect(expected).toBe(['learned', 'may be lost', 'lost'][k % 3]);
      expect([became, right]).toEqual(k % 3 === 2 ? ['lost', '20 %'] : ['learned', '90 %']);
    });
    const called = counts.filter((_, k) => k % 3 !== 1).length;
    expect(page).toContain(
      `Of the ${called} classes outside of their intervals ${called} ended as expected.`,
    );
    expect(page).toContain('yours, 0.01');
  });

  it('counts what ended otherwise, and nothing of a run that diverged', () => {
    const called = counts.filter((_, k) => k % 3 !== 1).length;
    const lost = counts.filter((_, k) => k % 3 === 2).length;
    expect(pageOf({ survival }, () => 0)).toContain(
      `Of the ${called} classes outside of their intervals ${lost} ended as expected.`,
    );
    const diverged = pageOf({ survival }, () => 0.9, 'diverged');
    expect(diverged).toContain('The run diverged, which tells nothing of them.');
    for (const [, , , , , , became] of rowsOf(diverged)) expect(became).toBe('–');
  });

  it('says why there is nothing, and is not there for other decays', () => {
    const reason = 'the estimates were not tried with focal loss';
    expect(pageOf({ survival: null, survivalNote: reason }, () => 1)).toContain(
      `Nothing is estimated here: ${reason}.`,
    );
    for (const details of [{}, { survival: null, survivalNote: null }])
      expect(pageOf(details, () => 1)).not.toContain('Survival under one weight decay');
  });
});
