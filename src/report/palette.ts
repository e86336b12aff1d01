/**
 * The colours of every figure and of the page, as CSS variables with one value for light and one for dark.
 *
 * The hues are those of Okabe & Ito (2008), told apart with every common colour blindness. The light ones among them are
 * darkened on white, and the dark ones lightened on black, until each has a contrast of at least 3 : 1 with its paper.
 * Figures name variables only, so a page may set its own.
 */

import type { Shade } from './shade.js';
import { CLASS_COLORS, classColorName, type ClassColorName } from './classColors.js';

export type { Shade } from './shade.js';

export type PaletteName =
  | 'ink'
  | 'quiet'
  | 'line'
  | 'paper'
  | 'card'
  | 'good'
  | 'bad'
  | 'blue'
  | 'vermilion'
  | 'green'
  | 'purple'
  | 'ochre'
  | 'sky'
  | 'olive'
  | 'heatPlus'
  | 'heatMinus'
  | ClassColorName;

/** `heatPlus` and `heatMinus` are fills that text in `ink` stays readable on, at any opacity over `card`. */
export const PALETTE: Readonly<Record<PaletteName, Shade>> = {
  ink: { light: '#1d2026', dark: '#e8e6e1' },
  quiet: { light: '#5c626d', dark: '#a3a8b3' },
  line: { light: '#dcdee3', dark: '#343943' },
  paper: { light: '#fbfaf8', dark: '#14161a' },
  card: { light: '#ffffff', dark: '#1b1e24' },
  good: { light: '#00745a', dark: '#3cc79e' },
  bad: { light: '#b84c00', dark: '#f58b4c' },
  blue: { light: '#0072b2', dark: '#4aa8e8' },
  vermilion: { light: '#d55e00', dark: '#ee7a2b' },
  green: { light: '#009071', dark: '#20b892' },
  purple: { light: '#b35d8e', dark: '#dd92ba' },
  ochre: { light: '#b07a00', dark: '#e9ae35' },
  sky: { light: '#2f90c6', dark: '#8ccbf3' },
  olive: { light: '#837a00', dark: '#e3d84a' },
  heatPlus: { light: '#5fade0', dark: '#1c69a2' },
  heatMinus: { light: '#f0955a', dark: '#a64a10' },
  ...Object.fromEntries(CLASS_COLORS.map((shade, k) => [classColorName(k), shade])),
};

/** The CSS value of a colour, e.g. `var(--collapsar-blue)`. */
export function paint(name: PaletteName): string {
  return `var(--collapsar-${name})`;
}

/** Colours for curves that lie side by side, in order of use. */
export const CATEGORIES: readonly PaletteName[] = [
  'blue',
  'vermilion',
  'green',
  'purple',
  'ochre',
  'sky',
  'ink',
  'olive',
];

/** The declarations of one scheme, for a rule of a style sheet. */
export function paletteCss(scheme: keyof Shade): string {
  return Object.entries(PALETTE)
    .map(([name, shade]) => `--collapsar-${name}:${shade[scheme]}`)
    .join(';');
}
