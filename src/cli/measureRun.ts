/** `collapsar measure RUN`: the checkpoints of a network's run, one line each. */
import { openImageData } from '../data/imageFolder.node.js';
import { createCpuEngine } from '../engine/cpu/cpuEngine.node.js';
import { checkRunFolder, openRunFolder } from '../runs/runFolder.node.js';
import { measureCheckpoints, readNetworkSpec } from '../verbs/index.js';
import type { Context, ExitCode } from './context.js';
import { giveWay, listenForInterrupt } from './interrupt.js';
import { recordHeading, recordLine } from './networkOutput.js';
import { progressLine } from './terminal.js';

/** Where images are looked for without --data. */
const DATA = 'data';

export async function measureRun(
  folder: string,
  { data, json }: { readonly data: string | undefined; readonly json: boolean },
  { terminal, blas }: Context,
): Promise<ExitCode> {
  await checkRunFolder(folder);
  const store = openRunFolder(folder);
  const spec = await readNetworkSpec(store);
  const images = await openImageData(data ?? DATA, spec.data.set);
  const interrupt = listenForInterrupt(terminal, 'stopping after this checkpoint');
  const began = performance.now();
  try {
    const onNote = (note: string) => {
      terminal.note(`note: ${note}`);
    };
    if (!json) terminal.print(recordHeading());
    const document = await measureCheckpoints({
      ...{ store, spec, images, blas: blas(), engine: createCpuEngine({ blas: blas() }) },
      pause: giveWay,
      stopAsked: interrupt.asked,
      onNote,
      onProgress: (done, total, record) => {
        if (record !== null && !json) terminal.print(recordLine(record));
        terminal.progress(progressLine('measuring', done, total, 0, (performance.now() - began) / 1000));
      },
    });
    terminal.clear();
    if (json) terminal.print(JSON.stringify(document));
    return document.status === 'finished' ? 0 : 1;
  } finally {
    terminal.clear();
    interrupt.release();
  }
}
