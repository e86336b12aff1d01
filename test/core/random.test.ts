import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom, type RandomState } from '../../src/core/random.js';

const COUNT = 200_000;

describe('createRandom', () => {
  it('gives these numbers for these seeds: runs can be repeated years later', () => {
    const random = createRandom(0);
    expect([random.uniform(), random.uniform(), random.normal(), random.normal(), random.normal()])
      .toMatchInlineSnapshot(`
        [
          0.4597025208772051,
          0.8792255410432017,
          -0.7137707308835225,
          -1.6184209205274365,
          1.0029584889601018,
        ]
      `);
    expect([...createRandom(12345).normalsInto(new Float64Array(4), 0.1)]).toMatchInlineSnapshot(`
      [
        -0.1256944600739733,
        -0.11324552976742726,
        -0.05979143419201647,
        0.1247314902805295,
      ]
    `);
  });

  it('uniform: on [0, 1), with the moments of the uniform law', () => {
    const random = createRandom(1);
    let [sum, square, lag, last] = [0, 0, 0, 0.5];
    for (let i = 0; i < COUNT; i++) {
      const u = random.uniform();
      if (!(u >= 0 && u < 1)) expect.fail(`${u}`);
      sum += u - 0.5;
      square += (u - 0.5) ** 2;
      lag += (u - 0.5) * (last - 0.5);
      last = u;
    }
    // Five standard errors: √(1/12), √(1/180) and 1/12 over √n. The seed is fixed, so this passes or fails for good.
    const five = 5 / Math.sqrt(COUNT);
    expect(Math.abs(sum / COUNT)).toBeLessThan(five * Math.sqrt(1 / 12));
    expect(Math.abs(square / COUNT - 1 / 12)).toBeLessThan(five * Math.sqrt(1 / 180));
    expect(Math.abs(lag / COUNT)).toBeLessThan(five / 12);
  });

  it('normal: moments up to the fourth, no correlation of neighbours, tails', () => {
    const x = createRandom(2).normalsInto(new Float64Array(COUNT), 1);
    const mean = (f: (value: number, i: number) => number) =>
      x.reduce((sum, v, i) => sum + f(v, i), 0) / COUNT;
    // Five standard errors of x, x², x³, x⁴ and x_i·x_{i+1}: variances 1, 2, 15, 96 and 1.
    const five = 5 / Math.sqrt(COUNT);
    expect(Math.abs(mean((v) => v))).toBeLessThan(five);
    expect(Math.abs(mean((v) => v ** 2) - 1)).toBeLessThan(five * Math.sqrt(2));
    expect(Math.abs(mean((v) => v ** 3))).toBeLessThan(five * Math.sqrt(15));
    expect(Math.abs(mean((v) => v ** 4) - 3)).toBeLessThan(five * Math.sqrt(96));
    expect(Math.abs(mean((v, i) => v * x[(i + 1) % COUNT]))).toBeLessThan(five);
    // P(|x| > 2) = 0.0455003
    const tail = mean((v) => (Math.abs(v) > 2 ? 1 : 0));
    expect(Math.abs(tail - 0.0455003)).toBeLessThan(five * Math.sqrt(0.0455 * 0.9545));
  });

  it('goes on with the same numbers from a state saved anywhere, through JSON', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.array(fc.boolean(), { maxLength: 40 }),
        fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }),
        (seed, before, after) => {
          const random = createRandom(seed);
          // An odd number of normals leaves a spare one in the state.
          before.forEach((normal) => (normal ? random.normal() : random.uniform()));
          const saved = JSON.parse(JSON.stringify(random.state())) as RandomState;
          const draw = (from: ReturnType<typeof createRandom>) =>
            after.map((normal) => (normal ? from.normal() : from.uniform()));
          const expected = draw(random);
          expect(draw(createRandom(saved))).toEqual(expected);
          expect(draw(createRandom(saved))).toEqual(expected);
        },
      ),
    );
  });

  it('a state is a copy: drawing on does not change it', () => {
    const random = createRandom(3);
    random.normal();
    const state = random.state();
    const text = JSON.stringify(state);
    for (let i = 0; i < 10; i++) random.normal();
    expect(JSON.stringify(state)).toBe(text);
    expect(state.spare).not.toBeNull();
  });

  it('seeds count modulo 2³², and different ones give different numbers', () => {
    expect(createRandom(-1).uniform()).toBe(createRandom(2 ** 32 - 1).uniform());
    expect(createRandom(5).uniform()).toBe(createRandom(2 ** 32 + 5).uniform());
    expect(new Set(Array.from({ length: 1000 }, (_, seed) => createRandom(seed).uniform())).size).toBe(1000);
  });

  it.each([0.5, NaN, Infinity, 2 ** 60])('refuses the seed %d', (seed) => {
    expect(() => createRandom(seed)).toThrow(`seed: an integer, got ${seed}`);
  });

  it('normalsInto fills float32 and float64 alike, scaled, in the order of `normal`', () => {
    const plain = createRandom(9);
    const expected = Array.from({ length: 7 }, () => 0.25 * plain.normal());
    expect([...createRandom(9).normalsInto(new Float64Array(7), 0.25)]).toEqual(expected);
    expect([...createRandom(9).normalsInto(new Float32Array(7), 0.25)]).toEqual(expected.map(Math.fround));
    expect([...createRandom(9).normalsInto(new Float64Array(3), 0)].every((x) => x === 0)).toBe(true);
  });
});
