/** Tables of the page: each number under its head. */
import { describe, expect, it } from 'vitest';
import { createFigureDocument } from '../../src/report/document.node.js';
import { renderReport } from '../../src/report/index.js';
import { classRemark } from '../../src/report/page/classTable.js';
import type { ClassComparison } from '../../src/runs/records.js';
import { all, only, readMarkup, type Markup } from '../support/readMarkup.js';
import { readPageTable } from '../support/readTable.js';
import { dyingRun, longTail, networkRun, sampleRun, type Sample } from './sample.js';

const page = (run: Sample): Markup => readMarkup(renderReport({ ...run, document: createFigureDocument() }));
const small = sampleRun({ counts: [200, 100, 50, 50], steps: 300, every: 100 });
const summary = small.summary!;

/** The key facts by name: value and small print. */
function facts(root: Markup): Readonly<Record<string, readonly [string, string]>> {
  return Object.fromEntries(
    all(root, 'dl.facts > div').map((entry) => {
      const remark = entry.querySelector('small')?.textContent ?? '';
      const value = only(entry, 'dd').textContent;
      return [only(entry, 'dt').textContent, [value.slice(0, value.length - remark.length), remark]];
    }),
  );
}

describe('the table of classes', () => {
  it('has measured and predicted numbers under their heads', () => {
    const rows = readPageTable(page(small), 'class-table');
    expect(rows).toHaveLength(4);
    summary.classes.forEach((given, k) =>
      expect(rows[k]).toEqual({
        class: String(k),
        n: String(given.count),
        theory: 'alive',
        outcome: '● alive',
        'row norm ‖pₖ‖ measured': String(given.weightNorm),
        'row norm ‖pₖ‖ predicted': String(given.predictedWeightNorm),
        'mean norm ‖h̄ₖ‖ measured': String(given.featureNorm),
        'mean norm ‖h̄ₖ‖ predicted': String(given.predictedFeatureNorm),
        'fit measured': String(given.fit),
        'fit predicted': String(given.predictedFit),
        accuracy: String(given.accuracy),
      }),
    );
  });

  it('has a column of the test accuracy beside that of training', () => {
    const rows = readPageTable(page(networkRun()), 'class-table');
    expect(rows.map((row) => row['accuracy test'])).toEqual(['1', '0.9', '0.9', '0.8']);
    const shown = all(page(networkRun()), 'table[aria-labelledby="class-table"] tbody tr').map(
      (row) => all(row, 'td').at(-1)?.textContent,
    );
    expect(shown).toEqual(['100\u00a0%', '90\u00a0%', '90\u00a0%', '80\u00a0%']);
    expect(rows.map((row) => row['accuracy training'])).toEqual(['1', '1', '1', '1']);
  });

  it('keeps its columns for many classes, and counts them by what became of them', () => {
    const run = longTail(60);
    const root = page(run);
    const classes = run.summary!.classes;
    const rows = readPageTable(root, 'class-table');
    classes.forEach((given, k) => {
      expect(rows[k]).toMatchObject({
        n: String(given.count),
        '‖pₖ‖': String(given.weightNorm),
        predicted: String(given.predictedWeightNorm),
        '‖h̄ₖ‖': String(given.featureNorm),
        'predicted#2': String(given.predictedFeatureNorm),
        fit: String(given.fit),
        'predicted#3': String(given.predictedFit),
      });
    });
    for (const group of readPageTable(root, 'class-groups')) {
      const members = classes.filter(
        ({ regime, measured }) => regime === group.theory && group.outcome.endsWith(String(measured)),
      );
      const counts = members.map(({ count }) => count);
      expect([group.classes, group['least n'], group['largest n']].map(Number)).toEqual([
        members.length,
        Math.min(...counts),
        Math.max(...counts),
      ]);
      expect(group['as theory says']).toBe('yes');
    }
  });

  it('names the class that was lost against theory', () => {
    const rows = readPageTable(page(dyingRun()), 'class-table');
    expect(rows[6]).toMatchObject({ theory: 'alive' });
    expect(rows[6].outcome).toMatch(/^✕/);
    expect(rows[7]).toMatchObject({ theory: 'metastable', outcome: '● alive', 'fit measured': '0.61' });
  });
});

describe('the sentence on classes that were lost', () => {
  type Fate = Pick<ClassComparison, 'regime' | 'measured'>;
  const remark = (fates: readonly (readonly [Fate['regime'], Fate['measured']])[]) =>
    classRemark(fates.map(([regime, measured], k) => ({ ...summary.classes[k], regime, measured })));

  it('says which, and which of them against theory', () => {
    const [lost, lives] = ['lost', 'alive'] as const;
    expect(remark([[lives, 'alive']])).toBeNull();
    expect(
      remark([
        [lives, 'alive'],
        [lost, 'lost'],
      ]),
    ).toMatch(/^Class 1 is \w+, as theory says\.$/);
    expect(remark([[lives, 'lost']])).toMatch(/^Class 0 is \w+; theory says that it should live\.$/);
    expect(
      remark([
        [lives, 'lost'],
        [lost, 'lost'],
      ]),
    ).toMatch(/^2 classes are \w+ \(0, 1\); theory says that 0 should live\.$/);
    expect(
      remark([
        [lives, 'lost'],
        [lives, 'lost'],
      ]),
    ).toMatch(/^2 classes are \w+ \(0, 1\); theory says that they all should live\.$/);
  });
});

describe('the tables of measures', () => {
  const root = page(small);
  const { nc1, nc2, nc3, cdnv, nc4, accuracy } = summary;

  it('have each frame distance under its frame', () => {
    const row = (matrix: string, frames: typeof nc2.weights) => ({
      matrix,
      predicted: String(frames.predicted),
      orthogonal: String(frames.orthogonal),
      ETF: String(frames.etf),
    });
    expect(readPageTable(root, 'frame-table')).toEqual([
      row('NC2, rows PPᵀ', nc2.weights),
      row('NC2, means H̄ᵀH̄', nc2.features),
      row('NC3, logits PH̄', nc3),
    ]);
  });

  it('have each measure beside its name', () => {
    const values = Object.fromEntries(
      readPageTable(root, 'measure-table').map(({ measure, value }) => [measure, Number(value)]),
    );
    expect(values).toEqual({
      NC1: nc1.pinv,
      'NC1 weighted': nc1.pinvWeighted,
      'NC1 quotient': nc1.quotient,
      CDNV: cdnv,
      'NC2 equinorm': nc2.equinorm,
      'NC2 equiangular': nc2.equiangular,
      'NC2 cosines': nc2.cosineMean,
      'NC2 cosines, sd': nc2.cosineSd,
      'NC3 predicted': nc3.dualityPredicted,
      'NC3 duality': nc3.duality,
      'NC3 centred': nc3.dualityCentred,
      NC4: nc4,
      Accuracy: accuracy,
    });
  });

  it('have the objective of a network part by part', () => {
    const run = networkRun();
    const objective = { data: 1, head: 2, features: 3, backbone: 4, bias: 5, total: 15 };
    const network = { ...run.summary.network, objective };
    const rows = readPageTable(page({ ...run, summary: { ...run.summary, network } }), 'objective-table');
    expect(Object.fromEntries(rows.map(({ part, value }) => [part, Number(value)]))).toEqual(objective);
  });

  it('have known solutions, lowest first, with what each lies above the prediction, and the angles', () => {
    const run: Sample = {
      ...small,
      summary: {
        ...summary,
        objective: 0.05,
        problem: { ...summary.problem, loss: 'ce' },
        seli: { weights: 0.125, features: 0.25, logits: null },
        minority: {
          minority: { classes: [2, 3], weights: 61.5, features: 62 },
          majority: { classes: [0, 1], weights: 97.25, features: 99 },
        },
      },
    };
    const rows = readPageTable(page(run), 'solution-table');
    expect(rows.map(({ objective }) => Number(objective))).toEqual([0.05, 0.5]);
    expect(rows[0].solution).toBe('this run');
    rows.forEach((row) =>
      expect(Number(row['above the prediction'])).toBeCloseTo(Number(row.objective) - 0.0412, 12),
    );
    expect(
      readPageTable(page(run), 'imbalance-table').map((row) => [row['rows PPᵀ'], row['means H̄ᵀH̄']]),
    ).toEqual([
      ['0.125', '0.25'],
      ['61.5', '62'],
      ['97.25', '99'],
    ]);
  });
});

describe('the key facts', () => {
  it('stand beside their names', () => {
    const given = { ...summary, step: 300, seconds: 42, stepsPerSecond: 1234.4, objective: 0.0824 };
    const shown = facts(page({ ...small, summary: given }));
    expect(shown).toMatchObject({
      'Class counts nₖ': ['200, 100, 50\u00a0×\u00a02', 'K\u00a0=\u00a04 classes, N\u00a0=\u00a0400'],
      'Linear layers M': ['3', 'widths 64\u00a0×\u00a03'],
      'Loss and bias': ['MSE', 'no bias'],
      'Weight decay λ': ['5e-4\u00a0×\u00a03', 'features: 5e-4'],
      Status: ['finished', 'all 300 steps done'],
      'Objective F': ['0.0824', '2 times the prediction'],
      'Predicted minimum F*': ['0.0412', 'a proved global minimum'],
      'Predicted geometry': ['general orthogonal frame', 'rank 4'],
      'Training time': ['42 s', '1\u202f234 steps/s'],
      BLAS: ['OpenBLAS 0.3.21', '2 threads'],
    });
    const above = facts(page({ ...small, summary: { ...given, objective: 0.0412 * 1.1 } }));
    expect(above['Objective F'][1]).toBe('10 % above the prediction');
    const below = facts(page({ ...small, summary: { ...given, objective: 0.0412 * 0.987 } }));
    expect(below['Objective F'][1]).toBe('1.3 % below the prediction');
  });

  it('of a network say what was trained, and under which decays', () => {
    const run = networkRun();
    const shown = facts(page(run));
    expect(shown).toMatchObject({
      Architecture: ['MLP', '6 hidden layers, width 512, no BatchNorm; 123\u202f456 parameters'],
      'Data set': ['MNIST', `SHA-256 ${'a'.repeat(12)}…`],
      'Training accuracy': ['100\u00a0%', ''],
      'Test accuracy': ['90\u00a0%', '40 samples'],
      Epochs: ['30', 'batches of 400'],
      'Effective λ_W': ['5e-4\u00a0×\u00a03', 'in the units of theory'],
      'Effective λ_H': ['5e-4', 'exact: the setting itself'],
    });
    expect(shown['Training time'][1]).toBe('12\u202f000 images/s, 2 threads');
    const network = {
      ...run.summary.network,
      featureDecay: { source: 'fitted' as const, range: [4e-4, 6e-4] as const },
    };
    expect(facts(page({ ...run, summary: { ...run.summary, network } }))['Effective λ_H'][1]).toContain(
      '4e-4 to 6e-4 over classes',
    );
  });

  it('of a run without a summary are those of its last record', () => {
    const shown = facts(page({ ...small, summary: null, command: null }));
    const last = small.records.at(-1)!;
    expect(shown['Last step'][0]).toBe(String(last.step));
    expect(Number(shown['Objective there'][0])).toBeCloseTo(last.objective!, 5);
    expect(shown.Records[0]).toBe('4');
  });
});
