import { describe, expect, it } from 'vitest';
import { comparisonTable } from '../../src/cli/comparisonTables.js';
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
