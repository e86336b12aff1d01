/** One training step of a network: how many samples a second, whether it is right, and where its time goes. */
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { createRandom, portableBlas } from 'collapsar/core';
import { buildNetwork, initialState } from 'collapsar/nets';
import { chooseBlas, createCpuEngine } from 'collapsar/node';
import { check, median } from '../stats.js';

/**
 * @typedef {object} NetWork
 * @property {any} architecture as `buildNetwork` takes it
 * @property {number} batch
 * @property {number} steps of one timed stretch, after two as in the peer
 * @property {number} stretches
 */
const INPUT = { height: 32, width: 32, channels: 3 };
const CLASSES = 10;
const RATE = 1e-3;
/** Samples of the check against the portable kernels, which are slow. */
const FEW = 8;

/** @type {import('collapsar/nets').TrainingRule} */
const RULE = {
  loss: 'mse',
  dataScale: 1,
  featureDecay: 0,
  weightDecay: () => 0,
  optimizer: { name: 'sgd', momentum: 0.9 },
};

/** @param {any} architecture @param {number} batch @param {any} options of the engine */
async function setUp(architecture, batch, options) {
  const network = buildNetwork(architecture, INPUT, CLASSES, { depth: 3, width: 512, bias: 'free' });
  const engine = createCpuEngine(options);
  const executable = await engine.compile(network, RULE, batch);
  const state = initialState(network, 0, options.blas);
  await executable.write(state);
  const random = createRandom(1);
  const images = random.normalsInto(new Float32Array(batch * INPUT.height * INPUT.width * INPUT.channels), 1);
  const labels = Int32Array.from({ length: batch }, (_, i) => i % CLASSES);
  const running = /\.(mean|variance)$/;
  const parameters = [...state].reduce(
    (sum, [name, { length }]) => (running.test(name) ? sum : sum + length),
    0,
  );
  return { engine, executable, parameters, step: () => executable.step(images, labels, RATE) };
}

/** @param {NetWork} work */
export async function nets({ architecture, batch, steps, stretches }) {
  const blas = chooseBlas(process.env.COLLAPSAR_BLAS);
  const { engine, executable, parameters, step } = await setUp(architecture, batch, { blas });
  const first = await step();
  await step();
  const seconds = [];
  let last = first;
  for (let stretch = 0; stretch < stretches; stretch++) {
    const begin = performance.now();
    for (let i = 0; i < steps; i++) last = await step();
    seconds.push((performance.now() - begin) / 1000 / steps);
  }
  await executable.close();
  const each = median(seconds);
  return {
    samplesPerSecond: batch / each,
    milliseconds: each * 1e3,
    stretches: seconds,
    parameters,
    threads: engine.blas.threads,
    first: first.loss,
    last: last.loss,
    checks: [
      check('the loss falls', last.loss < first.loss, { first: first.loss, last: last.loss }),
      await portableCheck(architecture, blas),
    ],
  };
}

/** Two steps on few samples with one thread and no BLAS. @param {any} architecture @param {import('collapsar/core').Blas} blas */
async function portableCheck(architecture, blas) {
  const losses = [];
  for (const options of [{ blas }, { blas: portableBlas, threads: 1 }]) {
    const { executable, step } = await setUp(architecture, FEW, options);
    await step();
    losses.push((await step()).loss);
    await executable.close();
  }
  const difference = Math.abs(losses[0] - losses[1]) / losses[1];
  return check('two steps with one thread and without BLAS, to 1e-3', difference <= 1e-3, {
    losses,
    difference,
  });
}

/** Seconds of one step by kernel on the first of the threads, which all do alike. @param {NetWork} work */
export async function netsProfile({ architecture, batch, steps }) {
  const blas = chooseBlas(process.env.COLLAPSAR_BLAS);
  /** @type {Record<string, {calls: number, seconds: number}>} */
  const parts = {};
  let operations = 0;
  let on = false;
  /** @template {(...args: any[]) => any} F @param {string} name @param {F} work @returns {F} */
  const timed = (name, work) =>
    /** @type {F} */ (
      (...args) => {
        const begin = performance.now();
        const result = work(...args);
        if (on) {
          const part = (parts[name] ??= { calls: 0, seconds: 0 });
          part.calls++;
          part.seconds += (performance.now() - begin) / 1000;
        }
        return result;
      }
    );
  /** @param {import('collapsar/node').Machine} machine */
  const observe = (machine) => {
    const kernels = Object.fromEntries(
      Object.entries(machine.kernels).map(([name, work]) =>
        typeof work === 'function' ? [name, timed(name, work)] : [name, work],
      ),
    );
    const gemm = timed('gemm', machine.gemm);
    return {
      ...machine,
      kernels: /** @type {any} */ (kernels),
      gemm: /** @type {typeof machine.gemm} */ (
        (...args) => {
          if (on) operations += 2 * args[2] * args[3] * args[4];
          gemm(...args);
        }
      ),
      sync: timed('waiting for other threads', machine.sync),
    };
  };
  const { engine, executable, step } = await setUp(architecture, batch, { blas, observe });
  await step();
  on = true;
  const begin = performance.now();
  for (let i = 0; i < steps; i++) await step();
  const total = (performance.now() - begin) / 1000 / steps;
  await executable.close();
  for (const part of Object.values(parts)) {
    part.calls /= steps;
    part.seconds /= steps;
  }
  return {
    milliseconds: total * 1e3,
    threads: engine.blas.threads,
    operationsOfOneThread: operations / steps,
    parts,
  };
}
