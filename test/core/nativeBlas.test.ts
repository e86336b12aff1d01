import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/core/errors.js';
import { chooseBlas, openBlas } from '../../src/core/nativeBlas.node.js';
import { portableBlas } from '../../src/core/portableBlas.js';

function errorOf(act: () => unknown): InputError {
  try {
    act();
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('chooseBlas', () => {
  it('`portable` is the portable one, which tells what it is', () => {
    expect(chooseBlas('portable')).toBe(portableBlas);
    expect(portableBlas).toMatchObject({ name: 'portable', path: null, threads: 1 });
  });

  it.each(['/nowhere/libopenblas.so', '/etc/hostname', '/', 'libno-such-library.so', '../package.json'])(
    'a path that is no BLAS (%s) is a file error on one line with the path in it',
    (path) => {
      const error = errorOf(() => chooseBlas(path));
      expect(error.code).toBe('file');
      expect(error.message).toMatch(
        /^COLLAPSAR_BLAS: `portable` or a library with cblas and LAPACK symbols, got /,
      );
      expect(error.message).toContain(path);
      expect(error.message).not.toContain('\n');
    },
  );

  it('a library without BLAS symbols is refused too', () => {
    // The C library is there on every Linux, and has no cblas_dgemm.
    if (process.platform !== 'linux') return;
    expect(errorOf(() => chooseBlas('libc.so.6')).code).toBe('file');
    expect(typeof openBlas('libc.so.6')).toBe('string');
  });

  it('an empty choice is refused, with what to do', () => {
    const error = errorOf(() => chooseBlas(''));
    expect(error.code).toBe('argument');
    expect(error.message).toBe(
      'COLLAPSAR_BLAS: `portable` or the path of a BLAS library, got ""; unset it to search the usual places',
    );
  });

  it('without a choice it searches, and falls back to the portable one where nothing is known', () => {
    const found = chooseBlas(undefined);
    if (found !== portableBlas) {
      expect(found.path).not.toBeNull();
      expect(found.threads === null || found.threads >= 1).toBe(true);
      // What was found can also be asked for by its name.
      expect(chooseBlas(found.path ?? '').name).toBe(found.name);
    }
    expect(chooseBlas(undefined, 'a platform nobody knows')).toBe(portableBlas);
  });
});
