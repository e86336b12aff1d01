/** `collapsar advise`, for people: which weight decay and depth keep every class. */
import { refuse } from '../core/errors.js';
import { adviseInSlices } from '../verbs/advise/advise.js';
import type { AdviseProgress } from '../verbs/advise/atDecay.js';
import type { AdviseDocument } from '../verbs/advise/document.js';
import { parse } from './args.js';
import type { Context, ExitCode, Verb } from './context.js';
import { drawing } from './drawing.js';
import { column, number, table, whole, wrap } from './format.js';
import { giveWay, listenForInterrupt } from './interrupt.js';
import { checkWritable, writeBytes } from './outFile.js';
import { describeProblem } from './predict.js';
import { PROBLEM_HELP, PROBLEM_OPTIONS, problemFrom } from './problemOptions.js';

const HELP = `collapsar advise: which weight decay and depth keep every class

  collapsar advise --counts longtail:5000:100:10 --depth 3 --weight-decay 1e-4

For depths 1 to 9 the weight decay below which every class lives at the global
minimum; what each class loses at yours; and the phase diagram, weight decay ×
class size. Without --feature-decay λ_H is tied to λ_W, and both move together.

${PROBLEM_HELP}
  --out FILE.svg         the phase diagram as a figure
  --json                 one JSON document on stdout

Cross-entropy has no closed form: one layer only, each class is bisected, and
Ctrl-C prints what is known by then and exits with 1.`;

export const adviseVerb: Verb = {
  help: HELP,
  async run(args, { terminal, blas }: Context): Promise<ExitCode> {
    const options = parse('advise', args, { ...PROBLEM_OPTIONS, out: 'value' }, []);
    const problem = problemFrom(options);
    const out = options.value('out');
    if (out !== undefined && problem.loss !== 'mse')
      refuse('--out', 'the mse loss: a phase diagram needs regimes', problem.loss);
    if (out !== undefined) await checkWritable(out, '.svg');
    const interrupt = listenForInterrupt(terminal, 'stopping with what is known so far');
    try {
      const document = await adviseInSlices(
        {
          problem,
          featureDecay: options.value('feature-decay') === undefined ? 'tied' : 'fixed',
          blas: blas(),
          shouldStop: interrupt.asked,
          onProgress: (now) => terminal.progress(describeProgress(now)),
        },
        giveWay,
      );
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

/** Below this width titles are short. */
const NARROW = 80;

function describe(document: AdviseDocument, width: number): string {
  const { problem, depths, classes, weightDecay, notes, recommendation, featureDecay, method } = document;
  const K = classes.length;
  const tied = featureDecay === 'tied' ? ' = λ_H' : '';
  const ce = method === 'bisection';
  const lives = ce ? 'is separated' : 'lives';
  // The whole sentence where it fits.
  const every =
    width < NARROW ? `${ce ? 'separated' : 'alive'} below λ_W` : `every class ${lives} below λ_W${tied}`;
  const each = width < NARROW ? 'below λ_W' : `${lives} below λ_W${tied}`;
  const cut = classes.some(({ regime }) => regime === 'cut');
  return [
    ...describeProblem(problem)
      .split('\n')
      .map((line) => wrap(line, width)),
    '',
    wrap(recommendation, Math.min(width, 100)),
    '',
    table(
      [
        column('depth'),
        column(every),
        ...(cut ? [column('those not cut', 2)] : []),
        column(`${ce ? 'separated' : 'alive'} at ${number(weightDecay)}`),
        column('', 1, 'left'),
      ],
      depths.map(({ depth, maxWeightDecay, maxOfUncut, alive }) => [
        String(depth),
        number(maxWeightDecay),
        ...(cut ? [number(maxOfUncut)] : []),
        `${alive} of ${K}`,
        depth === problem.depth ? '← yours' : '',
      ]),
      width,
    ),
    '',
    `At M = ${problem.depth}, λ_W = ${number(weightDecay)}:`,
    '',
    table(
      [
        column('class'),
        column('n'),
        column(ce ? 'separated' : 'regime', 0, 'left'),
        column('fit'),
        column('lost', 1),
        column('margin', 2),
        column(each),
      ],
      classes.map(({ count, regime, separated, fit, lost, margin, maxWeightDecay }, k) => [
        String(k),
        whole(count),
        (ce ? (separated === null ? null : separated ? 'yes' : 'no') : regime) ?? '–',
        number(fit),
        number(lost),
        number(margin),
        number(maxWeightDecay),
      ]),
      width,
    ),
    '',
    wrap(notes.join(' '), Math.min(width, 100)),
  ].join('\n');
}
