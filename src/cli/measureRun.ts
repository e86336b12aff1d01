/** `collapsar measure RUN`: the checkpoints of a network's run, one line each, then the last class by class. */
import { openImageData } from '../data/imageFolder.node.js';
import { createCpuEngine } from '../engine/cpu/cpuEngine.node.js';
import { checkRunFolder, openRunFolder } from '../runs/runFolder.node.js';
import { measureCheckpoints, readNetworkSpec } from '../verbs/measure/checkpoints.js';
import type { TrainRecord } from '../runs/index.js';
import type { Parsed } from './args.js';
import type { Context, ExitCode } from './context.js';
import { giveWay, listenForInterrupt } from './interrupt.js';
import { networkRunBlocks, recordHeading, recordLine, recordsTable } from './networkOutput.js';
import { SOLVING } from './problemWords.js';
import { printBlocks, type Form } from './tables.js';
import { progressLine } from './terminal.js';

/** Where images are looked for without --data. */
const DATA = 'data';

export interface MeasureRunOptions {
  readonly data: string | undefined;
  readonly form: Form;
  /** As parsed, for the choice of a table. */
  readonly options: Parsed;
}

export async function measureRun(
  folder: string,
  { data, form, options }: MeasureRunOptions,
  { terminal, blas, command, version }: Context,
): Promise<ExitCode> {
  await checkRunFolder(folder);
  const store = openRunFolder(folder);
  const spec = await readNetworkSpec(store);
  const images = await openImageData(data ?? DATA, spec.data.set);
  const interrupt = listenForInterrupt(terminal, 'stopping after this checkpoint');
  const began = performance.now();
  const records: TrainRecord[] = [];
  let solving = false;
  try {
    const document = await measureCheckpoints({
      ...{ store, spec, images, madeBy: { command, version }, blas: blas() },
      engine: createCpuEngine({ blas: blas() }),
      host: {
        signal: interrupt.signal,
        yield: giveWay,
        onNote: (note) => terminal.note(`note: ${note}`),
        onProgress({ busy, done, total, record }) {
          if (busy === 'predicting' && !solving) {
            terminal.note(`${SOLVING}, again for each checkpoint where λ_H is fitted`);
            solving = true;
          }
          if (record !== null) {
            if (form === 'text') {
              if (records.length === 0) terminal.print(recordHeading());
              terminal.print(recordLine(record));
            }
            records.push(record);
          }
          terminal.progress(progressLine(busy, done, total, 0, (performance.now() - began) / 1000));
        },
      },
    });
    terminal.clear();
    const { last, runDirectory, status } = document;
    if (form === 'json') terminal.print(JSON.stringify(document));
    else if (last !== null) {
      const blocks = networkRunBlocks({ ...last, runDirectory }, terminal.width, folder);
      printBlocks([form === 'text' ? '' : recordsTable(records), ...blocks], form, options, terminal);
    }
    return status === 'finished' ? 0 : 1;
  } finally {
    terminal.clear();
    interrupt.release();
  }
}
