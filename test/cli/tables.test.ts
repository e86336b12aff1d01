/** The tables that verbs print, cell by cell under their heads, against the document of `--json`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { adviseVerb } from '../../src/cli/advise.js';
import { basinVerb } from '../../src/cli/basin.js';
import { comparisonTable, measuresTables, spaced } from '../../src/cli/comparisonTables.js';
import type { Verb } from '../../src/cli/context.js';
import { number, share, whole } from '../../src/cli/format.js';
import { blocksText, tableText } from '../../src/cli/tables.js';
import { measureVerb } from '../../src/cli/measure.js';
import { besideRange } from '../../src/cli/measureWords.js';
import { describeNetworkRun, recordHeading, recordLine } from '../../src/cli/networkOutput.js';
import { predictVerb } from '../../src/cli/predict.js';
import { describePlan, describeResults } from '../../src/cli/reproduceWords.js';
import { trainVerb } from '../../src/cli/train.js';
import { verifyVerb } from '../../src/cli/verify.js';
import type { ClassComparison, MeasuresRecord } from '../../src/runs/index.js';
import type {
  AdviseDocument,
  BasinDocument,
  MeasureDocument,
  PredictionDocument,
  TrainDocument,
  VerifyDocument,
} from '../../src/verbs/index.js';
import { encodeNpz } from '../../src/data/index.js';
import { networkRun, sampleRun } from '../report/sample.js';
import { temporaryFolder } from '../support/cli.js';
import { documentOf, runVerb } from '../support/commandInProcess.js';
import { readTextTable } from '../support/readTable.js';

/** What is printed and the document of one command line. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller says what the verb's document is.
async function both<T>(verb: Verb, line: string): Promise<{ readonly text: string; readonly document: T }> {
  const args = line.split(' ');
  const { code, stdout, stderr } = await runVerb(verb, args);
  expect([code, stderr]).toEqual([0, '']);
  return { text: stdout, document: await documentOf<T>(verb, args) };
}

function expectComparison(text: string, classes: readonly ClassComparison[]): void {
  const rows = readTextTable(text, 'class', '‖p‖');
  expect(rows).toHaveLength(classes.length);
  classes.forEach((given, k) =>
    expect(rows[k]).toMatchObject({
      class: String(k),
      n: whole(given.count),
      '‖p‖': number(given.weightNorm),
      theory: number(given.predictedWeightNorm),
      ...(given.centredFeatureNorm === undefined
        ? { '‖h̄‖': number(given.featureNorm) }
        : { '‖h̄−h_G‖': number(given.centredFeatureNorm) }),
      'theory#2': number(given.predictedFeatureNorm),
      fit: number(given.fit),
      'theory#3': number(given.predictedFit),
      accuracy: share(given.accuracy),
      measured: given.measured ?? '–',
      'theory#4': given.regime ?? '–',
    }),
  );
}

function expectMeasures(text: string, given: MeasuresRecord): void {
  const { nc1, nc2, nc3, cdnv, nc4, accuracy } = given;
  const rows = readTextTable(text, 'measure', 'value');
  expect(Object.fromEntries(rows.map(({ measure, value }) => [measure.replace(/\s+/g, ' '), value]))).toEqual(
    Object.fromEntries(
      [
        ['NC1 tr(Σ_W Σ_B⁺)/K, Σ_B unweighted', number(nc1.pinv)],
        ['NC1 the same, Σ_B weighted by n_k/N', number(nc1.pinvWeighted)],
        ['NC1 tr Σ_W / tr Σ_B', number(nc1.quotient)],
        ['CDNV', number(cdnv)],
        ['NC2 norms of centred means, sd/mean', number(nc2.equinorm)],
        ['NC2 mean |cos + 1/(K−1)|', number(nc2.equiangular)],
        ['NC3 ‖P̂ − (H̄ᵀ)^‖, self-duality', number(nc3.duality)],
        ['NC3 the same, means centred', number(nc3.dualityCentred)],
        ['NC3 ‖P̂ − (ΔH̄ᵀ)^‖, predicted duality', number(nc3.dualityPredicted)],
        ['NC4 classifier = nearest class mean', share(nc4)],
        ['accuracy', share(accuracy)],
      ]
        .filter(([, value]) => value !== '–')
        .map(([name, value]) => [name.normalize('NFC'), value]),
    ),
  );
  const frames = readTextTable(text, 'distance from a frame', 'orthogonal');
  [nc2.weights, nc2.features, nc3].forEach(({ orthogonal, etf, predicted }, i) =>
    expect(frames[i]).toMatchObject({
      orthogonal: number(orthogonal),
      'simplex ETF': number(etf),
      predicted: number(predicted),
    }),
  );
  expect(frames.map((row) => row['distance from a frame'].slice(0, 5).trim())).toEqual(['NC2', 'NC2', 'NC3']);
}

/** Every number another one. */
const CLASSES = [0, 1].map((k): ClassComparison => ({
  count: 12_000 - k,
  weightNorm: 1.1 + k,
  predictedWeightNorm: 1.2 + k,
  featureNorm: 1.3 + k,
  predictedFeatureNorm: 1.4 + k,
  fit: 0.15 + k / 10,
  predictedFit: 0.16 + k / 10,
  accuracy: 0.17 + k / 10,
  regime: (['alive', 'metastable'] as const)[k],
  measured: (['alive', null] as const)[k],
}));
const MEASURES: MeasuresRecord = {
  nc1: { pinv: 0.21, pinvWeighted: 0.22, quotient: 0.23 },
  cdnv: 0.24,
  nc2: {
    equinorm: 0.25,
    equiangular: 0.26,
    cosineMean: 0.27,
    cosineSd: 0.28,
    weights: { orthogonal: 0.31, etf: 0.32, predicted: 0.33 },
    features: { orthogonal: 0.34, etf: 0.35, predicted: 0.36 },
  },
  nc3: {
    orthogonal: 0.37,
    etf: 0.38,
    predicted: 0.39,
    duality: 0.41,
    dualityCentred: 0.42,
    dualityPredicted: 0.43,
  },
  nc4: 0.44,
  accuracy: 0.45,
};

describe('numbers', () => {
  it('have four digits, and an exponent where they are very large or small', () => {
    expect([0.123456, 1234.56, 999_999, 1e6, 1e-3, 0.00098765, -2.5, 0, null].map((x) => number(x))).toEqual([
      '0.1235',
      '1235',
      '1000000',
      '1e6',
      '0.001',
      '9.877e-4',
      '-2.5',
      '0',
      '–',
    ]);
    expect([number(0.123456, 2), share(0.95337), whole(9999), whole(10_000)]).toEqual([
      '0.12',
      '95.34 %',
      '9999',
      '10 000',
    ]);
  });
});

describe('measured beside predicted', () => {
  it('has each number under its head', () => {
    expectComparison(tableText(comparisonTable(CLASSES), 200), CLASSES);
    expectMeasures(blocksText(spaced(measuresTables(MEASURES)), 200), MEASURES);
  });

  it('leaves columns out for width in pairs, and columns without any number', () => {
    const narrow = tableText(comparisonTable(CLASSES), 68);
    expect(narrow).toContain('(left out for width: accuracy, fit, theory;');
    expect(readTextTable(narrow, 'class', '‖p‖')[1]).toMatchObject({ '‖p‖': '2.1', theory: '2.2' });
    const bare = tableText(
      comparisonTable(CLASSES.map((given) => ({ ...given, predictedFit: null, accuracy: null }))),
      200,
    );
    const [row] = readTextTable(bare, 'class', 'fit');
    expect(Object.keys(row)).not.toContain('accuracy');
    expect(row).toMatchObject({ fit: '0.15', measured: 'alive', 'theory#3': 'alive' });
  });
});

describe('predict', () => {
  it.each([
    '--counts 200,100,50,5 --depth 2 --width 6 --weight-decay 2e-3 --feature-decay 1e-3',
    '--counts 60,30,12 --depth 2 --width 8 --bias free --weight-decay 5e-3',
    '--counts 8,4,2 --loss ce --weight-decay 1e-2',
  ])('prints what its document says: %s', async (line) => {
    const { text, document } = await both<PredictionDocument>(predictVerb, line);
    const rows = readTextTable(text, 'class', '‖p‖');
    expect(rows).toHaveLength(document.classes.length);
    document.classes.forEach((given, k) => {
      expect(rows[k]).toMatchObject({
        class: String(k),
        n: whole(given.count),
        '‖p‖': number(given.weightNorm),
        '‖h̄‖': number(given.featureNorm),
        fit: number(given.fit),
        share: number(given.share),
        margin: number(given.margin),
      });
      if (given.regime !== null)
        expect(rows[k]).toMatchObject({
          regime: given.regime,
          'lives below λ_W': number(given.maxWeightDecay),
          '…with λ_H tied': number(given.maxTiedDecay),
        });
      else expect(rows[k].separated).toBe(given.separated === true ? 'yes' : 'no');
    });
    expect(text).toContain(`F* = ${document.objective.toPrecision(10)}`);
    expect(text).toContain(
      `geometry  ${document.frame}, rank ${document.rank} of ${document.classes.length}`,
    );
    const { counts, samples, depth, featureDecay } = document.problem;
    expect(text).toContain(`n = ${counts.join(', ')}  (K = ${counts.length}, N = ${samples})`);
    expect(text).toMatch(new RegExp(`M = ${depth}, width .*, λ_W = .*, λ_H = ${number(featureDecay)}$`, 'm'));
    if (document.problem.bias === 'free')
      readTextTable(text, 'mode', 'τ').forEach((row, i) => {
        const mode = document.modes[i];
        expect(row).toEqual({
          mode: String(i),
          τ: number(mode.target),
          σ: number(mode.value),
          b: number(mode.b),
          b_global: number(mode.bGlobal),
          b_exist: number(mode.bExist),
          regime: mode.regime ?? '–',
        });
      });
    if (document.problem.loss === 'ce') {
      const solutions = readTextTable(text, 'solution', 'objective');
      const lowest = Number(solutions[0].objective);
      expect(solutions[0].objective).toBe(document.objective.toPrecision(10));
      for (const { name, objective } of document.alternatives) {
        const row = solutions.find(({ solution }) => solution.startsWith(name));
        expect(row?.objective).toBe(objective.toPrecision(10));
        expect(Number(row?.['above the lowest'])).toBeCloseTo(objective - lowest, 4);
      }
    }
  });

  it('says many classes with the first and the last, and widths and decays layer by layer', async () => {
    const { stdout } = await runVerb(
      predictVerb,
      '--counts 15,14,13,12,11,10,9,8,7,6,5,4,3 --width 20,21 --weight-decay 1e-4,2e-4 --feature-decay 3e-4'.split(
        ' ',
      ),
    );
    expect(stdout).toContain('n = 15, 14, 13, 12, 11, 10 … 4, 3  (K = 13, N = 117)');
    const twelve = await runVerb(predictVerb, ['--counts', '12,11,10,9,8,7,6,5,4,3,2,1']);
    expect(twelve.stdout).toContain('n = 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1  (K = 12, N = 78)');
    expect(stdout).toContain('M = 2, width 20, 21, λ_W = 1e-4, 2e-4, λ_H = 3e-4');
  });
});

describe('predict and verify', () => {
  it.each([
    ['--seed', '1.5', '--seed: a whole number, got 1.5'],
    ['--restarts', '0', '--restarts: a positive whole number, got 0'],
    ['--budget', '0', '--budget: seconds above 0 and up to a million, got 0'],
    ['--budget', '1000001', '--budget: seconds above 0 and up to a million, got 1000001'],
  ])('refuses %s %s', async (flag, value, message) => {
    await expect(runVerb(verifyVerb, ['--counts', '4,2', flag, value])).rejects.toThrow(message);
  });
});

describe('advise', () => {
  it.each([
    '--counts 500,150,30,5 --depth 2 --width 3 --weight-decay 2e-3 --feature-decay 5e-4',
    '--counts 40,20,5 --loss ce --weight-decay 1e-2',
  ])('prints what its document says: %s', async (line) => {
    const { text, document } = await both<AdviseDocument>(adviseVerb, line);
    const ce = document.method === 'bisection';
    const lives = ce ? 'separated' : 'lives';
    const depths = readTextTable(text, 'depth');
    document.depths.forEach(({ depth, maxWeightDecay, maxOfUncut, keep, alive }, i) => {
      expect(depths[i]).toMatchObject({
        depth: String(depth),
        [lives]: number(maxWeightDecay),
        [`fit ${number(document.keepFit)}`]: number(keep),
        [`at ${number(document.weightDecay)}`]: `${alive} of ${document.classes.length}`,
      });
      if ('those not cut' in depths[i]) expect(depths[i]['those not cut']).toBe(number(maxOfUncut));
    });
    expect(depths).toHaveLength(document.depths.length);
    const rows = readTextTable(text, 'class', 'lost');
    document.classes.forEach((given, k) =>
      expect(rows[k]).toMatchObject({
        class: String(k),
        n: whole(given.count),
        [ce ? 'separated' : 'regime']: ce
          ? { true: 'yes', false: 'no', null: '–' }[String(given.separated)]
          : given.regime,
        fit: number(given.fit),
        lost: number(given.lost),
        margin: number(given.margin),
        [`${lives} below`]: number(given.maxWeightDecay),
      }),
    );
  });
});

describe('basin', () => {
  it('prints what its document says', async () => {
    const { text, document } = await both<BasinDocument>(
      basinVerb,
      '--counts 60,30,12 --depth 2 --width 8 --weight-decay 5e-3 --starts 2 --scales 0.5,0.01 --seed 3',
    );
    const rows = readTextTable(text, 'class', 'barrier');
    document.classes.forEach((given, k) =>
      expect(rows[k]).toEqual({
        class: String(k),
        n: whole(given.count),
        theory: given.regime,
        fit: number(given.predictedFit),
        barrier: number(given.barrier, 2),
        '0.5': `${Math.round(100 * given.alive[0]!)} %`,
        '0.01': `${Math.round(100 * given.alive[1]!)} %`,
      }),
    );
    expect(document.classes.some(({ alive }) => alive[0] !== alive[1])).toBe(true);
    const scales = readTextTable(text, 'std', 'starts');
    document.scales.forEach((given, s) => {
      expect(scales[s]).toMatchObject({
        std: number(given.std),
        starts: String(given.starts),
        settled: String(given.settled),
        'at a saddle': String(given.saddles),
        moving: String(given.moving),
        diverged: String(given.diverged),
        'as theory says': String(given.asPredicted),
      });
      const gap = given.lowestObjective! - document.prediction.objective;
      expect(Math.abs(Number(scales[s]['lowest F − F*']) - gap)).toBeLessThan(0.006 * Math.abs(gap) + 1e-11);
    });
  });
});

describe('verify', () => {
  it('prints what its document says', async () => {
    const { text, document } = await both<VerifyDocument>(
      verifyVerb,
      '--counts 8,4,2 --depth 2 --width 4 --weight-decay 2e-2 --restarts 3 --seed 1',
    );
    const line = (name: string) => new RegExp(`^${name}  +(.*)$`, 'm').exec(text)?.[1];
    expect(line('predicted')).toBe(document.predicted.toPrecision(12));
    expect(line('best found')).toBe(document.best.toPrecision(12));
    expect(line('difference')).toBe(number(document.gap));
    expect(line('lower bound')).toBe(document.lowerBound?.toPrecision(12) ?? 'none is known');
    const rows = readTextTable(text, 'kind of start', 'starts');
    expect(rows).toHaveLength(document.kinds.length);
    document.kinds.forEach((kind, i) => {
      expect(rows[i]).toMatchObject({
        'kind of start': kind.kind,
        starts: String(kind.restarts),
        best: kind.best.toPrecision(10),
        'above the best': number(Math.max(0, kind.best - document.best)),
      });
    });
    expect(text).toContain(`${document.restarts} starts in `);
    expect(text.replace(/\s+/g, ' ')).toContain(`${document.reached} of which ended at the best value`);
  });
});

describe('measure and train', () => {
  it('print what their documents say', async () => {
    const cwd = temporaryFolder();
    const decays = '--weight-decay 2e-3,1e-3 --feature-decay 1e-3';
    const problem = `--counts 9,5,2 --depth 2 --width 7 --bias free ${decays}`;
    expect((await runVerb(predictVerb, `${problem} --out ${cwd}/min.npz`.split(' '))).code).toBe(0);
    const measured = await both<MeasureDocument>(measureVerb, `${cwd}/min.npz --loss mse ${decays}`);
    expectComparison(measured.text, measured.document.classes);
    expectMeasures(measured.text, measured.document);
    expect(measured.text).toContain('16 samples, 3 classes, d = 7, a head of 2 linear layers');

    mkdirSync(join(cwd, 'runs'));
    const spec = {
      kind: 'ufm',
      counts: [6, 3, 2],
      depth: 2,
      width: 5,
      weightDecay: 2e-2,
      featureDecay: 1e-2,
    };
    writeFileSync(join(cwd, 'spec.json'), JSON.stringify({ ...spec, steps: 40, measureEvery: 20 }));
    const text = (await runVerb(trainVerb, [`${cwd}/spec.json`, '--out', `${cwd}/runs/a`])).stdout;
    const document = await documentOf<TrainDocument>(trainVerb, [
      `${cwd}/spec.json`,
      '--out',
      `${cwd}/runs/b`,
    ]);
    expectComparison(text, document.classes);
    expectMeasures(text, document);
    expect(text).toContain(`objective  ${document.objective!.toPrecision(10)}\n`);
    expect(text).toContain(`theory     ${document.prediction.objective.toPrecision(10)}, the global minimum`);
    expect(text).toContain('after 40 steps');
  });

  it('prints the SELI distances and the angles of small classes', async () => {
    const cwd = temporaryFolder();
    const decays = '--weight-decay 1e-3 --feature-decay 1e-3';
    const line = `--counts 12,12,2,2 --loss ce --bias free --width 5 ${decays} --out ${cwd}/ce.npz`;
    expect((await runVerb(predictVerb, line.split(' '))).code).toBe(0);
    const { text, document } = await both<MeasureDocument>(measureVerb, `${cwd}/ce.npz --loss ce ${decays}`);
    const [seli] = readTextTable(text, 'distance from SELI');
    expect([seli['PPᵀ'], seli['H̄ᵀH̄'], seli['PH̄']]).toEqual(
      [document.seli!.weights, document.seli!.features, document.seli!.logits].map((x) => number(x)),
    );
    const degrees = (value: number | null) => `${value!.toFixed(1)}°`;
    const { minority, majority } = document.minority!;
    expect(
      readTextTable(text, 'mean angle between').map((row) => [row['rows of P'], row['class means']]),
    ).toEqual([minority, majority].map(({ weights, features }) => [degrees(weights), degrees(features)]));
  });
});

describe('networks and reproduce', () => {
  const { records, summary } = networkRun();
  const document = {
    ...summary,
    ...MEASURES,
    classes: CLASSES,
    runDirectory: 'runs/a',
    network: {
      ...summary.network,
      layers: [
        { name: 'a', place: 'backbone' as const, nc1: { pinv: 0.5, quotient: 0.6 }, cdnv: 0.7 },
        { name: 'W1', place: 'head' as const, nc1: { pinv: 0.8, quotient: 0.9 }, cdnv: 0.95 },
      ],
    },
  };

  it('prints a network’s classes, measures and layers', () => {
    const text = describeNetworkRun(document, 200, 'runs/a');
    expectComparison(text, CLASSES);
    expectMeasures(text, MEASURES);
    expect(readTextTable(text, 'layer', 'NC1')).toEqual([
      { layer: 'a', place: 'backbone', NC1: '0.5', 'tr Σ_W / tr Σ_B': '0.6', CDNV: '0.7' },
      { layer: 'W1', place: 'head', NC1: '0.8', 'tr Σ_W / tr Σ_B': '0.9', CDNV: '0.95' },
    ]);
    expect(text).toContain('test       90.00 % of 40 images');
    expect(text).toContain(`theory     ${summary.prediction!.objective.toPrecision(6)}, the global minimum`);
    expect(text).toContain(`objective  ${summary.objective!.toPrecision(6)}`);
    expect(text).toContain('after 30 epochs (12 000 images a second in training');
  });

  it('prints a record under its heading', () => {
    const network = { ...records[3].network!, trainingLoss: 0.51, testAccuracy: 0.61 };
    const line = recordLine({ ...records[3], ...MEASURES, network });
    const [row] = readTextTable(`${recordHeading()}\n${line}`, 'epoch');
    expect(row).toEqual({
      epoch: '3',
      loss: '0.51',
      right: '45.0 %',
      test: '61.0 %',
      NC1: '0.21',
      'Δ PPᵀ': '0.33',
      'Δ H̄ᵀH̄': '0.36',
      'Δ PH̄': '0.39',
      NC4: '44.0 %',
    });
  });

  it('prints the plan and the results of several runs', () => {
    const plan = describePlan(
      'title',
      [
        { name: 'one', state: 'new', estimatedSeconds: 65 },
        { name: 'two', state: 'done', estimatedSeconds: null },
        { name: 'three', state: 'new', estimatedSeconds: 10 },
      ] as unknown as Parameters<typeof describePlan>[1],
      'machine',
      200,
    );
    expect(readTextTable(plan, 'run', 'state')).toEqual([
      { run: 'one', state: 'new', 'estimated time': '1:05' },
      { run: 'two', state: 'done', 'estimated time': '–' },
      { run: 'three', state: 'new', 'estimated time': '0:10' },
    ]);
    expect(plan).toContain('about 1:15 in all');
    const run = (name: string, shift: number) => ({
      name,
      measured: { ...MEASURES, objective: 1.5 + shift, testAccuracy: 0.9 },
      predicted: { objective: 1.25 + shift },
      seconds: 61,
      status: 'finished',
      classes: CLASSES,
      verdict: { held: true, sentence: `${name} held.` },
      dataNotes: [],
      runDirectory: `runs/${name}`,
    });
    const results = describeResults(
      { title: 't', scale: 'quick', runs: [run('one', 0), run('two', 1)] } as never,
      200,
    );
    expect(readTextTable(results, 'run', 'F')).toEqual(
      [0, 1].map((shift) => ({
        run: ['one', 'two'][shift],
        F: String(1.5 + shift),
        theory: String(1.25 + shift),
        NC1: '0.21',
        'Δ PPᵀ': '0.33',
        'Δ H̄ᵀH̄': '0.36',
        'Δ PH̄': '0.39',
        test: '90.00 %',
        time: '1:01',
        status: 'finished',
      })),
    );
    expectComparison(results, CLASSES);
  });
});

it('prints the classes of a sample as its summary has them', () => {
  const { classes } = sampleRun({ counts: [200, 100, 50, 50], steps: 100, every: 100 }).summary!;
  expectComparison(tableText(comparisonTable(classes), 200), classes);
});

describe('a single class', () => {
  it('is said to have nothing to compare, and leaves no table empty', async () => {
    const cwd = temporaryFolder();
    const arrays = (labels: readonly number[]) =>
      [
        { name: 'features', shape: [3, 2], dtype: 'float64', values: Float64Array.of(1, 2, 1.1, 2, 0.9, 1) },
        { name: 'labels', shape: [3], dtype: 'int32', values: Int32Array.from(labels) },
      ] as const;
    writeFileSync(join(cwd, 'one.npz'), encodeNpz(arrays([0, 0, 0])));
    writeFileSync(join(cwd, 'two.npz'), encodeNpz(arrays([0, 0, 1])));
    const { stdout } = await runVerb(measureVerb, [join(cwd, 'one.npz')]);
    expect(stdout).toContain('they do not exist for a single one');
    expect(stdout).not.toMatch(/^measure +value\n(\n|$)/m);
    expect(stdout).not.toContain('\n\n\n');
    const two = await runVerb(measureVerb, [join(cwd, 'two.npz')]);
    expect(two.stdout).not.toContain('a single one');
    expect(readTextTable(two.stdout, 'measure', 'value').length).toBeGreaterThan(0);
  });
});

describe('a fitted λ_H', () => {
  it.each([
    [1.5, [1, 1.99], ''],
    [2, [1, 2.01], ': at a minimiser they are one, so features are far from one'],
    [1, [1, 1], ''],
    [1 + 1e-9, [1, 1], ''],
    [4, [1, 3], ', all below it: head and class means are not balanced in every direction'],
    [0.5, [1, 3], ', all above it: head and class means are not balanced in every direction'],
  ] as const)('of %d beside the classes’ %j', (value, range, words) => {
    expect(besideRange(value, range)).toBe(words);
  });
});
