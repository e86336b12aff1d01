/**
 * The colours of the classes, one each up to twenty, the same wherever a class is shown.
 *
 * Chosen by a search for the largest smallest difference (OKLab) between any two as seen with full colour vision and with
 * each of the three colour blindnesses (Machado, Oliveira & Fernandes 2009; tritanopia, which is rare, at 1/1.7), at a
 * contrast of at least 3 : 1 with the paper, light and dark. The test computes both again.
 */
import type { Shade } from './shade.js';

const LIGHT =
  '0072b2 d55e00 009071 682030 7868f8 803000 ae81ab 285868 4810f8 27a560 401038 8787e4 a84800 004060 584098 307058 500000 080098 280868 1800c8';
const DARK =
  '4aa8e8 ee7a2b e0f8c8 d00060 1058f8 d0a880 b09098 00d0f8 786090 e0e800 f03058 5888f8 b85000 88c0c0 8878c8 c0d8a8 f8a830 5060c0 987898 c8e8f8';

const dark = DARK.split(' ');
export const CLASS_COLORS: readonly Shade[] = LIGHT.split(' ').map((light, k) => ({
  light: `#${light}`,
  dark: `#${dark[k]}`,
}));

/** In the palette; after twenty classes they come again. */
export type ClassColorName = `class${number}`;

export function classColorName(k: number): ClassColorName {
  return `class${k % CLASS_COLORS.length}`;
}
