/** One training on this machine, of either kind: its progress and notes on stderr, its report in the run folder. */
import type { Host } from '../core/host.js';
import type { Engine } from '../nets/index.js';
import type { NetworkSpec, RunSpec, RunStore } from '../runs/index.js';
import type { StartTensors } from '../ufm/index.js';
import type { Images } from '../verbs/train/networkRun.js';
import type { NetworkProgress } from '../verbs/train/networkProgress.js';
import { train, type TrainDocument, type TrainProgress } from '../verbs/train/trainUfm.js';
import type { TrainNetworkDocument } from '../verbs/train/trainNetwork.js';
import type { Context } from './context.js';
import { number } from './format.js';
import { giveWay, type Interrupt } from './interrupt.js';
import { networkProgressLine, recordHeading, recordLine } from './networkOutput.js';
import { describeProgress, SOLVING } from './problemWords.js';
import { writeReport } from './runReport.js';
import { progressLine, type Terminal } from './terminal.js';

/** What trainings read. */
export interface TrainingInput {
  /** The engine and the images of networks, asked for where they are needed. */
  readonly engine: () => Promise<Engine>;
  readonly images: (spec: NetworkSpec) => Promise<Images>;
  readonly readStart: (file: string) => Promise<StartTensors>;
}

export interface Training extends TrainingInput {
  readonly spec: RunSpec;
  readonly store: RunStore;
  readonly mode: 'fresh' | 'resume';
  readonly context: Context;
  readonly interrupt: Interrupt;
  /** Of a run among others; null for one alone. */
  readonly label: string | null;
  /** Whether each record of a network is shown as a line. */
  readonly recordLines: boolean;
}

/** Trains and writes the report; null where it was interrupted while its data was read. */
export async function runTraining(training: Training): Promise<TrainDocument | TrainNetworkDocument | null> {
  const { spec, store, mode, context, interrupt } = training;
  const { command, version, blas } = context;
  const shared = { store, mode, madeBy: { command, version }, blas: blas() };
  try {
    if (spec.kind === 'ufm') {
      const { readStart } = training;
      const document = await train({
        ...shared,
        spec,
        readStart,
        host: hostOf(training, ufmLines(training)),
      });
      await writeReport(store);
      return document;
    }
    const images = await training.images(spec);
    await giveWay();
    if (interrupt.signal.aborted) return null;
    const { trainNetwork } = await import('../verbs/train/trainNetwork.js');
    const host = hostOf(training, networkLines(training));
    const document = await trainNetwork({ ...shared, spec, images, engine: await training.engine(), host });
    await writeReport(store);
    return document;
  } finally {
    context.terminal.clear();
  }
}

function hostOf<P>(
  { label, context: { terminal }, interrupt }: Training,
  onProgress: (progress: P) => void,
): Host<P> {
  return {
    signal: interrupt.signal,
    clock: () => performance.now(),
    yield: giveWay,
    onProgress,
    onNote: (note) => terminal.note(`note: ${label === null ? '' : `${label}: `}${note}`),
  };
}

function ufmLines({ label, context: { terminal } }: Training): (progress: TrainProgress) => void {
  const began = performance.now();
  const solving = onceSolving(terminal, label);
  return (progress) => {
    if (progress.busy === 'predicting') {
      solving();
      terminal.progress(`${label === null ? '' : `${label}  `}${describeProgress(progress.search)}`);
      return;
    }
    const { step, steps, from, record } = progress;
    const line = progressLine(label ?? 'training', step, steps, from, (performance.now() - began) / 1000);
    const measured =
      record === null ? '' : `  F = ${number(record.objective)}  NC1 = ${number(record.nc1.pinv)}`;
    terminal.progress(`${line}${measured}`);
  };
}

function networkLines({
  label,
  recordLines,
  context: { terminal },
}: Training): (progress: NetworkProgress) => void {
  const began = performance.now();
  const solving = onceSolving(terminal, label);
  let lines = 0;
  return (progress) => {
    if (progress.busy === 'predicting') solving();
    if (progress.record !== null && recordLines) {
      if (lines === 0) terminal.note(`${label === null ? '' : `${label}\n`}${recordHeading()}`);
      terminal.note(recordLine(progress.record));
      lines++;
    }
    terminal.progress(networkProgressLine(progress, (performance.now() - began) / 1000));
  };
}

/** Says once that the prediction is being solved. */
function onceSolving(terminal: Terminal, label: string | null): () => void {
  let printed = false;
  return () => {
    if (!printed) terminal.note(`${label === null ? '' : `${label}: `}${SOLVING}`);
    printed = true;
  };
}
