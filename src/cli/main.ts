/** The command line: picks the verb, prints errors as one line, sets the exit code. */
import { createRequire } from 'node:module';
import { ComputationError, InputError, type ArgumentName } from '../core/errors.js';
import { chooseBlas } from '../core/nativeBlas.node.js';
import type { Blas } from '../core/blas.js';
import { describePathTrouble } from '../core/systemErrors.js';
import { nearest } from '../core/suggest.js';
import { commandOf } from './invocation.js';
import type { Context, ExitCode, Verb } from './context.js';
import { exitOnSignals } from './interrupt.js';
import { fitHelp } from './fit.js';
import { createTerminal, type Terminal } from './terminal.js';
import { refusalText } from './refusalText.js';

interface Listed {
  readonly name: string;
  /** Its line in the overview. */
  readonly summary: string;
  /** A verb is loaded when it is called: the figures of a report cost more than a prediction. */
  readonly load: () => Promise<Verb>;
}

const VERBS: readonly Listed[] = [
  {
    name: 'predict',
    summary: 'the geometry theory predicts for class counts, depth, widths and decays',
    load: async () => (await import('./predict.js')).predictVerb,
  },
  {
    name: 'measure',
    summary: 'NC1 … NC4 of a trained network’s features, beside the prediction',
    load: async () => (await import('./measure.js')).measureVerb,
  },
  {
    name: 'train',
    summary: 'run an experiment (the unconstrained-features model) against its prediction',
    load: async () => (await import('./train.js')).trainVerb,
  },
  {
    name: 'verify',
    summary: 'try to beat the predicted minimum, from many kinds of starts',
    load: async () => (await import('./verify.js')).verifyVerb,
  },
  {
    name: 'basin',
    summary: 'which classes gradient descent keeps, from random starts of several sizes',
    load: async () => (await import('./basin.js')).basinVerb,
  },
  {
    name: 'advise',
    summary: 'which weight decay and depth keep every class, with a phase diagram',
    load: async () => (await import('./advise.js')).adviseVerb,
  },
  {
    name: 'sweep',
    summary: 'a grid over any keys of a spec, theory beside training: hundreds of points at once',
    load: async () => (await import('./sweep.js')).sweepVerb,
  },
  {
    name: 'reproduce',
    summary: 'the experiments of the paper by name, measured beside predicted',
    load: async () => (await import('./reproduce.js')).reproduceVerb,
  },
  {
    name: 'report',
    summary: 'make the page of a run folder anew',
    load: async () => (await import('./report.js')).reportVerb,
  },
  {
    name: 'lab',
    summary: 'the theory and a live training, in a browser on this machine',
    load: async () => (await import('./lab.js')).labVerb,
  },
  {
    name: 'doctor',
    summary: 'which BLAS was found, and how fast this machine is',
    load: async () => (await import('./doctor.js')).doctorVerb,
  },
];

/** Runs one command and sets `process.exitCode`; never throws for what a user can cause. */
export async function run(args: readonly string[]): Promise<void> {
  exitOnSignals();
  process.exitCode = await runCommand(args, createTerminal());
}

/** The same on another terminal, to its exit code. */
export async function runCommand(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let chosen: Blas | null = null;
  const context: Context = {
    terminal,
    blas: () => (chosen ??= chooseBlas(process.env.COLLAPSAR_BLAS)),
    version: packageVersion(),
    command: commandOf(args),
  };
  const code = await dispatch(args, context);
  return code === 0 && terminal.failed() ? 1 : code;
}

async function dispatch(args: readonly string[], context: Context): Promise<ExitCode> {
  const { terminal } = context;
  const [name, ...rest] = args;
  try {
    if (args.length === 0 || name === '--help' || name === '-h' || name === 'help') {
      const topic = VERBS.find((verb) => verb.name === rest.at(0));
      const text =
        topic === undefined ? overview(context.version) : helpOf(await topic.load(), rest.slice(1));
      terminal.print(fitHelp(text, terminal.width));
      return 0;
    }
    if (name === '--version' || name === '-v') {
      terminal.print(context.version);
      return 0;
    }
    const listed = VERBS.find((candidate) => candidate.name === name);
    if (listed === undefined) throw unknownVerb(name);
    const verb = await listed.load();
    if (rest.includes('--help') || rest.includes('-h')) {
      terminal.print(fitHelp(helpOf(verb, rest), terminal.width));
      return 0;
    }
    return await verb.run(rest, context);
  } catch (error) {
    terminal.clear();
    const { line, code } = failureOf(error);
    terminal.note(`error: ${line}`);
    return code;
  }
}

/** What a user reads of an error, and how the program ends. */
function failureOf(error: unknown): { readonly line: string; readonly code: ExitCode } {
  if (error instanceof InputError && error.code !== 'range') return { line: inputErrorText(error), code: 2 };
  if (process.env.COLLAPSAR_DEBUG !== undefined) throw error;
  if (error instanceof ComputationError) return { line: error.message, code: 1 };
  // What was typed and read was checked at the door: it overflowed on the way.
  if (error instanceof InputError)
    return {
      line: `numbers: a computation that stays within float64 (up to 1.8e308), got ${error.got} on the way; scale the features and weights, or the decays`,
      code: 1,
    };
  const refusal = refusalText(error);
  if (refusal !== null) return { line: refusal, code: 1 };
  const trouble = describePathTrouble(error);
  if (trouble !== null) return { line: trouble, code: 2 };
  const message = error instanceof Error ? error.message.split('\n')[0] : String(error);
  if (error instanceof RangeError && /length|allocation/i.test(message))
    return {
      line: 'memory: a problem that fits into it, got one that does not; take fewer classes, samples or smaller widths',
      code: 2,
    };
  return {
    line: `collapsar: a case it was built for, got "${message}"; this is a bug, COLLAPSAR_DEBUG=1 shows where`,
    code: 1,
  };
}

/** What arguments are called on this command line. */
const FLAGS: Readonly<Record<ArgumentName, string>> = {
  biasName: '--bias-name NAME',
  data: '--data DIR',
  featureDecay: '--feature-decay X',
  features: '--features NAME',
  ignore: '--ignore LABEL',
  out: '--out',
  series: '--shards or --series',
  weights: '--weights W1,W2,… or none',
};

export function inputErrorText({ message, argument }: InputError): string {
  return argument === undefined ? message : `${message} (${FLAGS[argument]})`;
}

/** The help of a verb, or of a topic among the words beside it. */
function helpOf({ help, topics = {} }: Verb, words: readonly string[]): string {
  const topic = words.find((word) => Object.hasOwn(topics, word));
  return topic === undefined ? help : topics[topic];
}

function unknownVerb(name: string): InputError {
  const names = VERBS.map((verb) => verb.name);
  const near = nearest(name, names);
  return new InputError(
    'argument',
    'collapsar',
    `a verb (${names.join(', ')})`,
    `"${name}"`,
    near === null ? 'see collapsar --help' : `did you mean ${near}?`,
  );
}

function overview(version: string): string {
  return [
    `collapsar ${version}: predict, train and measure neural collapse in deep linear heads`,
    '',
    ...VERBS.map(({ name, summary }) => `  collapsar ${name.padEnd(9)} ${summary}`),
    '',
    '  collapsar VERB --help   what a verb takes, with an example',
    '',
    'Try:  collapsar predict --counts 200,100,50,50 --depth 3 --weight-decay 5e-4',
  ].join('\n');
}

function packageVersion(): string {
  const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };
  return version;
}
