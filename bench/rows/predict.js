/** The prediction for 100 000 classes: as the command line gives it, and as a library call. There is no peer. */
import { commandLine, side } from '../processes.js';
import { check, relativeDifference, spread } from '../stats.js';
import { digits } from './ufm.js';

/** @typedef {import('../run.js').Context} Context */
/** @typedef {import('../run.js').Row} Row */

/** Decays at which some classes live, some are metastable and some collapse. */
const LONG_TAILED = { decay: 2.5e-7, counts: (/** @type {number} */ K) => `longtail:5000:100:${K}` };
const DISTINCT = { decay: 1.8e-7, counts: (/** @type {number} */ K) => ({ distinct: K }) };

/** @param {Context} context @returns {Promise<Row>} */
export async function predictCommand(context) {
  const K = context.quick ? 20_000 : 100_000;
  const args = (/** @type {string} */ counts, /** @type {number} */ width) => [
    ...['predict', '--counts', counts, '--depth', '3', '--width', String(width)],
    ...['--weight-decay', String(LONG_TAILED.decay), '--feature-decay', String(LONG_TAILED.decay), '--json'],
  ];
  const runs = [];
  const baselines = [];
  const library = [];
  for (let i = 0; i < context.pairs(5); i++) {
    const { text, seconds, peakMebibytes } = await commandLine(args(LONG_TAILED.counts(K), K));
    const { objective, optimality, rank, classes, geometry } = JSON.parse(text);
    const kind = geometry.kind;
    runs.push({
      seconds,
      peakMebibytes,
      bytes: text.length,
      objective,
      optimality,
      rank,
      classes: classes.length,
      kind,
    });
    const { seconds: least, peakMebibytes: leastPeak } = await commandLine(args('8,4,2,2', 6));
    baselines.push({ seconds: least, peakMebibytes: leastPeak });
    library.push(await side('predict', { counts: LONG_TAILED.counts(K), decay: LONG_TAILED.decay }));
  }
  const times = runs.map(({ seconds }) => seconds);
  const [start, theory] = [
    spread(baselines.map((run) => run.seconds)),
    spread(library.map((run) => run.seconds)),
  ];
  const seconds = spread(times);
  const growth = spread(runs.map(({ peakMebibytes }, i) => peakMebibytes - baselines[i].peakMebibytes));
  const difference = relativeDifference(runs[0].objective, library[0].objective);
  return {
    id: 'predict',
    work: `predict --json, K = ${grouped(K)} long-tailed classes, a fresh process`,
    unit: 's',
    ours: seconds,
    memory: { growthMebibytes: growth, naiveMebibytes: (8 * K * K) / 2 ** 20 },
    peer: null,
    peerMissing: 'no peer does this',
    ratio: null,
    target: { kind: 'seconds', atMost: 1 },
    checks: [
      check('the objective of the library call', difference <= 1e-14, { difference }),
      check(
        'every class is listed and no K×K matrix',
        runs.every((run) => (run.classes === K && run.kind === 'omitted') || run.kind === 'diagonal'),
        {
          classes: runs[0].classes,
          geometry: runs[0].kind,
        },
      ),
      ...library.flatMap(({ checks }) => checks),
    ],
    settings: { K, depth: 3, width: K, decay: LONG_TAILED.decay, counts: LONG_TAILED.counts(K) },
    runs: { ours: runs, baselines, library },
    limit:
      `starting takes ${digits(start.median * 1000)} ms, theory ${digits(theory.median * 1000)} ms, writing ${digits(runs[0].bytes / 1e6)} MB of JSON the rest; ` +
      `peak memory grows by ${digits(growth.median)} MiB (K×K would be ${digits((8 * K * K) / 2 ** 30)} GiB)`,
  };
}

/** @param {Context} context @returns {Promise<Row>} */
export async function predictDistinct(context) {
  const K = context.quick ? 20_000 : 100_000;
  const runs = [];
  const doubled = [];
  for (let i = 0; i < context.pairs(5); i++) {
    runs.push(await side('predict', { counts: DISTINCT.counts(K), decay: DISTINCT.decay }));
    doubled.push(await side('predict', { counts: DISTINCT.counts(2 * K), decay: DISTINCT.decay }));
  }
  const seconds = spread(runs.map((run) => run.seconds));
  const twice = spread(doubled.map((run) => run.seconds));
  const growth = spread(runs.map((run) => run.peakGrowthMebibytes));
  const growthTwice = spread(doubled.map((run) => run.peakGrowthMebibytes));
  return {
    id: 'predict-distinct',
    work: `prediction as a library call, K = ${grouped(K)}, all counts different`,
    unit: 's',
    ours: seconds,
    memory: { growthMebibytes: growth, growthTwice },
    peer: null,
    peerMissing: 'no peer does this',
    ratio: null,
    target: { kind: 'seconds', atMost: 1 },
    checks: [
      ...[...runs, ...doubled].flatMap(({ checks }) => checks),
      check('memory grows no faster than K (2.5 × for 2 K)', growthTwice.median <= 2.5 * growth.median, {
        growth: growth.median,
        growthTwice: growthTwice.median,
      }),
    ],
    settings: { K, depth: 3, width: K, decay: DISTINCT.decay, counts: '1 … K, shuffled' },
    runs: { ours: runs, doubled },
    limit:
      `one scalar root a class: ${digits((seconds.median / K) * 1e6)} µs each, cold; ` +
      `peak memory grows by ${digits(growth.median)} MiB (2 K: ${digits(growthTwice.median)} MiB, ${digits(twice.median)} s)`,
  };
}

/** @param {number} value */
function grouped(value) {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ' ');
}
