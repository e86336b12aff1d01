/** Class weights by name, as both places that ask for them call them. */
import type { Weighting } from '../link/labState.js';

export const WEIGHTING_NAMES: Readonly<Record<Weighting, string>> = {
  none: 'none',
  inverse: 'one over size, 1/n',
  'inverse-sqrt': 'milder, 1/√n',
  'equal-survival': 'equal survival',
};
