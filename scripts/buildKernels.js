/**
 * Compiles the kernels (AssemblyScript) to WebAssembly and writes them, as base64, into modules, so that they load in Node, a
 * worker, a page and a test alike: those of the CPU engine, the passes over wide layers, the search of cross-entropy and the rows of
 * samples, each into the room that uses it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { main } from 'assemblyscript/asc';

const root = fileURLToPath(new URL('..', import.meta.url));
const MODULES = [
  { folder: 'kernels', target: 'src/engine/cpu/kernelBytes.ts', name: 'KERNELS' },
  { folder: 'kernels/passes', target: 'src/core/passBytes.ts', name: 'PASSES' },
  { folder: 'kernels/search', target: 'src/theory/ce/searchBytes.ts', name: 'SEARCH', shared: false },
  { folder: 'kernels/rows', target: 'src/metrics/rowBytes.ts', name: 'ROWS', shared: false },
];

for (const { folder, target, name, shared = true } of MODULES) {
  const bytes = await compile(join(root, folder), shared);
  const text = Buffer.from(bytes).toString('base64');
  writeFileSync(
    join(root, target),
    `/** Generated from ${folder}/ by scripts/buildKernels.js: ${bytes.length} bytes of WebAssembly. */\nexport const ${name} =\n  '${text}';\n`,
  );
  console.log(`${folder}: ${bytes.length} bytes of WebAssembly`);
}

/** The module of one folder's index.ts. @param {string} folder @param {boolean} shared threads share its memory @returns {Promise<Uint8Array>} */
async function compile(folder, shared) {
  let bytes = null;
  const { error, stderr } = await main(
    [
      'index.ts',
      '--outFile',
      'kernels.wasm',
      '--optimizeLevel',
      '3',
      '--noAssert',
      // No allocation, no strings: every address comes from outside.
      '--runtime',
      'stub',
      '--importMemory',
      '--initialMemory',
      '1',
      ...(shared ? ['--sharedMemory', '--maximumMemory', '65536'] : []),
      '--enable',
      shared ? 'simd,threads,bulk-memory' : 'simd,bulk-memory',
    ],
    {
      readFile: (name, base) => {
        try {
          return readFileSync(name.startsWith('/') ? name : join(base === '.' ? folder : base, name), 'utf8');
        } catch {
          return null;
        }
      },
      writeFile: (name, contents) => {
        if (name === 'kernels.wasm') bytes = contents;
      },
      listFiles: () => [],
      baseDir: folder,
    },
  );
  const complaints = stderr.toString();
  if (error !== null || bytes === null || complaints !== '') {
    console.error(complaints);
    throw error ?? new Error('the kernels do not compile without a complaint');
  }
  return bytes;
}
