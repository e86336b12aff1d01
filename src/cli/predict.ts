/** `collapsar predict`, for people: the minimum, the classes and the modes as tables. */
import process from 'node:process';
import { deferredBlas } from '../core/deferredBlas.js';
import { livesInTheory, SEARCH_SECONDS, zeroClasses, searchWords } from '../theory/index.js';
import { documentOf, minimiserFile, predictInSlices } from '../verbs/predict/predict.js';
import type { ClassDocument, PredictionDocument } from '../verbs/predict/document.js';
import { parse } from './args.js';
import type { Context, ExitCode, Verb } from './context.js';
import { number, whole, wrap } from './format.js';
import { hostFor, listenForInterrupt } from './interrupt.js';
import { jsonText } from './jsonText.js';
import { checkWritable, writeBytes } from './outFile.js';
import { describeProblem, describeProgress } from './problemWords.js';
import {
  decayConversion,
  featureDecayNote,
  conversionLines,
  PROBLEM_HELP,
  PROBLEM_OPTIONS,
  problemFrom,
} from './problemOptions.js';
import {
  predictFigureFrom,
  PREDICT_FIGURE_HELP,
  PREDICT_FIGURE_OPTIONS,
  writePredictFigure,
} from './predictFigure.js';
import { SEARCH_OPTIONS, searchFrom } from './searchOptions.js';
import {
  counted,
  formOf,
  heading,
  printBlocks,
  TABLE_HELP,
  TABLE_OPTIONS,
  withoutEmptyColumns,
  type Block,
  type Cell,
  type Table,
} from './tables.js';

const HELP = `collapsar predict: the geometry that theory predicts at the global minimum

  collapsar predict --counts 200,100,50,50 --depth 3 --width 64 \\
                    --weight-decay 5e-4 --feature-decay 5e-4

${PROBLEM_HELP}
  --budget SECONDS       how long a search may take (default 20); only
                         cross-entropy with two or more layers, or a narrow one,
                         is searched, and that ends early when more starts and
                         exchanges of classes no longer help
  --seed N               seed of the search (default 0)
  --out FILE.npz         write an explicit minimiser: features (N×d), labels,
                         W1 … WM, b; measure and train read it
${PREDICT_FIGURE_HELP}
${TABLE_HELP}
  --json                 one JSON document on stdout

A search that ends by itself gives the same answer for the same seed; one that
its budget cuts need not. Classes are numbered from 0, as labels are. Ctrl-C ends
a numeric solution, prints the best so far, and exits with 1.`;

export const predictVerb: Verb = {
  help: HELP,
  async run(args, { terminal, blas: choose }: Context): Promise<ExitCode> {
    // A library that was asked for by name is opened at once, for it may have to be refused.
    const blas = process.env.COLLAPSAR_BLAS === undefined ? deferredBlas(choose) : choose();
    const options = parse(
      'predict',
      args,
      { ...PROBLEM_OPTIONS, ...SEARCH_OPTIONS, ...TABLE_OPTIONS, ...PREDICT_FIGURE_OPTIONS, out: 'value' },
      [],
    );
    const form = formOf(options);
    const problem = await problemFrom(options);
    const { budget, seed } = searchFrom(options, SEARCH_SECONDS);
    const out = options.value('out');
    const figure = await predictFigureFrom(options);
    if (out !== undefined) await checkWritable(out, '.npz', '.svg');
    const interrupt = listenForInterrupt(terminal, 'stopping with the best so far');
    try {
      const prediction = await predictInSlices(problem, blas, {
        budget,
        seed,
        host: hostFor(interrupt, (now) => terminal.progress(describeProgress(now))),
      });
      terminal.clear();
      const document = documentOf(prediction);
      if (out !== undefined && figure !== null) await writePredictFigure(out, document, figure);
      else if (out !== undefined) await writeBytes(out, minimiserFile(prediction, blas));
      const note = featureDecayNote(options, problem);
      const conversion = decayConversion(options, problem);
      if (form === 'json')
        terminal.print(
          jsonText({
            ...document,
            featureDecaySource: note === null ? 'given' : 'tied',
            decayConversion: conversion,
          }),
        );
      else {
        const blocks = [
          ...conversionLines(conversion, terminal.width),
          ...(note === null ? [] : [wrap(note, Math.min(terminal.width, 100)), '']),
          ...describePrediction(document, terminal.width),
          ...(out === undefined
            ? []
            : ['', `${figure === null ? 'An explicit minimiser' : 'The figure'} is in ${out}`]),
        ];
        printBlocks(blocks, form, options, terminal);
      }
      if (!prediction.interrupted) return 0;
      terminal.note('interrupted: this is the best found so far');
      return 1;
    } finally {
      terminal.clear();
      interrupt.release();
    }
  },
};

function describePrediction(document: PredictionDocument, width: number): Block[] {
  const { problem, objective, optimality, interrupted, unique, rank, frame, certificate, modes, search } =
    document;
  const known = interrupted ? 'best so far' : 'best known';
  const parts: Block[] = [
    describeProblem(problem),
    '',
    `${optimality === 'global' ? 'global minimum' : known}  F* = ${objective.toPrecision(10)}` +
      (certificate === null || optimality !== 'global'
        ? ''
        : `, ${number(certificate.gap, 2)} above its lower bound`),
    ...(certificate === null || optimality === 'global'
      ? []
      : [
          `at least  ${certificate.lowerBound.toPrecision(10)}: a rigorous lower bound of the minimum, not a proof that it is reached`,
        ]),
    `geometry  ${frame}, rank ${rank} of ${problem.counts.length}`,
  ];
  if (search !== null) parts.push(wrap(`searched  ${searchWords(search)}`, Math.min(width, 100)));
  if (unique === false)
    parts.push(
      wrap(
        problem.loss === 'ce'
          ? 'not unique: the same arrangement with classes exchanged is as low. The classes below are one of them.'
          : 'not unique: the bottleneck splits a tie, so any choice within it is a minimiser. The classes below are one that keeps your order; brackets give the range of each norm.',
        Math.min(width, 100),
      ),
    );
  parts.push('', classTable(document));
  const where = optimality === 'global' ? 'global minimum' : 'best known solution';
  parts.push('', wrap(summarise(document, where), Math.min(width, 100)));
  const merging = describeMerging(document);
  if (merging !== null) parts.push('', wrap(merging, Math.min(width, 100)));
  if (problem.loss === 'ce') parts.push('', ...describeAlternatives(document, width));
  if (
    problem.loss === 'mse' &&
    problem.bias === 'free' &&
    problem.counts.some((n) => n !== problem.counts[0])
  ) {
    parts.push('', 'With a bias and unequal counts the modes mix classes:', '');
    parts.push({
      name: 'modes',
      columns: [
        heading('mode'),
        heading('target', 'τ'),
        heading('value', 'σ'),
        heading('b'),
        heading('bGlobal', 'b_global', 1),
        heading('bExist', 'b_exist', 1),
        heading('regime', 'regime', 0, 'left'),
      ],
      rows: modes.map(({ target, value, b, bGlobal, bExist, regime }, i) => [
        i,
        target,
        value,
        b,
        bGlobal,
        bExist,
        regime,
      ]),
    });
  }
  return parts;
}

/** Where classes of one count become one; the first few counts, the smallest first. */
function describeMerging({ merging }: PredictionDocument): string | null {
  if (merging === null || merging.length === 0) return null;
  const smallest = merging.slice(-3).reverse();
  const list = smallest.map(
    ({ count, classes, from, merged }) =>
      `the ${whole(classes)} of ${whole(count)} from ${number(from)}${merged ? ' (they have merged)' : ''}`,
  );
  return `Classes of one count merge, rows and means alike, from √(λ_Wλ_H) = √n/N on: ${list.join(', ')}${merging.length > 3 ? ', …' : ''}.`;
}

/** Below this width names of solutions lose what is in brackets. */
const NARROW = 70;

/** The solutions that were compared, lowest first, and what they mean. */
function describeAlternatives(
  { frame, objective, alternatives, note }: PredictionDocument,
  width: number,
): Block[] {
  const named = (name: string) => (width < NARROW ? name.replace(/ \(.*\)$/, '') : name);
  const listed = alternatives.some((solution) => solution.objective === objective);
  const rows = [...(listed ? [] : [{ name: frame, objective }]), ...alternatives].sort(
    (a, b) => a.objective - b.objective,
  );
  return [
    {
      name: 'solutions',
      columns: [
        heading('solution', 'solution', 0, 'left'),
        heading('objective'),
        heading('aboveLowest', 'above the lowest', 1),
      ],
      rows: rows.map((solution, i) => [
        {
          value: solution.name,
          text:
            i === 0
              ? `${named(solution.name)}  ←${width < NARROW ? '' : ' the prediction'}`
              : named(solution.name),
        },
        { value: solution.objective, text: solution.objective.toPrecision(10) },
        solution.objective - rows[0].objective,
      ]),
    },
    ...(note === null ? [] : ['', wrap(note, Math.min(width, 100))]),
  ];
}

/** Cross-entropy has no regimes: there the question is whether a class is told apart from the others. */
function summarise({ classes, problem, rank }: PredictionDocument, where: string): string {
  const K = classes.length;
  const count = (test: (row: ClassDocument) => boolean) => classes.filter(test).length;
  const merged = count(({ separated }) => separated === false);
  if (problem.loss === 'ce') {
    if (rank === 0 && K > 1) return `Every class is lost at the ${where}.`;
    if (K === 1) return 'A single class has nothing to be told apart from.';
    if (merged === 0) return `Every class is separated from the others at the ${where}.`;
    return merged === K
      ? `No class is separated from the others at the ${where}.`
      : `${merged} of ${K} classes ${merged === 1 ? 'is' : 'are'} not separated from another class at the ${where}.`;
  }
  // Where modes mix classes, one whose main mode is zero may have a row and a mean left, which it shares with others.
  const lost = (row: ClassDocument) => !livesInTheory(row.regime, row.fit);
  const nothingLeft = zeroClasses(classes);
  const zero = classes.filter((row, k) => lost(row) && nothingLeft[k]).length;
  const shared = count(lost) - zero;
  if (zero === K) return `Every class is lost at the ${where}.`;
  const lives = [
    ...(zero + shared === 0 ? ['Every class lives'] : []),
    ...(zero > 0 ? [`${zero} of ${K} classes ${zero === 1 ? 'is' : 'are'} lost`] : []),
    ...(shared > 0
      ? [
          `${shared} of ${K} classes lose${shared === 1 ? 's' : ''} the direction that sets ${shared === 1 ? 'it' : 'them'} apart`,
        ]
      : []),
  ].join(' and ');
  const also =
    merged > zero ? `; ${merged} ${merged === 1 ? 'is' : 'are'} not separated from another class` : '';
  return `${lives} at the ${where}${also}.`;
}

function classTable({ classes, unique }: PredictionDocument): Table {
  const norm = (value: number, range: readonly [number, number] | undefined): Cell =>
    unique !== false || range === undefined
      ? value
      : { value, text: `${number(value)} [${number(range[0])}, ${number(range[1])}]` };
  const columns = [
    { ...heading('class'), cell: (_: ClassDocument, k: number) => k },
    { ...heading('count', 'n'), cell: ({ count }: ClassDocument) => counted(count) },
    {
      ...heading('weightNorm', '‖p‖'),
      cell: (row: ClassDocument) => norm(row.weightNorm, row.weightNormRange),
    },
    {
      ...heading('featureNorm', '‖h̄‖'),
      cell: (row: ClassDocument) => norm(row.featureNorm, row.featureNormRange),
    },
    { ...heading('fit'), cell: ({ fit }: ClassDocument) => fit },
    { ...heading('margin', 'margin', 2), cell: ({ margin }: ClassDocument) => margin },
    { ...heading('share', 'share', 4), cell: ({ share }: ClassDocument) => share },
    { ...heading('regime', 'regime', 0, 'left'), cell: ({ regime }: ClassDocument) => regime },
    {
      ...heading('separated', 'separated', 0, 'left'),
      cell: ({ separated, regime }: ClassDocument): Cell =>
        regime !== null || separated === null ? null : { value: separated, text: separated ? 'yes' : 'no' },
    },
    {
      ...heading('maxWeightDecay', 'lives below λ_W', 1),
      cell: ({ maxWeightDecay }: ClassDocument) => maxWeightDecay,
    },
    {
      ...heading('maxTiedDecay', '…with λ_H tied', 3),
      cell: ({ maxTiedDecay }: ClassDocument) => maxTiedDecay,
    },
  ];
  return withoutEmptyColumns({
    name: 'classes',
    columns,
    rows: classes.map((row, k) => columns.map(({ cell }) => cell(row, k))),
  });
}
