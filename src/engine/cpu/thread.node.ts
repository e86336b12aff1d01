/**
 * One thread of a network: plans the same program as all others and runs its share of every command. Started by team.node.ts
 * as a worker; the first thread is the one that gives the commands.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { portableBlas } from '../../core/portableBlas.js';
import { announceFailure, awaitCommand, WORK } from './barrier.js';
import { openMachine } from './machine.node.js';
import { planProgram, type ProgramParts } from './program.js';
import type { SharedMemory } from '../../core/kernels.js';

/** What a thread is started with. */
export interface ThreadOrder {
  readonly parts: ProgramParts;
  readonly thread: number;
  readonly memory: SharedMemory;
  /** Of the BLAS; null for the portable kernels. */
  readonly library: string | null;
}

const { parts, thread, memory, library } = workerData as ThreadOrder;
const program = planProgram(parts);
const { workspaces } = program;
const machine = openMachine({ memory, workspaces, thread, threads: parts.threads, library });
// The head is the first thread's work: this one needs no BLAS for it.
const work = program.bind(machine, portableBlas);
parentPort?.postMessage('ready');

try {
  for (let seen = 0; ; seen++) {
    const command = awaitCommand(machine.flags, seen);
    if (command.work === WORK.stop) break;
    if (command.work === WORK.step) work.step(command.samples);
    else work.evaluate(command.samples);
    machine.sync();
  }
} catch (error) {
  announceFailure(machine.flags);
  throw error;
}
