/** `collapsar advise`, for people: which weight decay and depth keep every class. */
import { refuse } from '../core/errors.js';
import { variationsOf } from '../model/index.js';
import { adviseInSlices } from '../verbs/advise/advise.js';
import type { AdviseProgress } from '../verbs/advise/atDecay.js';
import type { AdviseDocument } from '../verbs/advise/document.js';
import { choice, parse, singleNumber, type Parsed } from './args.js';
import type { Context, ExitCode, Verb } from './context.js';
import { drawing } from './drawing.js';
import { number, wrap } from './format.js';
import { hostFor, listenForInterrupt } from './interrupt.js';
import { checkWritable, writeBytes } from './outFile.js';
import { describeProblem } from './problemWords.js';
import {
  decayConversion,
  featureDecayNote,
  conversionLines,
  PROBLEM_HELP,
  PROBLEM_OPTIONS,
  problemFrom,
} from './problemOptions.js';
import { SURVIVAL_HELP } from './survivalHelp.js';
import {
  counted,
  formOf,
  heading,
  printBlocks,
  TABLE_HELP,
  TABLE_OPTIONS,
  type Block,
  type Cell,
} from './tables.js';

/** Which of the two questions this answers. */
const QUESTION = 'Which decays keep every class of free features (of a network: --decay all).';

const HELP = `collapsar advise: which weight decay and depth keep every class

  collapsar advise --counts longtail:5000:100:10 --depth 3 --weight-decay 1e-4
  collapsar advise --decay all --help     one weight decay of a whole network

For depths 1 to 9 the weight decay below which every class lives at the global
minimum; what each class loses at yours; and the phase diagram, weight decay ×
class size. Without --feature-decay λ_H is tied to λ_W, and both move together;
with it limits are given for that λ_H and for one that scales with λ_W, as that
of a network trained with weight decay alone does; the advice is for the second.

${PROBLEM_HELP}
  --keep FIT             the fit in (0, 1) that the class which is lost first is
                         to keep (default 0.9; from depth 6 on 1 − 1/(2M))
  --hold-feature-decay   advise for the λ_H given, held while λ_W moves
  --out FILE.svg         the phase diagram as a figure
${TABLE_HELP}
  --json                 one JSON document on stdout

This is about free features with a decay of their own. Most people train a
network with one weight decay of everything: collapsar advise --decay all.

Class weights without bias, label smoothing, targets (mse), a decayed bias (mse,
equal counts) and features of at least 0 without bias have closed limits; other
variations are refused by name.

Cross-entropy has no closed form: one layer only, each class is bisected, and
Ctrl-C prints what is known by then and exits with 1.`;

/** Of the second question alone. */
const SURVIVAL_OPTIONS = {
  'weight-layers': 'value',
  inputs: 'value',
  set: 'value',
  data: 'value',
} as const;

export const adviseVerb: Verb = {
  help: HELP,
  topics: { all: SURVIVAL_HELP },
  async run(args, context: Context): Promise<ExitCode> {
    const { terminal, blas } = context;
    const options = parse(
      'advise',
      args,
      {
        ...PROBLEM_OPTIONS,
        ...SURVIVAL_OPTIONS,
        ...TABLE_OPTIONS,
        ...{ keep: 'value', 'hold-feature-decay': 'flag', out: 'value', decay: 'value' },
      },
      ['SPEC'],
    );
    const form = formOf(options);
    const decay = options.value('decay');
    if (decay !== undefined) {
      choice('--decay', decay, ['all'], 'all');
      // Reads images and files: loaded where it is asked for.
      const { adviseSurvivalVerb } = await import('./adviseSurvival.js');
      return adviseSurvivalVerb(options, context);
    }
    refuseSurvivalOptions(options);
    const problem = await problemFrom(options);
    const keepText = options.value('keep');
    const keep = keepText === undefined ? undefined : singleNumber('--keep', keepText);
    if (keep !== undefined && !(keep > 0 && keep < 1))
      refuse('--keep', 'a fit between 0 and 1', keep, 'for example --keep 0.9');
    const out = options.value('out');
    if (out !== undefined && problem.loss !== 'mse')
      refuse('--out', 'the mse loss: a phase diagram needs regimes', problem.loss);
    if (out !== undefined && variationsOf(problem).length > 0)
      refuse('--out', 'a problem without variations to draw', variationsOf(problem).join(', '));
    if (options.flag('hold-feature-decay') && options.value('feature-decay') === undefined)
      refuse(
        '--hold-feature-decay',
        'a λ_H to hold, --feature-decay X',
        'none',
        'give one, or leave the flag out',
      );
    if (out !== undefined) await checkWritable(out, '.svg');
    const interrupt = listenForInterrupt(terminal, 'stopping with what is known so far');
    try {
      const document = await adviseInSlices({
        problem,
        featureDecay: options.value('feature-decay') === undefined ? 'tied' : 'fixed',
        keep,
        holdFeatureDecay: options.flag('hold-feature-decay'),
        blas: blas(),
        host: hostFor(interrupt, (now) => terminal.progress(describeProgress(now))),
      });
      terminal.clear();
      const { diagram } = document;
      if (out !== undefined && diagram !== null) {
        const svg = await drawing(({ phaseDiagram, svgText }, page) =>
          svgText(phaseDiagram(diagram, { document: page })),
        );
        await writeBytes(out, `${svg}\n`);
      }
      const conversion = decayConversion(options, problem);
      if (form === 'json') terminal.print(JSON.stringify({ ...document, decayConversion: conversion }));
      else {
        const note = featureDecayNote(options, problem);
        const blocks = [
          wrap(QUESTION, Math.min(terminal.width, 100)),
          '',
          ...conversionLines(conversion, terminal.width),
          ...(note === null ? [] : [wrap(note, Math.min(terminal.width, 100)), '']),
          ...describe(document, terminal.width),
          ...(out === undefined ? [] : ['', `The phase diagram is in ${out}`]),
        ];
        printBlocks(blocks, form, options, terminal);
      }
      if (document.status === 'finished') return 0;
      terminal.note('interrupted: this is what is known so far');
      return 1;
    } finally {
      terminal.clear();
      interrupt.release();
    }
  },
};

/** What only the question about a whole network takes. */
function refuseSurvivalOptions(options: Parsed): void {
  const names = Object.keys(SURVIVAL_OPTIONS).map((name) => `--${name}`);
  const astray =
    options.positionals.at(0) ?? names.find((name) => options.value(name.slice(2)) !== undefined);
  if (astray !== undefined)
    refuse(
      astray,
      '--decay all beside it',
      'none',
      'with --decay all the question is which classes a network with one decay of everything keeps',
    );
}

function describeProgress({ phase, done, total }: AdviseProgress): string {
  switch (phase) {
    case 'predict':
      return 'solving at your weight decay';
    case 'bisect':
      return `bisecting  ${done}/${total} class sizes`;
    case 'check':
      return `checking  ${done}/${total} weight decays`;
    default:
      return phase satisfies never;
  }
}

function describe(document: AdviseDocument, width: number): Block[] {
  const { problem, depths, classes, weightDecay, notes, recommendation, featureDecay, method } = document;
  const K = classes.length;
  const tied = featureDecay === 'tied' ? ' = λ_H' : '';
  const ce = method === 'bisection';
  const lives = ce ? 'separated' : 'lives';
  const some = <T>(list: readonly T[], test: (item: T) => boolean) => list.some(test);
  const cut = some(classes, ({ regime }) => regime === 'cut');
  const lambdaHFixed = featureDecay === 'fixed';
  const held = lambdaHFixed ? `, with λ_H held at ${number(problem.featureDecay)}, and scaled with λ_W` : '';
  const named = some(depths, ({ separatedBelow }) => separatedBelow !== null);
  const namedHere = some(classes, ({ separatedBelow }) => separatedBelow !== null);
  const merging = some(classes, ({ mergesFrom }) => mergesFrom !== null);
  const limit = ({ maxWeightDecay, limitSource }: AdviseDocument['classes'][number]): Cell => ({
    value: maxWeightDecay,
    text: `${limitSource === 'estimated' ? '≈ ' : ''}${number(maxWeightDecay)}`,
  });
  return [
    ...describeProblem(problem)
      .split('\n')
      .map((line) => wrap(line, width)),
    '',
    wrap(recommendation, Math.min(width, 100)),
    '',
    wrap(
      `Weight decays${tied} below which every class ${ce ? 'is separated' : 'lives'}, and that keep fit ${number(document.keepFit)}${held}:`,
      Math.min(width, 100),
    ),
    '',
    {
      name: 'depths',
      columns: [
        heading('depth'),
        { ...heading('maxWeightDecay', lives), alone: `${lives} below` },
        ...(lambdaHFixed
          ? [{ ...heading('maxAtRatio', 'λ_H scaled', 1), alone: `${lives} below, λ_H scaled` }]
          : []),
        ...(cut ? [heading('maxOfUncut', 'those not cut', 2)] : []),
        ...(named ? [heading('separatedBelow', 'separated', 1)] : []),
        {
          ...heading('keep', `fit ${number(document.keepFit)}`),
          alone: `fit ${number(document.keepFit)} below`,
        },
        {
          ...heading('alive', `at ${number(weightDecay)}`),
          alone: `${lives} at ${number(weightDecay)}`,
        },
        heading('yours', '', 1, 'left'),
      ],
      rows: depths.map((row) => [
        row.depth,
        row.maxWeightDecay,
        ...(lambdaHFixed ? [row.maxAtRatio] : []),
        ...(cut ? [row.maxOfUncut] : []),
        ...(named ? [row.separatedBelow] : []),
        row.keep,
        { value: row.alive, text: `${row.alive} of ${K}` },
        { value: row.depth === problem.depth, text: row.depth === problem.depth ? '← yours' : '' },
      ]),
    },
    '',
    wrap(
      `At M = ${problem.depth}, λ_W = ${number(weightDecay)}, and the weight decays${tied} below which each class ${ce ? 'is separated' : 'lives'}:`,
      Math.min(width, 100),
    ),
    '',
    {
      name: 'classes',
      columns: [
        heading('class'),
        heading('count', 'n'),
        heading(ce ? 'separated' : 'regime', ce ? 'separated' : 'regime', 0, 'left'),
        heading('fit'),
        heading('lost', 'lost', 1),
        heading('margin', 'margin', 2),
        heading('maxWeightDecay', `${lives} below`),
        ...(lambdaHFixed
          ? [{ ...heading('maxAtRatio', 'λ_H scaled', 1), alone: `${lives} below, λ_H scaled` }]
          : []),
        ...(namedHere ? [heading('separatedBelow', 'separated below', 1)] : []),
        ...(merging ? [heading('mergesFrom', 'merges from', 1)] : []),
      ],
      rows: classes.map((row, k) => [
        k,
        counted(row.count),
        ce ? yesOrNo(row.separated) : row.regime,
        row.fit,
        row.lost,
        row.margin,
        limit(row),
        ...(lambdaHFixed ? [row.maxAtRatio] : []),
        ...(namedHere ? [row.separatedBelow] : []),
        ...(merging ? [row.mergesFrom] : []),
      ]),
    },
    '',
    wrap(notes.join(' '), Math.min(width, 100)),
  ];
}

function yesOrNo(value: boolean | null): Cell {
  return value === null ? null : { value, text: value ? 'yes' : 'no' };
}
