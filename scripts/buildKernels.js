/**
 * Compiles the kernels of the CPU engine (AssemblyScript) to WebAssembly and writes them, as base64, into a module, so that
 * they load in Node, a worker, a page and a test alike.
 */
import { readFileSync, statSync, writeFileSync, readdirSync, existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { main } from 'assemblyscript/asc';

const folder = fileURLToPath(new URL('../kernels/', import.meta.url));
const target = fileURLToPath(new URL('../src/engine/cpu/kernelBytes.ts', import.meta.url));

const sources = [...readdirSync(folder).map((name) => folder + name), fileURLToPath(import.meta.url)];
const newest = Math.max(...sources.map((path) => statSync(path).mtimeMs));
if (!existsSync(target) || statSync(target).mtimeMs < newest) await build();

async function build() {
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
          return readFileSync(
            name.startsWith('/') ? name : `${base === '.' ? folder : base}/${name}`,
            'utf8',
          );
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
  const text = Buffer.from(bytes).toString('base64');
  writeFileSync(
    target,
    `/** Generated from kernels/ by scripts/buildKernels.js: ${bytes.length} bytes of WebAssembly. */\nexport const KERNELS =\n  '${text}';\n`,
  );
  console.log(`kernels: ${bytes.length} bytes of WebAssembly`);
}
