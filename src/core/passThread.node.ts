/** One more thread of the passes over layers; started by layerPasses.node.ts as a worker. */
import { workerData } from 'node:worker_threads';
import type { SharedMemory } from './kernels.js';
import { passKernels, runShare } from './passMemory.js';
import { serve } from './passTeam.js';

const { memory } = workerData as { readonly memory: SharedMemory };
const kernels = passKernels(memory);
const numbers = new Float64Array(memory.buffer);
serve(new Int32Array(memory.buffer), (thread, members) => {
  runShare(kernels, numbers, thread, members);
});
