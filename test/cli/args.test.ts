/** How arguments are read: each refusal word for word, and what just passes beside it. */
import { describe, expect, it } from 'vitest';
import { choice, numberList, parse, singleNumber } from '../../src/cli/args.js';

const OPTIONS = { size: 'value', list: 'value', fast: 'flag' } as const;
const read = (...args: string[]) => parse('try', args, OPTIONS, ['FILE']);
const refusal = (...args: string[]) => {
  try {
    read(...args);
  } catch (error) {
    return (error as Error).message.replace(': expected ', ': ');
  }
  return null;
};

describe('arguments', () => {
  it('are values, flags and words, in any order', () => {
    const parsed = read('--fast', 'a.npz', '--size', '3', '--list=1,2');
    expect([parsed.value('size'), parsed.value('list'), parsed.flag('fast'), parsed.positionals]).toEqual([
      '3',
      '1,2',
      true,
      ['a.npz'],
    ]);
    const bare = read();
    expect([bare.value('size'), bare.flag('fast'), bare.flag('json'), bare.positionals]).toEqual([
      undefined,
      false,
      false,
      [],
    ]);
    expect(read('--json').flag('json')).toBe(true);
    // A flag has no value, and a value is no flag.
    expect([read('--fast').value('fast'), read('--size', '3').flag('size')]).toEqual([undefined, false]);
  });

  it('may have values that begin with a minus sign, and -h and - are no unknown options', () => {
    expect([read('--size', '-3').value('size'), read('--size=-3').value('size')]).toEqual(['-3', '-3']);
    expect(refusal('-h')).toBeNull();
    expect(read('-').positionals).toEqual(['-']);
  });

  it.each([
    [['--sise', '3'], 'collapsar try: a known option, got --sise; did you mean --size?'],
    [['--sise=3'], 'collapsar try: a known option, got --sise; did you mean --size?'],
    [['--nothing'], 'collapsar try: a known option, got --nothing; see collapsar try --help'],
    [['-size', '3'], 'collapsar try: a known option, got -size; did you mean --size?'],
    [['--size', '1', '--size', '2'], '--size: to be given once, got 2'],
    [['--size=1', '--size=2'], '--size: to be given once, got 2'],
    [['--fast', '--fast'], '--fast: to be given once, got 2'],
    [['--size'], '--size: a value, got nothing; see collapsar try --help'],
    [['--size', '--fast'], '--size: a value, got nothing; see collapsar try --help'],
    [['--fast=yes'], '--fast: no value, got "--fast=yes"'],
    [['a', 'b'], 'collapsar try: FILE and options, got "b"; see collapsar try --help'],
  ])('%j are refused', (args, message) => {
    expect(refusal(...args)).toBe(message);
  });

  it('say that there are options only where no word is taken', () => {
    expect(() => parse('try', ['a'], OPTIONS, [])).toThrow('options only, got "a"; see collapsar try --help');
  });
});

describe('numbers and choices', () => {
  it('are read as they stand, and words are refused', () => {
    expect(numberList('--list', '1,-2.5, 3e-4')).toEqual([1, -2.5, 3e-4]);
    expect(singleNumber('--size', ' 7 ')).toBe(7);
    expect(singleNumber('--size', 'Infinity')).toBe(Infinity);
    for (const text of ['', ' ', 'x', '1x'])
      expect(() => singleNumber('--size', text)).toThrow(`a number, got "${text}"`);
    expect(() => numberList('--list', '1,,2')).toThrow('a number, got ""');
  });

  it('are one of the words in any case, else the one that stands for none', () => {
    const words = ['mse', 'ce'] as const;
    expect([
      choice('--loss', 'CE', words, 'mse'),
      choice('--loss', 'mse', words, 'ce'),
      choice('--loss', undefined, words, 'ce'),
    ]).toEqual(['ce', 'mse', 'ce']);
    expect(() => choice('--loss', 'l2', words, 'mse')).toThrow('mse or ce, got "l2"');
  });
});
