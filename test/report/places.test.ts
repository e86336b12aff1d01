/** Where a value stands in a figure: heights of named curves, fills of known cells, ring and dot apart. */
import { describe, expect, it } from 'vitest';
import { createFigureDocument } from '../../src/report/document.node.js';
import { accuracyOverEpochs } from '../../src/report/figures/accuracyOverEpochs.js';
import { layersOverSteps } from '../../src/report/figures/layersOverSteps.js';
import { collapseThroughDepth } from '../../src/report/figures/collapseThroughDepth.js';
import { effectiveDecayOverEpochs } from '../../src/report/figures/effectiveDecayOverEpochs.js';
import {
  basinFigure,
  classNorms,
  gramHeatmaps,
  measuresOverSteps,
  normsOverSteps,
  objectiveOverSteps,
  phaseDiagram,
} from '../../src/report/index.js';
import { PALETTE } from '../../src/report/palette.js';
import type { ClassComparison, LayerRecord, TrainRecord } from '../../src/runs/records.js';
import { all, numberOf, only, readMarkup, type Markup } from '../support/readMarkup.js';
import {
  axis,
  colorOf,
  pathPoints,
  placeOf,
  readPanels,
  tickValue,
  type Panel,
  type Point,
} from '../support/readSvg.js';
import { networkRun, NOT_MEASURED, sampleRun } from './sample.js';

const document = createFigureDocument();
const STEPS = [0, 100, 200, 300];
/** Plots write hundredths of a pixel: 1e-3 of a value on these axes. */
const NEAR = 5e-3;

function expectCurve(points: readonly Point[], steps: readonly number[], values: readonly number[]): void {
  expect(points).toHaveLength(values.length);
  points.forEach(([step, value], i) => {
    expect(Math.abs(step - steps[i])).toBeLessThan(1);
    expect(Math.abs(value / values[i] - 1), `${value} for ${values[i]}`).toBeLessThan(NEAR);
  });
}

/** Records in which every number is another one. */
function distinct(): TrainRecord[] {
  return STEPS.map((step, i) => {
    let last = 0.01;
    const next = () => (last *= 1.17) * (1 + 0.3 * i);
    const frame = () => ({ orthogonal: next(), etf: next(), predicted: next() });
    return {
      step,
      seconds: step,
      objective: 2 - i * 0.3,
      nc1: { pinv: next(), pinvWeighted: next(), quotient: next() },
      cdnv: next(),
      nc2: {
        equinorm: next(),
        equiangular: next(),
        cosineMean: next(),
        cosineSd: next(),
        weights: frame(),
        features: frame(),
      },
      nc3: { ...frame(), duality: next(), dualityCentred: next(), dualityPredicted: next() },
      nc4: 1 - next(),
      accuracy: 1 - next(),
      weightNorms: [1 + i, 2 + i],
      featureNorms: [4 + i, 6 + i],
      network: {
        epoch: step,
        trainingLoss: next(),
        learningRate: 1,
        testAccuracy: 0.3 + 0.1 * i,
        featureDecay: next(),
        layers: [],
      },
    };
  });
}

const records = distinct();

describe('NC1 … NC4 over steps', () => {
  const panels = readPanels(measuresOverSteps({ records, samples: 400 }, { document }).outerHTML);
  const reads: readonly (readonly [string, string, (r: TrainRecord) => number | null])[] = [
    ['NC1: variability within classes', 'tr(Σ_W Σ_B⁺)/K', (r) => r.nc1.pinv],
    ['NC1: variability within classes', 'tr Σ_W / tr Σ_B', (r) => r.nc1.quotient],
    ['NC1: variability within classes', 'CDNV', (r) => r.cdnv],
    ['NC2: classifier’s rows, PPᵀ, from a frame', 'predicted', (r) => r.nc2.weights.predicted],
    ['NC2: classifier’s rows, PPᵀ, from a frame', 'orthogonal', (r) => r.nc2.weights.orthogonal],
    ['NC2: classifier’s rows, PPᵀ, from a frame', 'ETF', (r) => r.nc2.weights.etf],
    ['NC2: class means, H̄ᵀH̄, from a frame', 'predicted', (r) => r.nc2.features.predicted],
    ['NC2: class means, H̄ᵀH̄, from a frame', 'orthogonal', (r) => r.nc2.features.orthogonal],
    ['NC2: class means, H̄ᵀH̄, from a frame', 'ETF', (r) => r.nc2.features.etf],
    ['NC3: self-duality, PH̄ from a frame', 'predicted', (r) => r.nc3.predicted],
    ['NC3: self-duality, PH̄ from a frame', 'orthogonal', (r) => r.nc3.orthogonal],
    ['NC3: self-duality, PH̄ from a frame', 'ETF', (r) => r.nc3.etf],
    ['NC3: self-duality, PH̄ from a frame', 'P from ΔH̄ᵀ', (r) => r.nc3.dualityPredicted],
    ['NC3: self-duality, PH̄ from a frame', 'P from H̄ᵀ', (r) => r.nc3.duality],
    ['NC2: equal norms, equal angles', 'spread of the norms', (r) => r.nc2.equinorm],
    ['NC2: equal norms, equal angles', '|cos + 1/(K−1)|', (r) => r.nc2.equiangular],
    ['NC4: share of samples amiss', '1 − NC4 (not the nearest mean)', (r) => 1 - (r.nc4 ?? NaN)],
    ['NC4: share of samples amiss', '1 − accuracy (wrong class)', (r) => 1 - (r.accuracy ?? NaN)],
  ];

  it.each(reads)('%s: the curve "%s" has the heights of its measure', (title, name, read) => {
    const panel = panels.get(title)!;
    expectCurve(
      panel.curve(name, 'log'),
      STEPS,
      records.map((record) => read(record) ?? NaN),
    );
  });

  it('lists every curve', () => {
    expect([...panels.values()].reduce((sum, { names }) => sum + names.length, 0)).toBe(reads.length);
  });
});

describe('other curves over training', () => {
  it('draws the objective, the predicted minimum and what is left', () => {
    const drawn = readPanels(
      objectiveOverSteps({ records, predicted: 0.9 }, { document, steps: 'linear' }).outerHTML,
    );
    const values = records.map(({ objective }) => objective!);
    const [objective, left] = [drawn.get('Objective F')!, drawn.get('What is left, F − F*')!];
    expectCurve(objective.curve('measured', 'linear'), STEPS, values);
    expect(objective.references('linear')).toHaveLength(1);
    expect(objective.references('linear')[0].value).toBeCloseTo(0.9, 6);
    expectCurve(
      left.curve('measured minus predicted', 'log'),
      STEPS,
      values.map((value) => value - 0.9),
    );
  });

  it('draws accuracies and the loss of a network, and the fitted decay', () => {
    const drawn = readPanels(accuracyOverEpochs({ records }, { document })!.outerHTML);
    const accuracy = drawn.get('Accuracy')!;
    const training = records.map((record) => record.accuracy ?? NaN);
    expectCurve(accuracy.curve('training samples', 'linear'), STEPS, training);
    expectCurve(accuracy.curve('test samples', 'linear'), STEPS, [0.3, 0.4, 0.5, 0.6]);
    expectCurve(
      drawn.get('Training loss')!.curve('mean of the epoch before', 'log'),
      STEPS,
      records.map(({ network }) => network!.trainingLoss!),
    );
    const decay = readPanels(effectiveDecayOverEpochs({ records }, { document })!.outerHTML);
    expectCurve(
      decay.get('Effective feature decay, λ_H')!.curve('fitted', 'log'),
      STEPS,
      records.map(({ network }) => network!.featureDecay!),
    );
  });

  it('draws the norms of each class in its colour, beside its own predicted norm', () => {
    const classes = sampleRun({ counts: [9, 5], steps: 100, every: 100 }).summary!.classes.map(
      (given, k): ClassComparison => ({
        ...given,
        predictedWeightNorm: [3.5, 4.5][k],
        predictedFeatureNorm: [6.25, 8.5][k],
      }),
    );
    const drawn = readPanels(normsOverSteps({ records, classes }, { document, steps: 'linear' })!.outerHTML);
    const expectClass = (title: string, k: number, values: readonly number[], predicted: number) => {
      const panel = drawn.get(title)!;
      const color = ['class0', 'class1'][k];
      expectCurve(panel.curveOf(color, 'solid', 'linear'), STEPS, values);
      const [reference] = panel.references('linear').filter((line) => line.color === color);
      expect(reference.value).toBeCloseTo(predicted, 6);
      expect(endLabel(panel, String(k)).color).toBe(color);
      // The label stands at the last value of its curve.
      const y = axis(panel.box, 'y', 'linear');
      expect(y(endLabel(panel, String(k)).y)).toBeCloseTo(values[values.length - 1], 1);
    };
    expectClass('Rows of the classifier, ‖pₖ‖', 0, [1, 2, 3, 4], 3.5);
    expectClass('Rows of the classifier, ‖pₖ‖', 1, [2, 3, 4, 5], 4.5);
    expectClass('Class means, ‖h̄ₖ‖', 0, [4, 5, 6, 7], 6.25);
    expectClass('Class means, ‖h̄ₖ‖', 1, [6, 7, 8, 9], 8.5);
  });
});

/** The bold text at the right end of a curve. */
function endLabel({ box }: Panel, text: string): { readonly y: number; readonly color: string } {
  const group = all(box, 'svg.collapsar-plot > g[font-weight="600"]').find(
    ({ textContent }) => textContent === text,
  )!;
  return { y: placeOf(only(group, 'text'))[1], color: colorOf(group, 'fill') };
}

describe('norms class by class', () => {
  const classes = [
    { count: 9, weightNorm: 1.1, predictedWeightNorm: 1.4, featureNorm: 0.5, predictedFeatureNorm: 0.8 },
    { count: 5, weightNorm: 0.2, predictedWeightNorm: 0.9, featureNorm: 0.3, predictedFeatureNorm: 0.6 },
  ].map((given, k): ClassComparison => ({
    ...given,
    fit: 0.5,
    predictedFit: 0.6,
    accuracy: 1,
    regime: 'alive',
    measured: k === 0 ? 'alive' : null,
  }));
  const panels = readPanels(classNorms({ classes }, { document }).outerHTML);

  it.each([
    ['Rows of the classifier, ‖pₖ‖', 'weightNorm', 'predictedWeightNorm'],
    ['Class means, ‖h̄ₖ‖', 'featureNorm', 'predictedFeatureNorm'],
  ] as const)('%s: rings at predicted norms, dots at measured ones', (title, measured, predicted) => {
    const { box } = panels.get(title)!;
    const x = axis(box, 'x', 'linear');
    const dots = all(box, 'svg.collapsar-plot > g[aria-label="dot"]').flatMap((group) =>
      all(group, 'circle').map((circle) => ({
        fill: colorOf(group, 'fill'),
        x: x(numberOf(circle, 'cx')),
        y: numberOf(circle, 'cy'),
      })),
    );
    const rows = all(only(box, 'g[aria-label="y-axis tick label"]'), 'text').map((text) => placeOf(text)[1]);
    classes.forEach((given, k) => {
      const here = dots.filter(({ y }) => Math.abs(y - rows[k]) < 1);
      const ring = here.filter(({ fill }) => fill === 'card');
      const dot = here.filter(({ fill }) => fill === (k === 0 ? 'blue' : 'purple'));
      expect([ring.length, dot.length]).toEqual([1, 1]);
      expect(ring[0].x).toBeCloseTo(given[predicted]!, 6);
      expect(dot[0].x).toBeCloseTo(given[measured]!, 6);
    });
    expect(all(box, 'g[aria-label="y-axis tick label"] text').map((text) => text.textContent)).toEqual([
      '0  ·  n = 9',
      '1  ·  n = 5',
    ]);
  });

  it('marks beside its row what a reader should not miss, and nothing else', () => {
    const living = { ...classes[0], regime: 'alive' as const, measured: 'alive' as const };
    const dead = { ...living, predictedFit: 0, predictedWeightNorm: 0, predictedFeatureNorm: 0 };
    const marked = (comparison: ClassComparison) => {
      const { box } = readPanels(classNorms({ classes: [living, comparison] }, { document }).outerHTML).get(
        'Rows of the classifier, ‖pₖ‖',
      )!;
      const words = ['lost (!)', 'lost', 'metastable', 'alive (!)'];
      return all(box, 'svg.collapsar-plot text')
        .map(({ textContent }) => textContent)
        .filter((text) => words.includes(text));
    };
    expect(marked(living)).toEqual([]);
    expect(marked({ ...living, measured: 'lost' })).toEqual(['lost (!)']);
    expect(marked({ ...dead, regime: 'lost', measured: 'lost' })).toEqual(['lost']);
    expect(marked({ ...dead, regime: 'lost' })).toEqual(['alive (!)']);
    expect(marked({ ...dead, regime: 'metastable' })).toEqual(['metastable']);
  });

  it('draws many classes as dots over their numbers, beside the predicted band', () => {
    const many = Array.from({ length: 40 }, (_, k): ClassComparison => ({
      ...classes[0],
      weightNorm: 1 + k / 40,
      predictedWeightNorm: 3 - k / 40,
    }));
    const { box } = readPanels(classNorms({ classes: many }, { document }).outerHTML).get(
      'Rows of the classifier, ‖pₖ‖',
    )!;
    const [x, y] = [axis(box, 'x', 'linear'), axis(box, 'y', 'linear')];
    const dots = all(box, 'svg.collapsar-plot > g[aria-label="dot"] circle');
    dots.forEach((dot, k) => {
      expect(x(numberOf(dot, 'cx'))).toBeCloseTo(k, 6);
      expect(y(numberOf(dot, 'cy'))).toBeCloseTo(1 + k / 40, 6);
    });
    expect(dots).toHaveLength(40);
    const band = only(box, 'svg.collapsar-plot > g[aria-label="line"]');
    expect(y(pathPoints(only(band, 'path').getAttribute('d') ?? '')[0][1])).toBeCloseTo(3, 2);
  });
});

describe('Gram matrices', () => {
  const P = [
    [2, -1],
    [-1, 1],
  ];
  const H = [
    [4, 1],
    [1, -2],
  ];
  const Z = [
    [1, -0.5],
    [0.25, 0],
  ];
  const predicted = {
    weights: [
      [2, 0],
      [0, 2],
    ],
    features: [
      [4, 0],
      [0, 2],
    ],
    logits: [
      [1, 0],
      [0, 1],
    ],
  };
  const drawn = all(
    readMarkup(
      gramHeatmaps({ measured: { weights: P, features: H, logits: Z }, predicted }, { document }).outerHTML,
    ),
    '.collapsar-gram',
  );
  const minus = (A: number[][], B: number[][]) => A.map((row, i) => row.map((v, j) => v - B[i][j]));

  /** [sign × opacity] by row and column, from the fill that covers the middle of a cell. */
  function cells(heat: Markup): number[][] {
    const svg = only(heat, 'svg.collapsar-plot');
    // Left and upper margins, and those on both sides together.
    const [x0, y0] = [26, 6];
    const [w, h] = [(numberOf(svg, 'width') - 32) / 2, (numberOf(svg, 'height') - 30) / 2];
    const paths = all(svg, 'path[fill-opacity]');
    return [0, 1].map((i) =>
      [0, 1].map((j) => {
        const [x, y] = [x0 + (j + 0.5) * w, y0 + (i + 0.5) * h];
        const over = paths.find((path) =>
          [...(path.getAttribute('d') ?? '').matchAll(/M([\d.]+),([\d.]+)H([\d.]+)V([\d.]+)/g)].some(
            ([, left, top, right, bottom]) =>
              Number(left) < x && x < Number(right) && Number(top) < y && y < Number(bottom),
          ),
        );
        if (over === undefined) return 0;
        return (colorOf(over, 'fill') === 'heatPlus' ? 1 : -1) * numberOf(over, 'fill-opacity');
      }),
    );
  }

  it.each([
    [0, 'PPᵀ', P, predicted.weights],
    [1, 'H̄ᵀH̄', H, predicted.features],
    [2, 'PH̄', Z, predicted.logits],
  ])('row %i, %s: blue for positive, orange for negative, with the size as opacity', (row, name, M, T) => {
    expect(only(drawn[row], 'b').textContent).toBe(name);
    const [measured, theory, difference] = all(drawn[row], '.collapsar-heat');
    const most = (A: number[][]) => Math.max(...A.flat().map(Math.abs));
    const scale = Math.max(most(M), most(T));
    const apart = minus(M, T);
    const expectCells = (heat: Markup, A: number[][], size: number) =>
      cells(heat).forEach((line, i) =>
        line.forEach((shade, j) => {
          // Forty-eight steps of opacity.
          expect(Math.abs(shade - A[i][j] / size)).toBeLessThan(0.011);
        }),
      );
    expectCells(measured, M, scale);
    expectCells(theory, T, scale);
    expectCells(difference, apart, most(apart));
  });

  it('says the largest difference as a share of the largest entry', () => {
    expect(drawn[0].textContent).toContain('Largest difference 1, 50 % of the largest entry');
  });
});

describe('the phase diagram', () => {
  const weightDecays = [1e-4, 1e-3, 1e-2];
  const data = {
    sizeMeans: 'count' as const,
    samples: 1000,
    featureDecay: 5e-4,
    weightDecay: 1e-3,
    depth: 2,
    sizes: [1, 10_000] as const,
    weightDecays,
    marks: [
      { count: 500, size: 500, classes: 1, cut: false },
      { count: 5, size: 5, classes: 1, cut: false },
    ],
    panels: [
      { depth: 2, globalSize: [10, 100, 1000], existSize: [2, 20, 200], regimes: ['alive', 'metastable'] },
    ],
  };
  const svg = readMarkup(phaseDiagram(data, { document, colors: 'page' }).outerHTML);
  const frame = all(svg, 'rect').find((rect) => rect.getAttribute('stroke-width') === '2.4')!;
  const [left, top] = [numberOf(frame, 'x'), numberOf(frame, 'y')];
  const [width, height] = [numberOf(frame, 'width'), numberOf(frame, 'height')];
  const at = ([x, y]: Point): Point => [
    10 ** (-4 + (2 * (x - left)) / width),
    10 ** (4 - (4 * (y - top)) / height),
  ];

  it.each([
    ['b_global, solid', null, data.panels[0].globalSize],
    ['b_exist, dashed', '5 4', data.panels[0].existSize],
  ])('draws %s at its own sizes', (_, dash, sizes) => {
    const [line] = all(svg, 'path[stroke-width="1.6"]').filter(
      (path) =>
        path.getAttribute('stroke-dasharray') === dash && !(path.getAttribute('d') ?? '').includes('h28'),
    );
    const points = pathPoints(line.getAttribute('d') ?? '').map(at);
    expect(points).toHaveLength(3);
    points.forEach(([decay, size], i) => {
      expect(decay / weightDecays[i]).toBeCloseTo(1, 2);
      expect(size / sizes[i]).toBeCloseTo(1, 2);
    });
  });

  it('cuts a boundary where it leaves the box, at the decay at which it does', () => {
    const steep = { ...data.panels[0], globalSize: [0.01, 1000, 1e8], existSize: [0.01, 1000, 1e8] };
    const outside = readMarkup(
      phaseDiagram({ ...data, panels: [steep] }, { document, colors: 'page' }).outerHTML,
    );
    const [line] = all(outside, 'path[stroke-width="1.6"]').filter(
      (path) =>
        path.getAttribute('stroke-dasharray') === null && !(path.getAttribute('d') ?? '').includes('h28'),
    );
    const points = pathPoints(line.getAttribute('d') ?? '').map(at);
    // In log–log: five decades of size over the first decade of decay, again five over the second.
    expect(points.map(([decay]) => Math.log10(decay))).toEqual(
      [-3.6, -3, -2.8].map((x): unknown => expect.closeTo(x, 2)),
    );
    expect(points.map(([, size]) => Math.log10(size))).toEqual(
      [0, 3, 4].map((y): unknown => expect.closeTo(y, 2)),
    );
  });

  it('marks the decay of the user from edge to edge, and powers of ten beside and below the box', () => {
    const users = all(svg, 'path[stroke-dasharray="1.5 3"]').map((path) => path.getAttribute('d') ?? '');
    expect(users).toHaveLength(1);
    const [, x, from, to] = /^M([\d.]+),([\d.]+)V([\d.]+)$/.exec(users[0])!.map(Number);
    expect(at([x, from])[0] / 1e-3).toBeCloseTo(1, 6);
    expect([from, to]).toEqual([top, top + height]);
    const labels = all(svg, 'text').map((text) => ({
      value: tickValue(text.textContent),
      anchor: text.getAttribute('text-anchor'),
      place: [numberOf(text, 'x'), numberOf(text, 'y')] as const,
    }));
    // The middle of digits is four units above their foot.
    const beside = labels.filter(({ value, anchor }) => anchor === 'end' && !Number.isNaN(value));
    expect(beside.map(({ value }) => value)).toEqual([1, 10, 100, 1000, 10_000]);
    for (const { value, place } of beside) {
      expect(place[0]).toBe(left - 6);
      expect(at([left, place[1] - 4])[1] / value).toBeCloseTo(1, 2);
    }
    const below = labels.filter(({ anchor, place }) => anchor === 'middle' && place[1] === top + height + 16);
    expect(below.map(({ value }) => Math.round(Math.log10(value)))).toEqual([-4, -3, -2]);
    for (const { value, place } of below) expect(at([place[0], top])[0] / value).toBeCloseTo(1, 2);
  });

  it('is large enough for every panel and the names below them', () => {
    for (const count of [1, 2, 3, 4, 9]) {
      const panels = Array.from({ length: count }, (_, i) => ({ ...data.panels[0], depth: i + 1 }));
      const drawn = readMarkup(phaseDiagram({ ...data, panels }, { document, colors: 'page' }).outerHTML);
      const [, , right, bottom] = (only(drawn, 'svg').getAttribute('viewBox') ?? '').split(' ').map(Number);
      const boxes = all(drawn, 'rect[fill="none"]').filter((box) => numberOf(box, 'width') === width);
      expect(boxes).toHaveLength(count);
      const ends = boxes.map((box) => [numberOf(box, 'x') + width, numberOf(box, 'y') + height]);
      expect(Math.max(...ends.map(([x]) => x))).toBe(right - 28);
      expect(Math.max(...ends.map(([, y]) => y))).toBe(bottom - 58);
      // None over another: a gap of at least the room that labels take.
      const starts = ends.map(([x, y]) => [x - width, y - height]);
      for (const [i, [x, y]] of starts.entries())
        for (const [u, v] of ends.slice(0, i)) expect(x >= u + 50 || y >= v + 50).toBe(true);
    }
  });

  it('explains fills, signs and lines, each left of its own words', () => {
    const words = (text: string): Point => {
      const label = all(svg, 'text').find(({ textContent }) => textContent.startsWith(text));
      return label === undefined ? [NaN, NaN] : [numberOf(label, 'x'), numberOf(label, 'y')];
    };
    const shift = (element: Markup) =>
      Number(/translate\(0 (\d+)\)/.exec(element.getAttribute('transform') ?? '')?.[1] ?? 0);
    const [gap, foot] = [46, 10];
    for (const [text, fill] of [
      ['alive at the global minimum', 'var(--collapsar-heatPlus)'],
      ['metastable: zero is lower', 'url(#collapsar-metastable)'],
      ['lost: only zero', 'var(--collapsar-line)'],
    ] as const) {
      const [x, y] = words(text);
      const beside = all(svg, 'rect[width="20"]').filter(
        (rect) => numberOf(rect, 'x') === x - gap && numberOf(rect, 'y') + shift(rect) === y - foot,
      );
      expect(beside.map((rect) => rect.getAttribute('fill')).sort(), text).toEqual([fill, 'none'].sort());
    }
    const [aliveX, aliveY] = words('alive at the global minimum');
    const circles = all(svg, 'circle').map((circle) => [numberOf(circle, 'cx'), numberOf(circle, 'cy')]);
    expect(circles).toContainEqual([aliveX - 12, aliveY - 4]);
    const paths = all(svg, 'path').map((path) => [path.getAttribute('d') ?? '', path] as const);
    const [metaX, metaY] = words('metastable: zero is lower');
    expect(paths.some(([d]) => d.startsWith(`M${metaX - 12},${metaY - 10}l6,6`))).toBe(true);
    const [lostX, lostY] = words('lost: only zero');
    expect(paths.some(([d]) => d === `M${lostX - 16},${lostY - 8}l8,8m0,-8l-8,8`)).toBe(true);
    for (const [text, dash] of [
      ['b_global', null],
      ['b_exist', '5 4'],
    ] as const) {
      const [x, y] = words(text);
      const line = paths.find(([d]) => d === `M${x - 34},${y - 4}h28`);
      expect(line?.[1].getAttribute('stroke-dasharray'), text).toBe(dash);
    }
    const cut = [{ ...data.panels[0], regimes: ['alive', 'cut'] }];
    expect(phaseDiagram({ ...data, panels: cut }, { document, colors: 'page' }).outerHTML).toContain(
      'lost (or cut): only zero',
    );
  });

  it('stripes what lies below b_global, and greys what lies below b_exist', () => {
    const edge = (fill: string) =>
      at(pathPoints(all(svg, `path[fill="${fill}"]`)[0].getAttribute('d') ?? '')[0])[1];
    expect(edge('url(#collapsar-metastable)') / 10).toBeCloseTo(1, 2);
    expect(edge('var(--collapsar-line)') / 2).toBeCloseTo(1, 2);
  });

  it('lays panels out in rows of three, the sizes named left of each row', () => {
    const five = [1, 2, 3, 4, 5].map((depth) => ({ ...data.panels[0], depth }));
    const grid = readMarkup(phaseDiagram({ ...data, panels: five }, { document, colors: 'page' }).outerHTML);
    const places = (text: RegExp) =>
      all(grid, 'text')
        .filter(({ textContent }) => text.test(textContent))
        .map((label): Point => [numberOf(label, 'x'), numberOf(label, 'y')]);
    const heads = places(/^M = \d/);
    expect(heads).toHaveLength(5);
    expect(heads[3][0]).toBe(heads[0][0]);
    expect(heads[3][1]).toBeGreaterThan(heads[2][1]);
    expect(heads[1][1]).toBe(heads[0][1]);
    expect(heads[1][0]).toBeGreaterThan(heads[0][0]);
    const names = places(/^samples of a class$/);
    expect(names).toHaveLength(2);
    for (const [x] of names) expect(x).toBeLessThan(heads[0][0]);
    expect(all(grid, 'text').filter(({ textContent }) => textContent === 'M = 2  (yours)')).toHaveLength(1);
  });

  it('puts the sign of each class at its size and the user’s decay', () => {
    const inside = ([x, y]: Point) => x > left && x < left + width && y > top && y < top + height;
    const circles = all(svg, 'circle')
      .map((circle): Point => [numberOf(circle, 'cx'), numberOf(circle, 'cy')])
      .filter(inside);
    expect(circles).toHaveLength(1);
    const [decay, size] = at(circles[0]);
    expect(decay / 1e-3).toBeCloseTo(1, 2);
    expect(size / 500).toBeCloseTo(1, 2);
    const diamonds = all(svg, 'path[fill="var(--collapsar-ochre)"]')
      .map((path) => pathPoints(path.getAttribute('d') ?? '')[0])
      .filter(inside);
    // A diamond begins six units above its middle.
    expect(at([diamonds[0][0], diamonds[0][1] + 6])[1] / 5).toBeCloseTo(1, 2);
  });
});

describe('the basin figure', () => {
  const svg = readMarkup(
    basinFigure(
      {
        scales: [
          { std: 0.5, starts: 3 },
          { std: 0.1, starts: 4 },
        ],
        classes: [
          { count: 30, regime: 'alive', predictedFit: 0.9, alive: [1, 0.25] },
          { count: 20, regime: 'metastable', predictedFit: 0, alive: [0.5, null] },
        ],
      },
      { document },
    ).outerHTML,
  );
  const texts = all(svg, 'text').map((text) => ({
    text: text.textContent,
    x: numberOf(text, 'x'),
    y: numberOf(text, 'y'),
  }));
  const find = (text: string) => texts.filter((one) => one.text === text);

  it('puts shares under the size of their start and beside their class, framed where a class is lost', () => {
    const rows = [find('0  ·  30')[0].y, find('1  ·  20')[0].y];
    const columns = [find('0.5')[0].x, find('0.1')[0].x];
    expect(columns[1]).toBeLessThan(columns[0]);
    const cell = (k: number, s: number) =>
      texts.find(({ x, y }) => Math.abs(y - rows[k]) < 1 && Math.abs(x - columns[s]) < 1)?.text;
    expect([cell(0, 0), cell(0, 1), cell(1, 0), cell(1, 1)]).toEqual(['100 %', '25 %', '50 %', '–']);
    expect(find('3 starts')[0].x).toBe(columns[0]);
    expect(find('4 starts')[0].x).toBe(columns[1]);
    const framed = all(svg, `rect[stroke="${PALETTE.bad.light}"]`);
    expect(framed).toHaveLength(1);
    expect(numberOf(framed[0], 'x') + numberOf(framed[0], 'width') / 2).toBeCloseTo(columns[1], 1);
    expect(numberOf(framed[0], 'y')).toBeLessThan(rows[0]);
    expect(
      all(svg, `rect[fill="${PALETTE.heatPlus.light}"]`).map((rect) => numberOf(rect, 'fill-opacity')),
    ).toEqual(
      // Row by row, from the smallest start to the largest.
      [0.25, 1, 0, 0.5],
    );
    expect(texts.some(({ text, y }) => text === '● alive, fit 0.9' && Math.abs(y - rows[0]) < 1)).toBe(true);
  });
});

describe('collapse through depth', () => {
  const layer = (name: string, place: LayerRecord['place'], value: number): LayerRecord => ({
    name,
    place,
    nc1: { quotient: value, pinv: value / 3 },
    cdnv: 1,
  });
  const run = networkRun()
    .records.slice(0, 2)
    .map((record, i) => ({
      ...record,
      network: {
        ...record.network!,
        epoch: i,
        // Out of order: the figure goes from the backbone to the head.
        layers: [
          layer('W1', 'head', 0.01 / (i + 1)),
          layer('h', 'features', 0.1 / (i + 1)),
          layer('a.relu', 'backbone', 1 / (i + 1)),
        ],
      },
    }));
  const panels = readPanels(collapseThroughDepth({ records: run }, { document })!.outerHTML);

  it.each([
    ['tr Σ_W / tr Σ_B through depth', 1],
    ['NC1, tr(Σ_W Σ_B⁺)/K, through depth', 3],
  ])('%s: one line an epoch, layers from input to output', (title, part) => {
    const panel = panels.get(title)!;
    expect(panel.names).toEqual(['epoch 0', 'epoch 1']);
    const names = all(only(panel.box, 'g[aria-label="x-axis tick label"]'), 'text').map((t) => t.textContent);
    expect(names).toEqual(['a', 'h', 'W1']);
    const y = axis(panel.box, 'y', 'log');
    const [first, last] = all(panel.box, 'svg.collapsar-plot > g[aria-label="line"]');
    expect([colorOf(first), colorOf(last)]).toEqual(['quiet', 'blue']);
    [first, last].forEach((line, i) => {
      pathPoints(only(line, 'path').getAttribute('d') ?? '').forEach(([, at], l) =>
        expect(y(at) / ([1, 0.1, 0.01][l] / (i + 1) / part)).toBeCloseTo(1, 2),
      );
    });
    expect(endLabel(panel, '0').y).toBeLessThan(endLabel(panel, '1').y);
  });
});

describe('the linear layers beside theory', () => {
  const frames = (value: number) => ({ orthogonal: value, etf: 2 * value, predicted: value / 10 });
  const values = (value: number) => ({
    nc1: { pinv: value / 100, quotient: value / 50 },
    cdnv: value,
    nc2: {
      equinorm: 0.1,
      equiangular: 0.1,
      cosineMean: 0,
      cosineSd: 0,
      weights: frames(value),
      features: frames(value / 2),
    },
    nc3: { ...frames(value / 4), duality: 0, dualityCentred: 0, dualityPredicted: 0 },
  });
  const layersAt = (value: number): LayerRecord[] => [
    { name: 'features', place: 'features', ...values(value), predicted: values(0.5) },
    { name: 'z1', place: 'head', ...values(value / 2), predicted: values(0.25) },
  ];
  const plain: Partial<TrainRecord> = { ...networkRun().records[0] };
  delete (plain as { network?: unknown }).network;
  const run: TrainRecord[] = [0, 10].map((step, i) => ({
    ...(plain as TrainRecord),
    step,
    layers: layersAt(1 / (i + 1)),
  }));

  it('are a panel each over the steps', () => {
    const panels = readPanels(layersOverSteps({ records: run }, { document })!.outerHTML);
    expect([...panels.keys()]).toEqual(['features, read by W1', 'z1: the logits']);
    const panel = panels.get('features, read by W1')!;
    expect(panel.names).toEqual(['NC1', 'class means', 'product above', 'product times means']);
    const y = axis(panel.box, 'y', 'log');
    all(panel.box, 'svg.collapsar-plot > g[aria-label="line"]').forEach((line, curve) => {
      const ends = pathPoints(only(line, 'path').getAttribute('d') ?? '').map(([, at]) => y(at));
      [1, 0.5].forEach((value, i) => expect(ends[i] / (value / [100, 20, 10, 40][curve])).toBeCloseTo(1, 2));
    });
  });

  it('stand through depth with a dashed line of theory', () => {
    const drawn = collapseThroughDepth({ records: run, layers: layersAt(0.5) }, { document })!.outerHTML;
    expect(drawn).toContain('a dashed line is what theory has at each layer');
    const panels = readPanels(drawn);
    expect(panels.get('NC2: class means of a layer, from theory')!.names).toEqual(['step 0', 'step 10']);
    const panel = panels.get('At the end: distance from the simplex ETF')!;
    expect(panel.names).toEqual(['class means', 'product above', 'product times means', 'theory']);
    const y = axis(panel.box, 'y', 'linear');
    const lines = all(panel.box, 'svg.collapsar-plot > g[aria-label="line"]');
    expect(lines.map((line) => colorOf(line))).toEqual(['blue', 'ink', 'vermilion', 'ink', 'green', 'ink']);
    const ends = lines.map((line) =>
      pathPoints(only(line, 'path').getAttribute('d') ?? '').map(([, at]) => y(at)),
    );
    // Measured and predicted, of the features and of z1.
    [
      [0.5, 0.25],
      [0.5, 0.25],
      [1, 0.5],
      [1, 0.5],
      [0.25, 0.125],
      [0.25, 0.125],
    ].forEach((expected, i) => {
      expected.forEach((value, at) => expect(ends[i][at]).toBeCloseTo(value, 2));
    });
  });

  it('are left out of runs of before, whose layers had no frames', () => {
    const old = run.map(({ layers, ...record }) => ({
      ...record,
      layers: layers!.map(({ name, place, nc1, cdnv }) => ({ name, place, nc1, cdnv })),
    }));
    expect(layersOverSteps({ records: old }, { document })).toBeNull();
    expect(readPanels(collapseThroughDepth({ records: old }, { document })!.outerHTML).size).toBe(2);
  });
});

it('leaves out what was not measured', () => {
  const bare = STEPS.map((step) => ({ ...NOT_MEASURED, step, objective: 1, seconds: 0 }));
  const panels = readPanels(measuresOverSteps({ records: bare, samples: 4 }, { document }).outerHTML);
  for (const { names } of panels.values()) expect(names).toEqual([]);
});
