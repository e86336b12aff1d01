/** `collapsar basin`, for people: which classes gradient descent keeps, start by start, and why. */
import { refuse } from '../core/errors.js';
import { basin, defaultScales, type BasinProgress } from '../verbs/basin/basin.js';
import type { BasinDocument } from '../verbs/basin/document.js';
import { numberList, parse, singleNumber, type Parsed } from './args.js';
import type { Context, ExitCode, Verb } from './context.js';
import { drawing } from './drawing.js';
import { duration, number, wrap } from './format.js';
import { hostFor, listenForInterrupt } from './interrupt.js';
import { checkWritable, writeBytes } from './outFile.js';
import { describeProblem, describeProgress } from './problemWords.js';
import {
  decayConversion,
  conversionLines,
  PROBLEM_HELP,
  PROBLEM_OPTIONS,
  problemFrom,
} from './problemOptions.js';
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

const HELP = `collapsar basin: which classes gradient descent keeps, from random starts

  collapsar basin --counts 60,30,12 --depth 2 --width 16 --weight-decay 5e-3

Trains the unconstrained-features model from many starts of several sizes and
counts in how many each class lives, beside what the global minimum says.

${PROBLEM_HELP}
  --scales LIST          standard deviations of the starts (default: 0.1, 0.3,
                         0.5, 1 and 2 times 1/√width)
  --starts N             starts at each scale (default 10)
  --steps N              steps of a start at most (default 10000); it ends when
                         nothing moves any more
  --learning-rate X      a fixed one (default: follows the curvature)
  --momentum X           (default 0.9)
  --seed N               of the first start (default 0); start i has seed N + i,
                         as init: {std, seed} of collapsar train
  --out FILE.svg         the shares as a figure
${TABLE_HELP}
  --json                 one JSON document on stdout

A class is alive when its fit exceeds half the predicted one. Ctrl-C ends with
what is done so far and exits with 1.`;

const MOST_STARTS = 10_000;
const MOST_SCALES = 50;

export const basinVerb: Verb = {
  help: HELP,
  async run(args, { terminal, blas }: Context): Promise<ExitCode> {
    const options = parse(
      'basin',
      args,
      {
        ...PROBLEM_OPTIONS,
        ...TABLE_OPTIONS,
        scales: 'value',
        starts: 'value',
        steps: 'value',
        seed: 'value',
        'learning-rate': 'value',
        momentum: 'value',
        out: 'value',
      },
      [],
    );
    const form = formOf(options);
    const problem = await problemFrom(options);
    const scales = scalesFrom(options) ?? defaultScales(problem);
    const starts = wholeNumber(options, 'starts', 10, 1, MOST_STARTS);
    const steps = wholeNumber(options, 'steps', 10_000, 1, 1e9);
    const seed = wholeNumber(options, 'seed', 0, -(2 ** 31), 2 ** 32 - 1);
    const learningRate =
      options.value('learning-rate') === undefined
        ? null
        : positive('--learning-rate', options.value('learning-rate') ?? '');
    const momentum = singleNumber('--momentum', options.value('momentum') ?? '0.9');
    if (!(momentum >= 0 && momentum < 1)) refuse('--momentum', 'a number in [0, 1)', momentum);
    const out = options.value('out');
    // Not after minutes of work: a path that cannot be written is said now.
    if (out !== undefined) {
      await checkWritable(out, '.svg');
      await writeBytes(out, '');
    }

    const interrupt = listenForInterrupt(terminal, 'stopping with what is done so far');
    terminal.progress('predicting');
    const began = performance.now();
    try {
      const document = await basin({
        problem,
        scales,
        starts,
        seed,
        steps,
        learningRate,
        momentum,
        blas: blas(),
        host: hostFor(interrupt, (now) =>
          terminal.progress(
            now.phase === 'starts'
              ? startsLine(now, (performance.now() - began) / 1000)
              : describeProgress(now),
          ),
        ),
      });
      terminal.clear();
      if (out !== undefined) {
        const svg = await drawing(({ basinFigure, svgText }, page) =>
          svgText(basinFigure(document, { document: page })),
        );
        await writeBytes(out, `${svg}\n`);
      }
      const conversion = decayConversion(options, problem);
      if (form === 'json') terminal.print(JSON.stringify({ ...document, decayConversion: conversion }));
      else {
        const blocks = [
          ...conversionLines(conversion, terminal.width),
          ...describe(document, terminal.width),
          ...(out === undefined ? [] : ['', `The figure is in ${out}`]),
        ];
        printBlocks(blocks, form, options, terminal);
      }
      if (document.starts.length > 0 && document.starts.every(({ status }) => status === 'diverged')) {
        const { stableLearningRate: rate } = document;
        terminal.note(
          `error: basin: starts that do not diverge, got none${rate === null ? '' : `; --learning-rate ${rate} is stable`}`,
        );
        return 1;
      }
      if (document.status === 'finished') return 0;
      terminal.note(`interrupted after ${document.starts.length} of ${starts * scales.length} starts`);
      return 1;
    } finally {
      terminal.clear();
      interrupt.release();
    }
  },
};

const SEPARATED: Readonly<Record<string, string>> = {
  true: 'separated',
  false: 'not separated',
};

function startsLine({ done, total, scale, step }: BasinProgress, seconds: number): string {
  const rate = done / seconds;
  const left = rate > 0 && done >= 1 ? `${duration((total - done) / rate)} left` : '';
  return `starts  ${Math.floor((100 * done) / total)} %  ${Math.floor(done)}/${total}  ${number(rate, 2)}/s  ${left}  std ${scale}, step ${step}`;
}

function scalesFrom(options: Parsed): number[] | null {
  const text = options.value('scales');
  if (text === undefined) return null;
  const scales = numberList('--scales', text);
  for (const scale of scales)
    if (!(scale > 0 && Number.isFinite(scale))) refuse('--scales', 'positive finite numbers', scale);
  if (new Set(scales).size < scales.length) refuse('--scales', 'each scale once', text);
  if (scales.length > MOST_SCALES) refuse('--scales', `at most ${MOST_SCALES} scales`, scales.length);
  return scales;
}

function positive(name: string, text: string): number {
  const value = singleNumber(name, text);
  if (!(value > 0 && Number.isFinite(value))) refuse(name, 'a positive finite number', value);
  return value;
}

function wholeNumber(options: Parsed, name: string, fallback: number, least: number, most: number): number {
  const text = options.value(name);
  const value = text === undefined ? fallback : singleNumber(`--${name}`, text);
  if (!Number.isSafeInteger(value) || value < least || value > most)
    refuse(`--${name}`, `a whole number from ${least} to ${most}`, value);
  return value;
}

function describe(document: BasinDocument, width: number): Block[] {
  const { problem, prediction, scales, classes, learningRate, momentum, explanation, starts } = document;
  // Cross-entropy has none.
  const barriers = classes.some(({ barrier }) => barrier !== null);
  const rate = learningRate === 'adapted' ? 'rate following the curvature' : `rate ${number(learningRate)}`;
  return [
    describeProblem(problem),
    '',
    `gradient descent, momentum ${momentum}, ${rate}; ${starts.length} starts from N(0, std²)`,
    `${prediction.optimality === 'global' ? 'global minimum' : 'best known'}  F* = ${prediction.objective.toPrecision(10)}`,
    '',
    'Share of starts in which a class is alive, by the std of the start:',
    '',
    {
      name: 'classes',
      columns: [
        heading('class'),
        heading('count', 'n'),
        heading('theory', 'theory', 0, 'left'),
        heading('predictedFit', 'fit', 2),
        ...(barriers ? [heading('barrier', 'barrier', 1)] : []),
        ...scales.map(({ std }) => ({
          ...heading(`alive ${std}`, number(std)),
          alone: `alive at std ${number(std)}`,
        })),
      ],
      rows: classes.map(({ count, regime, separated, predictedFit, barrier, alive }, k) => [
        k,
        counted(count),
        regime ?? (separated === null ? null : SEPARATED[String(separated)]),
        predictedFit,
        ...(barriers ? [{ value: barrier, text: number(barrier, 2) }] : []),
        ...alive.map((value): Cell => ({
          value,
          text: value === null ? '–' : `${Math.round(100 * value)} %`,
        })),
      ]),
    },
    '',
    {
      name: 'scales',
      columns: [
        heading('std'),
        heading('starts'),
        heading('settled'),
        heading('saddles', 'at a saddle', 1),
        heading('moving', 'moving', 1),
        heading('diverged', 'diverged', 1),
        heading('asPredicted', 'as theory says'),
        heading('lowestExcess', 'lowest F − F*', 2),
      ],
      rows: scales.map((row) => [
        row.std,
        row.starts,
        row.settled,
        row.saddles,
        row.moving,
        row.diverged,
        row.asPredicted,
        excess(row.lowestObjective, prediction.objective),
      ]),
    },
    ...explanation.flatMap((text) => ['', wrap(text, Math.min(width, 100))]),
  ];
}

/** F − F*; what rounding leaves is zero. */
function excess(objective: number | null, minimum: number): Cell {
  if (objective === null) return null;
  const gap = objective - minimum;
  const rounding = Math.abs(gap) <= 1e-12 * Math.max(1, Math.abs(minimum));
  return { value: gap, text: rounding ? '0' : number(gap, 2) };
}
