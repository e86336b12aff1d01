/** A point that is the user's own training: its words run without a shell, then what it left in its folder is measured. */
import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { Blas } from '../core/blas.js';
import { InputError, refuseFile } from '../core/errors.js';
import { openArrayFile } from '../data/fileSource.node.js';
import { LOSSES } from '../model/index.js';
import { isCode, makeFolder } from '../runs/folders.node.js';
import { measure, type MeasureArguments } from '../verbs/measure/measure.js';
import { measureAt } from '../verbs/sweep/command.js';
import { settingsAt, type SweepPlan } from '../verbs/sweep/plan.js';
import type { LeftByCommand } from '../verbs/sweep/result.js';
import type { CommandEnd, CommandOrder } from '../verbs/sweep/runPoint.js';
import { choice, numberList, singleNumber } from './args.js';
import { giveWay } from './interrupt.js';

export interface PointCommand extends CommandOrder {
  readonly home: string;
  readonly blas: Blas;
}

/** What the command prints, in the folder of its point. */
const OUTPUT = 'output.txt';
/** Kept of its last line. */
const LAST_LINE = 200;
const ARRAYS = /\.(?:npz|safetensors)$/i;

export async function runPointCommand(order: PointCommand): Promise<CommandEnd> {
  const folder = resolve(order.folder);
  await makeFolder(folder);
  const words = order.words.map((word) => word.replaceAll(order.folder, folder));
  const end = await runWords(words, folder, order);
  if (end !== null) return end;
  try {
    return { kind: 'measured', ...(await measureFolder(folder, order)) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { kind: 'failed', why: `${error.message} (${printed(folder)})` };
  }
}

/** Where what the command printed is, from the folder of the sweep. */
function printed(folder: string): string {
  return `what it printed: points/${basename(folder)}/${OUTPUT}`;
}

/** Null where it ended with 0. */
function runWords(
  [program, ...rest]: readonly string[],
  folder: string,
  { home, signal }: PointCommand,
): Promise<CommandEnd | null> {
  return new Promise((done) => {
    const output = createWriteStream(join(folder, OUTPUT));
    const child = spawn(program, rest, { cwd: home, stdio: ['ignore', 'pipe', 'pipe'] });
    let last = '';
    const keep = (chunk: Buffer) => {
      output.write(chunk);
      last = `${last}${chunk.toString()}`.slice(-4 * LAST_LINE);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const watch = setInterval(() => {
      if (signal.aborted) child.kill('SIGTERM');
    }, 100);
    const orphaned = () => child.kill('SIGTERM');
    process.on('exit', orphaned);
    const finish = (end: CommandEnd | null) => {
      clearInterval(watch);
      process.off('exit', orphaned);
      output.end(() => {
        done(end);
      });
    };
    child.on('error', (error) => {
      const got = isCode(error, 'ENOENT') ? 'none of that name' : error.message;
      finish({ kind: 'failed', why: `${program}: a program that can be started, got ${got}` });
    });
    child.on('close', (code, killedBy) => {
      if (signal.aborted) finish({ kind: 'interrupted' });
      else if (code === 0) finish(null);
      else {
        const line = last.trim().split('\n').at(-1) ?? '';
        const how = code === null ? `signal ${killedBy ?? 'unknown'}` : `exit code ${code}`;
        finish({
          kind: 'failed',
          why: `${program}: exit code 0, got ${how}${line === '' ? '' : `: ${line.slice(0, LAST_LINE)}`} (${printed(folder)})`,
        });
      }
    });
  });
}

/** Measures the arrays that a command left: of several files the last by name, numbers in names counted as numbers. */
async function measureFolder(folder: string, order: PointCommand): Promise<LeftByCommand> {
  const names = (await readdir(folder)).filter((name) => ARRAYS.test(name));
  const name = names.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1);
  if (name === undefined)
    refuseFile(
      `points/${basename(folder)}`,
      'a file ending in .npz or .safetensors that the command left',
      'none',
    );
  const path = join(folder, name);
  try {
    return { document: await measureFile(path, order, order.measure), unpredicted: null };
  } catch (error) {
    // Where every class is lost there is no balance to fit: the measures stand alone.
    const { featureDecay, features, labels, weights, biasName } = order.measure;
    if (!(error instanceof InputError && error.argument === 'featureDecay' && featureDecay === 'fit'))
      throw error;
    const document = await measureFile(path, order, { features, labels, weights, biasName });
    return { document, unpredicted: `no prediction: ${error.message}` };
  }
}

async function measureFile(path: string, { blas }: PointCommand, said: CommandOrder['measure']) {
  const { features, labels, weights, biasName } = said;
  const file = await openArrayFile(path);
  try {
    return await measure({
      file,
      names: { features, labels, weights: weights?.split(','), bias: biasName },
      ...problemSaid(said),
      ...{ blas, host: { yield: giveWay } },
    });
  } finally {
    await file.close();
  }
}

type Posed = Pick<MeasureArguments, 'loss' | 'weightDecays' | 'featureDecay'>;

function problemSaid({ loss, weightDecay, featureDecay }: CommandOrder['measure']): Posed {
  return {
    loss: loss === undefined ? undefined : choice('measure.loss', loss, LOSSES, 'mse'),
    weightDecays: weightDecay === undefined ? undefined : numberList('measure.weightDecay', weightDecay),
    featureDecay:
      featureDecay === undefined || featureDecay === 'fit'
        ? featureDecay
        : singleNumber('measure.featureDecay', featureDecay),
  };
}

/** Refuses what `measure:` says of the first point before its training has run in vain. */
export function checkMeasure(plan: SweepPlan): void {
  if (plan.command !== null) problemSaid(measureAt(plan.command, plan.base, settingsAt(plan, 0)));
}
