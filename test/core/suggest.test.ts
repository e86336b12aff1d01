/** The nearest known word: which of several that are as near, and none where nothing is near. */
import { expect, it } from 'vitest';
import { nearest } from '../../src/core/suggest.js';

it.each([
  ['sed', ['std', 'seed', 'file'], 'seed'],
  ['stf', ['std', 'seed', 'file'], 'std'],
  ['depht', ['width', 'depth'], 'depth'],
  ['seeed', ['std', 'seed'], 'seed'],
  ['feature', ['features', 'labels'], 'features'],
  ['bias', ['weights', 'labels'], null],
  ['x', [], null],
] as const)('%s among %j is meant as %s', (word, known, meant) => {
  expect(nearest(word, known)).toBe(meant);
});
