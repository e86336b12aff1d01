import type { FrameName, Optimality, Regime } from '../../src/model/index.js';
import { describe, expect, it } from 'vitest';
import { createFigureDocument } from '../../src/report/document.node.js';
import { renderReport } from '../../src/report/index.js';
import type { RunSummary } from '../../src/runs/records.js';
import {
  divergedRun,
  dyingRun,
  killedRun,
  longTail,
  networkRun,
  NOT_MEASURED,
  sampleRun,
  type Sample,
} from './sample.js';

const small = sampleRun({ counts: [200, 100, 50, 50], steps: 3000, every: 100 });
const render = (run: Sample): string => renderReport({ ...run, document: createFigureDocument() });
const summaryOf = (run: Sample): RunSummary => {
  if (run.summary === null) throw new Error('this sample has a summary');
  return run.summary;
};

const VARIANTS: readonly (readonly [string, Sample])[] = [
  ['four classes', small],
  ['ten classes, some lost', dyingRun()],
  ['diverged', divergedRun()],
  ['killed', killedRun()],
  ['one class', longTail(1)],
  ['20 classes', longTail(20)],
  ['50 classes', longTail(50)],
  ['200 classes', longTail(200)],
  ['one record', { ...small, records: small.records.slice(0, 1) }],
  ['no records', { ...small, records: [] }],
  ['nothing at all', { records: [], summary: null, spec: '', command: null }],
  [
    'nothing measured',
    { ...small, records: small.records.map((record) => ({ ...record, ...NOT_MEASURED })) },
  ],
];

describe.each(VARIANTS)('the report of %s', (_, run) => {
  const page = render(run);

  it('shows no number that does not exist', () => {
    expect(page).not.toMatch(/\b(NaN|Infinity|undefined|\[object)\b/);
  });

  it('asks for nothing from outside and runs nothing', () => {
    expect(page.match(/https?:\/\/[^"\s]*/g) ?? []).toSatisfy((found: string[]) =>
      found.every((address) => address.startsWith('http://www.w3.org/')),
    );
    expect(page).not.toMatch(/<(script|link|img|iframe|object|embed|base|form)\b/i);
    expect(page).not.toMatch(/\b(src|href|on[a-z]+)=/i);
    expect(page).not.toMatch(/@import|url\(/i);
    expect(page).toContain(
      `http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;`,
    );
  });

  it('names every figure, table head and id once', () => {
    const ids = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, id] of page.matchAll(/aria-labelledby="([^"]*)"/g)) expect(ids).toContain(id);
    for (const [head] of page.matchAll(/<th\b[^>]*>/g)) expect(head).toContain('scope=');
    for (const [svg] of page.matchAll(/<svg\b[^>]*>/g))
      expect(svg).toMatch(/aria-label="[^"]|aria-hidden="true"/);
    expect(page.split('<figure').length).toBe(page.split('<figcaption').length);
  });

  it('is the same every time', () => {
    expect(render(run)).toBe(page);
  });
});

describe('renderReport', () => {
  it('says the verdict, the facts and the command', () => {
    const page = render(small);
    const summary = summaryOf(small);
    expect(page).toContain('<strong>Theory held</strong>');
    expect(page).toContain(summary.verdict.sentence.replace('Theory held', ''));
    for (const fact of [
      '200, 100, 50\u00a0×\u00a02',
      '5e-4\u00a0×\u00a03',
      'OpenBLAS 0.3.21',
      '2 threads',
      'MSE',
      'no bias',
    ])
      expect(page).toContain(fact);
    expect(page).toContain(summary.command);
    expect(page).toContain('collapsar 0.1.0');
  });

  it('keeps the numbers of the summary to all their digits', () => {
    const page = render(small);
    const summary = summaryOf(small);
    for (const given of summary.classes)
      for (const value of [given.weightNorm, given.predictedWeightNorm, given.featureNorm, given.fit])
        expect(page).toContain(`<data value="${String(value)}"`);
    for (const value of [summary.nc1.pinv, summary.nc2.weights.predicted, summary.nc3.duality, summary.cdnv])
      expect(page).toContain(`<data value="${String(value)}"`);
  });

  it('escapes what comes from files', () => {
    const evil = '<script>alert(1)</script><img src=x onerror=alert(1)>"\'&amp;\u0000';
    const summary = summaryOf(small);
    const { prediction } = summary;
    if (prediction === null) throw new Error('the sample has a prediction');
    const page = render({
      records: small.records,
      spec: `# ${evil}`,
      command: evil,
      summary: {
        ...summary,
        collapsar: evil,
        blas: { name: evil, threads: null },
        prediction: { ...prediction, frame: evil as FrameName, optimality: evil as Optimality },
        classes: summary.classes.map((given) => ({ ...given, regime: evil as Regime })),
        verdict: { held: null, sentence: evil },
      },
    });
    expect(page).not.toContain('<script');
    expect(page).not.toContain('<img');
    expect(page).not.toContain('\u0000');
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(page).toContain('&quot;&#39;&amp;amp;');
  });

  it('names the classes that are lost, and which of them should not have', () => {
    const page = render(dyingRun());
    expect(page).toContain('3 classes are lost (6, 8, 9); theory says that 6 should live.');
    expect(page).toContain('lost (!)');
    expect(page.match(/✕ lost/g)).toHaveLength(3);
  });

  it('boxes a divergence with step, objective and the stable rate', () => {
    const page = render(divergedRun());
    expect(page).toContain('Diverged at step 407');
    expect(page).toContain('3.1e41');
    expect(page).toContain('A learning rate of 0.0381 is stable.');
    expect(page).not.toContain('✕ lost');
  });

  it('says of a run that was killed that it has no summary, and shows its records', () => {
    const page = render(killedRun());
    expect(page).toContain('This run has no summary');
    expect(page).toContain('Objective F');
    expect(page).toContain('aria-label="NC1: variability within classes');
    expect(page).not.toContain('‖pₖ‖ over training steps, 0 classes');
  });

  it('shows what theory predicts for a run that was killed, where that is given', () => {
    const killed = killedRun();
    const { classes } = summaryOf(small);
    const bare = classes.map((given) => ({ ...given, weightNorm: null, fit: null, measured: null }));
    const predicted = { objective: 0.0412, classes: bare };
    const page = renderReport({ ...killed, predicted, document: createFigureDocument() });
    expect(page).toContain('dashed lines are what theory predicts for its specification');
    expect(page).toContain('dashed: the norms that theory predicts at the minimum');
    expect(page).toContain('beside the predicted minimum');
    expect(page).not.toMatch(/\b(NaN|Infinity|undefined|\[object)\b/);
    const plain = render(killed);
    expect(plain).toContain('predictions and the comparison class by class come with the summary');
    expect(plain).not.toContain('dashed: the norms');
  });

  it('says what is left out for many classes', () => {
    const page = render(longTail(200));
    expect(page).toContain('Left out for 200 classes');
    expect(page).toContain('above 100 classes they are left out');
    expect(page.match(/<tr>/g)?.length).toBeGreaterThan(200);
  });

  it('stays small: thousands of records and fifty classes', () => {
    const long = sampleRun({ counts: [200, 100, 50, 50], steps: 30_000, every: 3 });
    expect(long.records.length).toBe(10_001);
    expect(render(long).length).toBeLessThan(400_000);
    expect(render(longTail(50)).length).toBeLessThan(1_000_000);
  });
});

describe('a network', () => {
  it('has the top-5 accuracy where it was counted', () => {
    const run = networkRun();
    const page = (counted: object) =>
      render({ ...run, summary: { ...run.summary, network: { ...run.summary.network, ...counted } } });
    expect(page({})).not.toContain('Top-5');
    const counted = page({ top5Accuracy: 0.75, testTop5Accuracy: 0.5 });
    expect(counted).toMatch(/Top-5 accuracy[^]*?75[^]*?of training samples, 50.*? of test samples/);
  });

  it('prints a class name that is its number once, and others beside it', () => {
    const run = networkRun();
    const page = (classNames: readonly string[], notes: readonly string[] = []) =>
      render({
        ...run,
        summary: {
          ...run.summary,
          network: { ...run.summary.network, data: { ...run.summary.network.data, classNames, notes } },
        },
      });
    const digits = page(['0', '1', '2', '3']);
    expect(digits).toContain('<th scope="row">2</th>');
    expect(digits).not.toContain('2\u00a02');
    expect(digits).toContain('>2  ·  n = 50<');
    expect(page(['a', 'b', 'c', 'd'])).toContain('<th scope="row">2\u00a0c</th>');
    expect(page(['a', 'b', 'c', 'd'], ['a part is missing'])).toContain('a part is missing');
  });
});

describe('a run under cross-entropy', () => {
  it('shows the known solutions, the note, the certificate and the measures of unequal counts', () => {
    const run = sampleRun({ counts: [20, 10, 5, 5], steps: 1000, every: 100 });
    const { summary } = run;
    if (summary === null) throw new Error('the sample has a summary');
    const markup = renderReport({
      ...run,
      document: createFigureDocument(),
      summary: {
        ...summary,
        problem: { ...summary.problem, loss: 'ce' },
        prediction: { ...summary.prediction, note: 'A note <about> the claim.' },
        seli: { weights: 0.125, features: 0.25, logits: null },
        minority: {
          minority: { classes: [2, 3], weights: 61.5, features: null },
          majority: { classes: [0, 1], weights: 97.25, features: 99 },
        },
      },
    });
    for (const text of [
      'Known solutions',
      'A note &lt;about&gt; the claim.',
      'certifies',
      'this run',
      '0.125',
      '61.5',
      '97.25',
    ])
      expect(markup).toContain(text);
    expect(markup).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('does not call a best known solution certified', () => {
    const run = sampleRun({ counts: [20, 10, 5, 5], steps: 1000, every: 100 });
    const { summary } = run;
    if (summary?.prediction == null) throw new Error('the sample has a summary with a prediction');
    const markup = renderReport({
      ...run,
      document: createFigureDocument(),
      summary: {
        ...summary,
        problem: { ...summary.problem, loss: 'ce' },
        prediction: {
          ...summary.prediction,
          optimality: 'best-known',
          certificate: { lowerBound: 0.0625, gap: 0.01, relativeGap: 0.125 },
        },
      },
    });
    const text = markup.replace(/\s+/g, ' ');
    expect(text).not.toContain('certifies the prediction');
    expect(text).toMatch(/The minimum is at least .*0\.0625.*does not certify the prediction/);
  });
});
