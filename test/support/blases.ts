/** The implementations of `Blas` to test: the portable one, and the native one where the machine has it. */
import { chooseBlas } from '../../src/core/nativeBlas.node.js';
import { portableBlas } from '../../src/core/portableBlas.js';
import type { Blas } from '../../src/core/blas.js';

const native = chooseBlas(undefined);

export const BLASES: readonly Blas[] = native.name === 'portable' ? [portableBlas] : [portableBlas, native];
export const NATIVE_NOTE =
  native.name === 'portable' ? ' [native side skipped: no BLAS library found on this machine]' : '';
