/** `collapsar doctor`, for people. */
import { cpus, totalmem } from 'node:os';
import { doctor } from '../verbs/doctor.js';
import { parse } from './args.js';
import type { Context, ExitCode, Verb } from './context.js';
import { number } from './format.js';

const HELP = `collapsar doctor: which BLAS was found on this machine, and how fast it is

  collapsar doctor

  --json                 one JSON document on stdout

COLLAPSAR_BLAS=portable or COLLAPSAR_BLAS=/path/to/libopenblas.so chooses one.
OPENBLAS_NUM_THREADS limits its threads.`;

export const doctorVerb: Verb = {
  help: HELP,
  // eslint-disable-next-line @typescript-eslint/require-await
  async run(args, { terminal, blas, version }: Context): Promise<ExitCode> {
    const options = parse('doctor', args, {}, []);
    const document = doctor({
      blas: blas(),
      clock: () => performance.now(),
      version,
      runtime: `Node ${process.versions.node}`,
      machine: `${cpus().length} × ${cpus().at(0)?.model.trim() ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform}-${process.arch}`,
      installHint: INSTALL[process.platform] ?? 'install OpenBLAS for your system',
    });
    if (options.flag('json')) terminal.print(JSON.stringify(document));
    else {
      const { speed, blas: library, advice } = document;
      const rows = [
        ['collapsar', document.collapsar],
        ['runtime', document.runtime],
        ['machine', document.machine],
        ['BLAS', library.name + (library.path === null ? '' : ` (${library.path})`)],
        ['threads', library.threads === null ? 'unknown' : String(library.threads)],
        ['dgemm', `${number(speed.dgemmGflops, 3)} GFLOPS`],
        ['sgemm', `${number(speed.sgemmGflops, 3)} GFLOPS`],
        ['4×64 by 64×64', `${number(speed.smallProductMicroseconds, 3)} µs`],
        ['SVD of 200×200', `${number(1000 * speed.svdSeconds, 3)} ms`],
        ['GPU', 'not used in this version'],
      ];
      terminal.print(rows.map(([name, value]) => `${name.padEnd(16)}${value}`).join('\n'));
      for (const line of advice) terminal.print(`\n${line}`);
    }
    return 0;
  },
};

const INSTALL: Readonly<Partial<Record<string, string>>> = {
  linux: 'Debian and Ubuntu: apt-get install libopenblas0; Fedora: dnf install openblas',
  darwin: 'Accelerate should be there; or: brew install openblas',
  win32: 'put libopenblas.dll on the PATH, or set COLLAPSAR_BLAS to its path',
};
