/** Where the decays of the survival figure stand, read back by its ticks. */
import { describe, expect, it } from 'vitest';
import { createFigureDocument } from '../../src/report/document.node.js';
import { PALETTE, survivalFigure, type SurvivalData } from '../../src/report/index.js';
import { all, numberOf, readMarkup } from '../support/readMarkup.js';

const limits = (estimate: number) => ({
  estimate,
  low: estimate / 2,
  high: estimate * 2,
  estimateE: estimate * 1.3,
});
const data: SurvivalData = {
  weightDecay: 0.03,
  classes: [
    { name: 'a', count: 1200, largestDecay: limits(0.3), atDecay: 'alive', measured: 0.5 },
    { name: null, count: 40, largestDecay: limits(0.025), atDecay: 'open' },
    { name: 'c', count: 5, largestDecay: limits(0.004), atDecay: 'lost', measured: null },
    {
      name: 'd',
      count: 5,
      largestDecay: { estimate: null, low: null, high: null, estimateE: null },
      atDecay: null,
    },
  ],
};

function read(shown: SurvivalData) {
  const svg = readMarkup(survivalFigure(shown, { document: createFigureDocument() }).outerHTML);
  const texts = all(svg, 'text').map((text) => ({
    text: text.textContent,
    x: numberOf(text, 'x'),
    y: numberOf(text, 'y'),
  }));
  const powers = new Map(['⁴', '³', '²', '¹'].map((digit, i) => [`10⁻${digit}`, 10 ** (i - 4)]));
  const ticks = texts.flatMap(({ text, x }) => {
    const value = powers.get(text) ?? (/^0?\.?\d+$/.test(text) && Number(text) > 0 ? Number(text) : null);
    return value === null ? [] : [{ x, value }];
  });
  const [from, to] = [ticks[0], ticks[ticks.length - 1]];
  const scale = Math.log(to.value / from.value) / (to.x - from.x);
  const decayAt = (x: number) => from.value * Math.exp(scale * (x - from.x));
  return { svg, texts, decayAt };
}

describe('the survival figure', () => {
  const { svg, texts, decayAt } = read(data);

  it('puts interval, estimate and the user’s decay where they are', () => {
    const bars = all(svg, 'rect[rx="5"]');
    const discs = all(svg, 'circle').filter((circle) => circle.getAttribute('fill') !== 'none');
    const rings = all(svg, 'circle[fill="none"]');
    [0.3, 0.025, 0.004].forEach((estimate, i) => {
      const x = numberOf(bars[i], 'x');
      expect(decayAt(x) / (estimate / 2)).toBeCloseTo(1, 2);
      expect(decayAt(x + numberOf(bars[i], 'width')) / (estimate * 2)).toBeCloseTo(1, 2);
      expect(decayAt(numberOf(discs[i], 'cx')) / estimate).toBeCloseTo(1, 2);
      expect(decayAt(numberOf(rings[i], 'cx')) / (estimate * 1.3)).toBeCloseTo(1, 2);
    });
    expect(bars).toHaveLength(3);
    const yours = all(svg, 'line[stroke-dasharray]');
    expect(decayAt(numberOf(yours[0], 'x1')) / 0.03).toBeCloseTo(1, 2);
  });

  it('says by colour and word what happens, and marks what training did', () => {
    const fills = all(svg, 'rect[rx="5"]').map((bar) => bar.getAttribute('fill'));
    expect(fills).toEqual([PALETTE.good.light, PALETTE.ochre.light, PALETTE.bad.light]);
    const rows = ['0 a  ·  1\u202f200', '1  ·  40', '2 c  ·  5'].map(
      (who) => texts.find(({ text }) => text === who)?.y,
    );
    const words = ['● learned', '◐ may be lost', '✕ lost'].map(
      (word) => texts.find(({ text }) => text === word)?.y,
    );
    expect(words).toEqual(rows);
    const crosses = all(svg, 'line[stroke-width="1.8"]');
    expect(crosses).toHaveLength(2);
    const middle = (numberOf(crosses[0], 'x1') + numberOf(crosses[0], 'x2')) / 2;
    expect(decayAt(middle) / 0.5).toBeCloseTo(1, 2);
  });

  it('names ticks, axis and the user’s decay where they are', () => {
    const place = (text: string) => texts.find((label) => label.text === text);
    const lines = all(svg, 'line[stroke-width="1"]').map((line) => numberOf(line, 'x1'));
    const ticks = texts.filter(({ text }) => /^[\d.]+$/.test(text) && Number(text) > 0);
    expect(ticks.map(({ x }) => x)).toEqual(lines);
    const axisName = place('weight decay of everything');
    const words = place('● learned');
    // The box lies between the names of the classes, 12 units left of it, and the words as far right of it.
    const names = place('0 a  ·  1\u202f200');
    expect(axisName?.x).toBeCloseTo(((names?.x ?? NaN) + (words?.x ?? NaN)) / 2, 6);
    for (const { y } of ticks) expect(y).toBe((axisName?.y ?? NaN) - 20);
    const yours = place('yours, 0.03');
    expect(decayAt(yours?.x ?? NaN) / 0.03).toBeCloseTo(1, 2);
    const dashed = all(svg, 'line[stroke-dasharray]')[0];
    expect(numberOf(dashed, 'y1')).toBeGreaterThan(yours?.y ?? NaN);
    expect(numberOf(dashed, 'y2')).toBeLessThan(ticks[0].y);
    // Rows at equal distances, each word in the row of its class, and no estimate no bar.
    const rows = texts.filter(({ text }) => text.includes('  ·  ') && !text.startsWith('class'));
    expect(new Set(rows.slice(1).map(({ y }, i) => y - rows[i].y)).size).toBe(1);
    expect(place('–')?.y ?? place('')?.y).toBe(rows[3].y);
  });

  it('thins the rows of many classes, and says so', () => {
    const many = { weightDecay: null, classes: Array.from({ length: 200 }, () => data.classes[0]) };
    const { texts: all200 } = read({
      ...many,
      classes: many.classes.map((one) => ({ ...one, atDecay: null })),
    });
    expect(all200.map(({ text }) => text)).toContain('40 of the 200 classes are drawn.');
  });
});
