/** What is shown of a network, on summaries made by hand. */
import { describe, expect, it } from 'vitest';
import {
  describeNetworkRun,
  networkProgressLine,
  recordHeading,
  recordLine,
} from '../../src/cli/networkOutput.js';
import type { TrainRecord } from '../../src/runs/index.js';
import type { NetworkProgress } from '../../src/verbs/train/networkProgress.js';
import type { TrainNetworkDocument } from '../../src/verbs/train/trainNetwork.js';
import { networkRun } from '../report/sample.js';

const { summary, records } = networkRun();
const DOCUMENT: TrainNetworkDocument = { ...summary, runDirectory: 'runs/a' };
const said = (changes: Partial<TrainNetworkDocument>) =>
  describeNetworkRun({ ...DOCUMENT, ...changes }, 200, 'runs/a');

describe('a network without a prediction', () => {
  it.each([
    [[0, 1e-3, 0], 'that of W1, W3 is 0'],
    [[1e-3, 1e-3, 1e-3], 'none can be fitted where head or class means vanish'],
  ])('says why for decays %j', (weightDecays, reason) => {
    const problem = { ...summary.problem, weightDecays, featureDecay: null };
    const text = said({ prediction: null, problem });
    expect(text).toContain('theory     none: ');
    expect(text).toContain(reason);
  });
});

describe('what was trained', () => {
  const { problem, network } = summary;

  it('is said in the words of its settings', () => {
    const data = { ...network.data, set: 'mnist' as const };
    const architecture = { name: 'mlp', layers: 2, width: 512 } as unknown as typeof network.architecture;
    const shown = said({ network: { ...network, data, architecture, parameters: 12_345, batch: 128 } });
    expect(shown.replace(/\s+/g, ' ')).toContain(
      `mlp (layers 2, width 512, 12 345 parameters), 400 images of mnist in batches of 128, head of ${problem.depth} linear layers, no bias, squared error in theory's units`,
    );
  });

  it.each([
    [{ depth: 1 }, 'head of 1 linear layer,'],
    [{ depth: 2 }, 'head of 2 linear layers,'],
    [{ bias: 'free' as const }, ', free bias,'],
    [{ bias: 'none' as const }, ', no bias,'],
    [{ loss: 'ce' as const }, ', cross-entropy\n'],
    [{ loss: 'mse' as const }, ', squared error\n'],
    [{ weightDecays: [1e-3, 1e-3] }, 'λ_W = 0.001,'],
    [{ weightDecays: [1e-3, 2e-3] }, 'λ_W = 0.001, 0.002,'],
    [{ featureDecay: null }, '; λ_H could not be fitted\n'],
  ])('%j', (changes, words) => {
    expect(said({ problem: { ...problem, ...changes } })).toContain(words);
  });

  it('says where λ_H comes from', () => {
    const of = (source: 'exact' | 'fitted', range: readonly [number, number] | null) =>
      said({
        problem: { ...problem, featureDecay: 2e-3 },
        network: { ...network, featureDecay: { source, range } },
      });
    expect(of('exact', null)).toContain('λ_H = 0.002\n');
    expect(of('fitted', null)).toContain(
      'λ_H = 0.002 (fitted to the balance between head and class means)\n',
    );
    expect(of('fitted', [1e-3, 4e-3]).replace(/\s+/g, ' ')).toContain(
      'λ_H = 0.002 (fitted to the balance between head and class means, 0.001 to 0.004 over classes) after',
    );
  });

  it('says speed, objective, theory, tests and notes where there are any', () => {
    const notes = ['half of the images'];
    expect(said({ network: { ...network, data: { ...network.data, notes } } })).toContain(
      'data: half of the images\n',
    );
    expect(said({ network: { ...network, imagesPerSecond: null } })).toMatch(
      /^after 30 epochs \((?!.*images)/m,
    );
    expect(said({ objective: null })).toContain('objective  not finite\n');
    expect(said({ network: { ...network, testAccuracy: null } })).not.toContain('\ntest ');
    const prediction = { ...summary.prediction!, objective: 0.125, optimality: 'best-known' as const };
    expect(said({ prediction })).toContain('theory     0.125000, best known: ');
    expect(said({})).toContain('run folder  runs/a\nreport      runs/a/report.html');
  });

  it('says the verdict alone of a run that diverged', () => {
    const verdict = { ...summary.verdict, sentence: 'It diverged.' };
    expect(said({ status: 'diverged', verdict })).toBe('It diverged.');
  });
});

describe('the progress of a network', () => {
  const progress: NetworkProgress = {
    epoch: 12,
    epochs: 200,
    step: 600,
    steps: 1000,
    from: 200,
    loss: 0.012345,
    accuracy: 0.991,
    imagesPerSecond: 12_300.4,
    busy: 'training',
    record: null,
  };

  it('has each of its numbers', () => {
    expect(networkProgressLine(progress, 2)).toBe(
      'training  60 %  epoch 12/200  loss 0.0123  99.1 % right  12 300 images/s  0:02 left',
    );
    const record = { ...records[1], nc1: { ...records[1].nc1, pinv: 0.4567 } };
    expect(networkProgressLine({ ...progress, record }, 2)).toContain('right  NC1 0.46  12 300');
  });

  it('leaves out what is not known', () => {
    const bare = { ...progress, loss: null, accuracy: null, imagesPerSecond: null };
    expect(networkProgressLine({ ...bare, step: 200 }, 2)).toBe('training  20 %  epoch 12/200');
    expect(networkProgressLine(bare, 0)).toBe('training  60 %  epoch 12/200');
    expect(networkProgressLine({ ...bare, steps: 0, step: 0, from: 0 }, 1)).toBe(
      'training  100 %  epoch 12/200',
    );
  });

  it('has records in columns of eight characters', () => {
    expect(recordHeading().replace(/\p{M}/gu, '')).toBe(
      ['epoch', 'loss', 'right', 'test', 'NC1', 'Δ PPᵀ', 'Δ HᵀH', 'Δ PH', 'NC4']
        .map((title) => title.padStart(8))
        .join(' '),
    );
    const bare: TrainRecord = { ...records[0], nc4: null, accuracy: null };
    Reflect.deleteProperty(bare, 'network');
    expect(recordLine(bare)).toMatch(/^ {7}– {8}– {8}– {8}– /);
    expect(recordLine(bare).length).toBe(9 * 8 + 8);
  });
});
