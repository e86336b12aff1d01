/** The text of a spec: JSON first, YAML within a bound. */
import { describe, expect, it } from 'vitest';
import { formatSpec, parseSpec } from '../../src/runs/index.js';
import { LARGEST_YAML, parseSpecText } from '../../src/runs/specText.js';

const UFM = {
  kind: 'ufm',
  counts: [8, 4],
  depth: 1,
  width: 2,
  weightDecay: 1e-3,
  featureDecay: 1e-3,
  steps: 1,
};

describe('the text of a spec', () => {
  it('may be JSON of any length up to the limit, and then keeps each key once', () => {
    const counts = Array.from({ length: 100_000 }, (_, k) => 1 + (k % 9));
    const text = JSON.stringify({ ...UFM, counts });
    expect(text.length).toBeGreaterThan(LARGEST_YAML);
    expect(parseSpec(text, 'x')).toMatchObject({ counts });
    expect(() => parseSpecText('{"steps": 1, "steps": 2}', 'x')).toThrow(
      'x: each key once, got "steps" twice',
    );
  });

  it('comes back from a run folder however many classes it has', () => {
    const spec = parseSpec(JSON.stringify({ ...UFM, counts: new Array<number>(20_000).fill(12) }), 'x');
    expect(parseSpec(formatSpec(spec), 'x')).toEqual(spec);
  });

  it('names the place of what is wrong', () => {
    expect(() => parseSpecText('kind: ufm\ncounts: [1, 2', 'x')).toThrow(
      /^x: YAML or JSON, got .* at line 2, column \d+$/,
    );
  });

  it.each([
    ['brackets', (n: number) => '[]'.repeat(n / 2)],
    ['commas', (n: number) => `[${','.repeat(n - 2)}]`],
    ['anchors', (n: number) => '&a '.repeat(n / 3)],
    ['aliases', (n: number) => `x: &a 1\ny: [${'*a,'.repeat(n / 3 - 8)}]`],
    [
      'keys',
      (n: number) => Array.from({ length: n / 8 }, (_, i) => `k${String(i).padStart(4, '0')}: 1`).join('\n'),
    ],
    ['nesting', (n: number) => '['.repeat(n)],
    ['braces', (n: number) => '{}'.repeat(n / 2)],
  ])('costs less than a second of the processor where it is nothing but %s', (_, make) => {
    const text = make(LARGEST_YAML).slice(0, LARGEST_YAML);
    const before = process.cpuUsage();
    expect(() => parseSpec(text, 'x')).toThrow(/^x/);
    // 0.1 to 0.4 s where it was measured.
    expect(process.cpuUsage(before).user).toBeLessThan(1e6);
    expect(() => parseSpec(make(4 * LARGEST_YAML), 'x')).toThrow(/^x: YAML of at most 49152 characters/);
  });

  it('asks for no more classes than can be measured', () => {
    expect(() => parseSpec(JSON.stringify({ ...UFM, counts: '9999999x9999999' }), 'x')).toThrow(
      'counts: at most 131072 classes',
    );
  });
});
