/** Measuring a large file of features against NumPy: wall time of a fresh process, peak memory, and the same numbers. */
import { createWriteStream, statfsSync } from 'node:fs';
import { Buffer } from 'node:buffer';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { freemem, tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { createRandom } from 'collapsar/core';
import { alternate, ratios } from '../pairs.js';
import { commandLine, side } from '../processes.js';
import { check, relativeDifference, spread } from '../stats.js';
import { digits } from './ufm.js';

/** @typedef {import('../run.js').Context} Context */
/** @typedef {import('../run.js').Row} Row */

/** @param {Context} context @returns {Promise<Row>} */
export async function measureLarge(context) {
  const [N, d, K] = context.quick ? [20_000, 1024, 500] : [200_000, 2048, 1000];
  const work = `measure, ${grouped(N)} × ${d} float32, K = ${K}, a fresh process`;
  const target = { kind: /** @type {const} */ ('ratio'), atLeast: 4, memoryMebibytes: 1024 };
  const folder = await mkdtemp(join(tmpdir(), 'collapsar-bench-'));
  const cleanUp = () => rm(folder, { recursive: true, force: true });
  context.onInterrupt(cleanUp);
  try {
    const disk = statfsSync(folder);
    const needed = 4 * N * d * 1.2;
    if (disk.bavail * disk.bsize < needed)
      return skipped(
        work,
        target,
        `no room for a file of ${digits(needed / 1e9)} GB in the temporary folder`,
      );
    const { peers } = context;
    const missing = peers.numpyMissing ?? tooLittleMemory(N, d);
    const file = join(folder, peers.numpyMissing === null ? 'features.npz' : 'features.safetensors');
    if (peers.numpyMissing === null)
      await peers.run('numpy_measure.py', ['--make', file, N, d, K].map(String));
    else await writeFeatures(file, N, d, K, evenLabels(N, K));
    await readThrough(file);

    const { ours, theirs } = await alternate(
      context.pairs(3),
      async () => {
        const { text, seconds, peakMebibytes } = await commandLine(['measure', file, '--json']);
        const { nc1, samples } = JSON.parse(text);
        return { seconds, peakMebibytes, samples, pinv: nc1.pinv, quotient: nc1.quotient };
      },
      missing === null ? () => peers.run('numpy_measure.py', [file]) : null,
    );
    const profile = await side('measureProfile', { file });
    const [times, peerTimes] = [ours.map((run) => run.seconds), theirs.map((run) => run.seconds)];
    const memory = spread(ours.map(({ peakMebibytes }) => peakMebibytes));
    return {
      id: 'measure',
      work,
      unit: 's',
      ours: spread(times),
      memory: {
        peakMebibytes: memory,
        ...(theirs.length === 0 ? {} : { peerPeakMebibytes: spread(theirs.map((run) => run.peakMiB)) }),
      },
      peer: theirs.length === 0 ? null : { name: 'NumPy', ...spread(peerTimes) },
      peerMissing: missing,
      ratio: theirs.length === 0 ? null : ratios(peerTimes, times),
      target,
      checks: [
        check(
          'all samples were measured',
          ours.every(({ samples }) => samples === N),
          { samples: ours[0].samples },
        ),
        check('peak memory below 1 GiB', memory.max < 1024, { peakMebibytes: memory.max }),
        ...agreement('the profiled library call', ours[0], profile.nc1),
        ...(theirs.length === 0
          ? []
          : agreement('NumPy', ours[0], { pinv: theirs[0].nc1, quotient: theirs[0].quotient })),
      ],
      settings: {
        samples: N,
        dimension: d,
        classes: K,
        format: peers.numpyMissing === null ? 'npz' : 'safetensors',
      },
      runs: { ours, theirs },
      profile,
      limit: describeProfile(profile, context.calibration, memory.median),
    };
  } finally {
    await cleanUp();
  }
}

/** Both NC1 to 1e-6. */
function agreement(/** @type {string} */ name, /** @type {any} */ ours, /** @type {any} */ other) {
  return ['pinv', 'quotient'].map((measure) => {
    const difference = relativeDifference(ours[measure], other[measure]);
    return check(`nc1.${measure} as ${name} has it, to 1e-6`, difference <= 1e-6, { difference });
  });
}

/** The parts of the time, largest first, and what the products reach. */
function describeProfile(
  /** @type {any} */ profile,
  /** @type {any} */ calibration,
  /** @type {number} */ peak,
) {
  const { passes, calls, after, bytes } = profile;
  const sum = (/** @type {any} */ kinds, /** @type {string} */ field) =>
    Object.values(kinds ?? {}).reduce((total, /** @type {any} */ entry) => total + entry[field], 0);
  const last = passes.length;
  const during = calls[`pass${last}`];
  const products = sum(during, 'seconds');
  const rate = sum(during, 'operations') / products / 1e9;
  const reading = passes.reduce(
    (/** @type {number} */ total, /** @type {any} */ pass) => total + pass.reading,
    0,
  );
  const work = passes.reduce((/** @type {number} */ total, /** @type {any} */ pass) => total + pass.work, 0);
  const parts = [
    {
      seconds: products,
      text: `products ${digits(products)} s at ${digits(rate)} of ${digits(calibration.gflops.float32)} GFLOPS`,
    },
    { seconds: work - products, text: `means and deviations ${digits(work - products)} s` },
    {
      seconds: reading,
      text: `reading ${last === 1 ? 'once' : 'twice'} ${digits(reading)} s at ${digits((last * bytes) / reading / 1e9)} GB/s`,
    },
    { seconds: after, text: `SVD and the rest ${digits(after)} s` },
  ];
  parts.sort((a, b) => b.seconds - a.seconds);
  return `${parts.map(({ text }) => text).join(', ')}, of ${digits(profile.seconds)} s; peak memory ${digits(peak)} MiB`;
}

/** NumPy holds about six float64 copies of the features. */
function tooLittleMemory(/** @type {number} */ N, /** @type {number} */ d) {
  return freemem() < 3.5 * 8 * N * d ? 'too little free memory for NumPy' : null;
}

function skipped(/** @type {string} */ work, /** @type {any} */ target, /** @type {string} */ reason) {
  return {
    id: 'measure',
    work,
    unit: 's',
    ours: null,
    peer: null,
    peerMissing: reason,
    ratio: null,
    target,
    checks: [],
    limit: `not run: ${reason}`,
  };
}

/** Both sides find the file in the page cache. @param {string} file */
async function readThrough(file) {
  const handle = await open(file, 'r');
  const buffer = Buffer.alloc(2 ** 22);
  while ((await handle.read(buffer, 0, buffer.length, null)).bytesRead > 0);
  await handle.close();
}

/** Many classes, most of them with one sample: what is counted by pairs of classes is most of the work. There is no peer. @param {Context} context @returns {Promise<Row>} */
export async function measureManyClasses(context) {
  const [N, d, K] = context.quick ? [10_000, 64, 4000] : [72_169, 64, 29_233];
  const folder = await mkdtemp(join(tmpdir(), 'collapsar-bench-'));
  const cleanUp = () => rm(folder, { recursive: true, force: true });
  context.onInterrupt(cleanUp);
  try {
    const file = join(folder, 'features.safetensors');
    await writeFeatures(file, N, d, K, zipfLabels(N, K));
    await readThrough(file);
    const runs = [];
    for (let i = 0; i < context.pairs(3); i++) {
      const { text, seconds, peakMebibytes } = await commandLine(['measure', file, '--json']);
      const { samples, counts, nc1 } = JSON.parse(text);
      runs.push({ seconds, peakMebibytes, samples, classes: counts.length, pinv: nc1.pinv });
    }
    const memory = spread(runs.map(({ peakMebibytes }) => peakMebibytes));
    return {
      id: 'measure-many',
      work: `measure, ${grouped(N)} × ${d} float32, K = ${grouped(K)}, a fresh process`,
      unit: 's',
      ours: spread(runs.map(({ seconds }) => seconds)),
      memory: { peakMebibytes: memory },
      peer: null,
      peerMissing: 'no peer does this',
      ratio: null,
      target: { kind: /** @type {const} */ ('seconds'), atMost: 60 },
      checks: [
        check(
          'all samples of all classes were measured',
          runs.every(({ samples, classes }) => samples === N && classes === K),
          { samples: runs[0].samples, classes: runs[0].classes },
        ),
        check('the same numbers every time', new Set(runs.map(({ pinv }) => pinv)).size === 1, {
          pinv: runs[0].pinv,
        }),
        check('peak memory below 2 GiB', memory.max < 2048, { peakMebibytes: memory.max }),
      ],
      settings: { samples: N, dimension: d, classes: K, counts: 'one, and a share of the rest as 1/k' },
      runs: { ours: runs },
      limit: `${digits((K * (K - 1)) / 2 / 1e6)} million pairs of classes, looked at and thrown away; peak memory ${digits(memory.median)} MiB (K×K would be ${digits((8 * K * K) / 2 ** 30)} GiB)`,
    };
  } finally {
    await cleanUp();
  }
}

/** @param {number} N @param {number} K */
function evenLabels(N, K) {
  return Int32Array.from({ length: N }, (_, i) => Math.floor((i * K) / N));
}

/** Class k has one sample and a share 1/(k + 1) of the rest; what rounding leaves goes to the first. @param {number} N @param {number} K */
function zipfLabels(N, K) {
  const whole = Array.from({ length: K }, (_, k) => 1 / (k + 1)).reduce((sum, share) => sum + share, 0);
  const labels = new Int32Array(N);
  let first = N;
  for (let k = K - 1; k >= 0; k--) {
    const count = k === 0 ? first : 1 + Math.floor((N - K) / (k + 1) / whole);
    labels.fill(k, first - count, first);
    first -= count;
  }
  return labels;
}

/** The same problem without NumPy: class means N(0, 1), samples 0.3 about them, as safetensors, written as it is made. */
async function writeFeatures(
  /** @type {string} */ file,
  /** @type {number} */ N,
  /** @type {number} */ d,
  /** @type {number} */ K,
  /** @type {Int32Array<ArrayBuffer>} */ labels,
) {
  const random = createRandom(0);
  const means = random.normalsInto(new Float32Array(K * d), 1);
  // A pool of normal numbers, entered at random places: the products do not care, and a fresh draw would take minutes.
  const pool = random.normalsInto(new Float32Array(2 ** 20 + d), 0.3);
  const header = JSON.stringify({
    features: { dtype: 'F32', shape: [N, d], data_offsets: [0, 4 * N * d] },
    labels: { dtype: 'I32', shape: [N], data_offsets: [4 * N * d, 4 * N * d + 4 * N] },
  });
  const head = Buffer.alloc(8 + Math.ceil(header.length / 8) * 8, ' ');
  head.writeBigUInt64LE(BigInt(head.length - 8), 0);
  head.write(header, 8);
  const out = createWriteStream(file);
  out.write(head);
  const rows = 512;
  for (let first = 0; first < N; first += rows) {
    const count = Math.min(rows, N - first);
    const block = new Float32Array(count * d);
    for (let i = 0; i < count; i++) {
      const [mean, noise] = [labels[first + i] * d, Math.floor(random.uniform() * 2 ** 20)];
      for (let j = 0; j < d; j++) block[i * d + j] = means[mean + j] + pool[noise + j];
    }
    if (!out.write(Buffer.from(block.buffer))) await once(out, 'drain');
  }
  out.end(Buffer.from(labels.buffer));
  await once(out, 'finish');
}

/** @param {number} value */
function grouped(value) {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ' ');
}
