/**
 * Cost as the work grows: for each quantity that a user chooses, the time at several of its values, the exponent that a line through
 * the logarithms of the larger half has, and the exponent of theory. Times are of the processor, so that a busy machine spoils them less,
 * and of one thread: those that wait for others use the processor too.
 */
import process from 'node:process';
import { ENVIRONMENT, side } from './processes.js';
import { median } from './stats.js';

/**
 * @typedef {object} Curve
 * @property {string} name what is timed, and against what
 * @property {string} work the fixed quantities
 * @property {string} variable
 * @property {string} theory exponent with its reason
 * @property {string} side function of side.js
 * @property {readonly number[]} values
 * @property {(value: number) => object} options
 */

const WIDTHS = [32, 64, 128, 256, 512, 1024];
/** @param {number} K @param {number} each */
const equal = (K, each) => Array.from({ length: K }, () => each);

/** @type {readonly Curve[]} */
const CURVES = [
  {
    name: 'UFM step against d',
    work: 'M = 3, K = 4, N = 40',
    variable: 'd',
    theory: '2: MKd² products, d² numbers updated',
    side: 'curveUfm',
    values: WIDTHS,
    options: (d) => ({ counts: equal(4, 10), depth: 3, width: d }),
  },
  {
    name: 'UFM step against N',
    work: 'd = 64, M = 3, K = 4',
    variable: 'N',
    theory: '0: K + d columns stand for N',
    side: 'curveUfm',
    values: [400, 4000, 40_000, 400_000],
    options: (N) => ({ counts: equal(4, N / 4), depth: 3, width: 64 }),
  },
  {
    name: 'UFM step against K',
    work: 'd = 256, M = 3, 10 samples a class',
    variable: 'K',
    theory: '1: MKd², and K·(K + d)·d of the columns',
    side: 'curveUfm',
    values: [4, 8, 16, 32, 64, 128],
    options: (K) => ({ counts: equal(K, 10), depth: 3, width: 256 }),
  },
  {
    name: 'UFM step against M',
    work: 'd = 256, K = 4, N = 40',
    variable: 'M',
    theory: '1 in a cache: a layer more is Kd² more; 32 layers of 256 leave it',
    side: 'curveUfm',
    values: [2, 4, 8, 16, 32],
    options: (M) => ({ counts: equal(4, 10), depth: M, width: 256 }),
  },
  {
    name: 'prediction against K',
    work: 'all counts different, M = 3',
    variable: 'K',
    theory: '1: one scalar root a class',
    side: 'curvePredict',
    values: [3000, 10_000, 30_000, 100_000],
    options: (K) => ({ K }),
  },
  {
    name: 'measures against N',
    work: 'd = 256, K = 100, float32',
    variable: 'N',
    theory: '1: Nd² of Σ_W, and reading',
    side: 'curveMeasure',
    values: [4000, 8000, 16_000, 32_000, 64_000],
    options: (N) => ({ N, d: 256, K: 100 }),
  },
  {
    name: 'measures against d',
    work: 'N = 8 000, K = 100, float32',
    variable: 'd',
    theory: '2 to 1: Nd², then 2NdK once d > 2K',
    side: 'curveMeasure',
    values: [64, 128, 256, 512, 1024],
    options: (d) => ({ N: 8000, d, K: 100 }),
  },
  {
    name: 'measures against K',
    work: 'N = 8 000, d = 512, float32',
    variable: 'K',
    theory: '1 to 3: 2NdK, then min(K, d)²·max of the SVD',
    side: 'curveMeasure',
    values: [50, 100, 200, 400, 800],
    options: (K) => ({ N: 8000, d: 512, K }),
  },
  {
    name: 'cross-entropy search against K',
    work: 'two starts with their exchanges and kicks, by start; M = 2, d = K, counts 100 … 10',
    variable: 'K',
    theory: '4: K² pairs of classes to exchange, each followed for steps of 4K²r',
    side: 'curveCe',
    values: [4, 8, 16, 32],
    options: (K) => ({ K }),
  },
  {
    name: 'network step against batch',
    work: 'MLP, 6 layers of 512',
    variable: 'batch',
    theory: '1: products grow with the batch, the update does not',
    side: 'curveNet',
    values: [32, 64, 128, 256, 512],
    options: (batch) => ({ batch, width: 512 }),
  },
  {
    name: 'network step against width',
    work: 'MLP, 6 layers, batch 128',
    variable: 'width',
    theory: '2: width² of a layer; the first, 3072·width, is 1',
    side: 'curveNet',
    values: [128, 256, 512, 1024, 2048],
    options: (width) => ({ batch: 128, width }),
  },
];

const ONE_THREAD = { ...ENVIRONMENT, OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1', OMP_NUM_THREADS: '1' };

/** @param {import('./run.js').Context} context */
export async function costCurves(context) {
  const rounds = context.quick ? 1 : 3;
  const curves = [];
  for (const { options, values, side: name, ...curve } of CURVES) {
    const times = /** @type {number[][]} */ (values.map(() => []));
    for (let round = 0; round < rounds; round++)
      for (const [i, value] of values.entries())
        times[i].push((await side(name, options(value), ONE_THREAD)).seconds);
    const points = values.map((value, i) => ({ value, seconds: median(times[i]), samples: times[i] }));
    process.stderr.write(`  ${curve.name}: ${fittedExponent(points).toFixed(2)}\n`);
    curves.push({
      ...curve,
      points,
      exponent: fittedExponent(points),
      exponents: times[0].map((_, r) =>
        fittedExponent(values.map((value, i) => ({ value, seconds: times[i][r] }))),
      ),
    });
  }
  return curves;
}

/** Slope of a line through the logarithms of the larger half of the points. @param {readonly {value: number, seconds: number}[]} points */
export function fittedExponent(points) {
  const half = points.slice(-Math.max(2, Math.ceil(points.length / 2)));
  const [x, y] = [half.map(({ value }) => Math.log(value)), half.map(({ seconds }) => Math.log(seconds))];
  const mean = (/** @type {readonly number[]} */ list) =>
    list.reduce((sum, value) => sum + value, 0) / list.length;
  const [mx, my] = [mean(x), mean(y)];
  const over = x.reduce((sum, value, i) => sum + (value - mx) * (y[i] - my), 0);
  return over / x.reduce((sum, value) => sum + (value - mx) ** 2, 0);
}
