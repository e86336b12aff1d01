/** The threads of a network in Node: the caller's is the first, workers are the others. */
import { Worker } from 'node:worker_threads';
import type { Blas } from '../../core/blas.js';
import { giveCommand } from './barrier.js';
import type { Team } from './executable.js';
import type { Machine } from './machine.js';
import { openMachine } from './machine.node.js';
import { oneThreadPerCall } from './nativeGemm.node.js';
import type { Program, ProgramParts } from './program.js';
import type { ThreadOrder } from './thread.node.js';
import { createMemory } from './wasm.js';

export interface TeamParts {
  readonly parts: ProgramParts;
  readonly program: Program;
  readonly blas: Blas;
  readonly observe: ((machine: Machine) => Machine) | undefined;
}

/** Starts the threads and waits until all are ready. */
export async function startTeam({ parts, program, blas, observe }: TeamParts): Promise<Team> {
  const { threads } = parts;
  const { workspaces } = program;
  const memory = createMemory(workspaces.bytes);
  const library = blas.path;
  const mainMachine = openMachine({ memory, workspaces, thread: 0, threads, library });
  const machine = observe?.(mainMachine) ?? mainMachine;
  const work = program.bind(machine, blas);
  const alone: (run: () => void) => void =
    library === null
      ? (run) => {
          run();
        }
      : oneThreadPerCall(library);

  let failure: Error | null = null;
  const workers = Array.from({ length: threads - 1 }, (_, i) => {
    const order: ThreadOrder = { parts, thread: i + 1, memory, library };
    const worker = new Worker(new URL('./thread.node.js', import.meta.url), { workerData: order });
    // A program that is done must not wait for them.
    worker.unref();
    return worker;
  });
  await Promise.all(
    workers.map(
      (worker) =>
        new Promise<void>((resolve, reject) => {
          worker.ref();
          worker.once('message', () => {
            worker.unref();
            resolve();
          });
          worker.on('error', (error) => {
            failure = error;
            reject(error);
          });
        }),
    ),
  );

  return {
    floats: machine.floats,
    doubles: machine.doubles,
    flags: machine.flags,
    run(name, samples) {
      if (failure !== null) throw failure;
      alone(() => {
        giveCommand(machine.flags, name, samples);
        if (name === 'step') work.step(samples);
        else work.evaluate(samples);
        machine.sync();
      });
    },
    async close() {
      giveCommand(machine.flags, 'stop', 0);
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
