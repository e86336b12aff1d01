/** The names of classes without a vector: on their axes, and not over each other. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Seen } from '../../lab/frame/camera.js';
import { spread } from '../../lab/frame/labels.js';

const SIZE = { width: 0.19, height: 0.085 };
/** Twelve axes, in any directions and of any length in the picture. */
const tips: fc.Arbitrary<readonly Seen[]> = fc
  .array(
    fc.record({
      turn: fc.double({ min: 0, max: 1, noNaN: true }),
      length: fc.double({ min: 1e-3, max: 0.5, noNaN: true }),
    }),
    { minLength: 2, maxLength: 12 },
  )
  .map((polar) =>
    polar.map(({ turn, length }, i) => {
      const angle = (2 * Math.PI * (i + turn)) / polar.length;
      return { x: length * Math.cos(angle), y: length * Math.sin(angle), depth: 0 };
    }),
  );

const overlaps = (a: Seen, b: Seen): boolean =>
  Math.abs(a.x - b.x) < SIZE.width && Math.abs(a.y - b.y) < SIZE.height;

describe('names of classes without a vector', () => {
  it('stand apart, each on its own axis and inside the picture', () => {
    fc.assert(
      fc.property(tips, (given) => {
        const found = spread(given, SIZE);
        found.forEach((one, i) => {
          for (const other of found.slice(0, i)) expect(overlaps(one, other)).toBe(false);
          const { x, y } = given[i];
          expect(Math.abs(one.x * y - one.y * x)).toBeLessThan(1e-12);
          expect(one.x * x + one.y * y).toBeGreaterThan(0);
          expect(Math.hypot(one.x, one.y)).toBeLessThan(1.1);
        });
      }),
    );
  });

  it('stay where they are when nothing is in the way', () => {
    const apart = [0, 1, 2].map((i) => ({ x: 0.4 * Math.cos(2 * i), y: 0.4 * Math.sin(2 * i), depth: i }));
    const found = spread(apart, SIZE);
    found.forEach((one, i) => {
      expect(one.x).toBeCloseTo(apart[i].x, 12);
      expect(one.y).toBeCloseTo(apart[i].y, 12);
    });
  });

  it('stand over each other only where there is no room left', () => {
    const same = new Array<Seen>(40).fill({ x: 0.1, y: 0, depth: 0 });
    const found = spread(same, SIZE);
    expect(found).toHaveLength(40);
    expect(new Set(found.map(({ x }) => x.toFixed(6))).size).toBeGreaterThan(3);
  });
});
