import { describe, expect, it } from 'vitest';
import { linearAxis, logAxis, stepAxis } from '../../src/report/figures/axes.js';
import { classColor } from '../../lab/theory/classColor.js';
import { createFigureDocument } from '../../src/report/document.node.js';
import {
  CLASS_COLORS,
  classNorms,
  gramHeatmaps,
  measuresOverSteps,
  normsOverSteps,
  objectiveOverSteps,
  paletteCss,
  stepsPanel,
  withLiteralColors,
} from '../../src/report/index.js';
import {
  formatCount,
  formatExact,
  formatNumber,
  formatPercent,
  formatRanges,
  formatRuns,
  formatSeconds,
  formatSteps,
  formatTick,
} from '../../src/report/format.js';
import { placeLabels } from '../../src/report/figures/labels.js';
import { PALETTE } from '../../src/report/palette.js';
import { thin } from '../../src/report/figures/thin.js';
import type { TrainRecord } from '../../src/runs/records.js';
import { NOT_MEASURED, sampleRun } from './sample.js';

const document = createFigureDocument();
const { records, summary } = sampleRun({ counts: [200, 100, 50, 50], steps: 3000, every: 100 });
const record = (step: number, objective: number): TrainRecord => ({
  ...NOT_MEASURED,
  step,
  objective,
  seconds: 0,
});

describe('axes', () => {
  it('put an exact zero on a line of its own below a logarithmic axis', () => {
    const axis = logAxis([1, 1e-4, 0, null]);
    const [zero, least] = [axis.at(0) ?? NaN, axis.at(1e-4) ?? NaN];
    expect(zero).toBe(axis.domain[0]);
    expect(axis.ticks[0]).toEqual({ at: zero, label: '0' });
    expect(axis.broken).toBeGreaterThan(zero);
    expect(axis.broken).toBeLessThan(least);
    expect(axis.at(null)).toBeNull();
    expect(logAxis([1, 2]).broken).toBeNull();
  });

  it.each([[[1e-320, 1e308]], [[0]], [[]], [[5]], [[1e-300, 1e-301]], [[-1, -2]], [[1, 1 + 1e-15]]])(
    'hold %j with ticks inside the domain',
    (values) => {
      for (const axis of [logAxis(values), linearAxis(values), linearAxis(values, 0)]) {
        const [low, high] = axis.domain;
        expect(high).toBeGreaterThan(low);
        expect(axis.ticks.length).toBeGreaterThan(0);
        expect(axis.ticks.length).toBeLessThan(14);
        for (const { at } of axis.ticks) {
          expect(at).toBeGreaterThanOrEqual(low - 1e-9 * (high - low));
          expect(at).toBeLessThanOrEqual(high + 1e-9 * (high - low));
        }
        for (const value of values) expect(Number.isFinite(axis.at(value))).toBe(true);
      }
    },
  );

  it('give step 0 a place on a logarithmic axis of steps', () => {
    const axis = stepAxis([0, 100, 200, 30_000], 'log');
    expect(axis.at(0)).toBe(0);
    expect(axis.ticks.map(({ label }) => label)).toEqual(['0', '100', '1k', '10k', '30k']);
    expect(axis.at(30_000)).toBe(axis.domain[1]);
    expect(stepAxis([7], 'log').domain).toEqual([0, 7]);
    expect(stepAxis([0], 'linear').domain).toEqual([0, 1]);
  });
});

describe('an orthogonal start', () => {
  const measured = (step: number, distance: number): TrainRecord => {
    const frames = { orthogonal: 0.2, etf: 0.4, predicted: distance };
    return {
      ...record(step, 1),
      nc2: { ...NOT_MEASURED.nc2, weights: frames, features: frames },
    };
  };
  const ticks = (records: readonly TrainRecord[]): string => {
    const figure = measuresOverSteps({ records, samples: null }, { document }).outerHTML;
    return figure.slice(figure.indexOf('NC2: classifier'), figure.indexOf('NC2: class means'));
  };
  const later = [0.1, 0.3, 0.2, 0.05].map((distance, i) => measured(100 * (i + 1), distance));
  const NOTE = 'is drawn at the height of the least';

  it('does not press the rest of a logarithmic axis flat, and that is told', () => {
    const panel = ticks([measured(0, 1e-8), ...later]);
    expect(panel).not.toContain('10⁻⁸');
    // The same axis as of a start at the least of the others.
    expect(panel).toBe(ticks([measured(0, 0.05), ...later]));
    const figure = (start: number) =>
      measuresOverSteps({ records: [measured(0, start), ...later], samples: null }, { document }).outerHTML;
    expect(figure(1e-8)).toContain(NOTE);
    expect(figure(0.04)).not.toContain(NOTE);
  });

  it('stays where it is when later values come down to it', () => {
    expect(ticks([measured(0, 1e-8), ...later, measured(500, 1e-8)])).not.toBe(
      ticks([measured(0, 0.05), ...later, measured(500, 1e-8)]),
    );
  });
});

describe('classes of which neither life nor death can be said', () => {
  it('have a name of their own in the legend, explained', () => {
    const { classes } = summary!;
    const text = (given: typeof classes) => classNorms({ classes: given }, { document }).outerHTML;
    const mixed = text(classes.map((one, k) => (k === 0 ? { ...one, measured: null } : one)));
    expect(mixed).toContain('measured, alive');
    expect(mixed).toContain('measured, undecided');
    expect(mixed).toContain('Undecided: ');
    const none = text(classes.map((one) => ({ ...one, measured: null })));
    expect(none).not.toContain('ndecided');
    expect(text(classes)).not.toContain('ndecided');
  });

  it('are named among many curves too', () => {
    const run = sampleRun({ counts: new Array<number>(40).fill(20), steps: 300, every: 100 });
    const classes = run.summary!.classes.map((one, k) => (k === 3 ? { ...one, measured: null } : one));
    const text = normsOverSteps({ records: run.records, classes }, { document })!.outerHTML;
    expect(text).toContain('undecided at the end');
    expect(text).toContain('Undecided: ');
  });
});

describe('classes', () => {
  it('have the colours of the lab, in light and dark', () => {
    const run = sampleRun({ counts: [30, 20, 10, 5], steps: 300, every: 100 });
    const figure = normsOverSteps({ records: run.records, classes: null }, { document })!;
    const strokes = new Set(
      [...figure.outerHTML.matchAll(/stroke="var\(--collapsar-(class\d+)\)"/g)].map(([, name]) => name),
    );
    expect([...strokes].sort()).toEqual(['class0', 'class1', 'class2', 'class3']);
    CLASS_COLORS.forEach((shade, k) => {
      expect(classColor(k)).toBe(`var(--collapsar-class${k})`);
      for (const scheme of ['light', 'dark'] as const)
        expect(paletteCss(scheme)).toContain(`--collapsar-class${k}:${shade[scheme]}`);
    });
    expect(withLiteralColors(figure).outerHTML).toContain(CLASS_COLORS[3].light);
  });
});

describe('thin', () => {
  const SPIKES = new Map([
    [777, 50],
    [12_345, null],
  ]);
  it('keeps both ends, spikes and gaps of thousands of points', () => {
    const points = Array.from({ length: 20_000 }, (_, x) => ({
      x,
      y: SPIKES.has(x) ? (SPIKES.get(x) ?? null) : Math.sin(x / 900),
    }));
    const thinned = thin(points);
    expect(thinned.length).toBeLessThan(500);
    expect(thinned[0]).toBe(points[0]);
    expect(thinned.at(-1)).toBe(points.at(-1));
    expect(thinned).toContain(points[777]);
    expect(thinned).toContain(points[12_345]);
    expect(thinned.every(({ x }, i) => i === 0 || x > thinned[i - 1].x)).toBe(true);
  });

  it('leaves few points alone', () => {
    const points = [{ x: 0, y: 1 }];
    expect(thin(points)).toBe(points);
  });
});

describe('labels', () => {
  it('share one place when they meet, and move apart when they are close', () => {
    const place = (ys: readonly number[]) =>
      placeLabels(
        ys.map((y, k) => ({ y, text: String(k), color: 'blue' as const })),
        [0, 100],
        100,
      );
    expect(place([50, 50.1, 20]).map(({ text }) => text)).toEqual(['2', '0, 1']);
    const [a, b] = place([50, 57]);
    expect(b.y - a.y).toBeCloseTo(13);
    expect((a.y + b.y) / 2).toBeCloseTo(53.5);
    for (const { y } of place([0, 6, 94, 100])) {
      expect(y).toBeGreaterThanOrEqual(0);
      expect(y).toBeLessThanOrEqual(100);
    }
  });
});

describe('formats', () => {
  it('write numbers as people read them', () => {
    expect(
      [0.012218400371, 5e-4, 0, 1e7, -2.5e-9, null, Number.NaN, Infinity].map((x) => formatNumber(x)),
    ).toEqual(['0.01222', '5e-4', '0', '1e7', '-2.5e-9', '–', '–', '–']);
    expect([5e-4, 0.1, 30_000, 1e-12].map(formatExact)).toEqual(['5e-4', '0.1', '3e4', '1e-12']);
    expect([0.05, 20, 3e-7, -1e-9, 0].map(formatTick)).toEqual(['0.05', '20', '3·10⁻⁷', '−10⁻⁹', '0']);
    expect(formatRanges([7, 1, 2, 3, 10, 11])).toBe('1–3, 7, 10, 11');
    expect(formatRuns([5000, 5000, 1], String)).toBe('5000\u00a0×\u00a02, 1');
    expect(formatRuns([9, 8, 7, 6, 5], String, 4)).toBe('9, 8, …, 5');
  });
});

describe('seconds, counts and steps', () => {
  it('change their unit at its edge', () => {
    expect([0.25, 9.94, 59.4, 60, 3599, 3600, 7800, null].map((x) => formatSeconds(x))).toEqual([
      '0.25 s',
      '9.9 s',
      '59 s',
      '1 min 0 s',
      '59 min 59 s',
      '1 h 0 min',
      '2 h 10 min',
      '–',
    ]);
    expect([999, 1000, 30_000, 0.5].map((x) => formatCount(x))).toEqual([
      '999',
      '1\u202f000',
      '30\u202f000',
      '0.5',
    ]);
    expect([999, 1000, 2500, 1e6, 2e9].map(formatSteps)).toEqual(['999', '1k', '2.5k', '1M', '2G']);
    expect([0.78345, 1, 0].map((x) => formatPercent(x))).toEqual(['78.3\u00a0%', '100\u00a0%', '0\u00a0%']);
  });
});

describe('figures', () => {
  it('break a curve at null and draw a point that stands alone', () => {
    const gaps = [1, null, 0.5, null, 0.2, 0.1].map((pinv, i) => ({
      ...record(i * 10, 1),
      nc1: { pinv, pinvWeighted: null, quotient: null },
    }));
    const svg = measuresOverSteps({ records: gaps, samples: 8 }, { document }).outerHTML;
    expect(svg.match(/<circle/g)).toHaveLength(2);
    expect(svg.match(/Not measured in this run/g)).toHaveLength(5);
  });

  it('draw 1 − NC4 = 0 on the line of zeros', () => {
    const done = [0, 10, 20].map((step) => ({ ...record(step, 1), nc4: 1, accuracy: step === 0 ? 0.5 : 1 }));
    const svg = measuresOverSteps({ records: done, samples: 100 }, { document }).outerHTML;
    expect(svg).toContain('>0</text>');
    expect(svg).toContain('>10⁻²</text>');
  });

  it('show an objective below its predicted minimum as no more than zero', () => {
    const svg = objectiveOverSteps(
      { records: [record(0, 2), record(10, 1.1), record(20, 0.9)], predicted: 1 },
      { document },
    ).outerHTML;
    expect(svg).toContain('≤ 0');
    expect(svg).toContain('predicted minimum F*');
  });

  it('draw a predicted norm as one dashed line for classes that share it', () => {
    const figure = normsOverSteps({ records, classes: summary?.classes ?? null }, { document });
    // Three different norms in each of two panels.
    expect(figure?.outerHTML.match(/stroke-dasharray="6 4"/g)).toHaveLength(6);
    expect(normsOverSteps({ records: [record(0, 1)], classes: null }, { document })).toBeNull();
  });

  it('write the entries of small Gram matrices, with a common power of ten', () => {
    const measured = [
      [2, 3e-7],
      [3e-7, 1],
    ];
    const predicted = [
      [2, 0],
      [0, 1],
    ];
    const same = { weights: measured, features: measured, logits: measured };
    const svg = gramHeatmaps(
      { measured: same, predicted: { weights: predicted, features: predicted, logits: predicted } },
      { document },
    ).outerHTML;
    expect(svg.match(/>2\.00<\/text>/g)).toHaveLength(6);
    expect(svg.match(/measured − predicted, × 10⁻⁷/g)).toHaveLength(3);
    expect(svg.match(/>3\.00<\/text>/g)).toHaveLength(6);
  });

  it('draw matrices of zeros and of what is not a number', () => {
    const zero = { weights: [[0]], features: [[0]], logits: [[0]] };
    const broken = { weights: [[NaN]], features: [[Infinity]], logits: [[]] };
    for (const measured of [zero, broken]) {
      const svg = gramHeatmaps({ measured, predicted: zero }, { document }).outerHTML;
      expect(svg).not.toMatch(/NaN|Infinity|undefined/);
      expect(svg).toContain('zero throughout');
    }
  });

  it('draw hundreds of thousands of classes as some hundred', () => {
    const classes = Array.from({ length: 200_000 }, (_, k) => ({
      ...(summary?.classes[0] ?? never()),
      count: 1 + (k % 7),
    }));
    expect(classNorms({ classes }, { document }).outerHTML.length).toBeLessThan(200_000);
  });
});

describe('palette', () => {
  const schemes = ['light', 'dark'] as const;

  it.each(schemes)('keeps text readable and lines visible in %s', (scheme) => {
    for (const ground of ['paper', 'card'] as const)
      for (const [name, shade] of Object.entries(PALETTE)) {
        // Those of classes lie on cards; their own test has them.
        if (/^class\d+$/.test(name)) continue;
        const ratio = contrast(shade[scheme], PALETTE[ground][scheme]);
        if (['ink', 'quiet', 'good', 'bad'].includes(name)) expect(ratio, name).toBeGreaterThan(4.5);
        else if (!['paper', 'card', 'line', 'heatPlus', 'heatMinus'].includes(name))
          expect(ratio, name).toBeGreaterThan(3);
      }
    // Digits stand on cells of the heat maps.
    for (const fill of ['heatPlus', 'heatMinus'] as const)
      expect(contrast(PALETTE.ink[scheme], PALETTE[fill][scheme]), fill).toBeGreaterThan(4.5);
  });
});

/** Contrast ratio of WCAG 2.1 between two colours #rrggbb. */
function contrast(a: string, b: string): number {
  const luminance = (color: string): number =>
    [0.2126, 0.7152, 0.0722].reduce((sum, weight, i) => {
      const c = parseInt(color.slice(1 + 2 * i, 3 + 2 * i), 16) / 255;
      return sum + weight * (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    }, 0);
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

function never(): never {
  throw new Error('this sample has a summary');
}

describe('the cursor of a panel', () => {
  it('is moved to the step of a record on a logarithmic axis, and away, in the drawing as it is', () => {
    let move: (to: TrainRecord | null) => void = () => expect.unreachable();
    const panel = stepsPanel({
      document,
      records,
      title: 'NC1',
      label: 'NC1 over steps.',
      curves: [{ color: 'blue', read: ({ nc1 }) => nc1.pinv }],
      steps: 'log',
      values: 'log',
      size: { width: 270, height: 158 },
      cursor: (given) => (move = given),
    });
    const line = () => /<line[^>]*collapsar-cursor[^>]*>/.exec(panel.outerHTML)?.[0] ?? '';
    expect(line()).toContain('visibility="hidden"');
    for (const index of [0, 3, records.length - 1]) {
      move(records[index]);
      expect(line()).toContain('visibility="visible"');
      // Margins of 50 and 14; from step 0 the place is log(1 + step/100), 100 being the first positive step.
      const share = Math.log(1 + records[index].step / 100) / Math.log(1 + 3000 / 100);
      expect(Number(/x1="([^"]*)"/.exec(line())?.[1])).toBeCloseTo(50 + share * 206, 1);
      expect(/x2="([^"]*)"/.exec(line())?.[1]).toBe(/x1="([^"]*)"/.exec(line())?.[1]);
    }
    move(null);
    expect(line()).toContain('visibility="hidden"');
  });
});
