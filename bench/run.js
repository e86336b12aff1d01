/**
 * `npm run bench`: what the package reaches beside PyTorch and NumPy, both sides in one run.
 *
 *   node --expose-gc bench/run.js [--quick] [--only NAME [--merge]] [--no-curves] [--peers DIR] [--list]
 *
 * Every sample is a fresh process, our side and the peer's in turn. Raw numbers go to bench/results/latest.json (with
 * --quick or --only to quick.json there, which is not kept; with --merge what --only names takes the place of the same in
 * latest.json, and says of which commit it is), and the table of docs/benchmarks.md is rendered from that file by
 * scripts/renderBench.js. Exit 1 when a check of a timed result fails.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import console from 'node:console';
import { renderCurveTable, renderTable } from '../scripts/renderBench.js';
import { describeCommit, describeMachine, describeRuntime } from '../scripts/machine.js';
import { findPeers } from './peers.js';
import { side, stopChildren } from './processes.js';
import { costCurves } from './curves.js';
import { labInChromium } from './rows/lab.js';
import { measureLarge, measureManyClasses } from './rows/measure.js';
import { predictCommand, predictDistinct } from './rows/predict.js';
import { mlp, resnet18, vgg16 } from './rows/nets.js';
import { narrow, overSamples, wide } from './rows/ufm.js';

/**
 * @typedef {object} Context
 * @property {boolean} quick
 * @property {(full: number) => number} pairs how many pairs to run, given how many a full run makes
 * @property {import('./peers.js').Peers} peers
 * @property {number} threads for the peers: as many as our BLAS uses
 * @property {any} calibration what `sides/calibrate.js` found
 * @property {(work: () => Promise<void>) => void} onInterrupt
 *
 * @typedef {Record<string, any>} Row see scripts/renderBench.js for the fields that the table shows
 */

const ROWS = {
  'ufm-64': narrow,
  'ufm-2048': wide,
  'ufm-samples': overSamples,
  predict: predictCommand,
  'predict-distinct': predictDistinct,
  measure: measureLarge,
  'measure-many': measureManyClasses,
  mlp,
  resnet18,
  vgg16,
  lab: labInChromium,
};

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    peers: { type: 'string' },
    list: { type: 'boolean', default: false },
    merge: { type: 'boolean', default: false },
    'no-curves': { type: 'boolean', default: false },
  },
});
const chosen = Object.entries(ROWS).filter(
  ([name]) => options.only.length === 0 || options.only.includes(name),
);
if (options.list || (chosen.length === 0 && !options.only.includes('curves'))) {
  console.log([...Object.keys(ROWS), 'curves'].join('\n'));
  process.exit(options.list ? 0 : 2);
}

/** @type {(() => Promise<void>)[]} */
const cleaning = [];
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM']))
  process.once(signal, () => {
    stopChildren();
    void Promise.allSettled(cleaning.map((work) => work())).then(() => process.exit(1));
  });

const peers = await findPeers(options.peers);
const began = new Date();
const load = [loadavg()[0]];
if (load[0] > 0.5)
  process.stderr.write(
    `the machine is busy (load ${load[0].toFixed(1)}): both sides will be slower, threads most of all\n`,
  );
const calibration = await side('calibrate', { entries: [12_800, 2 ** 20, 9_216_000, 2 ** 26] });
/** @type {Context} */
const context = {
  quick: options.quick,
  pairs: (full) => (options.quick ? 2 : full),
  peers,
  threads: calibration.blas.threads ?? describeMachine().cores,
  calibration,
  onInterrupt: (work) => cleaning.push(work),
};
const rows = [];
for (const [name, make] of chosen) {
  process.stderr.write(`${name} …\n`);
  rows.push(await make(context));
  load.push(loadavg()[0]);
}
const wantsCurves = !options['no-curves'] && (options.only.length === 0 || options.only.includes('curves'));
if (wantsCurves) process.stderr.write('curves …\n');
const curves = wantsCurves ? await costCurves(context) : null;
const version = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;
const results = {
  schema: 1,
  date: began.toISOString(),
  seconds: Math.round((Date.now() - began.getTime()) / 1000),
  quick: options.quick,
  ...describeCommit(root),
  machine: describeMachine(),
  versions: { collapsar: version, ...describeRuntime(), ...peers.versions },
  blas: calibration.blas,
  threads: context.threads,
  // What else ran: the load over a minute before, and after each row (ours and the peers' included).
  load,
  calibration,
  rows,
  curves,
  // curves.js asks for one.
  curveThreads: 1,
};
mkdirSync(join(root, 'bench', 'results'), { recursive: true });
const latest = join(root, 'bench', 'results', 'latest.json');
const whole = !options.quick && options.only.length === 0;
const merged = options.merge ? merge(JSON.parse(readFileSync(latest, 'utf8')), results) : results;
const target = whole || options.merge ? latest : join(root, 'bench', 'results', 'quick.json');
writeFileSync(target, `${JSON.stringify(merged, null, 1)}\n`);
console.log(await renderTable(results));
if (curves !== null) console.log(await renderCurveTable(curves, results));
const failed = rows.flatMap(({ id, checks }) =>
  checks.filter((/** @type {any} */ { held }) => !held).map((/** @type {any} */ one) => ({ id, ...one })),
);
for (const one of failed) console.error(`check failed: ${JSON.stringify(one)}`);
process.exitCode = failed.length > 0 ? 1 : 0;

/**
 * What was measured before, with the rows and curves of a later run in place of the same; they keep when and of which commit they are.
 * @param {any} before @param {any} after
 */
function merge(before, after) {
  const { date, commit, changed, load: loads } = after;
  const newer = after.rows.map((/** @type {Row} */ row) => ({
    ...row,
    run: { date, commit, changed, load: loads },
  }));
  const known = [...newer, ...before.rows];
  const rows = Object.keys(ROWS).flatMap((name) => known.find(({ id }) => id === name) ?? []);
  if (after.curves === null) return { ...before, rows };
  const { machine, versions, blas, quick, curveThreads } = after;
  const curvesRun = { date, commit, changed, load: loads, machine, versions, blas, quick, curveThreads };
  return { ...before, rows, curves: after.curves, curvesRun };
}
