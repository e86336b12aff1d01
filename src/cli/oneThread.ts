/** One thread of BLAS, whichever library there is: points run side by side, and their numbers follow the number of threads. */
import type { Blas } from '../core/blas.js';

/** The environment of a process with one thread. */
export const ONE_THREAD: Readonly<Record<string, string>> = {
  OPENBLAS_NUM_THREADS: '1',
  MKL_NUM_THREADS: '1',
  OMP_NUM_THREADS: '1',
  VECLIB_MAXIMUM_THREADS: '1',
};

/** Chooses a library that reads this environment as it is loaded; the environment is then as it was. */
export function withOneThread(choose: () => Blas): () => Blas {
  return () => {
    const before = Object.keys(ONE_THREAD).map((name) => [name, process.env[name]] as const);
    Object.assign(process.env, ONE_THREAD);
    try {
      return choose();
    } finally {
      for (const [name, value] of before)
        if (value === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = value;
    }
  };
}
