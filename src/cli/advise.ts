/** `collapsar advise`, for people: which weight decay and depth keep every class. */
import { refuse } from '../core/errors.js';
import { adviseInSlices } from '../verbs/advise/advise.js';
import type { AdviseProgress } from '../verbs/advise/atDecay.js';
import type { AdviseDocument } from '../verbs/advise/document.js';
import { parse, singleNumber } from './args.js';
import type { Context, ExitCode, Verb } from './context.js';
import { drawing } from './drawing.js';
import { column, number, table, whole, wrap } from './format.js';
import { hostFor, listenForInterrupt } from './interrupt.js';
import { checkWritable, writeBytes } from './outFile.js';
import { describeProblem } from './predict.js';
import { featureDecayNote, PROBLEM_HELP, PROBLEM_OPTIONS, problemFrom } from './problemOptions.js';

const HELP = `collapsar advise: which weight decay and depth keep every class

  collapsar advise --counts longtail:5000:100:10 --depth 3 --weight-decay 1e-4

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
  --json                 one JSON document on stdout

Cross-entropy has no closed form: one layer only, each class is bisected, and
Ctrl-C prints what is known by then and exits with 1.`;

export const adviseVerb: Verb = {
  help: HELP,
  async run(args, { terminal, blas }: Context): Promise<ExitCode> {
    const options = parse(
      'advise',
      args,
      { ...PROBLEM_OPTIONS, keep: 'value', 'hold-feature-decay': 'flag', out: 'value' },
      [],
    );
    const problem = await problemFrom(options);
    const keepText = options.value('keep');
    const keep = keepText === undefined ? undefined : singleNumber('--keep', keepText);
    const out = options.value('out');
    if (out !== undefined && problem.loss !== 'mse')
      refuse('--out', 'the mse loss: a phase diagram needs regimes', problem.loss);
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
      if (options.flag('json')) terminal.print(JSON.stringify(document));
      else {
        const note = featureDecayNote(options, problem);
        if (note !== null) terminal.print(`${wrap(note, Math.min(terminal.width, 100))}\n`);
        terminal.print(describe(document, terminal.width));
        if (out !== undefined) terminal.print(`\nThe phase diagram is in ${out}`);
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

function describe(document: AdviseDocument, width: number): string {
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
  const limit = ({ maxWeightDecay, limitSource }: AdviseDocument['classes'][number]) =>
    `${limitSource === 'estimated' ? '≈ ' : ''}${number(maxWeightDecay)}`;
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
    table(
      [
        column('depth'),
        column(lives),
        ...(lambdaHFixed ? [column('λ_H scaled', 1)] : []),
        ...(cut ? [column('those not cut', 2)] : []),
        ...(named ? [column('separated', 1)] : []),
        column(`fit ${number(document.keepFit)}`),
        column(`at ${number(weightDecay)}`),
        column('', 1, 'left'),
      ],
      depths.map((row) => [
        String(row.depth),
        number(row.maxWeightDecay),
        ...(lambdaHFixed ? [number(row.maxAtRatio)] : []),
        ...(cut ? [number(row.maxOfUncut)] : []),
        ...(named ? [number(row.separatedBelow)] : []),
        number(row.keep),
        `${row.alive} of ${K}`,
        row.depth === problem.depth ? '← yours' : '',
      ]),
      width,
    ),
    '',
    wrap(
      `At M = ${problem.depth}, λ_W = ${number(weightDecay)}, and the weight decays${tied} below which each class ${ce ? 'is separated' : 'lives'}:`,
      Math.min(width, 100),
    ),
    '',
    table(
      [
        column('class'),
        column('n'),
        column(ce ? 'separated' : 'regime', 0, 'left'),
        column('fit'),
        column('lost', 1),
        column('margin', 2),
        column(`${lives} below`),
        ...(lambdaHFixed ? [column('λ_H scaled', 1)] : []),
        ...(namedHere ? [column('separated below', 1)] : []),
        ...(merging ? [column('merges from', 1)] : []),
      ],
      classes.map((row, k) => [
        String(k),
        whole(row.count),
        (ce ? (row.separated === null ? null : row.separated ? 'yes' : 'no') : row.regime) ?? '–',
        number(row.fit),
        number(row.lost),
        number(row.margin),
        limit(row),
        ...(lambdaHFixed ? [number(row.maxAtRatio)] : []),
        ...(namedHere ? [number(row.separatedBelow)] : []),
        ...(merging ? [number(row.mergesFrom)] : []),
      ]),
      width,
    ),
    '',
    wrap(notes.join(' '), Math.min(width, 100)),
  ].join('\n');
}
