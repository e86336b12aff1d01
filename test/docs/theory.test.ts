/** docs/theory.md: its numbers are computed again, and the tests that it names exist. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { thresholds } from '../../src/index.js';
import { DOCUMENTS, readDocument, ROOT } from './documents.js';

const theory = readDocument('docs/theory.md');

describe('docs/theory.md', () => {
  it('has the thresholds that the code computes', () => {
    const rows = [...theory.matchAll(/^\| (\d) +\| ([\d.]+) +\| ([\d.]+) +\|$/gm)];
    expect(rows.map(([, depth]) => depth)).toEqual(['1', '2', '3', '6', '9']);
    for (const [, depth, bGlobal, bExist] of rows) {
      const limits = thresholds(Number(depth));
      expect(Number(bGlobal)).toBe(Number(limits.bGlobal.toFixed(6)));
      expect(Number(bExist)).toBe(Number(limits.bExist.toFixed(6)));
    }
  });

  it('gives every statement a status', () => {
    const statuses = [...theory.matchAll(/_Status:_\s+(\w+)/g)].map(([, status]) => status);
    expect(statuses.length).toBeGreaterThan(15);
    expect(new Set(statuses)).toEqual(
      new Set(['proved', 'certificate', 'checked', 'estimate', 'open', 'definitions']),
    );
  });

  it('opens with the objective', () => {
    expect(theory.slice(0, theory.indexOf('## How to read'))).toMatch(/F = 1\/\(2N\) ‖P H \+ b 1ᵀ − Y‖²/);
  });
});

describe('the documents', () => {
  it.each([...DOCUMENTS, 'CONTRIBUTING.md', 'NOTATION.md'])('%s names files that exist', (document) => {
    const names = [
      ...readDocument(document).matchAll(/`((?:src|test|scripts|presets|bench|docs|examples)\/[\w./-]+)`/g),
    ];
    const gone = names.map(([, name]) => name).filter((name) => !existsSync(join(ROOT, name)));
    expect(gone).toEqual([]);
  });
});
