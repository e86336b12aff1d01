/**
 * Seeded random numbers whose state can be saved and restored.
 *
 * The generator is xoroshiro128+ (pure-rand); normal variates come from Marsaglia's polar method, which yields two at
 * a time, so the spare one is part of the state.
 */
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus, xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import { refuse } from './errors.js';
import type { Floats } from './matrix.js';

/** Whole numbers of 32 bits in a generator's state, not all of them zero. */
export const GENERATOR_WORDS = 4;

/** All that is needed to go on with the same numbers; plain JSON. */
export interface RandomState {
  readonly generator: readonly number[];
  readonly spare: number | null;
}

export interface Random {
  /** Uniform on [0, 1). */
  uniform(): number;
  /** Standard normal, N(0, 1). */
  normal(): number;
  /** Fills `out` with N(0, std²) and returns it. */
  normalsInto<T extends Floats>(out: T, std: number): T;
  state(): RandomState;
}

/** A generator started from an integer seed (taken modulo 2³²), or continued from a saved state. */
export function createRandom(start: number | RandomState): Random {
  if (typeof start === 'number' && !Number.isSafeInteger(start)) refuse('seed', 'an integer', start);
  const generator = typeof start === 'number' ? seeded(start) : xoroshiro128plusFromState(start.generator);
  let spare = typeof start === 'number' ? null : start.spare;

  const normal = (): number => {
    if (spare !== null) {
      const value = spare;
      spare = null;
      return value;
    }
    for (;;) {
      const u = 2 * uniformFloat64(generator) - 1;
      const v = 2 * uniformFloat64(generator) - 1;
      const square = u * u + v * v;
      if (square >= 1 || square === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(square)) / square);
      spare = v * factor;
      return u * factor;
    }
  };
  return {
    uniform: () => uniformFloat64(generator),
    normal,
    normalsInto(out, std) {
      for (let i = 0; i < out.length; i++) out[i] = std * normal();
      return out;
    },
    state: () => ({ generator: [...generator.getState()], spare }),
  };
}

/** Outputs thrown away after seeding: until then the states of two seeds resemble each other. */
const WARM_UP = 32;

function seeded(seed: number): ReturnType<typeof xoroshiro128plus> {
  // Murmur3's finaliser: neighbouring seeds start far apart.
  let mixed = seed | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  const generator = xoroshiro128plus(mixed ^ (mixed >>> 16));
  for (let i = 0; i < WARM_UP; i++) generator.next();
  return generator;
}
