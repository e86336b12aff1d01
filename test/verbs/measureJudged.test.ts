/** Files whose verdicts were once wrong: an offset of the features, exchanged classes, a decayed bias, a point below the search. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { portableBlas } from '../../src/core/portableBlas.js';
import { memorySource, openArrays } from '../../src/data/index.js';
import { measureBeside } from '../../src/judge/index.js';
import { measureSnapshot } from '../../src/metrics/index.js';
import { createProblem, type Loss, type Snapshot } from '../../src/model/index.js';
import { predictCe, type Minimiser } from '../../src/theory/index.js';
import { measure, type MeasureDocument } from '../../src/verbs/index.js';
import { judgeBeside } from '../../src/verbs/measure/judged.js';

async function measured(
  name: string,
  loss: Loss,
  weightDecay: number,
  featureDecay = weightDecay,
): Promise<MeasureDocument> {
  const bytes = readFileSync(new URL(`../cases/${name}.npz`, import.meta.url));
  return measure({
    file: await openArrays(memorySource(`${name}.npz`, new Uint8Array(bytes))),
    names: { features: undefined, labels: undefined, weights: undefined, bias: undefined },
    ...{ loss, weightDecays: [weightDecay], featureDecay, blas: portableBlas },
  });
}

describe('a constant offset of the features that the head does not see', () => {
  it('changes no verdict, and is named', async () => {
    const { verdict, nc1, nc2, nc3, classes, prediction } = await measured('etf_offset', 'ce', 5e-3, 2e-3);
    expect(nc1.pinv).toBe(0);
    // The exact minimiser to rounding, once centred.
    expect(nc2.features.predicted).toBeLessThan(1e-12);
    expect(nc3.predicted).toBeLessThan(1e-12);
    expect(verdict!.held).toBe(true);
    expect(verdict!.sentence).toMatch(/^Every class is as theory says/);
    expect(verdict!.objectiveAtMeans! / prediction!.objective).toBeCloseTo(1, 12);
    expect(verdict!.warnings).toHaveLength(1);
    expect(verdict!.warnings[0]).toMatch(/constant offset of norm 1\.057/);
    for (const { featureNorm, centredFeatureNorm, predictedFeatureNorm } of classes) {
      expect(centredFeatureNorm! / predictedFeatureNorm!).toBeCloseTo(1, 12);
      // ‖h̄_k‖² = ‖h̄_k − h_G‖² + ‖h_G‖² where the offset is orthogonal to the means.
      expect(featureNorm! ** 2).toBeCloseTo(centredFeatureNorm! ** 2 + verdict!.offset! ** 2, 10);
    }
  });

  it('nor does one that the head sees and the bias makes up for', () => {
    const problem = createProblem({
      ...{ counts: [12, 6, 3], depth: 1, widths: 4, loss: 'ce', bias: 'free' },
      ...{ weightDecays: 5e-3, featureDecay: 5e-3 },
    });
    const prediction = predictCe(problem);
    const { snapshot } = shifted(prediction.minimiser(), problem.counts, [0.7, -0.2, 0.4, 1.1]);
    const options = { blas: portableBlas, predicted: prediction.geometry(), weightDecays: [5e-3] };
    const raw = measureSnapshot(snapshot, options);
    const { measurement, offset } = measureBeside(snapshot, options);
    expect(raw.nc2.features.predicted).toBeGreaterThan(0.5);
    expect(offset!.norm).toBeCloseTo(Math.hypot(0.7, -0.2, 0.4, 1.1), 6);
    // Of a numeric solution, certified to 1e-8 of its objective.
    expect(measurement.nc2.features.predicted).toBeLessThan(1e-4);
    expect(measurement.classes).toEqual(raw.classes);
  });
});

describe('a prediction that is not unique', () => {
  it('is compared up to an exchange of classes', async () => {
    const { verdict, nc2 } = await measured('orth_perm_s', 'ce', 1e-3);
    expect(nc2.weights.predicted).toBeCloseTo(1, 6);
    expect(verdict!.held).toBe(true);
    expect(verdict!.sentence).toContain('its frame up to an exchange of classes');
    // The features are 1.15 times those of the minimiser.
    expect(verdict!.sentence).toContain('norms of living classes are within 15 %');
    expect(verdict!.offset).toBeNull();
  });
});

describe('a bias', () => {
  it('that was decayed is warned of: its gradient is not zero', async () => {
    const { verdict } = await measured('ufm_ce_0.005', 'ce', 5e-3);
    expect(verdict!.held).toBe(false);
    expect(verdict!.biasResidual).toBeGreaterThan(0.1);
    expect(verdict!.warnings.join(' ')).toContain(
      "its bias was decayed (PyTorch's default) or training had not ended",
    );
  });

  it.each([
    ['etf_offset', 'ce', 5e-3, 2e-3],
    ['ufmflip_mse', 'mse', 4e-2, 4e-2],
    ['ufm_mse_0.0', 'mse', 2e-3, 2e-3],
  ] as const)('that was free is not: %s', async (name, loss, weightDecay, featureDecay) => {
    const { verdict } = await measured(name, loss, weightDecay, featureDecay);
    expect(verdict!.held).toBe(true);
    expect(verdict!.biasResidual).toBeLessThan(1e-6);
    expect(verdict!.warnings.join(' ')).not.toContain('decayed');
  });
});

describe('the loss of λ', () => {
  it('is named for MSE: nn.MSELoss() with weight_decay 2e-2 at K = 4 is λ = 4e-2', async () => {
    const { lossConvention, verdict } = await measured('ufmflip_mse', 'mse', 2e-2 * 2);
    expect(lossConvention).toContain('λ = wd·K/2 (here 2·wd)');
    expect(verdict!.sentence).toMatch(/classes 2 and 3 are lost, as predicted/);
    expect((await measured('orth_perm_s', 'ce', 1e-3)).lossConvention).toBeNull();
  });
});

describe('a measured point below the best known solution', () => {
  const counts = new Array<number>(10).fill(10);
  const problem = createProblem({
    ...{ counts, depth: 3, widths: 10, loss: 'ce', weightDecays: 1e-3, featureDecay: 1e-3 },
  });
  // Nothing searched: the lower of simplex and orthoplex.
  const unsearched = () => predictCe(problem, { restarts: 0, budget: 0 });
  const best = predictCe(problem);
  const { snapshot } = shifted(best.minimiser(), counts, new Array<number>(10).fill(0));
  const judged = (predict: Parameters<typeof judgeBeside>[0]['predict']) =>
    judgeBeside({
      ...{ problem, snapshot, predict, blas: portableBlas },
      measured: measureSnapshot(snapshot, { blas: portableBlas }),
    });

  it('is said first, and the search is taken on from it', async () => {
    expect(best.objective).toBeLessThan(unsearched().objective * (1 - 1e-3));
    const { prediction, verdict } = await judged((from) =>
      Promise.resolve(from.length === 0 ? unsearched() : predictCe(problem, { restarts: 1, from })),
    );
    expect(prediction.objective).toBeLessThanOrEqual(best.objective * (1 + 1e-9));
    expect(verdict.beaten).toBe(unsearched().objective);
    expect(verdict.sentence).toMatch(
      /^At its class means this network is better than the best solution known/,
    );
    expect(verdict.held).toBe(true);
  });

  it('is not judged by the worse point where the search cannot be taken on', async () => {
    const { verdict } = await judged(() => Promise.resolve(unsearched()));
    expect(verdict.held).toBeNull();
    expect(verdict.beaten).toBeNull();
    expect(verdict.sentence).toMatch(/^This network is better than the best known solution: /);
    expect(verdict.sentence).toMatch(/ % below the best known solution/);
    expect(verdict.sentence).not.toMatch(/PPᵀ is|norms of living/);
  });
});

/** A minimiser as a snapshot without scatter, its features moved by c and its bias by −Wc. */
function shifted(
  { head, classFeatures }: Minimiser,
  counts: readonly number[],
  c: readonly number[],
): { snapshot: Snapshot } {
  const [d, K] = [classFeatures.rows, classFeatures.cols];
  const data = Float64Array.from({ length: K * d }, (_, i) => {
    const [k, j] = [Math.floor(i / d), i % d];
    return classFeatures.data[j * K + k] + c[j];
  });
  const [W] = head.weights;
  const bias =
    head.bias === null
      ? null
      : head.bias.map((value, k) => value - c.reduce((sum, x, j) => sum + W.data[k * d + j] * x, 0));
  const statistics = {
    ...{ counts, means: { rows: K, cols: d, data }, variances: new Float64Array(K) },
    ...{ withinTrace: 0, within: null },
  };
  return { snapshot: { statistics, head: { ...head, bias }, agreement: null } };
}
