/**
 * Networks that PyTorch brought to the minimum of its own loss with its default decay, of the bias too, as the companion saw them
 * (test/golden/monitor/make_minima.py): what is predicted for them from loss and optimiser is where they are.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { portableBlas } from '../../src/core/portableBlas.js';
import { smoothedWeights } from '../../src/model/index.js';
import { openMonitorFolder } from '../../src/runs/monitorFolder.node.js';
import { measureMonitored, type MonitorDocument, type SettingInstead } from '../../src/verbs/index.js';

const MINIMA = new URL('../golden/monitor/minima/', import.meta.url).pathname;
const objectives = JSON.parse(readFileSync(`${MINIMA}objective.json`, 'utf8')) as Record<string, number>;
const [WD, N, K] = [5e-3, 24, 3];
/** w̄ = Σ n_k w_k/N of w = 0.5, 1, 2 and n = 12, 8, 4; s likewise, smoothed with ε = 0.1. */
const MEAN = 22 / 24;
const SMOOTHED = 0.9 * MEAN + (0.1 / 3) * 3.5;

async function measured(
  name: string,
  instead: SettingInstead = {},
  { ended, biasDecay }: { readonly ended?: boolean; readonly biasDecay?: number } = {},
): Promise<MonitorDocument> {
  const store = await openMonitorFolder(`${MINIMA}${name}`);
  const head = store.manifest.head.map((layer) => ({ ...layer, biasDecay: biasDecay ?? layer.biasDecay }));
  return measureMonitored({
    store: { ...store, manifest: { ...store.manifest, head } },
    ...{ instead, ended },
    blas: portableBlas,
  });
}

function expectHeld({ series, prediction, verdict, predictionNote }: MonitorDocument): void {
  expect(predictionNote).toBeNull();
  expect(verdict).toMatchObject({ held: true, warnings: [] });
  const [point] = series;
  point.classes.forEach((each, k) => {
    expect(each.weightNorm).toBeCloseTo(prediction!.classes[k].weightNorm, 5);
    expect(each.featureNorm).toBeCloseTo(prediction!.classes[k].featureNorm, 5);
    expect(each.fit).toBeCloseTo(prediction!.classes[k].fit, 5);
    expect(each).not.toHaveProperty('centredFeatureNorm');
  });
  expect(point.nc2.weights.predicted).toBeLessThan(1e-6);
  expect(point.nc2.features.predicted).toBeLessThan(1e-6);
}

describe('a network at the minimum of its own loss, decayed bias and all', () => {
  /** `times`: PyTorch's loss is that many times the average of theory. */
  it.each([
    { name: 'ce', decay: WD, times: 1 },
    { name: 'ce-weights', decay: WD, times: 1 },
    { name: 'ce-smoothing', decay: WD, times: 1 },
    { name: 'ce-weights-smoothing', decay: WD, times: SMOOTHED / MEAN },
    { name: 'ce-sum', decay: WD * N, times: N },
    { name: 'ce-sum-weights', decay: WD * N, times: N * MEAN },
    { name: 'mse-mean', decay: WD, times: 2 / K },
    { name: 'mse-sum', decay: WD * N, times: 2 * N },
  ])('is where theory has it: $name', async ({ name, decay, times }) => {
    const document = await measured(name);
    expectHeld(document);
    const { problem, objective } = document.prediction!;
    expect(problem.bias).toBe('decayed');
    for (const lambda of [problem.weightDecays[0], problem.biasDecay!, document.fittedFeatureDecay!.value])
      expect(lambda / (decay / times)).toBeCloseTo(1, 6);
    expect(objective / (objectives[name] / times)).toBeCloseTo(1, 8);
  });

  it('is where theory has it by the words of the user', async () => {
    const decays = { weightDecays: [WD], featureDecay: WD };
    expectHeld(await measured('ce', { loss: 'ce', bias: 'decayed', ...decays }));
    expectHeld(await measured('mse-mean', { loss: 'mse', mseReduction: { kind: 'mean' }, ...decays }));
    const mean = { weightDecays: [WD * N], featureDecay: WD * N, variations: { biasDecay: WD * N } };
    expectHeld(await measured('mse-sum', { mseReduction: { kind: 'sum', batch: N }, ...mean }));
  });

  it('is not where another problem has it', async () => {
    const free = await measured('ce', { bias: 'free' });
    expect(free.verdict?.warnings.join(' ')).toContain('not at rest in its bias');
    expect(free.series[0].classes[0]).toHaveProperty('centredFeatureNorm');
    const smoothed = await measured('ce', { variations: { labelSmoothing: 0.2 } });
    expect(smoothed.series[0].nc2.weights.predicted).toBeGreaterThan(1e-3);
  });

  it.each([
    [0, 'that of a free bias is zero'],
    [0.5, 'decay included'],
  ])('never doubts a decay of the bias that was recorded: %s', async (biasDecay, gradient) => {
    const { verdict } = await measured('ce', {}, { biasDecay });
    const restless = verdict!.warnings.filter((warning) => warning.includes('not at rest in its bias'));
    expect(restless).toHaveLength(1);
    expect(restless[0]).toContain(gradient);
    expect(restless[0]).toMatch(/: training had not ended, or it saw other features/);
    expect(restless[0]).not.toMatch(/its bias (was decayed|had another decay)/);
    // What the user says of the bias may be wrong.
    const said = await measured('ce', { bias: 'decayed', variations: { biasDecay: 0.5 } });
    expect(said.verdict?.warnings.join(' ')).toContain('its bias had another decay');
  });

  it('is not judged, nor is a class lost, while training may go on', async () => {
    const going = await measured('ce', {}, { ended: false });
    expect(going.verdict).toMatchObject({ held: null, warnings: [] });
    expect(going.verdict!.sentence).toMatch(/^So far every class is as theory says/);
    // By another decay the network is far from the minimum, and its bias is not at rest.
    const far = { weightDecays: [1e-5], featureDecay: 1e-5 };
    const ended = await measured('ce', far, { biasDecay: 0.5 });
    expect(ended.verdict!.held).toBe(false);
    const { verdict } = await measured('ce', far, { biasDecay: 0.5, ended: false });
    expect(verdict).toMatchObject({ held: null, warnings: [] });
    expect(verdict!.sentence).toMatch(/^Not there yet/);
  });

  it('refuses what the user says wrongly, and names what an optimiser leaves open', async () => {
    await expect(measured('ce', { mseReduction: { kind: 'mean' } })).rejects.toThrow('mse-reduction');
    await expect(measured('ce', { weightDecays: [1, 2] })).rejects.toThrow('weight decay');
    await expect(measured('ce', { head: ['fc', 'other'] })).rejects.toThrow('the last layers of the head');
    expect((await measured('ce', { optimizer: 'adamw' })).predictionNote).toContain('AdamW decays');
  });
});

describe('the loss of PyTorch with class weights and label smoothing', () => {
  it('is one with soft targets and other weights', () => {
    const [w, epsilon] = [[0.5, 1, 2], 0.1];
    const { classWeights, targets } = smoothedWeights(w, epsilon);
    const logs = [-0.3, -2, -1.2];
    w.forEach((weight, k) => {
      const torch =
        -(1 - epsilon) * weight * logs[k] - (epsilon / 3) * logs.reduce((sum, log, c) => sum + w[c] * log, 0);
      const ours = -classWeights[k] * logs.reduce((sum, log, c) => sum + targets[c][k] * log, 0);
      expect(ours).toBeCloseTo(torch, 14);
      expect(targets.reduce((sum, row) => sum + row[k], 0)).toBeCloseTo(1, 14);
    });
  });
});
