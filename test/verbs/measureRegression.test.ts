/** Neural regression collapse: against numbers of NumPy, a grid over γ, and explicit minimisers of the model. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/core/errors.js';
import { matrix, zeros, type Matrix } from '../../src/core/matrix.js';
import { portableBlas as blas } from '../../src/core/portableBlas.js';
import { createRandom } from '../../src/core/random.js';
import { memorySource, openArrays, encodeNpz } from '../../src/data/index.js';
import { gram, nrc3, targetDirections } from '../../src/metrics/index.js';
import { createProblem, type ProblemInput } from '../../src/model/index.js';
import { predictDirections } from '../../src/theory/index.js';
import { predictTargets } from '../../src/theory/mse/targets.js';
import {
  measureRegressionFile,
  minimiserFile,
  predictProblem,
  targetsAreOfSamples,
  type RegressionArguments,
} from '../../src/verbs/index.js';

type Rows = number[][];
interface Expected {
  readonly [measure: string]: number;
}
const golden = JSON.parse(
  readFileSync(new URL('../golden/regression.json', import.meta.url), 'utf8'),
) as Record<'features' | 'W1' | 'W2' | 'targets', Rows> & { b2: number[] } & Record<
    'bias' | 'none',
    Expected & { variances: number[]; fits: number[]; weightNorms: number[] }
  >;

const flat = (rows: Rows) => Float64Array.from(rows.flat());
const array = (rows: Rows) => ({
  ...{ shape: [rows.length, rows[0].length], dtype: 'float64' as const, values: flat(rows) },
});
const open = async (arrays: Parameters<typeof encodeNpz>[0]) =>
  openArrays(memorySource('network.npz', encodeNpz(arrays)));
const network = () =>
  open([
    { name: 'features', ...array(golden.features) },
    { name: 'W1', ...array(golden.W1) },
    { name: 'W2', ...array(golden.W2) },
    { name: 'b2', shape: [3], dtype: 'float64', values: golden.b2 },
  ]);
const measured = async (more: Partial<RegressionArguments> = {}) =>
  measureRegressionFile({ file: await network(), names: {}, targets: golden.targets, blas, ...more });

describe('the measures of a regression', () => {
  it.each(['bias', 'none'] as const)('are those of NumPy (%s)', async (which) => {
    const document = await measured(which === 'bias' ? {} : { names: { bias: 'none' } });
    const expected = golden[which];
    expect(document.nrc1.raw).toBeCloseTo(expected.nrc1raw, 12);
    expect(document.nrc2?.raw).toBeCloseTo(expected.nrc2raw, 12);
    expect(document.nrc3?.distance).toBeCloseTo(expected.nrc3, 12);
    expect(document.nrc3?.gamma).toBeCloseTo(expected.gamma, 12);
    expect(document.explained).toBeCloseTo(expected.explained, 12);
    expect(document.squaredError).toBeCloseTo(expected.squaredError, 11);
    document.directions.forEach((direction, j) => {
      expect(direction.variance).toBeCloseTo(expected.variances[j], 11);
      expect(direction.fit).toBeCloseTo(expected.fits[j], 11);
      expect(direction.weightNorm).toBeCloseTo(expected.weightNorms[j], 11);
    });
    // Without a bias nothing is centred.
    if (which === 'none') expect([document.nrc1.centred, document.nrc2?.centred]).toEqual([null, null]);
    else {
      expect(document.nrc1.centred).toBeCloseTo(expected.nrc1centred, 12);
      expect(document.nrc2?.centred).toBeCloseTo(expected.nrc2centred, 12);
    }
  });

  it('do not change with the scale of the features, to the ends of the range', async () => {
    const arrays = (exponent: number) => [
      {
        name: 'features',
        ...array(golden.features.map((row) => row.map((value) => value * 2 ** exponent))),
      },
      {
        name: 'W1',
        ...array([
          [1, 2, 0, 0, 0, 0, 0],
          [0, 1, 0, 0, 0, 1, 0],
          [0, 0, 0, 1, 0, 0, 0],
        ]),
      },
    ];
    const [here, far] = await Promise.all(
      [0, -600].map(async (exponent) =>
        measureRegressionFile({
          ...{ file: await open(arrays(exponent)), names: {}, targets: golden.targets, blas },
        }),
      ),
    );
    expect(far.nrc1).toEqual(here.nrc1);
    expect(far.nrc2).toEqual(here.nrc2);
    far.directions.forEach(({ fit }, j) => {
      expect((fit ?? NaN) / ((here.directions[j].fit ?? NaN) * 2 ** -600)).toBeCloseTo(1, 12);
    });
  });

  it('have the best γ: none of a fine grid is better', () => {
    const random = createRandom(5);
    for (let trial = 0; trial < 40; trial++) {
      const q = 2 + (trial % 4);
      const T = filled(q, 30, () => random.normal());
      const directions = targetDirections(T, 'mean', blas);
      // Rows near Σ^{1/2} − g: half of the cases have their best γ inside.
      const least = directions.tau[q - 1] / Math.sqrt(30);
      const g = least * (trial / 40);
      const P = zeros(q, q);
      for (let i = 0; i < q; i++)
        for (let j = 0; j < q; j++)
          P.data[i * q + j] =
            directions.U.data[i * q + j] * Math.sqrt(directions.tau[j] / Math.sqrt(30) - g) +
            (trial % 2) * 0.1 * random.normal();
      const rows = gram(P, blas);
      const best = nrc3(rows, directions, 30);
      for (let step = 0; step < 300; step++) {
        const at = distanceAt(rows, T, (least * step) / 300);
        expect(best?.distance).toBeLessThanOrEqual(at + 1e-13);
      }
      expect(best?.distance).toBeCloseTo(distanceAt(rows, T, Math.sqrt(best?.gamma ?? NaN)), 12);
      if (trial % 2 === 0) expect(best?.gamma).toBeCloseTo(g * g, 10);
    }
  });
});

/** The squared distance by its definition, Σ^{1/2} by Newton's iteration for the square root of a matrix. */
function distanceAt(rows: Matrix, T: Matrix, g: number): number {
  const [q, N] = [T.rows, T.cols];
  const mean = Array.from(
    { length: q },
    (_, j) => T.data.slice(j * N, (j + 1) * N).reduce((a, b) => a + b) / N,
  );
  const sigma = filled(q, q, (i, j) => {
    let sum = 0;
    for (let n = 0; n < N; n++) sum += (T.data[i * N + n] - mean[i]) * (T.data[j * N + n] - mean[j]);
    return sum / N;
  });
  const { values, vectors } = blas.eigenSymmetric(sigma);
  const shifted = filled(q, q, (i, j) => {
    let sum = i === j ? -g : 0;
    for (let r = 0; r < q; r++)
      sum += vectors.data[i * q + r] * Math.sqrt(values[r]) * vectors.data[j * q + r];
    return sum;
  });
  const [a, b] = [rows, shifted].map(({ data }) => {
    const norm = Math.hypot(...data);
    return data.map((value) => value / norm);
  });
  return a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0);
}

function filled(rows: number, cols: number, entry: (i: number, j: number) => number): Matrix {
  const data = Float64Array.from({ length: rows * cols }, (_, at) => entry(Math.floor(at / cols), at % cols));
  return matrix(data, rows, cols);
}

const N = golden.targets[0].length;
const problemOf = (more: Partial<ProblemInput>) =>
  createProblem({
    ...{ counts: new Array<number>(N).fill(1), targets: golden.targets, depth: 1, widths: 7 },
    ...{ weightDecays: 0.01, featureDecay: 0.001, ...more },
  });

describe('an explicit minimiser of the model', () => {
  it.each<[string, Partial<ProblemInput>, number]>([
    ['one layer, free bias', { bias: 'free' }, 3],
    ['one layer, no bias', {}, 3],
    ['two layers, free bias', { bias: 'free', depth: 2 }, 3],
    ['a direction lost', { bias: 'free', featureDecay: 0.6 }, 2],
    ['a narrow layer', { bias: 'free', depth: 2, widths: [7, 2] }, 2],
  ])('has NRC1 = NRC2 = 0 and the predicted PPᵀ: %s', async (_, more, lives) => {
    const problem = problemOf(more);
    const file = await openArrays(
      memorySource('min.npz', minimiserFile(predictProblem(problem, blas), blas)),
    );
    expect(await targetsAreOfSamples(file, {}, golden.targets)).toBe(true);
    const depth = problem.widths.length;
    const document = await measureRegressionFile({
      ...{ file, names: {}, targets: golden.targets, blas, loss: 'mse' },
      ...{ weightDecays: problem.weightDecays, featureDecay: 'fit' },
    });
    expect(document.fittedFeatureDecay).toBeCloseTo(problem.featureDecay, 10);
    expect(document.headRank).toBe(lives);
    expect(document.nrc1.raw).toBeLessThan(1e-20);
    expect(document.nrc2?.raw).toBeLessThan(1e-20);
    expect(document.nrc3?.predicted).toBeLessThan(1e-20);
    expect(document.objective?.measured).toBeCloseTo(document.objective?.predicted ?? NaN, 12);
    document.directions.forEach(({ fit, predictedFit, weightNorm, predictedWeightNorm, regime }, j) => {
      expect(fit).toBeCloseTo(predictedFit ?? NaN, 9);
      expect(weightNorm).toBeCloseTo(predictedWeightNorm ?? NaN, 9);
      expect(regime === 'alive').toBe(j < lives);
    });
    // The form of the paper, for one layer where all live: γ = Nλ_Wλ_H.
    if (depth === 1 && lives === 3) {
      expect(document.nrc3?.distance).toBeLessThan(1e-14);
      expect(document.nrc3?.gamma).toBeCloseTo(document.nrc3?.predictedGamma ?? NaN, 8);
      expect(document.nrc3?.predictedGamma).toBeCloseTo(N * 0.01 * 0.001, 12);
    } else expect(document.nrc3?.predictedGamma).toBeNull();
  });

  it('is predicted from the spectrum of the targets alone as from the whole array', () => {
    for (const more of [{}, { bias: 'free' as const, depth: 3 }, { featureDecay: 0.6 }]) {
      const problem = problemOf(more);
      const whole = predictTargets(problem, blas);
      const T = matrix(flat(golden.targets), 3, N);
      const { tau } = targetDirections(T, problem.bias === 'free' ? 'mean' : 'origin', blas);
      const spectral = predictDirections(tau, { ...problem, samples: N });
      expect(spectral.objective).toBeCloseTo(whole.objective, 13);
      spectral.directions.forEach(({ solution }, j) => {
        expect(solution.weightSquare).toBeCloseTo(whole.levels[j].solution.weightSquare, 9);
      });
    }
  });
});

describe('what is refused', () => {
  const refusal = async (more: Partial<RegressionArguments>) => {
    const error = await measured(more).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(InputError);
    return (error as InputError).message;
  };
  it.each<[string, Partial<RegressionArguments>, RegExp]>([
    ['another loss', { loss: 'ce', weightDecays: [1e-3], featureDecay: 1e-3 }, /^loss: mse, got "ce"/],
    ['a decayed bias', { bias: 'decayed' }, /^bias: none or free/],
    ['class weights', { variations: { classWeights: 'inverse' } }, /^class-weights/],
    ['label smoothing', { variations: { labelSmoothing: 0.1 } }, /^label-smoothing/],
    ['features of at least 0', { variations: { featureSign: 'nonnegative' } }, /^feature-sign/],
    ['decays of another head', { loss: 'mse', weightDecays: [1, 2, 3], featureDecay: 1 }, /^weight-decay/],
    ['outputs that differ', { targets: golden.targets.slice(0, 2) }, /a row for each of the 3 outputs/],
  ])('%s', async (_, more, words) => {
    expect(await refusal(more)).toMatch(words);
  });

  it('targets that are turned round, in words', async () => {
    const turned = golden.targets[0].map((_, i) => golden.targets.map((row) => row[i]));
    const error = await targetsAreOfSamples(await network(), {}, turned).catch((caught: unknown) => caught);
    expect((error as InputError).message).toMatch(/transposed: columns are samples/);
    expect(await targetsAreOfSamples(await network(), { labels: 'y' }, golden.targets)).toBe(false);
  });
});
