/** The implementations of `Blas` to test: the portable one, and the native ones that the machine has (64-bit integers beside 32). */
import { chooseBlas, openBlas } from '../../src/core/nativeBlas.node.js';
import { portableBlas } from '../../src/core/portableBlas.js';
import type { Blas } from '../../src/core/blas.js';

const native = chooseBlas(undefined);

const long = openBlas('libopenblas64.so.0');

export const BLASES: readonly Blas[] = [
  portableBlas,
  ...(native === portableBlas ? [] : [native]),
  ...(typeof long === 'string' || native.path === long.path ? [] : [long]),
];
export const NATIVE_NOTE =
  native.name === 'portable' ? ' [native side skipped: no BLAS library found on this machine]' : '';
