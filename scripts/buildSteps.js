/** What a build consists of: what each step reads, what it writes, and the process that does it. */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { filesBelow } from './upToDate.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const KERNEL_BYTES = [
  'src/engine/cpu/kernelBytes.ts',
  'src/core/passBytes.ts',
  'src/theory/ce/searchBytes.ts',
  'src/metrics/rowBytes.ts',
];
const INCREMENTAL = 'dist/.tsbuildinfo';
/** What npm installed, and the scripts that decide what is built. */
const ALWAYS = [
  'node_modules/.package-lock.json',
  'package.json',
  'scripts/build.js',
  'scripts/buildSteps.js',
  'scripts/upToDate.js',
];

const sources = () => filesBelow(root, 'src').filter((path) => path.endsWith('.ts'));
/** @param {string} extension */
const compiled = (extension) =>
  sources().map((path) => path.replace(/^src\/(.*)\.ts$/, `dist/$1${extension}`));

/** @type {readonly import('./upToDate.js').Step[]} */
export const STEPS = [
  {
    name: 'kernels',
    inputs: () => ['kernels', 'scripts/buildKernels.js', ...ALWAYS],
    outputs: () => KERNEL_BYTES,
    run: () => node('scripts/buildKernels.js'),
  },
  {
    name: 'library',
    inputs: () => [...sources(), 'tsconfig.json', 'tsconfig.build.json', ...ALWAYS],
    outputs: () => [...compiled('.js'), ...compiled('.d.ts')],
    run: ({ afresh }) => {
      // The compiler writes again only what it would write otherwise than the last time.
      if (afresh) rmSync(join(root, INCREMENTAL), { force: true });
      const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
      node(compiler, '-p', 'tsconfig.build.json', '--incremental', '--tsBuildInfoFile', INCREMENTAL);
    },
  },
  {
    name: 'command',
    inputs: () => [...compiled('.js'), 'scripts/buildCommand.js', ...ALWAYS],
    outputs: () => ['dist/command'],
    run: () => node('scripts/buildCommand.js'),
  },
  {
    name: 'lab',
    inputs: () => [...compiled('.js'), 'lab', 'scripts/buildLab.js', ...ALWAYS],
    outputs: () => ['dist/lab'],
    run: () => node('scripts/buildLab.js'),
  },
];

/** @param {...string} args */
function node(...args) {
  const { status, error } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${args[0]} ended with exit code ${status}`);
}
