import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    reporters: ['default'],
    // One test file a core, each on one thread: threads of several processes that share cores wait for each other.
    maxWorkers: availableParallelism(),
    env: { OPENBLAS_NUM_THREADS: '1' },
  },
});
