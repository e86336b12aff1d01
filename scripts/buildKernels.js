/**
 * Compiles the kernels (AssemblyScript) to WebAssembly and writes them, as base64, into modules, so that they load in Node, a
 * worker, a page and a test alike: those of the CPU engine, and the passes over wide layers, each into the room that uses it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { main } from 'assemblyscript/asc';

const root = fileURLToPath(new URL('..', import.meta.url));
const MODULES = [
  { folder: 'kernels', target: 'src/engine/cpu/kernelBytes.ts', name: 'KERNELS' },
  { folder: 'kernels/passes', target: 'src/core/passBytes.ts', name: 'PASSES' },
];

for (const { folder, target, name } of MODULES) {
  const bytes = await compile(join(root, folder));
  const text = Buffer.from(bytes).toString('base64');
  writeFileSync(
    join(root, target),
    `/** Generated from ${folder}/ by scripts/buildKernels.js: ${bytes.length} bytes of WebAssembly. */\nexport const ${name} =\n  '${text}';\n`,
  );
  console.log(`${folder}: ${bytes.length} bytes of WebAssembly`);
}

/** The module of one folder's index.ts. @param {string} folder @returns {Promise<Uint8Array>} */
async function compile(folder) {
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
      '--sharedMemory',
      '--initialMemory',
      '1',
      '--maximumMemory',
      '65536',
      '--enable',
      'simd,threads,bulk-memory',
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
