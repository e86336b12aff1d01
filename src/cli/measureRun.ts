/** `collapsar measure RUN`: the checkpoints of a network's run, one line each, then the last class by class. */
import { openImageData } from '../data/imageFolder.node.js';
import { createCpuEngine } from '../engine/cpu/cpuEngine.node.js';
import { checkRunFolder, openRunFolder } from '../runs/runFolder.node.js';
import { measureCheckpoints, readNetworkSpec } from '../verbs/measure/checkpoints.js';
import type { Context, ExitCode } from './context.js';
import { giveWay, listenForInterrupt } from './interrupt.js';
import { describeNetworkRun, recordHeading, recordLine } from './networkOutput.js';
import { SOLVING } from './predict.js';
import { progressLine } from './terminal.js';

/** Where images are looked for without --data. */
const DATA = 'data';

export async function measureRun(
  folder: string,
  { data, json }: { readonly data: string | undefined; readonly json: boolean },
  { terminal, blas, command, version }: Context,
): Promise<ExitCode> {
  await checkRunFolder(folder);
  const store = openRunFolder(folder);
  const spec = await readNetworkSpec(store);
  const images = await openImageData(data ?? DATA, spec.data.set);
  const interrupt = listenForInterrupt(terminal, 'stopping after this checkpoint');
  const began = performance.now();
  let [lines, solving] = [0, false];
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
          if (record !== null && !json) {
            if (lines === 0) terminal.print(recordHeading());
            terminal.print(recordLine(record));
            lines++;
          }
          terminal.progress(progressLine(busy, done, total, 0, (performance.now() - began) / 1000));
        },
      },
    });
    terminal.clear();
    const { last, runDirectory, status } = document;
    if (json) terminal.print(JSON.stringify(document));
    else if (last !== null)
      terminal.print(`\n${describeNetworkRun({ ...last, runDirectory }, terminal.width, folder)}`);
    return status === 'finished' ? 0 : 1;
  } finally {
    terminal.clear();
    interrupt.release();
  }
}
