/** `collapsar sweep`, for people: a grid over the keys of a spec, on this machine or on a cluster. */
import { availableParallelism } from 'node:os';
import { dirname, resolve } from 'node:path';
import { stringify } from 'yaml';
import { refuse } from '../core/errors.js';
import { parseSpecText } from '../runs/index.js';
import type { SubmissionRequest } from '../runs/sweepSubmissions.node.js';
import { withRunLock } from '../runs/runLock.node.js';
import { readSweep, SWEEP_FILE } from '../runs/sweepFolder.node.js';
import { isSection } from '../verbs/sweep/overrides.js';
import { parseSweep, planSweep, type SweepPlan } from '../verbs/sweep/plan.js';
import { choice, parse, singleNumber, type Options, type Parsed } from './args.js';
import type { Context, ExitCode, Verb } from './context.js';
import { checkFigureForm, FIGURE_OPTIONS, figureChoices } from './figureOptions.js';
import { withOneThread } from './oneThread.js';
import { checkRunPlace } from './outFile.js';
import { OVERRIDE_OPTIONS, overridesFrom } from './overrideOptions.js';
import { isFolder } from './paths.js';
import { checkAnswers, checkSubmits } from './slurmStates.js';
import { readSpecFile } from './specFile.js';
import { pointsElsewhere } from './sweepElsewhere.js';
import { checkMeasure } from './sweepCommand.js';
import { concludeSweep } from './sweepEnd.js';
import { SWEEP_HELP } from './sweepHelp.js';
import { leftAtFirst, leftIn } from './sweepInFolder.js';
import { runHere } from './sweepHere.js';
import {
  checkFiles,
  checkGoesOn,
  folderFrom,
  folderNamed,
  placeOf,
  prepare,
  type Planned,
} from './sweepPlace.js';
import { checkChoices } from './sweepReport.js';
import { lastRequest, runOnSlurm, slurmFrom, slurmScript, SLURM_OPTIONS } from './sweepSlurm.js';
import { runTask } from './sweepTask.js';
import { describeLeft, describePlan, estimateSweep, type PointsLeft } from './sweepWords.js';
import { formOf, TABLE_OPTIONS, type Form } from './tables.js';

const OPTIONS: Options = {
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
};

const PLACES = ['local', 'slurm'] as const;
type Place = (typeof PLACES)[number];

export const sweepVerb: Verb = {
  help: SWEEP_HELP,
  async run(args, { blas, ...rest }: Context): Promise<ExitCode> {
    const context: Context = { ...rest, blas: withOneThread(blas) };
    const options = parse('sweep', args, OPTIONS, ['SPEC']);
    const form = formOf(options);
    checkFigureForm(options, form);
    const before = options.flag('resume') ? await lastRequest(folderNamed(options)) : null;
    // What was submitted is joined again.
    const on = choice('--on', options.value('on'), PLACES, before === null ? 'local' : 'slurm');
    checkTogether(options, on, form);
    const slurm = slurmFrom(options, before);
    const jobs = jobsFrom(options);
    const { terminal } = context;
    const out = options.value('out');
    if (out !== undefined) await checkRunPlace(out);
    await checkGoesOn(options);
    const planned = await planFrom(options);
    const { plan, source, home, data, path } = planned;
    const task = options.value('task');
    if (task !== undefined)
      return await runTask({ plan, folder: options.positionals[0], source }, task, context);
    const choices = figureChoices(options);
    checkChoices(plan, choices);
    checkMeasure(plan);
    terminal.note(describePlan(plan, terminal.width));
    const announce = async (far: PointsLeft) => {
      const words = describeLeft(far, plan);
      if (words !== null) terminal.note(words);
      const [lanes, of] =
        on === 'slurm' ? ([atOnce(slurm), 'tasks'] as const) : ([jobs, 'processes'] as const);
      const estimate = await estimateSweep(plan, path, { context, data, home, far, lanes, of });
      if (estimate !== null) terminal.note(estimate);
    };
    if (options.flag('dry-run')) {
      const folder = placeOf(options, plan, path);
      const far = options.flag('resume') ? await leftIn({ plan, folder, source }) : leftAtFirst(plan);
      await announce(far);
      if (on === 'slurm' && far.left > 0) terminal.print(dryScript(far.left, folder, slurm));
      return 0;
    }
    await checkFiles(planned, options, context);
    if (on === 'slurm') await checkSubmits();
    if (on === 'slurm' && before === null) await checkAnswers();
    const folder = await folderFrom(options, plan, path);
    const placed = { plan, folder, source, home };
    const ending = { form, options, choices, context };
    if (on === 'slurm') {
      const sweep = await prepare(placed, options, context);
      const how = { request: slurm, context, program: PROGRAM, announce };
      const { finished, index } = await runOnSlurm(sweep, how);
      return await concludeSweep(sweep, index, { ...ending, finished });
    }
    return await withRunLock(folder, async () => {
      const sweep = await prepare(placed, options, context);
      const elsewhere = await pointsElsewhere(folder);
      const { finished, index } = await runHere(sweep, { jobs, context, elsewhere, announce });
      return await concludeSweep(sweep, index, { ...ending, finished });
    });
  },
};

/** Refuses options that would do nothing beside the others. */
function checkTogether(options: Parsed, on: Place, form: Form): void {
  if (form !== 'text' && options.flag('dry-run'))
    refuse(`--${form}`, 'a sweep that runs', '--dry-run', 'leave one of both out');
  switch (on) {
    case 'local': {
      const flag = Object.keys(SLURM_OPTIONS).find((name) => options.value(name) !== undefined);
      if (flag !== undefined) refuse(`--${flag}`, '--on slurm beside it', options.value(flag));
      return;
    }
    case 'slurm':
      if (options.value('jobs') !== undefined)
        refuse(
          '--jobs',
          'a sweep on this machine',
          '--on slurm',
          '--tasks and --throttle say how many there',
        );
      return;
    default:
      on satisfies never;
  }
}

/** This program, as nodes of a cluster start it. */
const PROGRAM = [process.execPath, process.argv[1] ?? 'collapsar'];

/** Tasks that may run at once. */
function atOnce({ tasks, throttle }: SubmissionRequest): number {
  return Math.min(tasks, throttle ?? tasks);
}

/** The script that would be submitted. */
function dryScript(points: number, folder: string, slurm: SubmissionRequest): string {
  const share = Math.ceil(points / slurm.tasks);
  const submission = { number: '0001', name: 'collapsar-0001', ranges: [], share, job: null };
  return slurmScript(
    folder,
    { ...submission, at: 0, request: slurm, tasks: Math.ceil(points / share) },
    slurm,
    PROGRAM,
  );
}

/** The plan of a file with what the command line sets, or of a folder to go on with. */
async function planFrom(options: Parsed): Promise<Planned> {
  const given = options.positionals.at(0) ?? (options.flag('resume') ? options.value('out') : undefined);
  if (given === undefined)
    refuse('collapsar sweep', 'a SPEC file with a section sweep', undefined, 'see collapsar sweep --help');
  if (await isFolder(given)) {
    if (!options.flag('resume') && options.value('task') === undefined)
      refuse(given, 'a SPEC file, or --resume beside a folder', 'a folder', '--resume goes on with it');
    const changed = Object.keys(OVERRIDE_OPTIONS).find(
      (flag) => options.value(flag) !== undefined || options.values(flag).length > 0,
    );
    if (changed !== undefined) refuse(`--${changed}`, 'a SPEC file', 'the folder of a sweep');
    const { source, meta } = await readSweep(given);
    const path = `${given}/${SWEEP_FILE}`;
    const data = options.value('data') ?? (meta.data === null ? undefined : resolve(meta.home, meta.data));
    return { plan: parseSweep(source, path), source, home: meta.home, data, path };
  }
  const value = parseSpecText(await readSpecFile(given), given);
  const overrides = overridesFrom(options, isSection(value) ? value.kind : undefined);
  const plan = planSweep(value, given, overrides);
  const source = sourceOf(plan);
  return { plan, source, home: resolve(dirname(given)), data: options.value('data'), path: given };
}

/** As the folder keeps it: as it was written, keys that go together under a name of text. */
function sourceOf({ source }: SweepPlan): string {
  return stringify(source, { flowCollectionPadding: false });
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
