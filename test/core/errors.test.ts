import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError, refuse, refuseFile, refuseShape, show } from '../../src/core/errors.js';

// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

function caught(act: () => never): InputError {
  try {
    act();
  } catch (error) {
    if (error instanceof InputError) return error;
  }
  throw new Error('no InputError');
}

describe('errors', () => {
  it('read WHERE: REQUIREMENT, got VALUE; HINT, and keep their parts', () => {
    const error = caught(() => refuse('depth', 'a whole number', 2.5, 'round it'));
    expect(error.message).toBe('depth: a whole number, got 2.5; round it');
    expect(error).toMatchObject({
      name: 'InputError',
      code: 'argument',
      where: 'depth',
      got: '2.5',
      hint: 'round it',
    });
    expect(caught(() => refuse('x', 'y', 'z')).message).toBe('x: y, got "z"');
    expect(caught(() => refuseShape('gemm', 'A m×k', '2×3')).code).toBe('dimension');
    expect(caught(() => refuseShape('gemm', 'A m×k', '2×3')).message).toBe('gemm: A m×k, got 2×3');
    expect(caught(() => refuseFile('f', 'a file', 'a folder')).code).toBe('file');
  });

  it('are one line without control characters, whatever the parts hold', () => {
    const hostile = fc.string({ unit: 'binary', maxLength: 60 });
    fc.assert(
      fc.property(hostile, hostile, hostile, hostile, (where, requirement, got, hint) => {
        const { message } = new InputError('format', where, requirement, got, hint);
        expect(message).not.toMatch(CONTROL);
        expect(message.split(/\r?\n/)).toHaveLength(1);
      }),
      { numRuns: 80 },
    );
    expect(caught(() => refuse('f', 'r', 'a\u001b[31mred\r\n\u0007b\u009b2J')).message).toBe(
      'f: r, got "a [31mred b 2J"',
    );
  });

  it('show is short for any value, nested or long', () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withTypedArray: true, maxDepth: 4 }), (value) => {
        // Eight items of at most 80 characters, their quotes and separators; a bigint of fast-check has at most 80 digits.
        expect(show(value).length).toBeLessThan(8 * 84 + 40);
      }),
      { numRuns: 300 },
    );
    let nested: unknown = 1;
    for (let i = 0; i < 100_000; i++) nested = [nested];
    expect(show(nested)).toBe('[…]');
    const loop: unknown[] = [];
    loop.push(loop);
    expect(show(loop)).toBe('[…]');
    expect(show(new Float64Array(1e6))).toBe('[0, 0, 0, 0, 0, 0, 0, 0, … 1000000 in all]');
    expect(show('x'.repeat(1e6))).toBe(`"${'x'.repeat(77)}…"`);
  });

  it.each<[unknown, string]>([
    [undefined, 'nothing'],
    [null, 'null'],
    [NaN, 'NaN'],
    [-0.5, '-0.5'],
    [true, 'true'],
    [12n, '12'],
    ['a', '"a"'],
    [[1, 'b', [2], null], '[1, "b", …, null]'],
    [[], '[]'],
    [{ a: 1 }, 'object'],
    [() => 1, 'function'],
    [Symbol('s'), 'symbol'],
  ])('show %o', (value, text) => {
    expect(show(value)).toBe(text);
  });
});
