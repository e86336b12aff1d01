import { describe, expect, it } from 'vitest';
import { hostOf, noticing, slicesOf, stoppedBy } from '../../src/core/host.js';

describe('a host', () => {
  it('runs through, unwatched, where nothing is given', async () => {
    const host = hostOf<string>();
    expect(host.signal.aborted).toBe(false);
    host.onProgress('half');
    host.onNote('a note');
    await host.yield();
    expect(Math.abs(host.clock() - Date.now())).toBeLessThan(1000);
  });

  it('gives way once a slice is over, by its own clock', async () => {
    let [now, yields] = [0, 0];
    const countYield = () => {
      yields++;
      return Promise.resolve();
    };
    const slices = slicesOf(hostOf({ clock: () => now, yield: countYield }));
    now = 80;
    expect(slices.over()).toBe(false);
    now = 81;
    expect(slices.over()).toBe(true);
    await slices.next();
    expect([slices.over(), yields]).toEqual([false, 1]);
  });
});

describe('signals', () => {
  it('noticing remembers that it was seen aborted, and nothing that nobody read', () => {
    const source = { aborted: false };
    const signal = noticing(source);
    source.aborted = true;
    expect(signal.noticed()).toBe(false);
    expect(signal.aborted).toBe(true);
    source.aborted = false;
    expect([signal.aborted, signal.noticed()]).toEqual([true, true]);
    expect(noticing(undefined).aborted).toBe(false);
  });

  it('stoppedBy is aborted where either says so', () => {
    for (const [aborted, over] of [
      [false, false],
      [true, false],
      [false, true],
    ] as const)
      expect(stoppedBy({ aborted }, () => over).aborted).toBe(aborted || over);
  });
});
