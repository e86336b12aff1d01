/** The colour of a class: one each for as many classes as the palette has hues, else by its regime. */
import { CATEGORIES, paint } from 'collapsar/report';
import type { RegimeLook } from './regime.js';

export function classColor(k: number, classes: number, regime: RegimeLook): string {
  if (classes <= CATEGORIES.length) return paint(CATEGORIES[k]);
  return paint(regime.look === 'alive' ? 'blue' : regime.look === 'risk' ? 'ochre' : 'vermilion');
}
