import { describe, expect, it } from 'vitest';
import { brief } from '../../src/runs/jsonShape.js';

describe('a value in words', () => {
  it('is whole up to thirty characters, and cut to as many beyond', () => {
    expect(brief('x'.repeat(28))).toBe(`"${'x'.repeat(28)}"`);
    expect(brief('x'.repeat(29))).toBe(`"${'x'.repeat(28)}…`);
    expect([brief(NaN), brief(0.5), brief(null)]).toEqual(['NaN', '0.5', 'null']);
  });
});
