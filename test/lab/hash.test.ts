/** Links to the lab: what goes in comes out, and what is wrong is said field by field. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashOf, readHash } from '../../lab/link/hash.js';
import { checkState, WEIGHTINGS } from '../../lab/link/checkState.js';
import { baseOf, DEFAULT_STATE, LIMITS, START_STATE, type LabState } from '../../lab/link/labState.js';
import { STORY_NAMES } from '../../lab/link/stories.js';

const whole = ([min, max]: readonly [number, number]) => fc.integer({ min, max });
const real = ([min, max]: readonly [number, number]) => fc.double({ min, max, noNaN: true });

const states: fc.Arbitrary<LabState> = fc.record({
  version: fc.constant(1 as const),
  place: fc.constantFrom('story' as const, 'explore' as const, 'network' as const),
  story: fc.option(fc.constantFrom(...STORY_NAMES)),
  problem: fc.record({
    counts: fc.array(whole(LIMITS.count), { minLength: 3, maxLength: 20 }),
    depth: whole(LIMITS.depth),
    width: whole(LIMITS.width),
    loss: fc.constantFrom('mse' as const, 'ce' as const),
    bias: fc.constantFrom('none' as const, 'free' as const),
    weighting: fc.constantFrom(...WEIGHTINGS),
    weightDecay: real(LIMITS.weightDecay),
    featureDecay: real(LIMITS.featureDecay),
  }),
  training: fc.record({
    seed: whole(LIMITS.seed),
    scale: real(LIMITS.scale),
    learningRate: real(LIMITS.learningRate),
    momentum: real(LIMITS.momentum),
  }),
  view: fc.record({
    projection: fc.constantFrom('alike' as const, 'principal' as const, 'classes' as const),
    axes: fc.constantFrom([0, 1, 2], [2, 1, 0]),
    yaw: real(LIMITS.yaw),
    pitch: real(LIMITS.pitch),
    zoom: real(LIMITS.zoom),
  }),
  network: fc.option(
    fc.record({
      beside: fc.constantFrom('prediction' as const, 'nothing' as const),
      loss: fc.constantFrom('mse' as const, 'ce' as const),
      weightDecays: fc.array(real(LIMITS.networkDecay), { minLength: 1, maxLength: 20 }),
      feature: fc.constantFrom('given' as const, 'fit' as const),
      featureDecay: real(LIMITS.networkDecay),
      classWeights: fc.oneof(
        fc.constantFrom(...WEIGHTINGS),
        fc.array(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), { minLength: 2, maxLength: 20 }),
      ),
    }),
  ),
});

describe('links', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(states, (state) => {
        const { state: found, complaints } = readHash(`#${hashOf(state)}`);
        expect(complaints).toEqual([]);
        // −0 and 0 are one number in an address.
        expect(JSON.stringify(found)).toBe(JSON.stringify(state));
      }),
    );
    expect(hashOf(START_STATE)).toBe('');
    for (const story of STORY_NAMES) expect(readHash(hashOf(baseOf(story))).state).toEqual(baseOf(story));
  });

  it.each([
    ['v=1&counts=0,5', 'samples of each class: 2 to 20 whole numbers from 1 to 10000, got [0,5]'],
    ['v=1&counts=5', 'samples of each class'],
    ['v=1&counts=5x100000', 'samples of each class: 2 to 20 whole numbers from 1 to 10000, got ["5x100000"]'],
    [`v=1&counts=${new Array(21).fill(5).join(',')}`, 'samples of each class'],
    ['v=1&counts=1e300,5', 'samples of each class'],
    ['v=1&depth=99', 'depth: a whole number from 1 to 9, got 99; 3 is used instead.'],
    ['v=1&depth=2.5', 'depth: a whole number'],
    ['v=1&wd=-1', 'weight decay: a number from 1e-7 to 1, got -1'],
    ['v=1&wd=abc', 'weight decay: a number from 1e-7 to 1, got “abc”'],
    ['v=1&fd=1e999', 'feature decay'],
    ['v=1&lr=', 'learning rate'],
    ['v=1&story=hobbits', 'story: points, angles, imbalance, lost, rescue, trapped, surprise, got “hobbits”'],
    ['v=1&place=moon', 'place: story or explore or network, got “moon”'],
    ['v=1&loss=hinge', 'loss: mse or ce, got “hinge”; mse is used instead.'],
    ['v=1&axes=0,0,1', 'classes of the projection'],
    ['v=1&axes=7,8,9', 'classes of the projection'],
    ['v=1&seed=__proto__', 'seed'],
    ['v=1&zoom=1000', 'zoom'],
    ['v=1&beside=something', 'beside the network: prediction or nothing, got “something”'],
    ['v=1&nloss=hinge', 'loss of the network: mse or ce, got “hinge”'],
    [
      'v=1&nwd=5e-4,abc',
      'weight decay of the network: one number, or one for each layer, from 1e-12 to 1000',
    ],
    [`v=1&nwd=${new Array(65).fill('1e-3').join(',')}`, 'weight decay of the network'],
    ['v=1&nfd=-1', 'feature decay of the network: a number from 1e-12 to 1000, got -1'],
    ['v=1&nweights=square', 'class weights of the network: none, inverse'],
    ['v=1&nweights=1,0,2', 'or a number above 0 for each class, got [1,0,2]'],
    ['v=1&nfeature=guess', 'feature decay of the network: given or fit, got “guess”'],
    ['v=2&depth=5', 'The link was made for version 2 of the lab, and this is version 1'],
    ['v=&depth=5', 'The link was made for version'],
    ['v=1&colour=red', 'The link has keys that the lab does not know: colour.'],
    [`v=1&counts=${'9'.repeat(5000)}`, 'characters long'],
    ['%E0%A4%A', 'The link has keys that the lab does not know'],
  ])('%s is said to be wrong, and opens a working page', (hash, message) => {
    const { state, complaints } = readHash(`#${hash.replace('1e-7', '1e-7')}`);
    expect(complaints.join('\n').replace('0.0000001', '1e-7')).toContain(message);
    expect(checkState(state).complaints).toEqual([]);
  });

  it('links of the older lab open what they opened, and its stops the stories that they have become', () => {
    const { state, complaints } = readHash('#v=1&counts=9,8,7&depth=2&nwd=1e-3&beside=prediction');
    expect(complaints).toEqual([]);
    expect([state.place, state.problem.counts, state.problem.width]).toEqual(['network', [9, 8, 7], 64]);
    expect(readHash('#v=1&counts=9,8,7').state.place).toBe('explore');
    expect(readHash('#v=1&wd=1e-3').state.problem).toEqual({ ...DEFAULT_STATE.problem, weightDecay: 1e-3 });
    expect(readHash('#tour=4')).toEqual({ state: baseOf('trapped'), complaints: [] });
    expect(readHash('#v=1&counts=5,5&tour=3').state).toMatchObject({
      place: 'explore',
      problem: { counts: [5, 5] },
    });
  });

  it('links that a program encoded whole, or wrote as HTML does, are the same links', () => {
    const link = 'v=1&counts=9,8,7&depth=2&view=classes';
    const { state } = readHash(`#${link}`);
    for (const other of [
      encodeURIComponent(link),
      link.replaceAll('&', '&amp;'),
      encodeURIComponent(link).toLowerCase(),
    ])
      expect(readHash(`#${other}`)).toEqual({ state, complaints: [] });
  });

  it('the classes of a projection outlive two classes, for which they are not shown', () => {
    const two = { ...DEFAULT_STATE, problem: { ...DEFAULT_STATE.problem, counts: [5, 5] } };
    expect(readHash(`#${hashOf(two)}`).state).toEqual(two);
    const far = { ...two, view: { ...two.view, axes: [4, 2, 7] } };
    expect(readHash(`#${hashOf(far)}`)).toEqual({ state: far, complaints: [] });
  });

  it('a link typed by hand needs no version', () => {
    const { state, complaints } = readHash('#counts=5,5&depth=2');
    expect(complaints).toEqual([]);
    expect([state.problem.counts, state.problem.depth]).toEqual([[5, 5], 2]);
    expect(readHash('#counts=9,5x2').state.problem.counts).toEqual([9, 5, 5]);
    expect(readHash('#counts=longtail:500:100:3').state.problem.counts).toEqual([500, 50, 5]);
  });

  it('any text at all gives a state that the page can show', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const { state } = readHash(text);
        expect(checkState(state).complaints).toEqual([]);
      }),
    );
  });

  it('any value at all gives a state that the page can show', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        for (const given of [
          value,
          { version: 1, problem: value, training: value, view: value, story: value, place: value },
        ])
          expect(checkState(checkState(given).state).complaints).toEqual([]);
      }),
    );
  });
});
