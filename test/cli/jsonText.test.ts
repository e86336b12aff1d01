/** Documents with lists of shared objects are written as JSON.stringify writes them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonText } from '../../src/cli/jsonText.js';

describe('jsonText', () => {
  it('is JSON.stringify', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })), (document) => {
        expect(jsonText(document)).toBe(JSON.stringify(document));
      }),
    );
  });

  it('is it for lists that hold the same objects many times, and for what JSON leaves out', () => {
    const [one, two] = [
      { n: 1.5, name: 'ω "quoted"' },
      { n: null, list: [1, NaN] },
    ];
    const document = { list: [one, two, one, 'one', null, one], alone: one, empty: [], left: undefined };
    expect(jsonText(document)).toBe(JSON.stringify(document));
    expect(JSON.parse(jsonText(document))).toEqual(JSON.parse(JSON.stringify(document)));
  });
});
