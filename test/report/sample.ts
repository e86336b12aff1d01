/**
 * Invented runs for the tests of the report: plausible decays and nothing more. No number here is a result.
 */
import type { Regime } from '../../src/model/index.js';
import {
  SUMMARY_SCHEMA,
  type ClassComparison,
  type GramMatrices,
  type MeasuresRecord,
  type NetworkDetails,
  type NetworkSummary,
  type RunSummary,
  type TrainRecord,
  type UfmSummary,
} from '../../src/runs/records.js';

/** A sample of the unconstrained-features model. */
export interface UfmSample extends Sample {
  readonly summary: UfmSummary | null;
}

export interface Sample {
  readonly records: TrainRecord[];
  readonly summary: RunSummary | null;
  readonly spec: string;
  readonly command: string | null;
}

export interface SampleOptions {
  readonly counts: readonly number[];
  readonly steps: number;
  readonly every: number;
  /** Predicted regimes, in the order of the counts; `alive` where none is given. */
  readonly regimes?: readonly (Regime | null)[];
}

/** A run that went as theory says. */
export function sampleRun({ counts, steps, every, regimes = [] }: SampleOptions): UfmSample {
  const K = counts.length;
  const N = counts.reduce((a, b) => a + b, 0);
  const alive = (k: number): boolean => (regimes[k] ?? 'alive') === 'alive';
  const weight = counts.map((n, k) => (alive(k) ? 1.35 * (n / counts[0]) ** 0.22 : 0));
  const feature = counts.map((n, k) => (alive(k) ? 0.68 * (n / counts[0]) ** -0.13 : 0));
  const fit = counts.map((_, k) => (alive(k) ? weight[k] * feature[k] : 0));
  /** Classes are born one after the other, the large ones first. */
  const birth = (step: number, k: number): number =>
    1 / (1 + Math.exp(-(step - (60 + 9000 / counts[k])) / (14 + 900 / counts[k])));
  const lengths = (norms: readonly number[], step: number): number[] =>
    norms.map((norm, k) => {
      const ripple = 1 + 0.08 * Math.exp(-step / 700) * Math.sin(step / 160 + k);
      return norm * birth(step, k) * ripple + 0.35 * Math.exp(-step / 1500) * (1 - birth(step, k)) + 1e-9;
    });
  const records: TrainRecord[] = [];
  for (let step = 0; step <= steps; step += every) {
    const amiss = Math.max(0, Math.round(N * 0.7 * Math.exp(-step / 220)) / N);
    records.push({
      step,
      objective: 0.0412 + 0.45 * Math.exp(-step / 260) + 2e-3 * Math.exp(-step / 2400),
      seconds: step * 3.1e-5,
      ...(K <= 100
        ? {
            weightNorms: lengths(weight, step),
            featureNorms: lengths(feature, step),
            fits: fit.map((f, k) => f * birth(step, k)),
          }
        : {}),
      ...measures(step, amiss),
    });
  }
  const last = records[records.length - 1];
  const classes = counts.map((count, k): ClassComparison => ({
    count,
    weightNorm: weight[k] * (1 + 3.1e-6 * (k + 1)) + (alive(k) ? 0 : 2.2e-9),
    featureNorm: feature[k] * (1 - 2.3e-6 * (k + 1)) + (alive(k) ? 0 : 1.7e-9),
    fit: fit[k] * (1 + 1e-6),
    accuracy: alive(k) ? 1 : 0,
    predictedWeightNorm: weight[k],
    predictedFeatureNorm: feature[k],
    predictedFit: fit[k],
    regime: k < regimes.length ? regimes[k] : 'alive',
    measured: alive(k) ? 'alive' : 'lost',
  }));
  const { step, objective, seconds } = last;
  return {
    records,
    spec: specOf(counts, steps, every),
    command: 'collapsar train presets/paper-imbalanced.yaml --out runs/paper-imbalanced',
    summary: {
      kind: 'ufm',
      schema: SUMMARY_SCHEMA,
      collapsar: '0.1.0',
      command: 'collapsar train presets/paper-imbalanced.yaml --out runs/paper-imbalanced',
      status: 'finished',
      step,
      objective,
      measuredAtStep: step,
      seconds,
      stepsPerSecond: 1 / 3.1e-5,
      blas: { name: 'OpenBLAS 0.3.21', threads: 2 },
      problem: {
        counts,
        depth: 3,
        widths: [64, 64, 64],
        loss: 'mse',
        bias: 'none',
        weightDecays: [5e-4, 5e-4, 5e-4],
        featureDecay: 5e-4,
      },
      prediction: {
        objective: 0.0412,
        optimality: 'global',
        unique: true,
        rank: classes.filter(({ measured }) => measured === 'alive').length,
        frame: 'general orthogonal frame',
        certificate: { lowerBound: 0.0412, gap: 0, relativeGap: 0 },
        alternatives: [{ kind: 'lost', name: 'every class lost (P = 0, H = 0)', objective: 0.5 }],
        note: null,
      },
      seli: null,
      minority: null,
      classes,
      geometry:
        K <= 50 ? { measured: grams(classes, 'measured'), predicted: grams(classes, 'predicted') } : null,
      verdict: {
        held: true,
        sentence: `Theory held: all ${K} classes ended as predicted, with norms within 0.002 % of the closed form.`,
      },
      ...measures(step, 0),
    },
  };
}

/** The same run, blown up after a few hundred steps. */
export function divergedRun(): Sample {
  const run = sampleRun({ counts: [200, 100, 50, 50], steps: 400, every: 10 });
  const records = run.records.map((record) => ({
    ...record,
    objective: (record.objective ?? NaN) * Math.exp((record.step / 100) ** 3),
    weightNorms: record.weightNorms?.map((norm) => (norm ?? NaN) * Math.exp((record.step / 130) ** 3)) ?? [],
  }));
  const summary = run.summary;
  if (summary === null) throw new Error('a sample has a summary');
  return {
    ...run,
    records,
    summary: {
      ...summary,
      status: 'diverged',
      objective: null,
      geometry: null,
      classes: summary.classes.map((given) => ({
        ...given,
        weightNorm: null,
        featureNorm: null,
        fit: null,
        accuracy: null,
        measured: null,
      })),
      verdict: { held: null, sentence: 'The run diverged, so it does not test the theory.' },
      divergence: { step: 407, objective: 3.1e41, stableLearningRate: 0.0381 },
    },
  };
}

/** A run that was killed: records, no summary. */
export function killedRun(): Sample {
  const run = sampleRun({ counts: [200, 100, 50, 50], steps: 4200, every: 100 });
  return { ...run, summary: null, command: null };
}

/** Ten classes, of which the small ones die as theory says, one against it, and one is metastable and lives. */
export function dyingRun(): Sample {
  const counts = [5000, 2997, 1796, 1077, 645, 387, 232, 139, 83, 50];
  const regimes = counts.map((_, k) => regimeWhere(k < 7, k === 7));
  const run = sampleRun({ counts, steps: 20_000, every: 50, regimes });
  if (run.summary === null) throw new Error('a sample has a summary');
  const classes = run.summary.classes.map((given, k): ClassComparison => {
    if (k === 6)
      return { ...given, weightNorm: 1e-7, featureNorm: 3e-8, fit: 0, accuracy: 0, measured: 'lost' };
    if (k === 7)
      return { ...given, weightNorm: 0.62, featureNorm: 1.05, fit: 0.61, accuracy: 1, measured: 'alive' };
    return given;
  });
  return {
    ...run,
    summary: {
      ...run.summary,
      classes,
      geometry: { measured: grams(classes, 'measured'), predicted: grams(classes, 'predicted') },
      verdict: {
        held: false,
        sentence:
          'Theory did not hold: class 6 is lost although the global minimum keeps it; the other 9 ended as predicted or metastable.',
      },
    },
  };
}

/** `K` classes with a long tail. */
export function longTail(K: number): Sample {
  const counts = Array.from({ length: K }, (_, k) => Math.floor(500 * 100 ** (-k / Math.max(1, K - 1))));
  const regimes = counts.map((n) => regimeWhere(n > 12, n > 8));
  return sampleRun({ counts, steps: 6000, every: 100, regimes });
}

/** Measures of a run in which nothing could be measured. */
export const NOT_MEASURED: MeasuresRecord = {
  nc1: { pinv: null, pinvWeighted: null, quotient: null },
  cdnv: null,
  nc2: {
    equinorm: null,
    equiangular: null,
    cosineMean: null,
    cosineSd: null,
    weights: { orthogonal: null, etf: null, predicted: null },
    features: { orthogonal: null, etf: null, predicted: null },
  },
  nc3: {
    orthogonal: null,
    etf: null,
    predicted: null,
    duality: null,
    dualityCentred: null,
    dualityPredicted: null,
  },
  nc4: null,
  accuracy: null,
};

function measures(step: number, amiss: number): MeasuresRecord {
  const decay = (from: number, time: number, floor = 0): number => from * Math.exp(-step / time) + floor;
  const frames = (from: number, time: number) => ({
    orthogonal: 0.231 + decay(from, time),
    etf: 0.412 + decay(from * 0.9, time),
    predicted: decay(from, time, 2e-15),
  });
  // Right after the start the means of a class can coincide: no NC1 there.
  const nc1 = step === 0 ? null : decay(31, 1450, 1e-17);
  return {
    nc1: {
      pinv: nc1,
      pinvWeighted: nc1 === null ? null : nc1 * 0.83,
      quotient:
        step === 0 ? null : decay(22, 1460, 1e-17) * (1 + 0.2 * Math.exp(-step / 900) * Math.sin(step / 300)),
    },
    cdnv: decay(9, 1500, 1e-17),
    nc2: {
      equinorm: 0.19 + decay(0.3, 500),
      equiangular: 0.11 + decay(0.4, 600),
      cosineMean: -0.333,
      cosineSd: 0.143,
      weights: frames(0.9, 900),
      features: frames(0.8, 960),
    },
    nc3: {
      ...frames(0.7, 930),
      duality: 0.093 + decay(0.5, 700),
      dualityCentred: 0.11 + decay(0.5, 700),
      dualityPredicted: decay(0.6, 880, 1e-15),
    },
    nc4: 1 - amiss,
    accuracy: 1 - amiss * 0.8,
  };
}

function grams(classes: readonly ClassComparison[], which: 'measured' | 'predicted'): GramMatrices {
  const noise = (i: number, j: number): number =>
    which === 'measured' ? 4e-6 * Math.sin(1 + 7 * Math.min(i, j) + 3 * Math.max(i, j)) : 0;
  const pick = (given: ClassComparison): readonly [number, number] =>
    which === 'measured'
      ? [given.weightNorm ?? 0, given.featureNorm ?? 0]
      : [given.predictedWeightNorm ?? 0, given.predictedFeatureNorm ?? 0];
  const build = (diagonal: (w: number, h: number) => number) =>
    classes.map((given, i) => classes.map((_, j) => (i === j ? diagonal(...pick(given)) : 0) + noise(i, j)));
  return {
    weights: build((w) => w * w),
    features: build((_, h) => h * h),
    logits: build((w, h) => w * h),
  };
}

function specOf(counts: readonly number[], steps: number, every: number): string {
  return `# An invented run, for the tests of the report.
kind: ufm
counts: [${counts.join(', ')}]
depth: 3
width: 64
loss: mse
bias: none
weightDecay: 5e-4
featureDecay: 5e-4
optimizer: {name: sgd, learningRate: 0.1, momentum: 0.9}
steps: ${steps}
measureEvery: ${every}
init: {std: 0.1, seed: 0}
`;
}

/** What a network's run says beside the measures. */
export const NETWORK: NetworkDetails = {
  architecture: { name: 'mlp', layers: 6, width: 512, batchNorm: false },
  parameters: 123_456,
  data: {
    set: 'mnist',
    checksum: 'a'.repeat(64),
    classNames: ['0', '1', '2', '3'],
    testSamples: 40,
    incomplete: false,
    notes: [],
  },
  epoch: 30,
  batch: 400,
  imagesPerSecond: 12_000,
  threads: 2,
  testAccuracy: 0.9,
  testClassAccuracy: [1, 0.9, 0.9, 0.8],
  featureDecay: { source: 'exact', range: null },
  objective: { data: 0.01, head: 0.01, features: 0.01, backbone: 0, bias: 0, total: 0.03 },
  layers: [],
};

/** A network on four classes of MNIST, an epoch every 100 steps. */
export function networkRun(): Sample & {
  readonly summary: NetworkSummary;
} {
  const run = sampleRun({ counts: [200, 100, 50, 50], steps: 3000, every: 100 });
  if (run.summary === null) throw new Error('a sample has a summary');
  return {
    ...run,
    records: run.records.map((record) => ({
      ...record,
      network: {
        epoch: record.step / 100,
        trainingLoss: record.step === 0 ? null : record.objective,
        learningRate: 1e-3,
        testAccuracy: 0.9,
        featureDecay: 5e-4,
        layers: [],
      },
    })),
    summary: { ...run.summary, kind: 'network', network: NETWORK },
  };
}

function regimeWhere(alive: boolean, metastable: boolean): Regime {
  if (alive) return 'alive';
  return metastable ? 'metastable' : 'lost';
}
