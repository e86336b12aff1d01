/** What `verify` says of every outcome, on documents made by hand. */
import { describe, expect, it } from 'vitest';
import { describeVerification, verifyProgress } from '../../src/cli/verify.js';
import type { VerifyDocument } from '../../src/verbs/verify/verify.js';
import { readTextTable } from '../support/readTable.js';

const DOCUMENT: VerifyDocument = {
  problem: {
    counts: [4, 2],
    samples: 6,
    depth: 1,
    widths: [2],
    loss: 'mse',
    bias: 'none',
    weightDecays: [1e-3],
    featureDecay: 2e-3,
  },
  claim: 'the global minimum, by theorem',
  predicted: 0.25,
  best: 0.251,
  gap: 0.001,
  lowerBound: 0.2,
  verdict: 'not beaten',
  restarts: 7,
  reached: 5,
  unsettled: 0,
  bestKnown: null,
  kinds: [
    { kind: 'random', restarts: 4, best: 0.2513 },
    { kind: 'balanced', restarts: 3, best: 0.2509 },
  ] as unknown as VerifyDocument['kinds'],
  seed: 0,
  seconds: 1.234,
  interrupted: false,
};
const said = (changes: Partial<VerifyDocument>, width = 200) =>
  describeVerification({ ...DOCUMENT, ...changes }, width);
/** The sentences, without line breaks. */
const flat = (changes: Partial<VerifyDocument>) => said(changes).replace(/\s+/g, ' ');

describe('what verify says', () => {
  it('has each number beside its name, in the order of the argument', () => {
    const text = said({});
    expect(text.split('\n').slice(0, 10)).toEqual([
      'n = 4, 2  (K = 2, N = 6)',
      'MSE, no bias, M = 1, width 2, λ_W = 0.001, λ_H = 0.002',
      '',
      'put to the test: the global minimum, by theorem',
      '',
      'predicted    0.250000000000',
      'best found   0.251000000000',
      'difference   0.001',
      'lower bound  0.200000000000  (rigorous, but not a proof of optimality)',
      '',
    ]);
    // What lies below the best by rounding of its polish is no negative distance.
    expect(readTextTable(text, 'kind of start')).toEqual([
      {
        'kind of start': 'random',
        starts: '4',
        best: '0.2513000000',
        'above the best': '3e-4',
      },
      { 'kind of start': 'balanced', starts: '3', best: '0.2509000000', 'above the best': '0' },
    ]);
  });

  it.each<[Partial<VerifyDocument>, string]>([
    [{}, 'Not beaten: 7 starts in 1.2 s, 5 of which ended at the best value. That is evidence, not a proof.'],
    [{ restarts: 1 }, 'Not beaten: 1 start in 1.2 s, 5 of which'],
    [{ unsettled: 1 }, 'at the best value and 1 was cut before settling. That'],
    [{ unsettled: 2 }, 'at the best value and 2 were cut before settling. That'],
    [{ restarts: 0 }, 'Not beaten, for nothing was searched.'],
    [
      { verdict: 'certified' },
      'Certified: the lower bound proves the prediction, and the search agrees (7 starts in 1.2 s, 5 of which ended at the best value).',
    ],
    [
      { verdict: 'certified', restarts: 0 },
      'Certified: the lower bound proves the prediction; nothing was searched.',
    ],
    [
      { verdict: 'beaten', predicted: -0.5, best: -0.51, gap: -0.01 },
      'Beaten by 0.01 (2 % of the predicted value): 7 starts in 1.2 s, 5 of which ended at the best value.',
    ],
  ])('%j', (changes, sentence) => {
    expect(flat(changes)).toContain(sentence);
  });

  it('calls a bound rigorous only where it proves nothing, and none none', () => {
    expect(said({ verdict: 'certified' })).toContain('lower bound  0.200000000000\n');
    expect(said({ lowerBound: null })).toContain('lower bound  none is known\n');
  });

  it('tells of the best value known, first where it was beaten', () => {
    const known = (verdict: 'beaten' | 'reached' | 'not reached') =>
      flat({
        bestKnown: { predicted: 0.25, lowest: 0.24, verdict },
      });
    expect(known('reached')).toContain('best known 0.250000000000 (reached, not beaten)');
    expect(known('not reached')).toContain('best known 0.250000000000 (not reached by this search)');
    expect(known('reached')).not.toContain('Found below');
    const beaten = known('beaten');
    expect(beaten).toContain('best known 0.250000000000 (beaten, too)');
    expect(beaten).toMatch(
      /^Found below the best value known: 0\.240000000000 against 0\.250000000000 \(4 % lower\)\. The lower one/,
    );
  });

  it('says last that it was interrupted', () => {
    expect(said({ interrupted: true }).split('\n').at(-1)).toBe('(interrupted: this is the best so far)');
    expect(said({})).not.toContain('interrupted');
  });

  it('wraps at the terminal, at 100 columns where that is wider', () => {
    const claim = Array.from({ length: 60 }, () => 'a').join(' ');
    const longest = (width: number) =>
      Math.max(
        ...said({ claim }, width)
          .split('\n')
          .map((line) => line.length),
      );
    expect([longest(200), longest(100), longest(70)]).toEqual([100, 100, 70]);
  });
});

describe('the progress of verify', () => {
  const now = { phase: 'descend', restarts: 3, seconds: 2.5, best: 0.25 } as Parameters<
    typeof verifyProgress
  >[0];
  it('is by time, or by starts where their number is given', () => {
    expect(verifyProgress(now, 10, null)).toBe('███░░░░░░░  0:08 left  best 0.2500000000  3 starts');
    expect(verifyProgress(now, 10, 4)).toBe('████████░░  3/4  best 0.2500000000  3 starts');
    expect(verifyProgress({ ...now, seconds: 12 }, 10, null)).toBe(
      '██████████  0:00 left  best 0.2500000000  3 starts',
    );
  });
});
