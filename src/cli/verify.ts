/** `collapsar verify`, for people: how hard the prediction was tried, and what came of it. */
import { refuse } from '../core/errors.js';
import { solutionFile } from '../verbs/predict/predict.js';
import { verify, type VerifyDocument, type VerifyProgress } from '../verbs/verify/verify.js';
import { parse, singleNumber } from './args.js';
import type { Context, ExitCode, Verb } from './context.js';
import { fit } from './fit.js';
import { hostFor, listenForInterrupt } from './interrupt.js';
import { column, duration, number, table, wrap } from './format.js';
import { checkWritable, writeBytes } from './outFile.js';
import { describeProblem, describeProgress } from './problemWords.js';
import {
  decayConversion,
  conversionLines,
  PROBLEM_HELP,
  PROBLEM_OPTIONS,
  problemFrom,
} from './problemOptions.js';
import { SEARCH_OPTIONS, searchFrom } from './searchOptions.js';

const HELP = `collapsar verify: tries to get below the predicted minimum

  collapsar verify --counts 8,4,2,2 --depth 3 --width 6 --weight-decay 5e-3

${PROBLEM_HELP}
  --budget SECONDS       how long to search (default 10); the prediction
                         itself is solved before, for as long at most, and
                         not counted
  --restarts N           stop after so many restarts, whatever the time: the
                         same seed and number give the same answer
  --seed N               (default 0)
  --out FILE.npz         write the best point found, so that anyone can check it
  --json                 one JSON document on stdout

Verdicts: certified (a lower bound from another formula proves it), not beaten
(no start got below it), beaten (one did, by more than 1e-9 of it and than
rounding). All three exit with 0. Ctrl-C ends the search, keeps the best point so
far, and exits with 1.`;

export const verifyVerb: Verb = {
  help: HELP,
  async run(args, { terminal, blas }: Context): Promise<ExitCode> {
    const options = parse(
      'verify',
      args,
      { ...PROBLEM_OPTIONS, ...SEARCH_OPTIONS, restarts: 'value', out: 'value' },
      [],
    );
    const problem = await problemFrom(options);
    const { budget, seed } = searchFrom(options, 10);
    const restartText = options.value('restarts');
    const restarts = restartText === undefined ? null : singleNumber('--restarts', restartText);
    if (restarts !== null && !(Number.isSafeInteger(restarts) && restarts > 0))
      refuse('--restarts', 'a positive whole number', restarts);

    const out = options.value('out');
    if (out !== undefined) await checkWritable(out, '.npz');
    const interrupt = listenForInterrupt(terminal, 'stopping');
    try {
      const { document, best } = await verify({
        problem,
        blas: blas(),
        budget,
        restarts,
        seed,
        host: hostFor(interrupt, (now) =>
          terminal.progress(
            now.phase === 'descend' ? verifyProgress(now, budget, restarts) : describeProgress(now),
          ),
        ),
      });
      terminal.clear();
      if (out !== undefined) await writeBytes(out, solutionFile(problem, best));
      const conversion = decayConversion(options, problem);
      if (options.flag('json')) terminal.print(JSON.stringify({ ...document, decayConversion: conversion }));
      else {
        terminal.print(
          [
            ...conversionLines(conversion, terminal.width),
            fit(describeVerification(document, terminal.width), terminal.width),
          ].join('\n'),
        );
        if (out !== undefined) terminal.print(`\nThe best point found is in ${out}`);
      }
      return document.interrupted ? 1 : 0;
    } finally {
      terminal.clear();
      interrupt.release();
    }
  },
};

/** How far the search is, what counts most first: narrow terminals cut the line. */
export function verifyProgress(now: VerifyProgress, budget: number, restarts: number | null): string {
  const share = Math.min(1, restarts === null ? now.seconds / budget : now.restarts / restarts);
  const bar = '█'.repeat(Math.round(10 * share)).padEnd(10, '░');
  const left = restarts === null ? `${duration(budget - now.seconds)} left` : `${now.restarts}/${restarts}`;
  return `${bar}  ${left}  best ${now.best.toPrecision(10)}  ${now.restarts} starts`;
}

function describeKnown({ predicted, verdict }: NonNullable<VerifyDocument['bestKnown']>): string {
  const words = {
    beaten: 'beaten, too',
    reached: 'reached, not beaten',
    'not reached': 'not reached by this search',
  } as const;
  return `best known   ${predicted.toPrecision(12)}  (${words[verdict]})`;
}

/** Said first: everything that is compared with the prediction should be compared with this instead. */
function describeBelow({ predicted, lowest }: NonNullable<VerifyDocument['bestKnown']>): string {
  const part = (100 * (predicted - lowest)) / Math.abs(predicted);
  return `Found below the best value known: ${lowest.toPrecision(12)} against ${predicted.toPrecision(12)} (${number(part, 3)} % lower). The lower one is what others are to be compared with; --out FILE.npz keeps it.`;
}

export function describeVerification(document: VerifyDocument, width: number): string {
  const {
    problem,
    claim,
    predicted,
    best,
    gap,
    lowerBound,
    verdict,
    restarts,
    reached,
    unsettled,
    kinds,
    seconds,
    interrupted,
    bestKnown,
  } = document;
  const tried =
    `${restarts} start${restarts === 1 ? '' : 's'} in ${number(seconds, 2)} s, ${reached} of which ended at the best value` +
    (unsettled === 0 ? '' : ` and ${unsettled} ${unsettled === 1 ? 'was' : 'were'} cut before settling`);
  const words = {
    certified: `Certified: the lower bound proves the prediction${restarts === 0 ? '; nothing was searched' : `, and the search agrees (${tried})`}.`,
    'not beaten':
      restarts === 0
        ? 'Not beaten, for nothing was searched.'
        : `Not beaten: ${tried}. That is evidence, not a proof.`,
    beaten: `Beaten by ${number(-gap)} (${number((-100 * gap) / Math.abs(predicted), 3)} % of the predicted value): ${tried}.`,
  } as const;
  const below = bestKnown?.verdict === 'beaten' ? bestKnown : null;
  return [
    ...(below === null ? [] : [wrap(describeBelow(below), Math.min(width, 100)), '']),
    describeProblem(problem),
    '',
    wrap(`put to the test: ${claim}`, Math.min(width, 100)),
    '',
    `predicted    ${predicted.toPrecision(12)}`,
    `best found   ${best.toPrecision(12)}`,
    `difference   ${number(gap)}`,
    `lower bound  ${lowerBound === null ? 'none is known' : lowerBound.toPrecision(12)}${
      lowerBound === null || verdict === 'certified' ? '' : '  (rigorous, but not a proof of optimality)'
    }`,
    ...(bestKnown === null ? [] : [describeKnown(bestKnown)]),
    '',
    table(
      [column('kind of start', 0, 'left'), column('starts'), column('best'), column('above the best')],
      kinds.map((row) => [
        row.kind,
        String(row.restarts),
        row.best.toPrecision(10),
        number(Math.max(0, row.best - best)),
      ]),
      width,
    ),
    '',
    wrap(words[verdict], Math.min(width, 100)),
    ...(interrupted ? ['(interrupted: this is the best so far)'] : []),
  ].join('\n');
}
