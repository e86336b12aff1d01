import { describe, expect, it } from 'vitest';
import { runInSlices, runThrough, type Pausable } from '../../src/core/pausable.js';

function* count(steps: number, seen: number[]): Pausable<string> {
  for (let i = 0; i < steps; i++) {
    seen.push(i);
    yield;
  }
  return 'done';
}

describe('pausable work', () => {
  it('gives the same result through and in slices', async () => {
    const [a, b]: number[][] = [[], []];
    expect(runThrough(count(5, a))).toBe('done');
    expect(await runInSlices(count(5, b), () => Promise.resolve())).toBe('done');
    expect([a, b]).toEqual([
      [0, 1, 2, 3, 4],
      [0, 1, 2, 3, 4],
    ]);
  });

  it('pauses at the first chance, and seldom after that', async () => {
    const seen: number[] = [];
    const at: number[] = [];
    await runInSlices(count(1000, seen), () => {
      at.push(seen.length);
      return Promise.resolve();
    });
    expect(at[0]).toBe(1);
    // A thousand empty steps take a millisecond: a pause at each would be 1000.
    expect(at.length).toBeLessThan(100);
  });

  it('lets a timer run in the midst of it', async () => {
    let rung = false;
    function* until(): Pausable<boolean> {
      const end = Date.now() + 20_000;
      while (!rung && Date.now() < end) yield;
      return rung;
    }
    setTimeout(() => (rung = true), 1);
    expect(await runInSlices(until(), () => new Promise((done) => setImmediate(done)))).toBe(true);
  });

  it('hands an error of the work on', async () => {
    // eslint-disable-next-line require-yield
    function* fails(): Pausable<void> {
      throw new Error('no');
    }
    expect(() => runThrough(fails())).toThrow('no');
    await expect(runInSlices(fails(), () => Promise.resolve())).rejects.toThrow('no');
  });
});
