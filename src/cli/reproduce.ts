/** `collapsar reproduce`, for people: the experiments of the catalogue by name, with their times before they start. */
import { join } from 'node:path';
import { refuse } from '../core/errors.js';
import { holdsCheckpoint, openRunFolder } from '../runs/runFolder.node.js';
import { reproduce } from '../verbs/reproduce/reproduce.js';
import type { ReproduceDocument } from '../verbs/reproduce/document.js';
import { createEstimator } from '../verbs/reproduce/estimate.js';
import { choice, numberList, parse, singleNumber, type Parsed } from './args.js';
import { programName } from './invocation.js';
import type { Context, ExitCode, Verb } from './context.js';
import { giveWay, listenForInterrupt } from './interrupt.js';
import { checkRunPlace } from './outFile.js';
import { describeMachine, trainPlanned } from './reproduceRun.js';
import { trainingInput } from './trainingInput.js';
import { describeCatalogue, describeEnd, describePlan, describeResults } from './reproduceWords.js';
import {
  chooseVariants,
  EXPERIMENTS,
  findExperiment,
  planRuns,
  type Experiment,
  type Scale,
} from '../runs/index.js';

const HELP = `collapsar reproduce: the paper's experiments, by name, beside theory

  collapsar reproduce ufm-imbalanced
  collapsar reproduce mlp-fashion-imbalanced --data DIR --depth 1,3

  --list                 every experiment with its settings: those of the
                         paper's public code, and ours; with --scale quick
                         those of that scale
  --scale quick          one run in minutes on two cores (the default): fewer
                         images and epochs, and for that another learning
                         rate and other decays; of convolutions also fewer
                         channels and a smaller batch
  --scale paper          all runs of the experiment, with its own settings
  --data DIR             a folder with the images, or the one above it
                         (default: data); nothing is ever downloaded
  --depth 1,3            linear layers of the head
  --width 512,1024       of the head, and of an MLP's hidden layers
  --bias none|free|both  of the last layer
  --loss mse|ce|both
  --seed N               of the start and the shuffles (default 0)
  --out DIR              a folder for each run goes there
                         (default runs/NAME-SCALE)
  --json                 one JSON document on stdout

Says how long it will take, from a few steps timed here, before it starts. The
same command again goes on after Ctrl-C or a kill, and reports runs that have
ended from their summaries.`;

export const reproduceVerb: Verb = {
  help: HELP,
  async run(args, context: Context): Promise<ExitCode> {
    const options = parse(
      'reproduce',
      args,
      {
        list: 'flag',
        scale: 'value',
        data: 'value',
        depth: 'value',
        width: 'value',
        bias: 'value',
        loss: 'value',
        seed: 'value',
        out: 'value',
      },
      ['NAME'],
    );
    const name = options.positionals.at(0);
    const experiment = name === undefined ? null : findExperiment(name);
    if (options.flag('list')) {
      list(experiment === null ? EXPERIMENTS : [experiment], options, context);
      return 0;
    }
    if (experiment === null)
      refuse(
        'collapsar reproduce',
        'the name of an experiment',
        undefined,
        'collapsar reproduce --list shows them',
      );
    return runExperiment(experiment, options, context);
  },
};

function list(experiments: readonly Experiment[], options: Parsed, { terminal }: Context): void {
  // What the catalogue is of is the paper's; the scale that is run without a flag is the other.
  const scale = choice<Scale>('--scale', options.value('scale'), ['quick', 'paper'], 'paper');
  if (!options.flag('json')) {
    terminal.print(describeCatalogue(experiments, scale, terminal.width));
    return;
  }
  const documents = experiments.map((experiment) => {
    const { name, title, shows, origin, kind, data, variants, quick } = experiment;
    const { depths, widths, biases, losses } = variants;
    const first = { depth: depths[0], width: widths[0], bias: biases[0], loss: losses[0] };
    return {
      ...{ name, title, shows, origin, kind, data, variants },
      paper: experiment.specOf('paper', first, 0),
      quick: experiment.specOf('quick', quick, 0),
    };
  });
  terminal.print(JSON.stringify({ experiments: documents }));
}

async function runExperiment(experiment: Experiment, options: Parsed, context: Context): Promise<ExitCode> {
  const { terminal } = context;
  const scale = choice<Scale>('--scale', options.value('scale'), ['quick', 'paper'], 'quick');
  const { variants, notes } = chooseVariants(experiment, scale, {
    depths: wholeNumbers(options, 'depth', 1000),
    widths: wholeNumbers(options, 'width', 2 ** 24),
    biases: either(options, 'bias', ['none', 'free']),
    losses: either(options, 'loss', ['mse', 'ce']),
  });
  const runs = planRuns(experiment, scale, variants, seedOf(options));
  const out = options.value('out') ?? join('runs', `${experiment.name}-${scale}`);
  if (out === '') refuse('--out', 'the name of a folder', out);
  await checkRunPlace(out);
  if (experiment.data === null && options.value('data') !== undefined)
    refuse(
      '--data',
      'an experiment on images',
      experiment.name,
      'the unconstrained-features model needs none',
    );

  const say = (text: string) => {
    if (options.flag('json')) terminal.note(text);
    else terminal.print(text);
  };
  for (const note of notes) terminal.note(`note: ${note}`);
  const interrupt = listenForInterrupt(terminal, 'stopping after this step');
  const input = trainingInput(options.value('data'), '.', context);
  const host = { clock: () => performance.now(), yield: giveWay };
  const estimate = createEstimator({ ...input, blas: context.blas(), host });
  try {
    const document = await reproduce({
      experiment,
      scale,
      runs,
      notes,
      storeOf: ({ name }) => openRunFolder(join(out, name)),
      estimate,
      train: (run, store, mode) => trainPlanned({ input, run, store, mode, context, interrupt }),
      signal: interrupt.signal,
      onEstimating: (index) => {
        terminal.progress(`timing  ${index + 1}/${runs.length}  ${runs[index].name}`);
      },
      onPlan(plan) {
        terminal.clear();
        say(
          `${describePlan(`${experiment.title}, ${scale} scale`, plan, describeMachine(context), terminal.width)}\n`,
        );
      },
      onStart: (index, { name }) => {
        terminal.progress(`run ${index + 1}/${runs.length}  ${name}`);
      },
      onEnd(_, run) {
        terminal.clear();
        if (runs.length > 1) say(describeEnd(run));
      },
    });
    terminal.clear();
    if (options.flag('json')) terminal.print(JSON.stringify(document));
    else terminal.print(`${runs.length > 1 ? '\n' : ''}${describeResults(document, terminal.width)}`);
    return await conclude(document, context);
  } finally {
    terminal.clear();
    interrupt.release();
  }
}

async function conclude(
  { status, runs }: ReproduceDocument,
  { terminal, command }: Context,
): Promise<ExitCode> {
  switch (status) {
    case 'finished':
      return 0;
    case 'interrupted':
      terminal.note(
        `interrupted; go on with the same command: ${command.replace(/^collapsar/, () => programName())}`,
      );
      return 1;
    case 'failed': {
      const failed = runs.filter((run) => run.status === 'diverged' || run.status === 'stalled');
      const checkpointed: string[] = [];
      for (const { name, runDirectory } of failed)
        if (await holdsCheckpoint(runDirectory)) checkpointed.push(name);
      terminal.note(
        `error: reproduce: runs that finish, got ${failed.map((run) => `${run.name} ${run.status ?? ''}`).join(', ')}` +
          (checkpointed.length === 0
            ? ''
            : `; the last good checkpoint is kept of ${checkpointed.join(', ')}`),
      );
      return 1;
    }
    default:
      return status satisfies never;
  }
}

function wholeNumbers(options: Parsed, name: string, most: number): number[] | undefined {
  const text = options.value(name);
  if (text === undefined) return undefined;
  const values = numberList(`--${name}`, text);
  for (const value of values)
    if (!Number.isSafeInteger(value) || value < 1 || value > most)
      refuse(`--${name}`, `whole numbers from 1 to ${most}`, value);
  return values;
}

function either<T extends string>(
  options: Parsed,
  name: string,
  choices: readonly T[],
): readonly T[] | undefined {
  const text = options.value(name);
  if (text === undefined) return undefined;
  const chosen = choice(`--${name}`, text, [...choices, 'both'], 'both');
  return chosen === 'both' ? choices : choices.filter((value) => value === chosen);
}

const MOST_SEED = 2 ** 31 - 1;

function seedOf(options: Parsed): number {
  const seed = singleNumber('--seed', options.value('seed') ?? '0');
  if (!Number.isSafeInteger(seed) || seed < 0 || seed > MOST_SEED)
    refuse('--seed', `a whole number from 0 to ${MOST_SEED}`, seed);
  return seed;
}
