/** Where a sweep is: the folder that it begins in or is gone on with in, and that this holds what it should. */
import { basename, resolve } from 'node:path';
import { refuse, refuseFile } from '../core/errors.js';
import { makeRunFolder } from '../runs/runFolder.node.js';
import { holdsLeftOversOnly, holdsNothing } from '../runs/runLock.node.js';
import { holdsSweep, readSweep, SWEEP_BEGINNINGS, writeMeta, writeSweep } from '../runs/sweepFolder.node.js';
import { parseSweep, samePlan, specAt, type SweepPlan } from '../verbs/sweep/plan.js';
import type { Parsed } from './args.js';
import type { Context } from './context.js';
import { folderHint, isFolder, isThere } from './paths.js';
import type { Sweep } from './sweepInFolder.js';
import { DATA, trainingInput } from './trainingInput.js';

/** The folder that is gone on with. */
export function folderNamed(options: Parsed): string {
  return options.value('out') ?? options.positionals.at(0) ?? '';
}

/** With `--resume`: refuses where there is no sweep to go on with, before anything is written. */
export async function checkGoesOn(options: Parsed): Promise<void> {
  if (!options.flag('resume')) return;
  const [given, out] = [options.positionals.at(0), options.value('out')];
  if (given !== undefined && (await isFolder(given))) {
    if (out !== undefined && resolve(out) !== resolve(given))
      refuse('--out', `${given} alone, in which the sweep is gone on with`, out, 'leave it out');
    return;
  }
  if (out === undefined) {
    if (given !== undefined && !(await isThere(given)))
      refuseFile(
        given,
        'the folder of a sweep to go on with',
        'none of that name',
        await folderHint([SWEEPS], 'leave --resume out to start one'),
      );
    refuse(
      '--resume',
      'the folder of the sweep to go on with',
      'none',
      'name it: collapsar sweep FOLDER --resume',
    );
  }
  if (await holdsSweep(out)) return;
  // What a sweep leaves that was killed before it wrote what it is begins anew, where the SPEC is named.
  if (given !== undefined && (await holdsLeftOversOnly(out, SWEEP_BEGINNINGS))) return;
  refuseFile(
    out,
    'the folder of a sweep to go on with',
    (await isThere(out)) ? 'one without sweep.yaml' : 'none of that name',
    'leave --resume out to start one there',
  );
}

export interface Planned {
  readonly plan: SweepPlan;
  readonly source: string;
  readonly home: string;
  /** The folder of images, where it is known. */
  readonly data: string | undefined;
  /** The file of the plan. */
  readonly path: string;
}

/** Refuses files that every point would miss, before anything is written. */
export async function checkFiles(
  { plan, home, data, path }: Planned,
  options: Parsed,
  context: Context,
): Promise<void> {
  const isNetwork = plan.command === null && plan.base.kind === 'network';
  if (options.value('data') !== undefined && !isNetwork)
    refuse('--data', 'a sweep of networks', options.value('data'), 'nothing else reads images');
  if (plan.command !== null) return;
  const input = trainingInput(data, home, context, 1);
  for (const point of new Set([0, plan.points - 1])) {
    const spec = specAt(plan, point, path);
    if (spec.kind === 'network') await input.images(spec);
    else if ('file' in spec.init) await input.readStart(spec.init.file);
  }
}

/** The folder that the sweep runs in: one that is named, or a new one in `sweeps`. */
export async function folderFrom(options: Parsed, plan: SweepPlan, path: string): Promise<string> {
  const [given, out] = [options.positionals.at(0), options.value('out')];
  if (out !== undefined || (given !== undefined && (await isFolder(given))))
    return placeOf(options, plan, path);
  return await makeRunFolder(SWEEPS, nameOf(plan, path));
}

/** The same before it is made: of a new one the first choice. */
export function placeOf(options: Parsed, plan: SweepPlan, path: string): string {
  const [given, out] = [options.positionals.at(0), options.value('out')];
  if (out === '') refuse('--out', 'the name of a folder', out);
  if (out !== undefined) return out;
  return given === undefined || given === path ? `${SWEEPS}/${nameOf(plan, path)}` : given;
}

const SWEEPS = 'sweeps';

function nameOf({ source }: SweepPlan, path: string): string {
  return typeof source.name === 'string' ? source.name : basename(path).replace(/\.(ya?ml|json)$/i, '');
}

/** Writes what the sweep is, or makes sure that the folder holds this one. */
export async function prepare(
  { plan, folder, source, home }: Sweep & { readonly home: string },
  options: Parsed,
  { version, command, terminal }: Context,
): Promise<Sweep> {
  const [data, folders] = [options.value('data'), options.flag('folders')];
  if (await holdsSweep(folder)) {
    if (!options.flag('resume'))
      refuseFile(
        folder,
        'an empty or new folder',
        'a sweep',
        'add --resume to go on with it, or choose another',
      );
    const before = await readSweep(folder);
    if (!samePlan(parseSweep(before.source, folder, [], 'trusted'), plan))
      refuse(folder, 'this sweep', 'another', `its own is in ${folder}/sweep.yaml`);
    const { meta } = before;
    if (data !== undefined && resolve(data) !== meta.data) {
      await writeMeta(folder, { ...meta, data: resolve(data) });
      terminal.note(`note: images are read from ${data} from now on`);
    }
    if (folders && !meta.folders)
      refuse('--folders', 'a sweep that began with it', folder, 'begin another with it');
    return { plan, folder, source: before.source };
  }
  if (!(await holdsNothing(folder, SWEEP_BEGINNINGS)))
    refuseFile(folder, 'an empty or new folder', 'one that holds files', 'choose another with --out');
  await writeSweep(folder, source, {
    ...{ schema: 1, collapsar: version, command, home, folders },
    data: plan.base.kind === 'network' ? resolve(data ?? DATA) : null,
  });
  return { plan, folder, source };
}
