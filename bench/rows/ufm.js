/** Rows of the unconstrained-features model against PyTorch: one step, wide, and over the number of samples. */
import { alternate, besideTorch } from '../pairs.js';
import { torchChoices } from '../peers.js';
import { side } from '../processes.js';
import { check, relativeDifference, spread } from '../stats.js';

const COUNTS = [200, 100, 50, 50];

/** @typedef {import('../run.js').Context} Context */
/** @typedef {import('../run.js').Row} Row */

/** Options of the peer for the same work. @param {import('../sides/ufm.js').UfmWork} work */
function peerArguments({ counts, depth, width, rate, steps }) {
  const options = { counts: counts.join(','), depth, width, lr: rate, steps };
  return Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
}

/**
 * The peer's start is another draw, so its objective is held to the predicted minimum (float32) and to ours from a start
 * of the same law.
 */
function peerChecks(/** @type {any[]} */ ours, /** @type {any[]} */ theirs, /** @type {number} */ within) {
  if (theirs.length === 0) return [];
  const lowest = ours[0].checks.find((/** @type {any} */ { what }) =>
    what.startsWith('predicted'),
  ).predictedMinimum;
  const [objective, peer] = [ours[0].objective, theirs[0].objective];
  return [
    check('peer: objective above the predicted minimum', peer >= lowest * (1 - 1e-5), { peer, lowest }),
    check(`peer: objective within ${within * 100} % of ours`, relativeDifference(peer, objective) <= within, {
      peer,
      objective,
    }),
  ];
}

/**
 * @param {Context} context
 * @param {{id: string, name: string, target: number, work: import('../sides/ufm.js').UfmWork, within: number, pairs: number}} row
 */
async function stepRow(context, { id, name, target, work, within, pairs }) {
  const { peers, threads } = context;
  const settings =
    peers.torchMissing === null
      ? await peers.fastest(
          'torch_ufm.py',
          peerArguments(work),
          (result) => result.stepsPerSecond,
          torchChoices(threads),
        )
      : null;
  const { ours, theirs } = await alternate(
    pairs,
    () => side('ufm', work),
    settings === null ? null : () => peers.run('torch_ufm.py', [...peerArguments(work), ...settings.args]),
  );
  const rates = ours.map(({ stepsPerSecond }) => stepsPerSecond);
  const peerRates = theirs.map(({ stepsPerSecond }) => stepsPerSecond);
  return {
    id,
    work: name,
    unit: 'steps/s',
    ...besideTorch(rates, peerRates, settings, peers, target),
    checks: [...ours.flatMap(({ checks }) => checks), ...peerChecks(ours, theirs, within)],
    settings: { ...work, leadSteps: 20 },
    runs: { ours, theirs },
  };
}

/** What a narrow step spends on the cost of calls, on arithmetic, and outside BLAS. */
function narrowLimit(/** @type {any} */ profile, /** @type {any} */ calibration) {
  const {
    stepMicroseconds: step,
    calls,
    callsOfSizeOneMicroseconds: fixed,
    callsAloneMicroseconds: alone,
  } = profile;
  const rate = profile.operations / (alone - fixed) / 1e3;
  return (
    `${calls} BLAS calls take ${digits(Math.min(alone, step))} of ${digits(step)} µs, ${digits(fixed)} of it the calls as such; ` +
    `${digits(profile.operations / 1e6)} MFLOP in small products run at ${digits(rate)} of ${digits(calibration.gflops.float64)} GFLOPS`
  );
}

/** @param {Context} context @returns {Promise<Row>} */
export async function narrow(context) {
  const work = { counts: COUNTS, depth: 3, width: 64, rate: 0.1, steps: 3000, stretches: 8, checkSteps: 300 };
  if (context.quick) work.steps = 1000;
  const row = await stepRow(context, {
    id: 'ufm-64',
    name: 'UFM step, d = 64, M = 3, N = 400, float64',
    target: 10,
    work,
    within: 0.1,
    pairs: context.pairs(5),
  });
  const profile = await side('ufmProfile', work);
  return { ...row, profile, limit: narrowLimit(profile, context.calibration) };
}

/** @param {Context} context @returns {Promise<Row>} */
export async function wide(context) {
  const work = { counts: COUNTS, depth: 3, width: 2048, rate: 1e-6, steps: 10, stretches: 6, checkSteps: 2 };
  if (context.quick) work.steps = 3;
  const row = await stepRow(context, {
    id: 'ufm-2048',
    name: 'UFM step, d = 2048, M = 3, N = 400, float64',
    target: 12,
    work,
    // The start's logits are sums over few classes: their squares vary by a few percent from draw to draw.
    within: 0.2,
    pairs: context.pairs(3),
  });
  const profile = await side('ufmProfile', work);
  const reached = profile.bytes / profile.stepMicroseconds / 1e3;
  const stream = profile.streamGigabytesPerSecond;
  const { passes } = profile;
  const shares =
    passes === null
      ? ''
      : `; products on the way up ${digits(passes.product / 1e3)} ms, steps on the way down ${digits(passes.step / 1e3)}, the rest ` +
        `${digits(passes.rest / 1e3)}; in a cache as much arithmetic, in vectors of 128 bits, takes ${digits(passes.inCacheMicroseconds / 1e3)} ms`;
  const limit =
    `${digits(profile.bytes / 1e6)} MB a step (θ read twice, written once; velocity read and written) at ` +
    `${digits(reached)} of ${digits(stream)} GB/s of a plain axpy over as many numbers, ${Math.round((100 * reached) / stream)} %${shares}`;
  const target = { ...row.target, shareAtLeast: 0.6 };
  return { ...row, target, share: reached / stream, profile, limit };
}

/** @param {Context} context @returns {Promise<Row>} */
export async function overSamples(context) {
  const { peers, threads } = context;
  const factors = [1, 10, 100, 1000];
  const works = factors.map((factor) => ({
    counts: COUNTS.map((n) => n * factor),
    depth: 3,
    width: 64,
    rate: 0.1,
    steps: context.quick ? 1000 : 3000,
    stretches: 8,
  }));
  const ours = /** @type {any[][]} */ (works.map(() => []));
  const theirs = /** @type {any[][]} */ (works.map(() => []));
  for (let round = 0; round < context.pairs(5); round++)
    for (const [i, work] of works.entries()) {
      ours[i].push(await side('ufm', work));
      // One step over 400 000 samples takes PyTorch about half a second: fewer of them, and fewer rounds.
      const steps = Math.max(2, Math.round(work.steps / factors[i]));
      if (peers.torchMissing === null && round < (context.quick ? (i < 2 ? 1 : 0) : 3))
        theirs[i].push(
          await peers.run('torch_ufm.py', [
            ...peerArguments({ ...work, steps }),
            '--threads',
            String(threads),
          ]),
        );
    }
  const micro = (/** @type {any[]} */ runs) => spread(runs.map(({ stepsPerSecond }) => 1e6 / stepsPerSecond));
  const times = ours.map(micro);
  const rounds = ours[0].map((_, round) => {
    const each = ours.map((runs) => 1e6 / runs[round].stepsPerSecond);
    return Math.max(...each) / Math.min(...each);
  });
  const medians = times.map(({ median }) => median);
  const columns = ours.map(([first]) => first.columns);
  const peerTimes = theirs.map((runs) => (runs.length === 0 ? null : micro(runs)));
  return {
    id: 'ufm-samples',
    work: 'UFM step, d = 64, M = 3, as N goes 400, 4 000, 40 000, 400 000',
    unit: 'µs/step',
    ours: { series: times },
    peer: peerTimes.every((time) => time === null) ? null : { name: 'PyTorch float32', series: peerTimes },
    peerMissing: peers.torchMissing,
    // Largest over smallest: of the medians, and in each round.
    ratio: { ...spread(rounds), median: Math.max(...medians) / Math.min(...medians) },
    target: { kind: 'flat', atMost: 1.2 },
    checks: ours.flat().flatMap(({ checks }) => checks),
    settings: { works },
    runs: { ours, theirs },
    limit: `nothing grows: H has ${columns.join(', ')} columns`,
  };
}

/** Two or three digits, as the table shows them. @param {number} value */
export function digits(value) {
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(2)));
}
