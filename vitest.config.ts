import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What waits for a browser or for processes more than it computes: begun first, so that nothing waits for it at the end. */
const FIRST = ['lab', 'firefox', 'docs'].map((room) => `test/${room}/**/*.test.ts`);

/**
 * Files that leave nothing changed for the next: they load the sources once a worker. Whatever replaces a module, a timer or a
 * global, or ends the process, has a worker of its own.
 */
const TOGETHER = [
  ...['core', 'model', 'head', 'theory', 'metrics', 'ufm', 'nets', 'data', 'judge'],
  ...['verbs', 'report', 'runs', 'cli', 'engine'],
].map((room) => `test/${room}/**/*.test.ts`);

/** A worker goes on with the next file only where that is of its own project: those of one project stand together. */
class ByProject extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const order = ['first', 'apart', 'together'];
    const sorted = await super.sort(files);
    return sorted.sort((a, b) => order.indexOf(a.project.name) - order.indexOf(b.project.name));
  }
}

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: 'first', include: FIRST } },
      { extends: true, test: { name: 'together', include: TOGETHER, isolate: false } },
      {
        extends: true,
        test: { name: 'apart', include: ['test/**/*.test.ts'], exclude: [...FIRST, ...TOGETHER] },
      },
    ],
    sequence: { sequencer: ByProject },
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: ['default'],
    // One test file a core, each on one thread: threads of several processes that share cores wait for each other.
    maxWorkers: availableParallelism(),
    env: { OPENBLAS_NUM_THREADS: '1' },
  },
});
