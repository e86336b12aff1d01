import { describe, expect, it } from 'vitest';
import { portableBlas } from '../../src/core/portableBlas.js';
import { createProblem, type ProblemInput } from '../../src/model/index.js';
import { predictMse } from '../../src/theory/index.js';
import { createFigureDocument } from '../../src/report/document.node.js';
import { phaseDiagram } from '../../src/report/index.js';
import {
  advise,
  advisedDiagram,
  predictProblem,
  type AdviseDocument,
  type FeatureDecayRule,
} from '../../src/verbs/index.js';

const FASHION = [500, 500, 500, 300, 300, 150, 60, 30, 15, 5];

function run(input: Partial<ProblemInput>, featureDecay: FeatureDecayRule): AdviseDocument {
  return advise({ problem: problemOf(input), featureDecay, blas: portableBlas });
}

function problemOf(input: Partial<ProblemInput>) {
  const counts = input.counts ?? FASHION;
  return createProblem({
    depth: 2,
    widths: counts.length,
    weightDecays: 2e-3,
    featureDecay: 5e-4,
    ...input,
    counts,
  });
}

/** The largest weight decay at which every class is alive, by bisection over the whole prediction. */
function byBisection(input: Partial<ProblemInput>, rule: FeatureDecayRule): number {
  const { featureDecay } = problemOf(input);
  const keeps = (decay: number) =>
    predictMse(
      problemOf({ ...input, weightDecays: decay, featureDecay: rule === 'tied' ? decay : featureDecay }),
    ).classes.every(({ regime }) => regime === 'alive');
  let [low, high] = [1e-12, 1e6];
  for (let i = 0; i < 100; i++) {
    const middle = Math.sqrt(low * high);
    if (keeps(middle)) low = middle;
    else high = middle;
  }
  return low;
}

describe('advise, MSE', () => {
  const inputs: readonly (readonly [string, Partial<ProblemInput>, FeatureDecayRule])[] = [
    ['no bias, λ_H fixed', {}, 'fixed'],
    ['no bias, λ_H tied', { weightDecays: 5e-4 }, 'tied'],
    ['free bias, unequal', { bias: 'free' }, 'fixed'],
    ['free bias, unequal, tied', { bias: 'free', counts: [1000, 500, 20, 10] }, 'tied'],
    ['free bias, equal', { bias: 'free', counts: [20, 20, 20] }, 'fixed'],
    ['one tiny class', { counts: [100_000, 1], featureDecay: 1e-9 }, 'fixed'],
  ];
  it.each(inputs)('finds the decay that bisection over the prediction finds: %s', (_, input, rule) => {
    const { depths, method } = run(input, rule);
    expect(method).toBe('closed form');
    expect(depths.map(({ depth }) => depth)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    for (const { depth, maxWeightDecay } of depths) {
      // A hundred halvings of 18 decades reach rounding.
      expect(maxWeightDecay! / byBisection({ ...input, depth }, rule)).toBeCloseTo(1, 11);
    }
  });

  it('has boundaries with the named regimes on both sides', () => {
    for (const rule of ['fixed', 'tied'] as const) {
      const { diagram } = run({ counts: [997, 900, 31] }, rule);
      const { panels, weightDecays, samples } = diagram!;
      const size = 31;
      for (const { depth, globalSize, existSize } of panels) {
        // Where the boundary meets this class size: straight in log–log between the points.
        const crossing = (sizes: readonly number[]) => {
          const i = sizes.findIndex((value) => value >= size);
          const part = Math.log(size / sizes[i - 1]) / Math.log(sizes[i] / sizes[i - 1]);
          return weightDecays[i - 1] * (weightDecays[i] / weightDecays[i - 1]) ** part;
        };
        const regimeAt = (decay: number) =>
          predictMse(
            problemOf({
              counts: [samples - size, size],
              depth,
              weightDecays: decay,
              featureDecay: rule === 'tied' ? decay : 5e-4,
            }),
          ).classes[1].regime;
        const [dies, ends] = [crossing(globalSize), crossing(existSize)];
        expect(regimeAt(dies * (1 - 1e-9))).toBe('alive');
        expect(regimeAt(ends * (1 + 1e-9))).toBe('lost');
        if (depth === 1) expect(ends).toBeCloseTo(dies, 12);
        else {
          expect(regimeAt(dies * (1 + 1e-9))).toBe('metastable');
          expect(regimeAt(ends * (1 - 1e-9))).toBe('metastable');
        }
      }
    }
  });

  it('is the same alone', () => {
    const options = {
      problem: problemOf({ bias: 'free' }),
      featureDecay: 'fixed',
      blas: portableBlas,
    } as const;
    expect(advisedDiagram(options)).toEqual(advise(options).diagram);
  });

  it('marks the regimes that predict gives at each depth', () => {
    const { diagram, depths } = run({}, 'fixed');
    const { panels, marks } = diagram!;
    expect(marks.map(({ count, classes }) => [count, classes])).toEqual([
      [500, 3],
      [300, 2],
      [150, 1],
      [60, 1],
      [30, 1],
      [15, 1],
      [5, 1],
    ]);
    for (const { depth, regimes } of panels) {
      const { classes } = predictMse(problemOf({ depth }));
      expect(regimes).toEqual(marks.map(({ first }) => classes[first].regime));
      expect(depths.find((one) => one.depth === depth)?.alive).toBe(
        classes.filter(({ regime }) => regime === 'alive').length,
      );
    }
  });

  it('says what each class loses, and what to do', () => {
    const { classes, recommendation } = run({}, 'fixed');
    const predicted = predictProblem(problemOf({}), portableBlas).classes;
    classes.forEach(({ fit, lost, maxWeightDecay }, k) => {
      expect([fit, lost, maxWeightDecay]).toEqual([
        predicted[k].fit,
        1 - predicted[k].fit,
        predicted[k].maxWeightDecay,
      ]);
    });
    // λ_H keeps its ratio to λ_W, a quarter, unless it is to be held.
    expect(recommendation).toMatch(
      /from 0\.002 to 0\.00018, with λ_H scaled alike, .*classes 8 and 9 are lost/,
    );
    const held = advise({
      ...{ problem: problemOf({}), featureDecay: 'fixed', blas: portableBlas },
      ...{ holdFeatureDecay: true, keep: 0.7 },
    }).recommendation;
    for (const [text, share, fit] of [
      [recommendation, 0.25, 0.9],
      [held, null, 0.7],
    ] as const) {
      const decay = Number(/ to ([\d.]+),/.exec(text)?.[1]);
      const featureDecay = share === null ? 5e-4 : share * decay;
      const kept = predictMse(problemOf({ weightDecays: decay, featureDecay }));
      expect(kept.classes.every(({ regime }) => regime === 'alive')).toBe(true);
      // Two digits, downwards.
      expect(kept.classes[9].fit).toBeGreaterThanOrEqual(fit);
      expect(kept.classes[9].fit).toBeLessThan(fit + 0.02);
      expect(text).toContain(`${100 * fit} %`);
    }
    expect(run({ weightDecays: 1e-6 }, 'fixed').recommendation).toMatch(
      /every class lives.*class 9 \(n = 5\)/,
    );
  });

  it('cannot keep a class that the bottleneck cuts', () => {
    const { depths, classes, recommendation, notes } = run({ counts: [8, 8, 4, 2], widths: [6, 2] }, 'fixed');
    expect(classes.map(({ maxWeightDecay }) => maxWeightDecay === null)).toEqual([false, false, true, true]);
    for (const { maxWeightDecay, maxOfUncut } of depths) {
      expect(maxWeightDecay).toBeNull();
      expect(maxOfUncut).toBeGreaterThan(0);
    }
    expect(recommendation).toMatch(/no weight decay keeps classes 2 and 3/);
    expect(notes.join(' ')).toMatch(/cut/);
  });

  it('says that modes mix where they do, and lists a depth beyond nine', () => {
    const { diagram, notes, depths } = run({ bias: 'free', depth: 12 }, 'fixed');
    expect(diagram?.sizeMeans).toBe('targetSquare');
    expect(notes.join(' ')).toMatch(/modes mix/);
    expect(depths.at(-1)?.depth).toBe(12);
  });

  it.each([1e-300, 1e-12, 1e100])('stays finite at λ = %s', (decay) => {
    const { diagram, depths } = run({ weightDecays: decay, featureDecay: decay }, 'tied');
    const values = [
      ...depths.map(({ maxWeightDecay }) => maxWeightDecay),
      ...diagram!.weightDecays,
      ...diagram!.panels.flatMap(({ globalSize, existSize }) => [...globalSize, ...existSize]),
    ];
    expect(values.every((value) => Number.isFinite(value))).toBe(true);
  });

  it('draws the diagram as an SVG that stands alone', () => {
    for (const input of [{}, { bias: 'free' as const, depth: 12 }, { counts: [7], bias: 'free' as const }]) {
      const { diagram } = run(input, 'fixed');
      const svg = phaseDiagram(diagram!, { document: createFigureDocument() }).outerHTML;
      expect(svg).toMatch(/^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
      expect(svg).not.toMatch(/NaN|Infinity|undefined/);
      for (const { depth } of diagram!.panels) expect(svg).toContain(`M = ${depth}`);
    }
  });

  it('names the regions that are in sight, and draws no boundary that is not', () => {
    const drawn = (input: Partial<ProblemInput>) => {
      const diagram = run(input, 'fixed').diagram!;
      const panels = diagram.panels.filter(({ depth }) => depth <= 3);
      return phaseDiagram({ ...diagram, panels }, { document: createFigureDocument() }).outerHTML;
    };
    const names = (svg: string) => [...svg.matchAll(/>(alive|lost)</g)].map(([, word]) => word);
    const all = drawn({});
    expect(new Set(names(all))).toEqual(new Set(['alive', 'lost']));
    // So weak that every class lives wherever the diagram reaches.
    const weak = drawn({
      counts: new Array<number>(6).fill(10),
      widths: 8,
      weightDecays: 1e-6,
      featureDecay: 1e-6,
    });
    expect(new Set(names(weak))).toEqual(new Set(['alive']));
    for (const svg of [all, weak]) expect(svg).not.toMatch(/d="M"/);
  });
});

describe('advise, the fit to keep', () => {
  const inputs = ([1, 2, 3, 7] as const).flatMap((depth) =>
    (['none', 'free'] as const).map((bias) => ({ depth, bias, weightDecays: 1e-5, featureDecay: 3e-5 })),
  );
  it.each(inputs)('is reached at the decay named, and not beyond: M = $depth, bias $bias', (input) => {
    for (const keep of [0.3, 0.9, 0.99]) {
      const {
        keep: decay,
        keepAtRatio,
        keepClass,
        keepReaches,
        keepFit,
      } = advise({
        problem: problemOf(input),
        ...{ featureDecay: 'fixed', keep, blas: portableBlas },
      });
      expect([keepFit, keepClass]).toEqual([keep, 9]);
      const fitAt = (weightDecays: number, featureDecay: number) =>
        predictMse(problemOf({ ...input, weightDecays, featureDecay })).classes[9].fit;
      for (const [limit, share] of [
        [decay!, null],
        [keepAtRatio!, 3],
      ] as const) {
        const at = (part: number) => fitAt(part * limit, share === null ? 3e-5 : share * part * limit);
        expect(at(1 - 1e-9)).toBeGreaterThanOrEqual(keep);
        expect(at(1 + 1e-9)).toBeLessThan(keep);
        expect(at(1 - 1e-9)).toBeCloseTo(keepReaches!, 6);
      }
      // Without bias the fit jumps from (M−1)/M to nothing.
      if (input.bias === 'none') expect(keepReaches).toBeCloseTo(Math.max(keep, 1 - 1 / input.depth), 7);
    }
  });

  it('is 1 − N√(λ_Wλ_H)/√n for one layer without bias', () => {
    const { keep } = run({ depth: 1, weightDecays: 1e-6, featureDecay: 1e-6 }, 'tied');
    expect(keep! / ((0.1 * Math.sqrt(5)) / 2360)).toBeCloseTo(1, 10);
  });

  it('defaults to 0.9, and above the jump where that is more; refuses what is no fit', () => {
    expect([1, 5, 9, 20].map((depth) => run({ depth }, 'tied').keepFit)).toEqual([
      0.9,
      0.9,
      1 - 1 / 18,
      0.975,
    ]);
    for (const keep of [0, 1, NaN, -2])
      expect(() =>
        advise({ problem: problemOf({}), featureDecay: 'tied', keep, blas: portableBlas }),
      ).toThrow(/keep: a fit/);
  });

  it('has no answer for a class that a bottleneck cuts in part', () => {
    const { keep, recommendation } = run(
      { counts: [40, 30, 20, 10], widths: 2, depth: 1, bias: 'free' },
      'tied',
    );
    const best = predictMse(
      problemOf({
        counts: [40, 30, 20, 10],
        widths: 2,
        depth: 1,
        bias: 'free',
        weightDecays: 1e-12,
        featureDecay: 1e-12,
      }),
    );
    const living = best.classes.filter(({ regime }) => regime === 'alive');
    expect(Math.min(...living.map(({ fit }) => fit))).toBeLessThan(0.9);
    expect(keep).toBeNull();
    expect(recommendation).toMatch(/no weight decay/);
  });
});

describe('advise, one layer with a free bias: where classes stop being named rightly', () => {
  it.each([
    { counts: [200, 100, 50, 10], part: 0.74 },
    { counts: [500, 20, 19, 18], part: 0.76 },
  ])('n = $counts: from $part of the decay at which the smallest mode is lost', ({ counts, part }) => {
    const decays = { weightDecays: 1e-4, featureDecay: 1e-4 };
    const { depths, classes } = run({ counts, depth: 1, bias: 'free', ...decays }, 'tied');
    const [{ separatedBelow, maxWeightDecay }] = depths;
    expect(separatedBelow! / maxWeightDecay!).toBeCloseTo(part, 2);
    const named = (decay: number) =>
      predictMse(
        problemOf({ counts, depth: 1, bias: 'free', weightDecays: decay, featureDecay: decay }),
      ).classes.map(({ separated }) => separated);
    expect(named(separatedBelow! * (1 - 1e-6)).every(Boolean)).toBe(true);
    expect(named(separatedBelow! * (1 + 1e-6)).every(Boolean)).toBe(false);
    expect(classes[0].separatedBelow).toBeNull();
    classes.slice(1).forEach(({ separatedBelow: limit }, k) => {
      expect([named(limit! * (1 - 1e-6))[k + 1], named(limit! * (1 + 1e-6))[k + 1]]).toEqual([true, false]);
    });
  });

  it('has no such gap with more layers', () => {
    for (const depth of [2, 3, 5]) {
      const input = { counts: [200, 100, 50, 10], depth, bias: 'free' } as const;
      const { depths } = run({ ...input, weightDecays: 1e-4 }, 'tied');
      const { maxWeightDecay, separatedBelow } = depths[depth - 1];
      expect(separatedBelow).toBeNull();
      const decay = maxWeightDecay! * (1 - 1e-9);
      const { classes } = predictMse(problemOf({ ...input, weightDecays: decay, featureDecay: decay }));
      expect(classes.every(({ separated }) => separated)).toBe(true);
    }
  });
});

describe('advise, cross-entropy', () => {
  const ce = (input: Partial<ProblemInput>) => problemOf({ depth: 1, loss: 'ce', ...input });

  it.each(['none', 'free'] as const)('brackets where classes stop being separated, bias %s', (bias) => {
    const problem = ce({ counts: [20, 8, 3], bias, featureDecay: 1e-2 });
    const { classes, method, monotone, diagram, notes } = advise({
      problem,
      featureDecay: 'fixed',
      blas: portableBlas,
    });
    expect([method, monotone, diagram]).toEqual(['bisection', true, null]);
    expect(notes.join(' ')).toMatch(/bisection/);
    classes.forEach(({ maxWeightDecay }, k) => {
      if (maxWeightDecay === null) return;
      const at = (decay: number) =>
        predictProblem({ ...problem, weightDecays: [decay] }, portableBlas).classes[k].separated;
      expect([at(0.98 * maxWeightDecay), at(1.02 * maxWeightDecay)]).toEqual([true, false]);
    });
  });

  it.each([
    ['none', [12, 5, 2]],
    ['free', [12, 5, 2]],
    ['none', [10, 10, 10, 10]],
  ] as const)('knows from where everything is lost, bias %s, n = %j', (bias, counts) => {
    const problem = ce({ counts, bias });
    const { allLostFrom } = advise({ problem, featureDecay: 'fixed', blas: portableBlas });
    // ‖(p₀1ᵀ − I)D^{1/2}‖ by power iteration on AᵀA.
    const N = counts.reduce((sum, n) => sum + n, 0);
    const K = counts.length;
    let v = counts.map((_, k) => 1 + Math.sin(k + 1));
    let square = 0;
    for (let i = 0; i < 2000; i++) {
      const scaled = v.map((x, k) => x * Math.sqrt(counts[k]));
      const sum = scaled.reduce((a, b) => a + b, 0);
      const Av = scaled.map((x, k) => (bias === 'free' ? counts[k] / N : 1 / K) * sum - x);
      const dot = Av.reduce((a, x, k) => a + x * (bias === 'free' ? counts[k] / N : 1 / K), 0);
      const next = Av.map((x, k) => Math.sqrt(counts[k]) * (dot - x));
      square = Math.hypot(...next);
      v = next.map((x) => x / square);
    }
    const expected = square / N ** 2 / problem.featureDecay;
    expect(allLostFrom! / expected).toBeCloseTo(1, 9);
    const separated = (decay: number) =>
      predictProblem({ ...problem, weightDecays: [decay] }, portableBlas).rank > 0;
    expect([separated(0.99 * allLostFrom!), separated(1.01 * allLostFrom!)]).toEqual([true, false]);
  });

  it('has no answer for two layers, and none for a narrow layer', () => {
    expect(() => advise({ problem: ce({ depth: 2 }), featureDecay: 'tied', blas: portableBlas })).toThrow(
      /depth: 1 for cross-entropy/,
    );
    expect(() => advise({ problem: ce({ widths: 3 }), featureDecay: 'tied', blas: portableBlas })).toThrow(
      /width/,
    );
  });
});

describe('which class weights keep every class', () => {
  const counts = [500, 100, 20];
  const at = (depth: number, more: Partial<ProblemInput> = {}) =>
    advise({
      ...{ blas: portableBlas, featureDecay: 'fixed' },
      problem: createProblem({ counts, depth, widths: 3, weightDecays: 1e-3, featureDecay: 2e-3, ...more }),
    });

  it.each([1, 2, 3])(
    'equal survival is the best of them, and 1/n loses the largest first, M = %d',
    (depth) => {
      const { classWeights, notes } = at(depth);
      const of = (name: string) => classWeights?.find(({ weighting }) => weighting === name);
      const [even, inverse, none] = [of('equal-survival'), of('inverse'), of('none')];
      expect((even?.largest ?? NaN) / (even?.smallest ?? NaN)).toBeCloseTo(1, 10);
      for (const { maxWeightDecay } of classWeights ?? [])
        expect(maxWeightDecay).toBeLessThanOrEqual((even?.maxWeightDecay ?? NaN) * (1 + 1e-12));
      expect([inverse?.limitedBy, none?.limitedBy]).toEqual([0, 2]);
      // What the prediction with these weights says itself.
      const weighted = predictProblem(
        createProblem({
          counts,
          depth,
          widths: 3,
          weightDecays: 1e-3,
          featureDecay: 2e-3,
          classWeights: 'inverse',
        }),
        portableBlas,
      );
      expect(inverse?.largest).toBeCloseTo(weighted.classes[0].maxWeightDecay ?? NaN, 12);
      expect(notes.join(' ')).toContain('the largest class is lost first');
    },
  );

  it('has no answer with a bias, equal counts or a bottleneck', () => {
    expect(at(1, { bias: 'free' }).classWeights).toBeNull();
    expect(at(1, { counts: [5, 5, 5] }).classWeights).toBeNull();
    expect(at(1, { widths: 2 }).classWeights).toBeNull();
  });
});
