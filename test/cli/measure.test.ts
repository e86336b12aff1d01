import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodeNpz, type ArrayToWrite } from '../../src/data/index.js';
import type { MeasureDocument } from '../../src/verbs/index.js';
import { temporaryFolder } from '../support/cli.js';
import { collapsar, json } from '../support/commandInProcess.js';
import { SHARED_IS_THERE, SHARED_NOTE, sharedPath } from '../support/shared.js';

type Reference = Readonly<Record<string, number>> & {
  readonly P_row_norms: readonly number[];
  readonly pred_s?: readonly number[];
};

function reference(name: string): Reference {
  return JSON.parse(readFileSync(sharedPath(`features/${name}.metrics.json`), 'utf8')) as Reference;
}

function close(found: number | null | undefined, expected: number, tolerance = 1e-6): void {
  // The references agree among themselves to this: float32 features, summed in another order.
  expect(Math.abs((found ?? NaN) - expected)).toBeLessThanOrEqual(tolerance * Math.abs(expected) + 1e-12);
}

describe.skipIf(!SHARED_IS_THERE)(`measure on networks trained on Fashion-MNIST${SHARED_NOTE}`, () => {
  it.each([
    ['fashion-imbalanced-mse-M3', 'mse', '5e-4', '5e-4', undefined],
    ['fashion-imbalanced-mse-M3', 'mse', '5e-4', '5e-4', 'portable'],
    ['fashion-collapsed-mse-M2', 'mse', '2e-3', '5e-4', undefined],
    ['fashion-balanced-ce-M1', 'ce', '5e-4', '5e-6', undefined],
  ])(
    '%s agrees with the independent references (BLAS %#)',
    async (name, loss, weightDecay, featureDecay, blas) => {
      const args = [
        'measure',
        sharedPath(`features/${name}.npz`),
        '--loss',
        loss,
        '--weight-decay',
        weightDecay,
        '--feature-decay',
        featureDecay,
      ];
      const found = (await json(args, blas === undefined ? {} : { blas })) as MeasureDocument;
      const expected = reference(name);
      close(found.nc1.pinv, expected.nc1_pinv);
      close(found.nc1.pinvWeighted, expected.nc1_pinv_weightedSB);
      close(found.nc1.quotient, expected.nc1_quotient);
      close(found.cdnv, expected.cdnv);
      close(found.nc2.equinorm, expected.equinorm_cov_centred);
      close(found.nc2.equiangular, expected.equiangle_dev);
      close(found.nc2.weights.orthogonal, expected.nc2_of_PPt);
      close(found.nc2.weights.etf, expected.nc2_etf_PPt);
      close(found.nc2.features.orthogonal, expected.nc2_of_HtH);
      close(found.nc2.features.etf, expected.nc2_etf_HtH_centred);
      close(found.nc3.orthogonal, expected.nc3_of_PH);
      close(found.nc3.etf, expected.nc3_etf_PH_centred);
      close(found.nc3.duality, expected.nc3_dual);
      close(found.nc3.dualityCentred, expected.nc3_dual_centred);
      close(found.nc4, expected.nc4_agree);
      close(found.accuracy, expected.accuracy);
      found.classes.forEach(({ weightNorm }, k) => close(weightNorm, expected.P_row_norms[k]));
      if (loss === 'mse') {
        // The whole network's objective at these features is not measured here; its predicted frame is.
        close(found.nc2.weights.predicted, expected.nc2_gof_PPt);
        close(found.nc2.features.predicted, expected.nc2_gof_HtH);
        close(found.nc3.predicted, expected.nc3_gof_PH);
        close(found.nc3.dualityPredicted, expected.nc3_gof_dual);
        found.classes.forEach(({ predictedWeightNorm }, k) =>
          close(predictedWeightNorm, expected.pred_s![k]),
        );
      } else {
        expect(found.prediction).toMatchObject({ frame: 'simplex ETF', optimality: 'global' });
        // Equal counts: the predicted frame is the simplex ETF itself.
        close(found.nc2.weights.predicted, expected.nc2_etf_PPt);
        expect(found.seli).toBeNull();
        expect(found.minority).toBeNull();
      }
    },
  );

  it('names the classes that are lost, and which of them theory expected', async () => {
    const { stdout, code } = await collapsar(
      `measure ${sharedPath('features/fashion-collapsed-mse-M2.npz')} --loss mse --weight-decay 2e-3 --feature-decay 5e-4`.split(
        ' ',
      ),
    );
    expect(code).toBe(0);
    const text = stdout.replace(/\s+/g, ' ');
    expect(text).toContain('classes 0–5 are alive, as predicted');
    expect(text).toContain('classes 8 and 9 are lost, as predicted');
    expect(text).toContain('classes 6 and 7 are lost though they live at the global minimum');
  });

  it('fits the feature decay that the network was trained with', async () => {
    const found = (await json(
      `measure ${sharedPath('features/fashion-imbalanced-mse-M3.npz')} --loss mse --weight-decay 5e-4 --feature-decay fit`.split(
        ' ',
      ),
    )) as MeasureDocument;
    const { value, range, classes } = found.fittedFeatureDecay!;
    // Trained with 5e-4, and not quite at its minimum: 1200 steps.
    expect(value).toBeGreaterThan(4e-4);
    expect(value).toBeLessThan(6e-4);
    expect(range[0]).toBeLessThanOrEqual(value);
    expect(range[1]).toBeGreaterThanOrEqual(value);
    expect(classes).toHaveLength(10);
  });
});

describe('measure', () => {
  const cwd = temporaryFolder();
  const file = (name: string, arrays: readonly ArrayToWrite[]): string => {
    const path = join(cwd, name);
    writeFileSync(path, encodeNpz(arrays));
    return path;
  };
  const features = (values: readonly number[], shape: readonly number[]): ArrayToWrite => ({
    name: 'features',
    shape,
    dtype: 'float64',
    values,
  });
  const labels = (values: readonly number[], dtype: ArrayToWrite['dtype'] = 'int32'): ArrayToWrite => ({
    name: 'labels',
    shape: [values.length],
    dtype,
    values,
  });
  const four = features([1, 0, 2, 1, 0, 3, 1, 5], [4, 2]);

  it.each(['none', 'free'])(
    'gives back the decay that a minimiser was built with (bias %s, fit)',
    async (bias) => {
      const problem = `--counts 9,9,5,2 --depth 3 --width 7 --bias ${bias} --weight-decay 4e-3,1e-3,2e-3`;
      expect(
        (await collapsar(`predict ${problem} --feature-decay 3e-3 --out ${cwd}/${bias}.npz`.split(' '))).code,
      ).toBe(0);
      const found = (await json(
        `measure ${cwd}/${bias}.npz --loss mse --weight-decay 4e-3,1e-3,2e-3 --feature-decay fit`.split(' '),
      )) as MeasureDocument;
      // Balance holds exactly at a minimum: rounding only, in every class.
      for (const value of [found.fittedFeatureDecay!.value, ...found.fittedFeatureDecay!.classes])
        close(value, 3e-3, 1e-10);
      expect(found.verdict).toMatchObject({ held: true });
    },
  );

  it('measures a minimiser of imbalanced cross-entropy: predicted frame, SELI and minority angles', async () => {
    const problem = '--counts 30,30,2,2,2 --loss ce --bias free --weight-decay 1e-3 --width 6';
    expect(
      (await collapsar(`predict ${problem} --feature-decay 1e-3 --out ${cwd}/ce.npz`.split(' '))).code,
    ).toBe(0);
    const found = (await json(
      `measure ${cwd}/ce.npz --loss ce --weight-decay 1e-3 --feature-decay 1e-3`.split(' '),
    )) as MeasureDocument;
    // A numeric solution, certified to 1e-8 of its objective: its frame is good to the root of that.
    expect(found.nc2.weights.predicted).toBeLessThan(1e-4);
    expect(found.nc3.dualityPredicted).toBeLessThan(1e-4);
    expect(found.verdict).toMatchObject({ held: true });
    expect(found.seli!.weights).toBeGreaterThan(0);
    expect(found.minority!.minority.classes).toEqual([2, 3, 4]);
    // Small classes lie closer together than large ones (Fang et al. 2021).
    expect(found.minority!.minority.weights).toBeLessThan(found.minority!.majority.weights!);
  });

  it('measures features alone', async () => {
    const found = (await json([
      'measure',
      file('alone.npz', [four, labels([0, 0, 1, 1])]),
    ])) as MeasureDocument;
    expect(found).toMatchObject({ depth: null, nc4: null, accuracy: null, counts: [2, 2] });
    expect(found.geometry).toMatchObject({ weights: null, logits: null });
    expect(found.nc1.pinv).toBeGreaterThan(0);
  });

  it.each([
    ['a missing file', () => 'nothing.npz', /no file of that name/],
    ['a directory', () => temporaryFolder(), /a run folder with spec.yaml/],
    [
      'a wrong array name',
      () => `${file('a.npz', [four, labels([0, 0, 1, 1])])} --features featurs`,
      /did you mean features\? it holds features, labels/,
    ],
    [
      'a file without labels',
      () => file('l.npz', [four]),
      /an array labels, got none, but features; name another with --labels/,
    ],
    [
      'labels that are not integers',
      () => file('b.npz', [four, labels([0, 0.5, 1, 1], 'float64')]),
      /labels.*0\.5/,
    ],
    ['a negative label', () => file('d.npz', [four, labels([0, 0, -1, 1])]), /-1.*sample 2/],
    ['too few labels', () => file('e.npz', [four, labels([0, 0, 1])]), /3 labels/],
    [
      'NaN in the features',
      () => file('f.npz', [features([1, 0, NaN, 1, 0, 3, 1, 5], [4, 2]), labels([0, 0, 1, 1])]),
      /finite.*NaN/,
    ],
    [
      'weights that do not chain',
      () =>
        file('g.npz', [
          four,
          labels([0, 0, 1, 1]),
          { name: 'W1', shape: [3, 2], dtype: 'float64', values: [1, 2, 3, 4, 5, 6] },
          { name: 'W2', shape: [2, 2], dtype: 'float64', values: [1, 2, 3, 4] },
        ]),
      /W2.*as many columns as W1 has rows/,
    ],
    [
      'weights for other features',
      () =>
        file('h.npz', [
          four,
          labels([0, 0, 1, 1]),
          { name: 'W1', shape: [2, 3], dtype: 'float64', values: [1, 2, 3, 4, 5, 6] },
        ]),
      /2 columns, one for each feature/,
    ],
    [
      'transposed features',
      () => file('i.npz', [features([1, 2, 3, 4, 5, 6, 7, 8], [2, 4]), labels([0, 0, 1, 1])]),
      /transposed/,
    ],
    [
      'decays without a loss',
      () => `${file('j.npz', [four, labels([0, 0, 1, 1])])} --weight-decay 1`,
      /loss/,
    ],
    ['no archive at all', () => (writeFileSync(join(cwd, 'k.npz'), 'hello'), join(cwd, 'k.npz')), /k\.npz/],
  ])('refuses %s: one line, exit 2', async (_, args, message) => {
    const { code, stdout, stderr } = await collapsar(['measure', ...args().split(' ')], { cwd });
    expect(stderr).toMatch(/^error: [^\n]*\n$/);
    expect(stderr).toMatch(message);
    expect([code, stdout]).toEqual([2, '']);
  });
});

describe('measure RUN', () => {
  it.each([
    ['--loss', 'ce'],
    ['--weight-decay', '1e-3'],
    ['--feature-decay', 'fit'],
    ['--features', 'h'],
    ['--labels', 'y'],
    ['--weights', 'W1'],
    ['--bias-name', 'b'],
  ])('refuses %s: a run folder brings its own', async (option, value) => {
    const cwd = temporaryFolder();
    const found = await collapsar(['measure', '.', option, value, '--data', '.'], { cwd });
    expect(found.code).toBe(2);
    expect(found.stdout).toBe('');
    expect(found.stderr).toMatch(
      new RegExp(
        `^error: ${option}: a file of features to measure, got "\\."; a run folder brings its own [^\\n]*\\n$`,
      ),
    );
  });
});
