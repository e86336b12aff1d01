import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable, printableLine } from '../../src/core/printable.js';

/** By Unicode's own properties: controls (Cc) but the line feed, line and paragraph ends (Zl, Zp), and what turns the direction. */
const UNFIT = /[\p{Zl}\p{Zp}\p{Bidi_Control}]|(?!\n)\p{Cc}/u;

describe('printable', () => {
  it('shows control and bidi characters by their numbers, and leaves letters and lines alone', () => {
    expect(printable('a\u001b[31mb\u009b\u202ec\u2066\u007f\r\t')).toBe(
      'a\\u001b[31mb\\u009b\\u202ec\\u2066\\u007f\\u000d\\u0009',
    );
    const plain = 'ΔH̄ ✕ “größer” עברית العربية 漢字 👩‍👩‍👧\nsecond line';
    expect(printable(plain)).toBe(plain);
    expect(printableLine('a\nb')).toBe('a\\u000ab');
  });

  it('every character that Unicode calls a control or a bidi control is shown so, and no other is changed', () => {
    for (let code = 0; code < 0x3000; code++) {
      const character = String.fromCharCode(code);
      expect(printable(character) !== character, code.toString(16)).toBe(UNFIT.test(character));
    }
  });

  it('JSON that is made fit to be shown says the same', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const shown = printable(JSON.stringify({ [text]: [text] }));
        expect(shown).not.toMatch(UNFIT);
        expect(JSON.parse(shown)).toEqual(JSON.parse(JSON.stringify({ [text]: [text] })));
      }),
    );
  });
});
