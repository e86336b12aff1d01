/** The colours of classes: one each to twenty, told apart by every eye, and seen on the paper. */
import { describe, expect, it } from 'vitest';
import { CLASS_COLORS, PALETTE } from '../../src/report/index.js';

type Rgb = readonly number[];

const linear = (hex: string): Rgb =>
  [1, 3, 5].map((i) => {
    const c = parseInt(hex.slice(i, i + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
const times = (M: readonly Rgb[], v: Rgb): number[] =>
  M.map((row) => row.reduce((sum, m, i) => sum + m * v[i], 0));

/** Machado, Oliveira & Fernandes 2009, severity 1; the weight of each in the search. */
const EYES: readonly (readonly [string, number, readonly Rgb[]])[] = [
  [
    'full',
    1,
    [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ],
  ],
  [
    'protanopia',
    1,
    [
      [0.152286, 1.052583, -0.204868],
      [0.114503, 0.786281, 0.099216],
      [-0.003882, -0.048116, 1.051998],
    ],
  ],
  [
    'deuteranopia',
    1,
    [
      [0.367322, 0.860646, -0.227968],
      [0.280085, 0.672501, 0.047413],
      [-0.01182, 0.04294, 0.968881],
    ],
  ],
  [
    'tritanopia',
    1.7,
    [
      [1.255528, -0.076749, -0.178779],
      [-0.078411, 0.930809, 0.147602],
      [0.004733, 0.691367, 0.3039],
    ],
  ],
];

/** Björn Ottosson 2020. */
function okLab(rgb: Rgb): number[] {
  const cones = times(
    [
      [0.4122214708, 0.5363325363, 0.0514459929],
      [0.2119034982, 0.6806995451, 0.1073969566],
      [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    rgb.map((c) => Math.min(1, Math.max(0, c))),
  ).map(Math.cbrt);
  return times(
    [
      [0.2104542553, 0.793617785, -0.0040720468],
      [1.9779984951, -2.428592205, 0.4505937099],
      [0.0259040371, 0.7827717662, -0.808675766],
    ],
    cones,
  );
}

const luminance = (hex: string) => times([[0.2126, 0.7152, 0.0722]], linear(hex))[0];

describe('class colours', () => {
  it.each(['light', 'dark'] as const)('differ to every eye, and stand out from the paper (%s)', (scheme) => {
    const colors = CLASS_COLORS.map((color) => color[scheme]);
    expect(new Set(colors).size).toBe(20);
    for (const [eye, weight, M] of EYES) {
      const seen = colors.map((color) => okLab(times(M, linear(color))));
      for (const [i, a] of seen.entries())
        for (const [j, b] of seen.slice(0, i).entries())
          expect(weight * Math.hypot(...a.map((x, c) => x - b[c])), `${eye}: ${j} and ${i}`).toBeGreaterThan(
            0.075,
          );
    }
    for (const ground of ['card', 'paper'] as const) {
      const paper = luminance(PALETTE[ground][scheme]);
      for (const color of colors) {
        const [low, high] = [luminance(color), paper].sort((a, b) => a - b);
        expect((high + 0.05) / (low + 0.05), `${color} on ${ground}`).toBeGreaterThanOrEqual(3);
      }
    }
  });
});
