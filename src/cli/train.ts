/** `collapsar train`, for people: progress while it runs, then prediction and measurement side by side. */
import { basename, dirname, join } from 'node:path';
import { refuse, refuseFile } from '../core/errors.js';
import { checkSpec, LARGEST_LENGTH, parseSpecText, type RunSpec } from '../runs/index.js';
import {
  checkRunFolder,
  holdsCheckpoint,
  holdsRun,
  latestRunFolder,
  makeRunFolder,
  openRunFolder,
  reportPath,
} from '../runs/runFolder.node.js';
import { holdsLeftOversOnly, holdsNothing, withRunLock } from '../runs/runLock.node.js';
import { isSection, withSetting } from '../verbs/sweep/overrides.js';
import type { TrainDocument } from '../verbs/train/trainUfm.js';
import type { TrainNetworkDocument } from '../verbs/train/trainNetwork.js';
import { parse, singleNumber, type Parsed } from './args.js';
import { comparisonTable, measuresTables, spaced } from './comparisonTables.js';
import { linearLayersBlocks } from './linearLayers.js';
import { blocksText } from './tables.js';
import type { Context, ExitCode, Verb } from './context.js';
import { commandOf, programName } from './invocation.js';
import { number, whole, wrap } from './format.js';
import { listenForInterrupt } from './interrupt.js';
import { describeNetworkRun } from './networkOutput.js';
import { describeProblem } from './problemWords.js';
import { NETWORK_HELP } from './networkHelp.js';
import { runTraining } from './runTraining.js';
import { checkRunPlace } from './outFile.js';
import { readSpecFile } from './specFile.js';
import { OVERRIDE_HELP, OVERRIDE_OPTIONS, overridesFrom } from './overrideOptions.js';
import { trainingInput } from './trainingInput.js';

const HELP = `collapsar train: runs an experiment against its prediction

  collapsar train presets/paper-imbalanced.yaml

SPEC is YAML or JSON. For networks on images (kind: network) see
presets/mlp-fashion.yaml and collapsar train --help network; else

  kind: ufm
  counts: [200, 100, 50, 50]     # or 5000x10, or
                                 # longtail:5000:100:10
  depth: 3
  width: 64                      # or one for each layer
  loss: mse                      # or ce, or focal:2
  bias: none                     # or free, or decayed
                                 # (biasDecay: 1e-3)
  weightDecay: 5e-4              # or one for each layer
  featureDecay: 5e-4
  classWeights: inverse          # see predict --help; also
                                 # labelSmoothing, targets,
                                 # featureSign, logitAdjust
  optimizer: {name: sgd, learningRate: 0.1, momentum: 0.9}
                                 # or {name: lbfgs}
  steps: 30000
  measureEvery: 100
  checkpointEvery: 5000          # default: by the clock
  name: mine                     # of the run folder;
                                 # default: the file's
  init: {std: 0.1, seed: 0}      # or {file: start.npz}

  --out DIR              run folder (default runs/NAME, the first that is free):
                         spec.yaml, records.jsonl, checkpoint.safetensors,
                         summary.json, report.html
  --resume               continue the run in --out (SPEC may then be left
                         out; default: the last of runs/NAME), bit for bit on
                         the same BLAS and threads
  --steps N, --epochs N  instead of the spec's
${OVERRIDE_HELP}
  --data DIR             for kind: network: the folder of the images
  --json                 one JSON document on stdout

Ctrl-C (or a terminal that is closed) writes a checkpoint and exits with 1.
One process trains in a run folder at a time. Diverged runs exit with 1 and say,
for kind: ufm, which learning rate would be stable; for networks none is known.`;

export const trainVerb: Verb = {
  help: HELP,
  topics: { network: NETWORK_HELP },
  async run(args, context: Context): Promise<ExitCode> {
    const options = parse(
      'train',
      args,
      { ...OVERRIDE_OPTIONS, out: 'value', resume: 'flag', steps: 'value', epochs: 'value', data: 'value' },
      ['SPEC'],
    );
    const out = options.value('out');
    if (out === '') refuse('--out', 'the name of a folder', out);
    if (out !== undefined) await checkRunPlace(out);
    const resume = options.flag('resume');
    const specPath = options.positionals.at(0);
    // What a run leaves that was killed before it wrote its spec is begun anew, where the spec is named.
    if (resume && out !== undefined && !(await holdsRun(out)))
      if (specPath === undefined || !(await holdsLeftOversOnly(out)))
        refuseFile(
          out,
          'a run to resume',
          'none',
          `there is no run at ${out} to resume; leave --resume out to start one there`,
        );
    const path = specPath ?? (resume && out !== undefined ? join(out, 'spec.yaml') : undefined);
    if (path === undefined)
      refuse('collapsar train', 'a SPEC file', undefined, 'for example presets/paper-imbalanced.yaml');
    const spec = withLength(await readOverridden(path, options), options);
    const data = options.value('data');
    if (spec.kind === 'ufm' && data !== undefined)
      refuse('--data', 'a spec that reads data', 'kind: ufm', 'the unconstrained-features model needs none');
    const name = spec.name ?? basename(path).replace(/\.(ya?ml|json)$/i, '');
    const folder = await chooseFolder(out, name, resume);
    // Without its length and its data the same spec would end elsewhere.
    const flags = [
      ...(['steps', 'epochs', 'data', 'seed', 'depth', 'weight-decay'] as const).flatMap((flag) => {
        const value = options.value(flag);
        return value === undefined ? [] : [`--${flag}`, value];
      }),
      ...options.values('override').flatMap((setting) => ['--override', setting]),
    ];
    const again = commandOf(['train', path, ...flags, '--out', folder, '--resume'], programName());
    const interrupt = listenForInterrupt(context.terminal, 'stopping after this step');
    try {
      return await withRunLock(folder, async () => {
        if (!resume && !(await holdsNothing(folder))) refuseUsed(folder);
        const document = await runTraining({
          ...trainingInput(data, dirname(path), context),
          ...{ spec, context, interrupt, label: null, recordLines: !options.flag('json') },
          store: openRunFolder(folder),
          mode: resume ? 'resume' : 'fresh',
        });
        if (document === null) {
          context.terminal.note(`interrupted before the first step; go on with: ${again}`);
          return 1;
        }
        return await conclude(document, { spec, folder, again, context, json: options.flag('json') });
      });
    } finally {
      interrupt.release();
    }
  },
};

interface Ending {
  readonly spec: RunSpec;
  readonly folder: string;
  /** What to type to go on. */
  readonly again: string;
  readonly json: boolean;
  readonly context: Context;
}

/** Prints the document; how the run ended decides the exit code. */
async function conclude(
  document: TrainDocument | TrainNetworkDocument,
  { spec, folder, again, json, context: { terminal } }: Ending,
): Promise<ExitCode> {
  if (json) terminal.print(JSON.stringify(document));
  else if (document.kind === 'ufm') terminal.print(describe(document, terminal.width, folder));
  else terminal.print(describeNetworkRun(document, terminal.width, folder));
  const { status, step } = document;
  switch (status) {
    case 'finished':
    case 'converged':
      return 0;
    case 'interrupted': {
      const where = document.kind === 'ufm' ? `at step ${step}` : `in epoch ${document.network.epoch}`;
      terminal.note(`interrupted ${where}; go on with: ${again}`);
      return 1;
    }
    case 'diverged': {
      const saved = (await holdsCheckpoint(folder)) ? `; the last good checkpoint is in ${folder}` : '';
      terminal.note(`error: training: ${howDiverged(document, spec)}${saved}`);
      return 1;
    }
    case 'stalled':
      terminal.note(
        `error: training: steps that lower the objective, got none at step ${step}; it is as low as rounding allows, or the tolerance is too small`,
      );
      return 1;
    default:
      return status satisfies never;
  }
}

/** "REQUIREMENT, got VALUE at step N; what to do". */
function howDiverged(document: TrainDocument | TrainNetworkDocument, spec: RunSpec): string {
  const { kind, step, divergence } = document;
  if (kind === 'ufm') {
    const rate = divergence?.stableLearningRate ?? null;
    const advice =
      rate === null
        ? 'choose a smaller learning rate'
        : `learningRate: ${rate} is stable (confirmed for ${divergence?.confirmedSteps ?? 0} steps)`;
    const objective = divergence?.objective ?? null;
    const grown =
      objective === null
        ? 'a finite objective, got NaN or Infinity'
        : `an objective that stays near its start or falls, got ${number(objective)}`;
    return `${grown} at step ${divergence?.step ?? 0}; ${advice}`;
  }
  const loss = divergence?.loss ?? null;
  const grown =
    loss === null
      ? 'a finite loss, got NaN or Infinity'
      : `a loss that stays near its start or falls, got ${number(loss)}`;
  const rate = 'learningRate' in spec.optimizer ? spec.optimizer.learningRate : null;
  return `${grown} at step ${step}${rate === null ? '' : `; try a tenth of the learning rate, ${number(rate / 10)}`}`;
}

/** The spec of a file with the keys that the command line sets. */
async function readOverridden(path: string, options: Parsed): Promise<RunSpec> {
  const value = parseSpecText(await readSpecFile(path), path);
  if (!isSection(value)) return checkSpec(value, path);
  if (value.sweep !== undefined)
    refuse(path, 'a spec of one run', 'one with a section sweep', 'collapsar sweep runs its grid');
  return checkSpec(overridesFrom(options, value.kind).reduce(withSetting, value), path);
}

/** The spec with the steps or epochs of the command line. */
function withLength(spec: RunSpec, options: Parsed): RunSpec {
  const whole = (flag: 'steps' | 'epochs'): number | undefined => {
    const text = options.value(flag);
    if (text === undefined) return undefined;
    const value = singleNumber(`--${flag}`, text);
    if (!Number.isSafeInteger(value) || value < 0 || value > LARGEST_LENGTH)
      refuse(`--${flag}`, `a whole number from 0 to ${LARGEST_LENGTH}`, value);
    return value;
  };
  const [steps, epochs] = [whole('steps'), whole('epochs')];
  if (spec.kind === 'ufm') {
    if (epochs !== undefined) refuse('--epochs', 'a network', 'kind: ufm', 'its length is --steps');
    return steps === undefined ? spec : { ...spec, steps };
  }
  if (steps !== undefined)
    refuse('--steps', 'the unconstrained-features model', 'kind: network', 'its length is --epochs');
  return epochs === undefined ? spec : { ...spec, epochs };
}

/** A folder that nobody else gets: a new one where none is named. */
async function chooseFolder(out: string | undefined, name: string, resume: boolean): Promise<string> {
  if (!resume) return out ?? (await makeRunFolder('runs', name));
  if (out !== undefined) return out;
  const latest = await latestRunFolder('runs', name);
  if (latest === null)
    refuseFile(
      `runs/${name}`,
      'a run to resume',
      'none',
      'leave --resume out to start one, or name it with --out',
    );
  if (!(await holdsLeftOversOnly(latest))) await checkRunFolder(latest);
  return latest;
}

function refuseUsed(folder: string): never {
  refuseFile(
    folder,
    'an empty or new folder',
    'one that holds files',
    'add --resume to continue the run there, or choose another',
  );
}

function describe(document: TrainDocument, width: number, folder: string): string {
  if (document.status === 'diverged') return wrap(document.verdict.sentence, Math.min(width, 100));
  const { problem, prediction, objective, classes, verdict, step, stepsPerSecond, blas } = document;
  const blocks = [
    describeProblem({ ...problem, samples: problem.counts.reduce((sum, n) => sum + n, 0) }),
    '',
    `after ${whole(step)} steps${stepsPerSecond === null ? '' : ` (${whole(Math.round(stepsPerSecond))} a second, measuring included, ${blas.name})`}`,
    `objective  ${objective === null ? 'not finite' : objective.toPrecision(10)}`,
    `theory     ${prediction.objective.toPrecision(10)}, ${prediction.optimality === 'global' ? 'the global minimum' : 'best known'}: ${prediction.frame}`,
    '',
    comparisonTable(classes),
    '',
    ...spaced(measuresTables(document)),
    ...linearLayersBlocks(document.layers ?? []),
    '',
    wrap(verdict.sentence, Math.min(width, 100)),
    '',
    `run folder  ${folder}`,
    `report      ${reportPath(folder)}`,
  ];
  return blocksText(blocks, width);
}
