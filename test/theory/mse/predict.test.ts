import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { portableBlas } from '../../../src/core/portableBlas.js';
import { createRandom } from '../../../src/core/random.js';
import { zeros, type Matrix } from '../../../src/core/matrix.js';
import {
  createProblem,
  frameEntry,
  samplesOf,
  type Frame,
  type Problem,
  type ProblemInput,
} from '../../../src/model/index.js';
import { buildMinimiser, predictMse, targetSpectrum, thresholds } from '../../../src/theory/index.js';
import { labelsOf, multiply, naiveMse, transposed } from '../../support/naive.js';

/** One row of the reference table: values found by L-BFGS with restarts in float64, printed to ten digits. */
const REFERENCES: readonly { input: ProblemInput; objective: number; values: readonly number[] }[] = [
  row([8, 4, 2, 2], 0.005, 0.005, [6], 'none', 0.0374842712, [2.7484, 1.92, 1.3342, 1.3342]),
  row([8, 4, 2, 2], 0.005, 0.02, [6], 'free', 0.0523623276, [2.2246, 1.5175, 1.2542, 0]),
  row([8, 4, 2, 2], [0.005, 0.005], 0.005, [6, 5], 'none', 0.0452532525, [2.7715, 1.9358, 1.3417, 1.3417]),
  row(
    [8, 4, 2, 2],
    [0.005, 0.01, 0.003],
    0.005,
    [6, 5, 6],
    'none',
    0.0567898776,
    [2.7782, 1.9399, 1.3419, 1.3419],
  ),
  row(
    [8, 4, 2, 2],
    [0.005, 0.01, 0.003],
    0.005,
    [6, 5, 6],
    'free',
    0.0417793431,
    [2.3297, 1.6115, 1.3419, 0],
  ),
  row([8, 4, 2, 2], 0.005, 0.005, [2], 'none', 0.1487421356, [2.7484, 1.92, 0, 0]),
  row([5, 5, 5, 5], [0.005, 0.005], 0.005, [6, 6], 'free', 0.0380307182, [2.1587, 2.1587, 2.1587, 0]),
  row([5, 5, 5, 5], [0.005, 0.005], 0.005, [6, 2], 'free', 0.1503538121, [2.1587, 2.1587, 0, 0]),
  row(
    [12, 6, 1, 1],
    [0.01, 0.01, 0.01],
    0.01,
    [6, 6, 6],
    'none',
    0.1055576984,
    [3.3549, 2.3181, 0.7724, 0.7724],
  ),
];

function row(
  counts: number[],
  decay: number | number[],
  featureDecay: number,
  widths: number[],
  bias: 'none' | 'free',
  objective: number,
  values: number[],
) {
  return {
    input: { counts, depth: widths.length, widths, weightDecays: decay, featureDecay, bias },
    objective,
    values,
  };
}

/** Features of every sample (d×N, labels in blocks) from the class features d×K. */
function spread(classFeatures: Matrix, labels: Int32Array): Matrix {
  const H = zeros(classFeatures.rows, labels.length);
  for (let r = 0; r < H.rows; r++)
    labels.forEach((k, i) => (H.data[r * H.cols + i] = classFeatures.data[r * classFeatures.cols + k]));
  return H;
}

/** Objective and largest gradient entry at the explicit minimiser, by the naive way. */
function atMinimiser(problem: Problem, seed: number) {
  const { head, classFeatures } = buildMinimiser(problem, portableBlas, createRandom(seed));
  const labels = labelsOf(problem.counts);
  const features = spread(classFeatures, labels);
  const found = naiveMse(problem, labels, { weights: head.weights, features, bias: head.bias });
  const gradients = [
    ...found.weights.map((G) => G.data),
    found.features.data,
    ...(head.bias === null ? [] : [found.bias]),
  ];
  const steepest = Math.max(...gradients.map((g) => g.reduce((most, v) => Math.max(most, Math.abs(v)), 0)));
  let P = head.weights[0];
  for (const W of head.weights.slice(1)) P = multiply(W, P);
  return { value: found.value, steepest, P, classFeatures };
}

const problems = fc
  .record({
    counts: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 6 }),
    depth: fc.integer({ min: 1, max: 4 }),
    width: fc.integer({ min: 1, max: 7 }),
    logDecay: fc.double({ min: -5, max: -1, noNaN: true }),
    logFeatureDecay: fc.double({ min: -5, max: -1, noNaN: true }),
    bias: fc.constantFrom('none' as const, 'free' as const),
  })
  .map(({ counts, depth, width, logDecay, logFeatureDecay, bias }) =>
    createProblem({
      counts,
      depth,
      widths: width,
      weightDecays: Array.from({ length: depth }, (_, m) => 10 ** logDecay * (1 + m / 3)),
      featureDecay: 10 ** logFeatureDecay,
      bias,
    }),
  );

describe('predictMse', () => {
  it.each(REFERENCES)(
    'meets the reference of $input.counts, widths $input.widths, bias $input.bias',
    ({ input, objective, values }) => {
      const prediction = predictMse(createProblem(input));
      // The references are printed to ten decimals (objective) and four (σ).
      expect(Math.abs(prediction.objective - objective)).toBeLessThan(6e-11);
      const modes = prediction.levels.flatMap(({ solution, multiplicity }) =>
        new Array<number>(multiplicity).fill(solution.value),
      );
      expect(modes).toHaveLength(values.length);
      modes.forEach((value, i) => expect(Math.abs(value - values[i])).toBeLessThan(6e-5));
    },
  );

  it('is attained by the explicit minimiser, where the gradient vanishes', () => {
    fc.assert(
      fc.property(problems, fc.integer(), (problem, seed) => {
        const { value, steepest } = atMinimiser(problem, seed);
        const { objective, certificate } = predictMse(problem);
        // Sums of at most 60·36 terms of size ≤ 1 in float64.
        expect(Math.abs(value - objective)).toBeLessThan(1e-12);
        expect(steepest).toBeLessThan(1e-12);
        expect(certificate!.relativeGap).toBeLessThan(1e-12);
      }),
      { numRuns: 300 },
    );
  });

  it('gives the matrices, norms, fits and margins of that minimiser', () => {
    fc.assert(
      fc.property(problems, fc.integer(), (problem, seed) => {
        const prediction = predictMse(problem);
        const { P, classFeatures } = atMinimiser(problem, seed);
        const K = problem.counts.length;
        const free = problem.bias === 'free';
        const geometry = prediction.geometry();
        const logits = multiply(P, classFeatures);
        const close = (frame: Frame, A: Matrix) => {
          const scale = Math.max(1e-3, ...A.data.map(Math.abs));
          for (let i = 0; i < K; i++)
            for (let k = 0; k < K; k++)
              // The exponent 1/L magnifies rounding in σ near a threshold; 1e-10 of the largest entry leaves room for it.
              expect(Math.abs(frameEntry(frame, i, k) - A.data[i * K + k])).toBeLessThan(1e-10 * scale);
        };
        close(geometry.weights, multiply(P, transposed(P)));
        close(geometry.features, multiply(transposed(classFeatures), classFeatures));
        close(geometry.logits, logits);
        prediction.classes.forEach((found, k) => {
          expect(found.weightNorm).toBeCloseTo(Math.sqrt(frameEntry(geometry.weights, k, k)), 9);
          // A difference of squares under the root: half the digits survive where the norm is nearly zero.
          expect(found.featureNorm).toBeCloseTo(
            Math.sqrt(Math.max(0, frameEntry(geometry.features, k, k))),
            6,
          );
          const column = Array.from(
            { length: K },
            (_, j) => logits.data[j * K + k] + (prediction.bias?.[j] ?? 0),
          );
          const rivals = column.filter((_, j) => j !== k);
          // Of the target of class k, a row of T = Y or of Y(I − 11ᵀ/N), what the outputs reach: (ZTᵀ)_kk/(TTᵀ)_kk.
          const N = samplesOf(problem);
          const rowOfT = problem.counts.map((_, j) => (j === k ? 1 : 0) - (free ? problem.counts[k] / N : 0));
          const along = (row: ArrayLike<number>) =>
            problem.counts.reduce((sum, n, j) => sum + n * row[j] * rowOfT[j], 0);
          if (!free || K > 1)
            expect(found.fit).toBeCloseTo(along(logits.data.subarray(k * K, (k + 1) * K)) / along(rowOfT), 9);
          if (rivals.length === 0) expect(found.margin).toBeNull();
          else expect(found.margin).toBeCloseTo(column[k] - Math.max(...rivals), 9);
        });
        // Self-duality: P = ΔH̄ᵀ, with a free bias too, because U is orthogonal to 1.
        for (let k = 0; k < K; k++)
          for (let r = 0; r < classFeatures.rows; r++) {
            let sum = 0;
            for (let j = 0; j < K; j++)
              sum += frameEntry(geometry.duality, k, j) * classFeatures.data[r * K + j];
            expect(sum).toBeCloseTo(P.data[k * P.cols + r], 8);
          }
      }),
      { numRuns: 200 },
    );
  });

  it('beats every other value of a mode on a fine grid', () => {
    fc.assert(
      fc.property(problems, (problem) => {
        const { levels } = predictMse(problem);
        const N = problem.counts.reduce((a, b) => a + b, 0);
        const L = problem.widths.length + 1;
        const Lambda = problem.weightDecays.reduce((a, b) => a * b, problem.featureDecay);
        for (const { solution } of levels.filter(
          ({ solution }) => solution.regime !== 'cut' && solution.target > 0,
        )) {
          const phi = (s: number) =>
            (s - solution.target) ** 2 / (2 * N) + (L / 2) * (Lambda * s * s) ** (1 / L);
          let least = Infinity;
          for (let i = 0; i <= 2000; i++) least = Math.min(least, phi((solution.target * i) / 2000));
          expect(solution.objective).toBeLessThanOrEqual(least + 1e-15);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('thresholds', () => {
  it.each([
    [1, 1, 1],
    [2, 0.5, 0.649519],
    [3, 0.529134, 0.839947],
    [6, 0.63727, 1.542451],
    [9, 0.705512, 2.278008],
  ])('depth %i', (depth, bGlobal, bExist) => {
    // Printed to six decimals.
    expect(Math.abs(thresholds(depth).bGlobal - bGlobal)).toBeLessThan(6e-7);
    expect(Math.abs(thresholds(depth).bExist - bExist)).toBeLessThan(6e-7);
  });
});

describe('regimes and limits', () => {
  it('lets a class live just below its largest weight decay and die just above', () => {
    fc.assert(
      fc.property(problems, (problem) => {
        const { classes } = predictMse(problem);
        const depth = problem.widths.length;
        classes.forEach(({ maxWeightDecay, maxTiedDecay }, k) => {
          if (maxWeightDecay === null || maxTiedDecay === null) return;
          const at = (decay: number, featureDecay: number) =>
            predictMse(createProblem({ ...problem, depth, weightDecays: decay, featureDecay })).classes[k]
              .regime;
          // One part in 1e9 is far above rounding and far below anything that matters.
          expect(at(maxWeightDecay * (1 - 1e-9), problem.featureDecay)).toBe('alive');
          expect(at(maxWeightDecay * (1 + 1e-9), problem.featureDecay)).not.toBe('alive');
          expect(at(maxTiedDecay * (1 - 1e-9), maxTiedDecay * (1 - 1e-9))).toBe('alive');
          expect(at(maxTiedDecay * (1 + 1e-9), maxTiedDecay * (1 + 1e-9))).not.toBe('alive');
        });
      }),
      { numRuns: 100 },
    );
  });

  it('says when the bottleneck splits a tie, with the range of norms', () => {
    const problem = createProblem({
      counts: [4, 9, 4, 4],
      depth: 1,
      widths: 2,
      weightDecays: 1e-3,
      featureDecay: 1e-3,
    });
    const prediction = predictMse(problem);
    expect(prediction.unique).toBe(false);
    expect(prediction.classes.map(({ regime }) => regime)).toEqual(['alive', 'alive', 'cut', 'cut']);
    const [first, , third] = prediction.classes;
    expect(first.weightNormRange).toEqual([0, first.weightNorm]);
    expect(third.weightNormRange).toEqual([0, first.weightNorm]);
    expect(prediction.classes[1].weightNormRange).toBeNull();
    expect(third.maxWeightDecay).toBeNull();
    // Dead anyway: nothing to choose, so unique.
    expect(predictMse({ ...problem, weightDecays: [100] }).unique).toBe(true);
  });

  it('keeps norms within their range for other minimisers of the same tie', () => {
    // Three equal classes with bias, one dimension: rotate the zero-sum plane and look at the norms.
    const problem = createProblem({
      counts: [5, 5, 5],
      depth: 2,
      widths: 1,
      weightDecays: 1e-3,
      featureDecay: 1e-3,
      bias: 'free',
    });
    const { classes, levels } = predictMse(problem);
    const s = Math.sqrt(levels[0].solution.weightSquare);
    for (let degrees = 0; degrees < 180; degrees += 5) {
      const angle = (degrees * Math.PI) / 180;
      const u = [
        Math.cos(angle) / Math.SQRT2 + Math.sin(angle) / Math.sqrt(6),
        -Math.cos(angle) / Math.SQRT2 + Math.sin(angle) / Math.sqrt(6),
        (-2 * Math.sin(angle)) / Math.sqrt(6),
      ];
      classes.forEach(({ weightNormRange }, k) => {
        expect(s * Math.abs(u[k])).toBeGreaterThanOrEqual(weightNormRange![0] - 1e-12);
        expect(s * Math.abs(u[k])).toBeLessThanOrEqual(weightNormRange![1] + 1e-12);
      });
    }
  });

  it('gives small classes fit 0.002 though no row of P vanishes (free bias, one living mode)', () => {
    const problem = createProblem({
      counts: [1000, 500, 20, 10],
      depth: 3,
      widths: 64,
      weightDecays: 8e-3,
      featureDecay: 8e-3,
      bias: 'free',
    });
    const { classes, rank } = predictMse(problem);
    if (rank !== 1) throw new Error(`the example needs one living mode, it has ${rank}`);
    expect(classes.every(({ weightNorm }) => weightNorm > 0)).toBe(true);
    expect(classes[3].fit).toBeLessThan(0.003);
    expect(classes[3].separated).toBe(false);
    expect(classes[0].separated).toBe(true);
  });

  it('handles one class, with and without bias', () => {
    const input = { counts: [7], depth: 2, widths: 3, weightDecays: 1e-2, featureDecay: 1e-2 };
    const alone = predictMse(createProblem(input));
    expect(alone.classes[0]).toMatchObject({ regime: 'alive', margin: null, separated: null });
    const biased = predictMse(createProblem({ ...input, bias: 'free' }));
    expect(biased.objective).toBe(0);
    expect(biased.classes[0]).toMatchObject({ regime: null, weightNorm: 0, fit: 0 });
  });

  it('stays finite at decays from 1e-300 to 1e300', () => {
    for (const decay of [1e-300, 1e-12, 1e2, 1e300])
      for (const depth of [1, 2, 9])
        for (const bias of ['none', 'free'] as const) {
          const found = predictMse(
            createProblem({
              counts: [50, 20, 20, 1],
              depth,
              widths: 8,
              weightDecays: decay,
              featureDecay: decay,
              bias,
            }),
          );
          expect(Number.isFinite(found.objective)).toBe(true);
          for (const one of found.classes)
            for (const value of Object.values(one))
              if (typeof value === 'number') expect(Number.isFinite(value)).toBe(true);
        }
  });
});

describe('targetSpectrum', () => {
  it('agrees with a dense eigendecomposition of D − nnᵀ/N', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 10_000 }), { minLength: 2, maxLength: 12 }),
        (counts) => {
          const { levels, samples } = targetSpectrum(counts, 'free');
          const K = counts.length;
          const A = zeros(K, K);
          for (let i = 0; i < K; i++)
            for (let k = 0; k < K; k++)
              // n − n²/N would lose the digits of a class that is nearly all.
              A.data[i * K + k] = (counts[i] * (i === k ? samples - counts[i] : -counts[k])) / samples;
          const dense = [...portableBlas.eigenSymmetric(A).values].reverse();
          const found = levels.flatMap(({ targetSquare, dimension }) =>
            new Array<number>(dimension).fill(targetSquare),
          );
          expect(found).toHaveLength(K);
          found.forEach((value, i) => expect(Math.abs(value - dense[i])).toBeLessThan(1e-13 * K * dense[0]));
          // Eigenvectors: (D − nnᵀ/N)v = μv, entry by entry.
          const groups = targetSpectrum(counts, 'free').groups;
          for (const level of levels) {
            if (level.kind !== 'secular') continue;
            const v = new Float64Array(K);
            groups.forEach(({ members }, g) => {
              for (const k of members) v[k] = level.vector[g];
            });
            const along = counts.reduce((sum, n, k) => sum + n * v[k], 0) / samples;
            counts.forEach((n, k) =>
              expect(Math.abs(n * v[k] - n * along - level.targetSquare * v[k])).toBeLessThan(
                1e-12 * dense[0],
              ),
            );
          }
        },
      ),
      { examples: [[[9351, 1]]] },
    );
  });

  it('has every digit of a root far below a class that is nearly all', () => {
    for (const n of [3, 9351, 1e6, 1e12]) {
      const [{ targetSquare }] = targetSpectrum([n, 1], 'free').levels; // K = 2: the trace, 2n/(n + 1)
      expect(Math.abs(targetSquare / ((2 * n) / (n + 1)) - 1)).toBeLessThan(4e-16);
    }
  });

  it('keeps roots strictly between sizes that nearly coincide', () => {
    const { levels } = targetSpectrum([1_000_000_001, 1_000_000_000, 1, 1], 'free');
    const [first, , third] = levels.map(({ targetSquare }) => targetSquare);
    expect(first).toBeGreaterThan(1_000_000_000);
    expect(first).toBeLessThan(1_000_000_001);
    expect(third).toBe(1);
  });

  it('needs no K×K memory for 100 000 classes', () => {
    const counts = Array.from({ length: 100_000 }, (_, k) => 100_000 - k);
    const prediction = predictMse(
      createProblem({ counts, depth: 3, widths: 100_000, weightDecays: 1e-9, featureDecay: 1e-9 }),
    );
    expect(prediction.classes).toHaveLength(100_000);
    const { weights } = prediction.geometry();
    expect(weights.kind === 'diagonal' && weights.entries.length).toBe(100_000);
  });
});

describe('beside the minimiser', () => {
  const problem = (counts: readonly number[], bias: 'none' | 'free', widths = 4) =>
    createProblem({ counts, depth: 1, widths, bias, weightDecays: 1e-3, featureDecay: 1e-3 });

  it.each([
    [4, 'free', 'simplex ETF'],
    [2, 'free', 'projected simplex'],
    [4, 'none', 'orthogonal frame'],
  ] as const)('the frame of 50 ×4 at width %d, bias %s, is: %s', (width, bias, name) => {
    expect(predictMse(problem([50, 50, 50, 50], bias, width)).frame).toBe(name);
  });

  it.each([
    [[30, 20, 10], 'none'],
    [[30, 20, 10], 'free'],
    [[50, 50], 'free'],
  ] as const)('the objective with every class of %j lost, bias %s, is that at zero', (counts, bias) => {
    const N = counts.reduce((sum, n) => sum + n, 0);
    // ½‖y − b‖² averaged over samples, at the best bias: b = 0, or the mean of y, n/N.
    const share = counts.map((n) => (bias === 'none' ? 0 : n / N));
    let atZero = 0;
    counts.forEach((n, k) =>
      share.forEach((b, j) => (atZero += ((n / N) * ((j === k ? 1 : 0) - b) ** 2) / 2)),
    );
    const lost = predictMse(problem(counts, bias)).alternatives.find(({ kind }) => kind === 'lost');
    expect(lost!.objective).toBeCloseTo(atZero, 14);
  });
});
