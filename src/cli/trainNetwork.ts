/** `collapsar train` for networks: one line for each measurement, then prediction and measurement side by side. */
import { createCpuEngine } from '../engine/cpu/cpuEngine.node.js';
import { openImageData } from '../data/imageFolder.node.js';
import type { NetworkSpec } from '../runs/index.js';
import { holdsCheckpoint, openRunFolder } from '../runs/runFolder.node.js';
import { trainNetwork } from '../verbs/train/trainNetwork.js';
import { quoted } from './invocation.js';
import type { Context, ExitCode } from './context.js';
import { number } from './format.js';
import { giveWay, listenForInterrupt } from './interrupt.js';
import { describeNetworkRun, networkProgressLine, recordHeading, recordLine } from './networkOutput.js';
import { SOLVING } from './predict.js';
import { writeReport } from './report.js';

export interface NetworkRunOptions {
  /** The spec and the length that was given with it: what to type to go on. */
  readonly again: string;
  readonly folder: string;
  readonly mode: 'fresh' | 'resume';
  readonly json: boolean;
  /** The folder of the images; `data` where it is left out. */
  readonly data: string | undefined;
  readonly context: Context;
}

/** Where images are looked for without --data. */
const DATA = 'data';

export async function trainOnImages(spec: NetworkSpec, options: NetworkRunOptions): Promise<ExitCode> {
  const { again, folder, mode, json, data, context } = options;
  const { terminal } = context;
  const images = await openImageData(data ?? DATA, spec.data.set);
  const store = openRunFolder(folder);
  const interrupt = listenForInterrupt(terminal, 'stopping after this step');
  const began = performance.now();
  let lines = 0;
  let told = false;
  try {
    const document = await trainNetwork({
      spec,
      images,
      engine: createCpuEngine({ blas: context.blas() }),
      store,
      mode,
      command: context.command,
      version: context.version,
      blas: context.blas(),
      clock: () => performance.now(),
      pause: giveWay,
      stopAsked: interrupt.asked,
      onProgress: (progress) => {
        if (progress.busy === 'predicting' && !told) {
          terminal.note(SOLVING);
          told = true;
        }
        if (progress.record !== null && !json) {
          if (lines === 0) terminal.note(recordHeading());
          terminal.note(recordLine(progress.record));
          lines++;
        }
        terminal.progress(networkProgressLine(progress, (performance.now() - began) / 1000));
      },
      onNote: (note) => terminal.note(`note: ${note}`),
    });
    await writeReport(store);
    terminal.clear();
    if (json) terminal.print(JSON.stringify(document));
    else terminal.print(describeNetworkRun(document, terminal.width, folder));
    switch (document.status) {
      case 'interrupted':
        terminal.note(
          `interrupted in epoch ${document.network.epoch}; go on with: ${again} --out ${quoted(folder)} --resume${data === undefined ? '' : ` --data ${quoted(data)}`}`,
        );
        return 1;
      case 'diverged': {
        const loss = document.divergence?.loss ?? null;
        const kept = (await holdsCheckpoint(folder)) ? `; the last good checkpoint is in ${folder}` : '';
        terminal.note(
          `error: training: ${loss === null ? 'a finite loss, got NaN or Infinity' : `a loss that stays near its start or falls, got ${number(loss)}`} at step ${document.step}; ` +
            `try a tenth of the learning rate, ${number(spec.optimizer.learningRate / 10)}${kept}`,
        );
        return 1;
      }
      default:
        return 0;
    }
  } finally {
    terminal.clear();
    interrupt.release();
  }
}
