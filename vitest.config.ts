import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** Rooms whose tests share nothing that one file could leave changed for the next: they load the sources once a worker. */
const PURE = ['core', 'model', 'head', 'theory', 'metrics', 'ufm', 'nets', 'data', 'judge'].map(
  (room) => `test/${room}/**/*.test.ts`,
);

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: 'pure', include: PURE, isolate: false } },
      { extends: true, test: { name: 'whole', include: ['test/**/*.test.ts'], exclude: PURE } },
    ],
    testTimeout: 60_000,
    reporters: ['default'],
    // One test file a core, each on one thread: threads of several processes that share cores wait for each other.
    maxWorkers: availableParallelism(),
    env: { OPENBLAS_NUM_THREADS: '1' },
  },
});
