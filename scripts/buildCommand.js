/**
 * Bundles the command line into dist/command/: a few files instead of the two hundred modules, and packages, that the smallest
 * command would open one by one. What it costs to start is mostly that.
 *
 * The other processes and threads that it starts stand beside it, under the names by which it asks for them. koffi stays outside,
 * for it loads a library of its own. The library of the package, for whoever imports it, is dist/ as before.
 */
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const target = join(root, 'dist', 'command');
const making = `${target}.${process.pid}`;

/** What is started as a process or a thread, by the file that it is. */
const ENTRIES = ['cli/main', 'cli/sweepWorker', 'engine/cpu/thread.node', 'core/passThread.node'];

try {
  rmSync(making, { recursive: true, force: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ENTRIES.map((name) => `dist/${name}.js`),
    outdir: making,
    entryNames: '[name]',
    chunkNames: 'part-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: ['node20'],
    // The modules of a package where it has some: only what is used of it is taken.
    mainFields: ['module', 'main'],
    conditions: ['module'],
    external: ['koffi'],
    minifySyntax: true,
    minifyWhitespace: true,
    // Packages of the old kind ask for Node's own modules so.
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
    },
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
    logOverride: { 'import-is-undefined': 'error' },
  });
  writeFileSync(join(making, 'LICENSES.txt'), licencesOf(Object.keys(metafile.inputs)));
  rmSync(target, { recursive: true, force: true });
  renameSync(making, target);
} finally {
  rmSync(making, { recursive: true, force: true });
}

/** The licences of the packages whose files are in the bundle. */
function licencesOf(/** @type {readonly string[]} */ inputs) {
  const folders = new Set(
    inputs.flatMap((path) => {
      const name = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path);
      return name === null ? [] : [name[0]];
    }),
  );
  return [...folders]
    .sort()
    .map((folder) => {
      const file = readdirSync(join(root, folder)).find((name) => /^licen[cs]e/i.test(name));
      const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
      const text =
        file === undefined ? `Licence: ${license}` : readFileSync(join(root, folder, file), 'utf8');
      return `${name} ${version}\n\n${text.trim()}\n`;
    })
    .join(`\n${'-'.repeat(72)}\n\n`);
}
