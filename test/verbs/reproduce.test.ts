import { describe, expect, it } from 'vitest';
import { chooseBlas } from '../../src/core/nativeBlas.node.js';
import { chooseVariants, findExperiment, planRuns } from '../../src/runs/catalogue/experiments.js';
import {
  formatSpec,
  parseSpec,
  type RunSpec,
  type RunStatus,
  type RunStore,
  type RunSummary,
  type TrainRecord,
} from '../../src/runs/index.js';
import { train } from '../../src/verbs/index.js';
import { reproduce, type ReproduceOptions, type RunPlan } from '../../src/verbs/reproduce/reproduce.js';
import { createEstimator } from '../../src/verbs/reproduce/estimate.js';

const experiment = findExperiment('ufm-balanced');
const { variants } = chooseVariants(experiment, 'paper', {});
const runs = planRuns(experiment, 'paper', variants, 0);
const names = runs.map(({ name }) => name);

interface Kept {
  spec: string | null;
  records: TrainRecord[];
  summary: RunSummary | null;
}

/** A store in memory, of which the fake runs use only what `reproduce` reads. */
function memoryStore(kept: Kept, location: string): RunStore {
  const unused = () => Promise.reject(new Error('not used here'));
  return {
    location,
    writeSpec: (yaml) => Promise.resolve(void (kept.spec = yaml)),
    readSpec: () => Promise.resolve(kept.spec),
    readRecords: () => Promise.resolve(kept.records),
    writeRecords: unused,
    appendRecords: unused,
    writeCheckpoint: unused,
    openCheckpoint: () => Promise.resolve(null),
    keepCheckpoint: unused,
    keptEpochs: () => Promise.resolve([]),
    openKept: unused,
    writeSummary: (summary) => Promise.resolve(void (kept.summary = summary)),
    readSummary: () => Promise.resolve(kept.summary),
    writeReport: unused,
  };
}

/** A real summary, of a run of a few steps. */
async function realSummary(spec: RunSpec, status: RunStatus): Promise<RunSummary> {
  if (spec.kind !== 'ufm') throw new Error('a spec of kind ufm');
  const document = await train({
    spec: { ...spec, steps: 3 },
    store: null,
    mode: 'fresh',
    madeBy: { command: 'test', version: '0' },
    blas: chooseBlas('portable'),
    readStart: () => Promise.reject(new Error('drawn')),
    host: { clock: () => 0 },
  });
  return { ...document, status, seconds: 5 };
}

/** A machine that runs nothing: what it was asked to do, in order. */
function fakes(after: (name: string) => RunStatus = () => 'finished') {
  const stores = new Map<string, Kept>();
  const calls: string[] = [];
  const plans: (readonly RunPlan[])[] = [];
  let stop = false;
  const kept = (name: string): Kept => {
    const found = stores.get(name) ?? { spec: null, records: [], summary: null };
    stores.set(name, found);
    return found;
  };
  const options: ReproduceOptions = {
    experiment,
    scale: 'paper',
    runs,
    notes: [],
    storeOf: ({ name }) => memoryStore(kept(name), `out/${name}`),
    estimate: () => {
      calls.push('estimate');
      return Promise.resolve(10);
    },
    async train({ name, spec }, store, mode) {
      calls.push(`${mode} ${name}`);
      const status = after(name);
      if (status === 'interrupted') stop = true;
      const summary = await realSummary(spec, status);
      await store.writeSpec(formatSpec(spec));
      await store.writeSummary(summary);
      return summary;
    },
    signal: {
      get aborted() {
        return stop;
      },
    },
    onEstimating: () => undefined,
    onPlan: (plan) => {
      plans.push(plan);
      calls.push('plan');
    },
    onStart: () => undefined,
    onEnd: (_, { name, status }) => calls.push(`${status ?? ''} ${name}`),
  };
  return { options, calls, plans, kept, carryOn: () => (stop = false) };
}

describe('reproduce', () => {
  it('estimates all, tells the plan, then runs one after another', async () => {
    const { options, calls, plans } = fakes();
    const document = await reproduce(options);
    expect(calls).toEqual([
      ...names.map(() => 'estimate'),
      'plan',
      ...names.flatMap((name) => [`fresh ${name}`, `finished ${name}`]),
    ]);
    expect(plans[0].map(({ state, estimatedSeconds }) => [state, estimatedSeconds])).toEqual(
      names.map(() => ['new', 10]),
    );
    expect(document.status).toBe('finished');
    expect(document.estimatedSeconds).toBe(10 * names.length);
    for (const run of document.runs) {
      expect([run.done, run.seconds, run.runDirectory]).toEqual(['now', 5, `out/${run.name}`]);
      expect(run.measured?.objective).toBeGreaterThan(run.predicted?.objective ?? Infinity);
      expect(run.predicted?.featureDecay).toEqual({ value: 5e-4, source: 'exact', range: null });
      expect(run.classes).toHaveLength(4);
    }
  });

  it('skips what has ended and goes on with what was stopped or killed', async () => {
    const { options, calls, plans, kept } = fakes();
    const [finished, diverged, stopped, killed] = runs;
    for (const { name, spec } of [finished, diverged, stopped, killed]) kept(name).spec = formatSpec(spec);
    kept(finished.name).summary = await realSummary(finished.spec, 'finished');
    kept(diverged.name).summary = await realSummary(diverged.spec, 'diverged');
    kept(stopped.name).summary = await realSummary(stopped.spec, 'interrupted');
    // Killed at three quarters: no summary.
    kept(killed.name).records = [{ step: 22_500 } as TrainRecord];
    const document = await reproduce(options);
    expect(plans[0].map(({ state, estimatedSeconds }) => [state, estimatedSeconds])).toEqual([
      ['done', null],
      ['done', null],
      ['to resume', 10],
      ['to resume', 2.5],
    ]);
    expect(calls.filter((call) => call.startsWith('resume') || call.startsWith('fresh'))).toEqual([
      `resume ${stopped.name}`,
      `resume ${killed.name}`,
    ]);
    expect(document.runs.map(({ done }) => done)).toEqual(['earlier', 'earlier', 'now', 'now']);
    expect(document.estimatedSeconds).toBe(12.5);
    expect(document.status).toBe('failed');
  });

  it.each(['mlp-fashion-imbalanced', 'resnet18-cifar10-balanced', 'ufm-imbalanced'])(
    'knows a finished run of %s again, whatever the order of keys in its spec.yaml',
    async (name) => {
      const { options, calls, plans, kept } = fakes();
      const one = findExperiment(name);
      const [run] = planRuns(one, 'quick', [one.quick], 0);
      const stored = kept(run.name);
      // As `train` writes it once it has read it: keys in the order of the schema.
      stored.spec = formatSpec(parseSpec(formatSpec(run.spec), 'spec.yaml'));
      stored.summary = await realSummary(runs[0].spec, 'finished');
      await reproduce({ ...options, experiment: one, runs: [run] });
      expect(plans[0].map(({ state }) => state)).toEqual(['done']);
      expect(calls).toEqual(['plan']);
    },
  );

  it('stops when asked, says what is left, and the same again does it', async () => {
    let once = true;
    const machine = fakes((name) => {
      if (name !== names[1] || !once) return 'finished';
      once = false;
      return 'interrupted';
    });
    const document = await reproduce(machine.options);
    expect(document.status).toBe('interrupted');
    expect(document.runs.map(({ done, status }) => [done, status])).toEqual([
      ['now', 'finished'],
      ['now', 'interrupted'],
      ['not yet', null],
      ['not yet', null],
    ]);
    machine.carryOn();
    machine.calls.length = 0;
    expect((await reproduce(machine.options)).status).toBe('finished');
    expect(machine.calls.filter((call) => / M/.test(call) && !call.startsWith('finished'))).toEqual([
      `resume ${names[1]}`,
      `fresh ${names[2]}`,
      `fresh ${names[3]}`,
    ]);
  });

  it('does nothing once a stop was asked for while it estimated', async () => {
    const { options, calls } = fakes();
    let estimates = 0;
    const document = await reproduce({
      ...options,
      estimate: () => Promise.resolve(++estimates),
      signal: {
        get aborted() {
          return estimates >= 2;
        },
      },
    });
    expect(estimates).toBe(2);
    expect(calls).toEqual([]);
    expect(document.status).toBe('interrupted');
    expect(document.estimatedSeconds).toBeNull();
  });

  it('refuses a folder that holds another run, before anything is trained', async () => {
    const { options, calls, kept } = fakes();
    const { name, spec } = runs[2];
    kept(name).spec = formatSpec(spec.kind === 'ufm' ? { ...spec, featureDecay: 1e-3 } : spec);
    await expect(reproduce(options)).rejects.toThrow(
      `out/${name}: a run of this experiment, got a run with other settings; choose another folder`,
    );
    expect(calls.every((call) => call === 'estimate')).toBe(true);
  });

  it('continues a finished run that was shorter', async () => {
    const { options, plans, kept } = fakes();
    const { name, spec } = runs[0];
    kept(name).spec = formatSpec(spec.kind === 'ufm' ? { ...spec, steps: 10_000 } : spec);
    kept(name).summary = await realSummary(spec, 'finished');
    await reproduce(options);
    expect(plans[0][0].state).toBe('to resume');
  });
});

describe('the estimate', () => {
  it('times steps and measurements of a run, and what costs the same only once', async () => {
    let now = 0;
    const estimate = createEstimator({
      blas: chooseBlas('portable'),
      engine: () => {
        throw new Error('no engine for free features');
      },
      images: () => Promise.reject(new Error('no images for free features')),
      // Every look at the clock finds 100 ms gone by: four calls in 400 ms.
      host: { clock: () => (now += 100) },
    });
    const [{ spec }] = runs;
    // 30 000 steps and, every 100 of them from the first on, a measurement.
    expect(await estimate(spec)).toBeCloseTo((30_000 + 301) * 0.1, 6);
    const after = now;
    expect(await estimate({ ...spec, loss: 'ce' })).toBeGreaterThan(0);
    expect(now).toBe(after);
  });
});
