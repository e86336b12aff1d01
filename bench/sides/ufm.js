/** Steps of the unconstrained-features model: how many a second, whether they are right, and where their time goes. */
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { portableBlas } from 'collapsar/core';
import { createProblem } from 'collapsar/model';
import { chooseBlas } from 'collapsar/node';
import { predictMse } from 'collapsar/theory';
import { createTrainer, drawStart } from 'collapsar/ufm';
import { player, recordingBlas } from '../instrument.js';
import { check, median, relativeDifference } from '../stats.js';
import { secondsOf } from './calibrate.js';

/**
 * @typedef {object} UfmWork
 * @property {number[]} counts
 * @property {number} depth
 * @property {number} width
 * @property {number} rate learning rate
 * @property {number} steps of one timed stretch, after 20 as in the peer; the objective is taken at its end
 * @property {number} stretches
 * @property {number} [checkSteps] steps repeated with the portable BLAS
 */
const MOMENTUM = 0.9;
const DECAY = 5e-4;
const STD = 0.1;
/** As the peer does before its clock starts. */
const LEAD = 20;

/** @param {UfmWork} work */
function setUp({ counts, depth, width, rate }, blas = chooseBlas(process.env.COLLAPSAR_BLAS)) {
  const problem = createProblem({ counts, depth, widths: width, weightDecays: DECAY, featureDecay: DECAY });
  const start = drawStart(problem, STD, 0, blas);
  const optimizer = /** @type {const} */ ({ name: 'sgd', learningRate: rate, momentum: MOMENTUM });
  return { blas, problem, start, trainer: (other = blas) => createTrainer(problem, start, optimizer, other) };
}

/** @param {UfmWork} work */
export function ufm(work) {
  const { blas, problem, trainer } = setUp(work);
  const seconds = [];
  const objectives = [];
  let last = trainer();
  const initial = last.objective();
  // The first stretch warms up (compilation, threads, pages) and is not counted.
  for (let stretch = -1; stretch < work.stretches; stretch++) {
    const run = trainer();
    for (let i = 0; i < LEAD; i++) run.advance();
    const begin = performance.now();
    for (let i = 0; i < work.steps; i++) run.advance();
    if (stretch >= 0) seconds.push((performance.now() - begin) / 1000);
    objectives.push(run.objective());
    last = run;
  }
  const objective = objectives[0];
  const lowest = predictMse(problem, blas).objective;
  const checks = [
    check('all steps were made', last.step === LEAD + work.steps && last.status === 'running', {
      steps: last.step,
    }),
    check(
      'every stretch ends at the same objective',
      objectives.every((value) => value === objective),
      { objective },
    ),
    check('predicted minimum ≤ objective < start', objective >= lowest && objective < initial, {
      predictedMinimum: lowest,
      objective,
      initial,
    }),
    ...(work.checkSteps === undefined ? [] : [portableCheck(work, work.checkSteps)]),
  ];
  const each = median(seconds) / work.steps;
  return {
    stepsPerSecond: 1 / each,
    microseconds: each * 1e6,
    stretches: seconds,
    columns: last.parameters.columns.cols,
    initial,
    objective,
    checks,
  };
}

/** The same steps from the same start with the portable BLAS. @param {UfmWork} work @param {number} steps */
function portableCheck(work, steps) {
  const { trainer } = setUp(work);
  const [ours, other] = [trainer(), trainer(portableBlas)];
  for (let i = 0; i < steps; i++) {
    ours.advance();
    other.advance();
  }
  const difference = relativeDifference(ours.objective(), other.objective());
  return check('the portable BLAS, same start, to 1e-11', difference <= 1e-11, { steps, difference });
}

/**
 * Where the time of a step goes: the calls of one step are recorded and played again alone, then as many calls of size one.
 * @param {UfmWork} work
 */
export function ufmProfile(work) {
  const native = chooseBlas(process.env.COLLAPSAR_BLAS);
  const recorder = recordingBlas(native);
  const plain = setUp(work, native).trainer();
  const recorded = setUp(work, recorder.blas).trainer();
  for (let i = 0; i < 3; i++) recorded.advance();
  const calls = recorder.record(() => recorded.advance());
  const step = secondsOf(() => plain.advance(), 0.3);
  const before = recorded.parameters.flat.slice();
  const again = player(native, calls);
  const products = secondsOf(() => again(), 0.3);
  recorded.parameters.flat.set(before);
  const small = { x: new Float64Array(1), A: { data: new Float64Array(1), rows: 1, cols: 1 } };
  const other = { x: new Float64Array(1), A: { data: new Float64Array(1), rows: 1, cols: 1 } };
  const third = { data: new Float64Array(1), rows: 1, cols: 1 };
  const overhead = secondsOf(() => {
    for (const { name } of calls)
      if (name === 'gemm') native.gemm('N', 'N', 1, small.A, other.A, 0, third);
      else if (name === 'dot') native.dot(small.x, other.x);
      else native.axpy(1e-30, small.x, other.x);
  });
  /** @type {Record<string, {calls: number, operations: number, microseconds: number}>} */
  const kinds = {};
  for (const kind of new Set(calls.map(({ name }) => name))) {
    const some = calls.filter(({ name }) => name === kind);
    kinds[kind] = {
      calls: some.length,
      operations: some.reduce((sum, { operations }) => sum + operations, 0),
      microseconds: secondsOf(player(native, some), 0.2) * 1e6,
    };
  }
  const entries = recorded.parameters.flat.length;
  const [u, v] = [new Float64Array(entries).fill(0.5), new Float64Array(entries).fill(0.5)];
  const stream = secondsOf(() => native.axpy(1e-30, u, v), 0.3);
  return {
    stepMicroseconds: step * 1e6,
    calls: calls.length,
    operations: calls.reduce((sum, { operations }) => sum + operations, 0),
    callsAloneMicroseconds: products * 1e6,
    callsOfSizeOneMicroseconds: overhead * 1e6,
    outsideMicroseconds: Math.max(0, step - products) * 1e6,
    kinds,
    entries,
    // Every parameter is read forwards, read and written backwards; every velocity is read and written.
    bytes: 5 * 8 * entries,
    // y ← αx + y over as many entries, in this process: 24 bytes each.
    streamGigabytesPerSecond: (24 * entries) / stream / 1e9,
    passes: passesOf(work, native),
  };
}

/** Widest layers whose passes stay in a cache, yet are gone through by passes. */
const CACHED_WIDTH = 440;

/**
 * Of a step that goes by passes over wide layers: microseconds of products and of steps, and of what is left; and the same arithmetic
 * on layers that stay in a cache, for as many parameters. Null for a step that does not.
 * @param {UfmWork} work @param {import('collapsar/core').Blas} native
 */
function passesOf(work, native) {
  const spent = { product: 0, step: 0 };
  let opened = false;
  const timed = {
    ...native,
    openPasses: (/** @type {any} */ plan) => {
      const passes = native.openPasses?.(plan) ?? null;
      if (passes === null) return null;
      opened = true;
      const time =
        (/** @type {'product' | 'step'} */ name) =>
        (/** @type {any[]} */ ...args) => {
          const begin = performance.now();
          /** @type {any} */ (passes)[name](...args);
          spent[name] += performance.now() - begin;
        };
      return { ...passes, product: time('product'), step: time('step') };
    },
  };
  const trainer = setUp(work, timed).trainer(timed);
  if (!opened) return null;
  const steps = 30;
  for (let i = 0; i < LEAD; i++) trainer.advance();
  Object.assign(spent, { product: 0, step: 0 });
  const begin = performance.now();
  for (let i = 0; i < steps; i++) trainer.advance();
  const each = (1000 * (performance.now() - begin)) / steps;
  const [product, step] = [(1000 * spent.product) / steps, (1000 * spent.step) / steps];
  const cached = setUp({ ...work, width: CACHED_WIDTH }, native).trainer();
  const inCache = secondsOf(() => cached.advance(), 0.3) / cached.parameters.flat.length;
  const inCacheMicroseconds = 1e6 * inCache * trainer.parameters.flat.length;
  return { product, step, rest: Math.max(0, each - product - step), inCacheMicroseconds };
}
