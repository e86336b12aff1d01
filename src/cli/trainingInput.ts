/** The engine, the images and the starts of trainings on this machine, each read once and on first use. */
import { resolve } from 'node:path';
import type { Blas } from '../core/blas.js';
import { openArrayFile } from '../data/fileSource.node.js';
import type { ImageKind } from '../data/index.js';
import type { Engine } from '../nets/index.js';
import { readStartTensors } from '../verbs/measure/startTensors.js';
import type { Images } from '../verbs/train/networkRun.js';
import type { Context } from './context.js';
import type { TrainingInput } from './runTraining.js';

/** Where images are looked for without --data. */
export const DATA = 'data';

/** `home`: the folder that names of start files are relative to. `threads` of the engine, where it is not to choose them. */
export function trainingInput(
  data: string | undefined,
  home: string,
  { blas }: Pick<Context, 'blas'>,
  threads?: number,
): TrainingInput {
  let engine: Promise<Engine> | null = null;
  const read = new Map<ImageKind, Promise<Images>>();
  return {
    engine: () => (engine ??= createEngine(blas(), threads)),
    images({ data: { set } }) {
      const images = read.get(set) ?? readImages(data ?? DATA, set);
      read.set(set, images);
      return images;
    },
    async readStart(name) {
      const file = await openArrayFile(resolve(home, name));
      return await readStartTensors(file).finally(() => file.close());
    },
  };
}

// Both are loaded where a network is trained: a run of free features starts sooner without.
async function createEngine(blas: Blas, threads: number | undefined): Promise<Engine> {
  const { createCpuEngine } = await import('../engine/cpu/cpuEngine.node.js');
  return createCpuEngine({ blas, threads });
}

async function readImages(folder: string, set: ImageKind): Promise<Images> {
  const { openImageData } = await import('../data/imageFolder.node.js');
  return openImageData(folder, set);
}
