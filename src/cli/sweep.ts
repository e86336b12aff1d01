/** `collapsar sweep`, for people: a grid over the keys of a spec, on this machine. */
import { availableParallelism } from 'node:os';
import { basename, dirname, resolve } from 'node:path';
import { stringify } from 'yaml';
import { refuse, refuseFile } from '../core/errors.js';
import { parseSpecText } from '../runs/index.js';
import { makeRunFolder } from '../runs/runFolder.node.js';
import type { SubmissionRequest } from '../runs/sweepSubmissions.node.js';
import { holdsNothing, withRunLock } from '../runs/runLock.node.js';
import { holdsSweep, readSweep, SWEEP_FILE, writeSweep } from '../runs/sweepFolder.node.js';
import { isSection } from '../verbs/sweep/overrides.js';
import { parseSweep, planSweep, samePlan, type SweepPlan } from '../verbs/sweep/plan.js';
import { choice, parse, singleNumber, type Parsed } from './args.js';
import type { Context, ExitCode, Verb } from './context.js';
import { FIGURE_OPTIONS, figureChoices } from './figureOptions.js';
import { checkRunPlace } from './outFile.js';
import { OVERRIDE_OPTIONS, overridesFrom } from './overrideOptions.js';
import { isFolder, isThere } from './paths.js';
import { readSpecFile } from './specFile.js';
import { concludeSweep } from './sweepEnd.js';
import { SWEEP_HELP } from './sweepHelp.js';
import { runHere } from './sweepHere.js';
import type { Sweep } from './sweepInFolder.js';
import { checkChoices } from './sweepReport.js';
import {
  lastRequest,
  openSubmission,
  runOnSlurm,
  slurmFrom,
  slurmScript,
  SLURM_OPTIONS,
} from './sweepSlurm.js';
import { runTask } from './sweepTask.js';
import { describePlan, estimateSweep } from './sweepWords.js';
import { formOf, TABLE_OPTIONS } from './tables.js';

export const sweepVerb: Verb = {
  help: SWEEP_HELP,
  async run(args, context: Context): Promise<ExitCode> {
    const options = parse(
      'sweep',
      args,
      {
        ...OVERRIDE_OPTIONS,
        ...TABLE_OPTIONS,
        ...FIGURE_OPTIONS,
        jobs: 'value',
        out: 'value',
        resume: 'flag',
        data: 'value',
        folders: 'flag',
        'dry-run': 'flag',
        on: 'value',
        task: 'value',
        ...SLURM_OPTIONS,
      },
      ['SPEC'],
    );
    const form = formOf(options);
    const before = options.flag('resume') ? await lastRequest(folderNamed(options)) : null;
    // What was submitted is joined again.
    const on = choice('--on', options.value('on'), ['local', 'slurm'], before === null ? 'local' : 'slurm');
    const slurm = slurmFrom(options, before);
    const jobs = jobsFrom(options);
    const { terminal } = context;
    const out = options.value('out');
    if (out !== undefined) await checkRunPlace(out);
    const { plan, source, home, path } = await planFrom(options);
    const task = options.value('task');
    if (task !== undefined)
      return await runTask({ plan, folder: options.positionals[0], source }, task, context);
    const choices = figureChoices(options);
    checkChoices(plan, choices);
    terminal.note(describePlan(plan, terminal.width));
    const estimate = await estimateSweep(plan, path, { context, data: options.value('data'), home, jobs });
    if (estimate !== null) terminal.note(estimate);
    if (options.flag('dry-run')) {
      if (on === 'slurm') terminal.print(dryScript(plan, out ?? path, slurm));
      return 0;
    }
    const folder = await folderFrom(options, plan, path);
    if (on === 'slurm') {
      const sweep = await prepare({ plan, folder, source, home }, options, context);
      const { finished, index } = await runOnSlurm(sweep, { request: slurm, context, program: PROGRAM });
      return await concludeSweep(sweep, index, { form, options, choices, context, finished });
    }
    const open = (await holdsSweep(folder)) ? await openSubmission(folder) : null;
    if (open !== null)
      refuseFile(
        folder,
        'a sweep without jobs',
        `job ${open.job ?? open.name}`,
        'scancel it, or go on with --on slurm',
      );
    return await withRunLock(folder, async () => {
      const sweep = await prepare({ plan, folder, source, home }, options, context);
      const { finished, index } = await runHere(sweep, { jobs, context });
      return await concludeSweep(sweep, index, { form, options, choices, context, finished });
    });
  },
};

/** The folder that is gone on with. */
function folderNamed(options: Parsed): string {
  return options.value('out') ?? options.positionals.at(0) ?? '';
}

/** This program, as nodes of a cluster start it. */
const PROGRAM = [process.execPath, process.argv[1] ?? 'collapsar'];

/** The script that would be submitted. */
function dryScript({ points }: SweepPlan, folder: string, slurm: SubmissionRequest): string {
  const share = Math.ceil(points / slurm.tasks);
  const submission = { number: '0001', name: 'collapsar-0001', ranges: [], share, job: null };
  return slurmScript(
    folder,
    { ...submission, at: 0, request: slurm, tasks: Math.ceil(points / share) },
    slurm,
    PROGRAM,
  );
}

interface Planned {
  readonly plan: SweepPlan;
  readonly source: string;
  readonly home: string;
  readonly path: string;
}

/** The plan of a file with what the command line sets, or of a folder to go on with. */
async function planFrom(options: Parsed): Promise<Planned> {
  const given = options.positionals.at(0) ?? (options.flag('resume') ? options.value('out') : undefined);
  if (given === undefined)
    refuse('collapsar sweep', 'a SPEC file with a section sweep', undefined, 'see collapsar sweep --help');
  if (await isFolder(given)) {
    if (!options.flag('resume') && options.value('task') === undefined)
      refuse(given, 'a SPEC file, or --resume beside a folder', 'a folder', '--resume goes on with it');
    if (options.values('override').length > 0) refuse('--override', 'a SPEC file', 'the folder of a sweep');
    const { source, meta } = await readSweep(given);
    const path = `${given}/${SWEEP_FILE}`;
    return { plan: parseSweep(source, path), source, home: meta.home, path };
  }
  if (options.flag('resume') && options.value('out') === undefined && !(await isThere(given)))
    refuseFile(given, 'the folder of a sweep to go on with', 'none of that name', 'ls sweeps shows some');
  const value = parseSpecText(await readSpecFile(given), given);
  const overrides = overridesFrom(options, isSection(value) ? value.kind : undefined);
  const plan = planSweep(value, given, overrides);
  const source = sourceOf(plan);
  return { plan, source, home: resolve(dirname(given)), path: given };
}

/** As the folder keeps it: as it was written, keys that go together under a name of text. */
function sourceOf({ source }: SweepPlan): string {
  return stringify(source, { flowCollectionPadding: false });
}

async function folderFrom(options: Parsed, { source }: SweepPlan, path: string): Promise<string> {
  const out = options.value('out');
  if (out === '') refuse('--out', 'the name of a folder', out);
  const given = options.positionals.at(0);
  if (given !== undefined && (await isFolder(given))) return given;
  if (out !== undefined) return out;
  if (options.flag('resume'))
    refuse(
      '--resume',
      'the folder of the sweep to go on with',
      'none',
      'name it: collapsar sweep FOLDER --resume',
    );
  const name = typeof source.name === 'string' ? source.name : basename(path).replace(/\.(ya?ml|json)$/i, '');
  return await makeRunFolder('sweeps', name);
}

/** Writes what the sweep is, or makes sure that the folder holds this one. */
async function prepare(
  { plan, folder, source, home }: Sweep & { readonly home: string },
  options: Parsed,
  { version, command }: Context,
): Promise<Sweep> {
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
      refuse(folder, 'this sweep', 'another', `its own is in ${folder}/${SWEEP_FILE}`);
    return { plan, folder, source: before.source };
  }
  if (!(await holdsNothing(folder)))
    refuseFile(folder, 'an empty or new folder', 'one that holds files', 'choose another with --out');
  const data = options.value('data');
  await writeSweep(folder, source, {
    ...{ schema: 1, collapsar: version, command, home, folders: options.flag('folders') },
    data: data === undefined ? null : resolve(data),
  });
  return { plan, folder, source };
}

const MOST_JOBS = 1024;

function jobsFrom(options: Parsed): number {
  const text = options.value('jobs');
  if (text === undefined) return availableParallelism();
  const jobs = singleNumber('--jobs', text);
  if (!Number.isSafeInteger(jobs) || jobs < 0 || jobs > MOST_JOBS)
    refuse('--jobs', `a whole number from 0 to ${MOST_JOBS}`, jobs);
  return jobs;
}
