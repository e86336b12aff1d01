/** The names of vectors and of classes without one: on their lines, and not over each other. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NAME_HEIGHT, spread, type Name } from '../../lab/frame/labels.js';

/** Twelve names, in any directions and at any distance in the picture. */
const names: fc.Arbitrary<readonly Name[]> = fc
  .array(
    fc.record({
      turn: fc.double({ min: 0, max: 1, noNaN: true }),
      length: fc.double({ min: 1e-3, max: 5, noNaN: true }),
      width: fc.constantFrom(0.08, 0.14, 0.19),
    }),
    { minLength: 2, maxLength: 12 },
  )
  .map((polar) =>
    polar.map(({ turn, length, width }, i) => {
      const angle = (2 * Math.PI * (i + turn)) / polar.length;
      return { x: length * Math.cos(angle), y: length * Math.sin(angle), width, must: false };
    }),
  );

describe('names in the frame', () => {
  it('stand apart, each on its own line and inside the picture', () => {
    fc.assert(
      fc.property(names, (given) => {
        const found = spread(given);
        found.forEach((one, i) => {
          if (one === null) return;
          for (const [j, other] of found.slice(0, i).entries())
            expect(
              other === null ||
                Math.abs(one.x - other.x) >= (given[i].width + given[j].width) / 2 ||
                Math.abs(one.y - other.y) >= NAME_HEIGHT,
            ).toBe(true);
          const { x, y } = given[i];
          expect(Math.abs(one.x * y - one.y * x)).toBeLessThan(1e-12);
          expect(one.x * x + one.y * y).toBeGreaterThan(0);
          expect(Math.abs(one.x) + given[i].width / 2).toBeLessThan(1.19);
          expect(Math.abs(one.y) + NAME_HEIGHT / 2).toBeLessThan(1.19);
        });
        // A dozen in all directions find a place, or all but one where two lie side by side.
        expect(found.filter((one) => one === null).length).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('stay where they are when nothing is in the way', () => {
    const apart = [0, 1, 2].map((i) => ({
      x: 0.4 * Math.cos(2 * i),
      y: 0.4 * Math.sin(2 * i),
      width: 0.1,
      must: false,
    }));
    spread(apart).forEach((one, i) => {
      expect(one?.x).toBeCloseTo(apart[i].x, 12);
      expect(one?.y).toBeCloseTo(apart[i].y, 12);
    });
  });

  it('without room, those of vectors stand all the same, and those of classes without one are left out', () => {
    const same = { x: 0.1, y: 0, width: 0.1 };
    const found = spread([...new Array<Name>(40).fill({ ...same, must: false }), { ...same, must: true }]);
    expect(found.filter((one) => one === null).length).toBeGreaterThan(20);
    expect(found[40]).not.toBeNull();
  });
});
