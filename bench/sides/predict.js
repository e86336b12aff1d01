/** The prediction for very many classes, as a library call in a fresh process. */
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { createProblem, parseCounts } from 'collapsar/model';
import { chooseBlas } from 'collapsar/node';
import { predictMse } from 'collapsar/theory';
import { peakMebibytes } from '../peak.js';
import { check, relativeDifference } from '../stats.js';

/** Every count from 1 to K once, in a seeded order. @param {number} K */
function distinctCounts(K) {
  const counts = Array.from({ length: K }, (_, k) => k + 1);
  let state = 12345;
  for (let k = K - 1; k > 0; k--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const other = state % (k + 1);
    [counts[k], counts[other]] = [counts[other], counts[k]];
  }
  return counts;
}

/** @param {{counts: string | {distinct: number}, decay: number}} options a count list as typed, or all different */
export function predict({ counts: given, decay }) {
  const gc = /** @type {() => void} */ (globalThis.gc);
  const blas = chooseBlas(process.env.COLLAPSAR_BLAS);
  gc();
  const before = process.memoryUsage();
  const peakBefore = peakMebibytes();
  const begin = performance.now();
  const counts = typeof given === 'string' ? parseCounts(given) : distinctCounts(given.distinct);
  const K = counts.length;
  const problem = createProblem({ counts, depth: 3, widths: K, weightDecays: decay, featureDecay: decay });
  const prediction = predictMse(problem, blas);
  const seconds = (performance.now() - begin) / 1000;
  const peak = peakMebibytes();
  gc();
  const after = process.memoryUsage();
  const kept = (after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers) / 2 ** 20;
  const naive = naiveMinimum(counts, decay);
  const difference = relativeDifference(prediction.objective, naive);
  const regimes = /** @type {Record<string, number>} */ ({});
  for (const { regime } of prediction.classes) regimes[String(regime)] = (regimes[String(regime)] ?? 0) + 1;
  return {
    seconds,
    classes: K,
    distinct: new Set(counts).size,
    keptMebibytes: kept,
    peakMebibytes: peak,
    peakGrowthMebibytes: peak - peakBefore,
    objective: prediction.objective,
    regimes,
    checks: [
      check('a bisection for each count gives the same minimum, to 1e-10', difference <= 1e-10, {
        naive,
        difference,
      }),
    ],
  };
}

/** Σ_k min over x of n_k/(2N)·(1/(1+x³) + b_k x) for M = 3, by bisection on the falling side of 3x²/(1+x³)². */
function naiveMinimum(/** @type {readonly number[]} */ counts, /** @type {number} */ decay) {
  const N = counts.reduce((sum, n) => sum + n, 0);
  const slope = (/** @type {number} */ x) => (3 * x * x) / (1 + x ** 3) ** 2;
  const known = new Map();
  const terms = counts.map((n) => {
    if (known.has(n)) return known.get(n);
    const b = (3 * N * (N * decay ** 4) ** (1 / 3)) / n;
    let [low, high] = [0.5 ** (1 / 3), 1e6];
    let least = 1;
    if (slope(low) > b) {
      for (let i = 0; i < 200; i++) {
        const middle = (low + high) / 2;
        if (slope(middle) > b) low = middle;
        else high = middle;
      }
      least = Math.min(1, 1 / (1 + low ** 3) + b * low);
    }
    const value = (n / (2 * N)) * least;
    known.set(n, value);
    return value;
  });
  return terms.sort((a, b) => a - b).reduce((sum, term) => sum + term, 0);
}
