import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLbfgs, type LbfgsState, type Smooth } from '../../src/core/lbfgs.js';
import { diagonal, type Matrix } from '../../src/core/matrix.js';
import { BLASES, NATIVE_NOTE } from '../support/blases.js';
import { multiply, transposed } from '../support/naive.js';
import { random64 } from './naive.js';

const OPTIONS = { memory: 8, tolerance: 1e-10 };

function rosenbrock(start: readonly number[]): Smooth {
  const x = Float64Array.from(start);
  return {
    x,
    evaluate(g) {
      g.fill(0);
      let value = 0;
      for (let i = 0; i + 1 < x.length; i++) {
        const [a, b] = [1 - x[i], x[i + 1] - x[i] ** 2];
        value += a * a + 100 * b * b;
        g[i] += -2 * a - 400 * x[i] * b;
        g[i + 1] += 200 * b;
      }
      return value;
    },
  };
}

/** ½(x − c)ᵀA(x − c) + 3 for a symmetric positive A. */
function quadratic(A: Matrix, centre: Float64Array, x: Float64Array): Smooth {
  return {
    x,
    evaluate(g) {
      let value = 3;
      for (let i = 0; i < x.length; i++) {
        let sum = 0;
        for (let j = 0; j < x.length; j++) sum += A.data[i * x.length + j] * (x[j] - centre[j]);
        g[i] = sum;
        value += 0.5 * sum * (x[i] - centre[i]);
      }
      return value;
    },
  };
}

describe.each(BLASES.map((blas) => [blas.name, blas] as const))(`L-BFGS on %s${NATIVE_NOTE}`, (_, blas) => {
  it.each([[[-1.2, 1]], [[0, 0]], [[-3, 4]], [[-1.2, 1, -0.5, 2, 0.3]]])(
    "goes down Rosenbrock's valley from %j, never up, and says that it has converged",
    (start) => {
      const f = rosenbrock(start);
      const solver = createLbfgs(f, { ...OPTIONS, blas });
      let value = Infinity;
      let outcome = solver.iterate();
      for (let i = 0; i < 300 && outcome === 'moved'; i++) {
        const found = solver.state().value;
        // The approximate test accepts a rise of one rounding of F.
        expect(found).toBeLessThanOrEqual(value * (1 + 2e-15));
        value = found;
        outcome = solver.iterate();
      }
      expect(outcome).toBe('converged');
      // In five dimensions there is a second minimum near (−1, 1, 1, 1, 1); these starts lead to the global one.
      // |g| ≤ 1e-10 and the least curvature at the minimum, about 0.4, leave 2.5e-10 in x; ten times that.
      for (const xi of f.x) expect(Math.abs(xi - 1)).toBeLessThan(2.5e-9);
      // Nothing moves after the end.
      const end = f.x.slice();
      expect(solver.iterate()).toBe('converged');
      expect(f.x).toEqual(end);
    },
  );

  it('has learned the scale of a function from its first step: the second fits at once', () => {
    const f = quadratic(diagonal([1000, 999]), Float64Array.of(0, 0), Float64Array.of(1, 2));
    let evaluations = 0;
    const counted = { ...f, evaluate: (g: Float64Array) => (evaluations++, f.evaluate(g)) };
    const solver = createLbfgs(counted, { ...OPTIONS, blas });
    const largest = () => Math.max(...solver.state().gradient.map(Math.abs));
    solver.iterate();
    const [before, first] = [evaluations, largest()];
    solver.iterate();
    expect(evaluations - before).toBe(1);
    // Curvatures that differ by a thousandth.
    expect(largest()).toBeLessThan(0.01 * first);
  });

  it('finds the minimum of random quadratics with condition numbers up to 10⁴', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.double({ min: 0, max: 4, noNaN: true }),
        fc.integer({ min: 0, max: 2 ** 30 }),
        (n, decades, seed) => {
          const Q = BLASES[0].qr(random64(n, n, seed)).Q;
          const values = Array.from(
            { length: n },
            (_unused, i) => 10 ** ((-decades * i) / Math.max(1, n - 1)),
          );
          const A = multiply(multiply(Q, diagonal(values)), transposed(Q));
          const centre = random64(1, n, seed + 1).data;
          const f = quadratic(A, centre, random64(1, n, seed + 2).data);
          const solver = createLbfgs(f, { ...OPTIONS, blas });
          let outcome = solver.iterate();
          for (let i = 0; i < 1000 && outcome === 'moved'; i++) outcome = solver.iterate();
          expect(outcome).toBe('converged');
          // |x − c| ≤ ‖A⁻¹‖·‖g‖ ≤ 1e4·√12·1e-10 = 3.5e-6
          f.x.forEach((xi, i) => expect(Math.abs(xi - centre[i])).toBeLessThan(3.5e-6));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('goes on bit for bit from a state saved at any iteration', () => {
    for (const saveAt of [0, 1, 3, 12]) {
      const f = rosenbrock([-1.2, 1, -0.5]);
      const solver = createLbfgs(f, { memory: 4, tolerance: 1e-10, blas });
      for (let i = 0; i < saveAt; i++) solver.iterate();
      const saved: LbfgsState = structuredClone(solver.state());
      const g = rosenbrock([...f.x]);
      let calls = 0;
      const counted: Smooth = {
        x: g.x,
        evaluate: (gradient) => {
          calls++;
          return g.evaluate(gradient);
        },
      };
      const resumed = createLbfgs(counted, { memory: 4, tolerance: 1e-10, blas }, saved);
      expect(calls).toBe(0); // the state holds F and ∇F: nothing is evaluated twice
      for (let i = 0; i < 15; i++) {
        expect(resumed.iterate()).toBe(solver.iterate());
        expect(g.x).toEqual(f.x);
        expect(resumed.state()).toEqual(solver.state());
      }
      expect(resumed.state().steps.length).toBeLessThanOrEqual(4);
    }
  });

  it('a state is a copy', () => {
    const f = rosenbrock([-1.2, 1]);
    const solver = createLbfgs(f, { ...OPTIONS, blas });
    solver.iterate();
    const state = solver.state();
    const kept = structuredClone(state);
    for (let i = 0; i < 10; i++) solver.iterate();
    expect(state).toEqual(kept);
  });

  it('has converged at once at a minimum', () => {
    const f = rosenbrock([1, 1]);
    expect(createLbfgs(f, { ...OPTIONS, blas }).iterate()).toBe('converged');
    expect([...f.x]).toEqual([1, 1]);
  });

  it('stalls, and leaves x where it was, when no step lowers the function', () => {
    // The gradient points uphill the wrong way: F rises along −g.
    const x = Float64Array.of(0.3, -0.2);
    const liar: Smooth = {
      x,
      evaluate(g) {
        g.fill(1);
        return -x[0] - x[1];
      },
    };
    const solver = createLbfgs(liar, { ...OPTIONS, blas });
    expect(solver.iterate()).toBe('stalled');
    expect([...x]).toEqual([0.3, -0.2]);
    expect(solver.iterate()).toBe('stalled');
  });

  it('stays inside the domain: steps to where F is not a number are taken back', () => {
    const x = Float64Array.of(5);
    const barrier: Smooth = {
      x,
      evaluate(g) {
        g[0] = 1 - 0.1 / x[0];
        return x[0] > 0 ? x[0] - 0.1 * Math.log(x[0]) : NaN;
      },
    };
    const solver = createLbfgs(barrier, { ...OPTIONS, blas });
    let outcome = solver.iterate();
    for (let i = 0; i < 200 && outcome === 'moved'; i++) outcome = solver.iterate();
    expect(outcome).toBe('converged');
    // |g| ≤ 1e-10 over a curvature of 0.1/x² = 10
    expect(Math.abs(x[0] - 0.1)).toBeLessThan(1e-10);
  });
});
