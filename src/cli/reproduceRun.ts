/** One run of `collapsar reproduce` on this machine: its images, its engine, its progress and its report. */
import { refuse } from '../core/errors.js';
import { openImageData } from '../data/imageFolder.node.js';
import { createCpuEngine } from '../engine/cpu/cpuEngine.node.js';
import type { Engine } from '../nets/index.js';
import type { NetworkSpec, RunStore, RunSummary, PlannedRun } from '../runs/index.js';
import type { Images } from '../verbs/train/networkRun.js';
import { train } from '../verbs/train/trainUfm.js';
import { trainNetwork } from '../verbs/train/trainNetwork.js';
import type { Context } from './context.js';
import { number } from './format.js';
import { giveWay } from './interrupt.js';
import { networkProgressLine, recordHeading, recordLine } from './networkOutput.js';
import { describeProgress, SOLVING } from './predict.js';
import { writeReport } from './report.js';
import { progressLine } from './terminal.js';

export const clock = () => performance.now();

export interface Machine {
  readonly engine: () => Engine;
  readonly images: (spec: NetworkSpec) => Promise<Images>;
}

/** The engine and the images, each made once and on first use. */
export function machineOf(folder: string, { blas }: Context): Machine {
  let engine: Engine | null = null;
  const read = new Map<string, Promise<Images>>();
  return {
    engine: () => (engine ??= createCpuEngine({ blas: blas() })),
    images({ data: { set } }) {
      const found = read.get(set) ?? openImageData(folder, set);
      read.set(set, found);
      return found;
    },
  };
}

export function describeMachine({ blas }: Context): string {
  const { name, threads } = blas();
  return threads === null ? name : `${name}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
}

export interface OneRun extends Machine {
  readonly run: PlannedRun;
  readonly store: RunStore;
  readonly mode: 'fresh' | 'resume';
  readonly context: Context;
  readonly stopAsked: () => boolean;
}

export async function trainOne({
  run,
  store,
  mode,
  context,
  stopAsked,
  engine,
  images,
}: OneRun): Promise<RunSummary> {
  const { terminal, command, version } = context;
  const { spec, name } = run;
  const shared = { store, mode, command, version, blas: context.blas(), clock, pause: giveWay, stopAsked };
  const onNote = (note: string) => {
    terminal.note(`note: ${name}: ${note}`);
  };
  const began = clock();
  let told = false;
  if (spec.kind === 'network') {
    let lines = 0;
    const summary = await trainNetwork({
      ...shared,
      spec,
      images: await images(spec),
      engine: engine(),
      onProgress: (progress) => {
        if (progress.busy === 'predicting' && !told) {
          terminal.note(`${name}: ${SOLVING}`);
          told = true;
        }
        if (progress.record !== null) {
          if (lines === 0) terminal.note(`${name}\n${recordHeading()}`);
          terminal.note(recordLine(progress.record));
          lines++;
        }
        terminal.progress(networkProgressLine(progress, (clock() - began) / 1000));
      },
      onNote,
    });
    await writeReport(store);
    return summary;
  }
  const summary = await train({
    ...shared,
    spec,
    readStart: (file) => refuse('init.file', 'a start that is drawn', file),
    onPredicting: (now) => {
      if (!told) terminal.note(`${name}: ${SOLVING}`);
      told = true;
      terminal.progress(`${name}  ${describeProgress(now)}`);
    },
    onProgress({ step, steps, from, record }) {
      const line = progressLine(name, step, steps, from, (clock() - began) / 1000);
      const measured =
        record === null ? '' : `  F = ${number(record.objective)}  NC1 = ${number(record.nc1.pinv)}`;
      terminal.progress(`${line}${measured}`);
    },
    onNote,
  });
  await writeReport(store);
  return summary;
}
