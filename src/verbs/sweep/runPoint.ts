/** One point of a sweep: predicted, trained or run as a command, and what is kept of it. */
import type { Blas } from '../../core/blas.js';
import type { StopSignal } from '../../core/host.js';
import type { Engine } from '../../nets/index.js';
import {
  formatSpec,
  problemOf,
  type NetworkSpec,
  type PointResult,
  type RunSpec,
  type RunStore,
} from '../../runs/index.js';
import type { StartTensors } from '../../ufm/index.js';
import { train } from '../train/trainUfm.js';
import type { Images } from '../train/networkRun.js';
import type { MadeBy } from '../train/summary.js';
import { commandAt, measureAt } from './command.js';
import { patientStore } from './patientStore.js';
import { settingsAt, specAt, type SweepPlan } from './plan.js';
import { predictionCache } from './predictionCache.js';
import {
  failedResult,
  resultOfMeasurement,
  resultOfPrediction,
  resultOfRun,
  type LeftByCommand,
} from './result.js';

/** What points need of the place they run in. */
export interface PointSurroundings {
  readonly blas: Blas;
  readonly madeBy: MadeBy;
  readonly clock: () => number;
  readonly yield: () => Promise<void>;
  readonly signal: StopSignal;
  readonly onNote: (note: string) => void;
  /** The folder of a point: what is there already, and how to open it. */
  readonly folderOf: (point: number) => PointFolder;
  /** Milliseconds until a point of the unconstrained-features model becomes a folder. */
  readonly wait: number;
  readonly readStart: (file: string) => Promise<StartTensors>;
  readonly engine: () => Promise<Engine>;
  readonly images: (spec: NetworkSpec) => Promise<Images>;
  readonly runCommand: (order: CommandOrder) => Promise<CommandEnd>;
}

export interface PointFolder {
  readonly location: string;
  readonly holdsRun: () => Promise<boolean>;
  readonly open: () => RunStore;
  /** Runs `work` as the one process of the folder. */
  readonly locked: <T>(work: () => Promise<T>) => Promise<T>;
}

export interface CommandOrder {
  readonly words: readonly string[];
  readonly folder: string;
  /** How what it leaves is measured, under the option names of `measure`. */
  readonly measure: Readonly<Partial<Record<string, string>>>;
  readonly signal: StopSignal;
}

/** A command was interrupted, failed, or left something that was measured. */
export type CommandEnd =
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'failed'; readonly why: string }
  | ({ readonly kind: 'measured' } & LeftByCommand);

/** Runs points one after another; a point gives null where it was interrupted, and is then run or gone on with another time. */
export function createPointRunner(
  plan: SweepPlan,
  where: string,
  around: PointSurroundings,
): (point: number) => Promise<PointResult | null> {
  const { clock } = around;
  const predict = predictionCache(around);
  return async (point) => {
    const began = clock();
    const seconds = () => (clock() - began) / 1000;
    if (plan.command !== null) {
      const { command, base } = plan;
      const settings = settingsAt(plan, point);
      const folder = around.folderOf(point).location;
      const end = await around.runCommand({
        words: commandAt(command, base, settings, folder),
        measure: measureAt(command, base, settings),
        ...{ folder, signal: around.signal },
      });
      switch (end.kind) {
        case 'interrupted':
          return null;
        case 'failed':
          return failedResult(point, end.why, seconds());
        case 'measured':
          return resultOfMeasurement(point, end, seconds());
        default:
          return end satisfies never;
      }
    }
    const spec = specAt(plan, point, where);
    if (spec.kind === 'ufm' && spec.steps === 0) {
      const prediction = await predict(problemOf(spec));
      return prediction.interrupted ? null : resultOfPrediction(point, prediction, seconds());
    }
    const summary = await trainPoint(spec, around.folderOf(point), around, predict);
    return summary === null ? null : resultOfRun(point, summary, seconds());
  };
}

/** Trains, or goes on with what a folder holds; null where it was interrupted. */
async function trainPoint(
  spec: RunSpec,
  folder: PointFolder,
  around: PointSurroundings,
  predict: ReturnType<typeof predictionCache>,
) {
  const { blas, madeBy, clock, signal, onNote } = around;
  const host = { signal, clock, yield: around.yield, onNote };
  const mode = (await folder.holdsRun()) ? 'resume' : 'fresh';
  const shared = { madeBy, blas, host, mode } as const;
  if (spec.kind === 'network')
    return await folder.locked(async () => {
      const { trainNetwork } = await import('../train/trainNetwork.js');
      const [images, engine] = [await around.images(spec), await around.engine()];
      return ended(await trainNetwork({ ...shared, spec, images, engine, store: folder.open() }));
    });
  const { readStart } = around;
  if (mode === 'resume')
    return await folder.locked(async () =>
      ended(await train({ ...shared, spec, readStart, predict, store: folder.open() })),
    );
  const { location, open } = folder;
  const store = patientStore({
    ...{ location, open, clock, wait: around.wait },
    spec: () => formatSpec(spec),
  });
  return ended(await train({ ...shared, spec, readStart, predict, store }));
}

function ended<D extends { readonly status: string }>(document: D): D | null {
  return document.status === 'interrupted' ? null : document;
}
