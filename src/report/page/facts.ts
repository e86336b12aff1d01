/** The head of the page: title, verdict, what went wrong if something did, and the key facts. */
import { BIAS_WORDS, variationWords } from '../../model/index.js';
import type { RunStatus, RunSummary, TrainRecord, VerdictRecord } from '../../runs/records.js';
import { finite, formatCount, formatExact, formatNumber, formatRuns, formatSeconds } from '../format.js';
import { fact } from './factItem.js';
import { html, type Html } from './html.js';
import { decayFacts, lastRecordFacts, networkFacts, speedFacts } from './networkFacts.js';
import { nameOfArchitecture, nameOfSet } from './networkNames.js';

/** What a status says of the step at which the run stands. */
const STATUS: Readonly<Record<RunStatus, (step: string) => string>> = {
  finished: (step) => `all ${step} steps done`,
  converged: (step) => `to the tolerance, at step ${step}`,
  stalled: (step) => `no further descent after step ${step}`,
  diverged: (step) => `at step ${step}`,
  interrupted: (step) => `at step ${step}`,
};

/** `Neural collapse: 4 classes, 3 linear layers, MSE`; of a network `Neural collapse: ResNet18 on CIFAR-10, 10 classes, …`. */
export function titleOf(summary: RunSummary | null): string {
  if (summary === null) return 'Neural collapse: a run without a summary';
  const { counts, depth, loss } = summary.problem;
  const what =
    summary.kind === 'network'
      ? `${nameOfArchitecture(summary.network)} on ${nameOfSet(summary.network)}, `
      : '';
  return `Neural collapse: ${what}${plural(counts.length, 'class', 'classes')}, ${plural(depth, 'linear layer', 'linear layers')}, ${nameOfLoss(loss)}`;
}

/** Whether theory held, in one sentence; `predicted` where the figures show a prediction without a summary. */
export function verdictBox(
  summary: RunSummary | null,
  records: readonly TrainRecord[],
  predicted: boolean,
): Html {
  if (summary === null) {
    const last = records.at(-1);
    return html`<div class="verdict">
      <span class="sign" aria-hidden="true">?</span>
      <p>
        <b>No verdict</b>This run has no summary: it was stopped before it ended, or it is still going. Shown
        is what its records hold
        (${last === undefined ? 'none yet' : `${formatCount(records.length)}, the last at ${whenOf(last)}`});
        ${predicted ? 'dashed lines are what theory predicts for its specification; the comparison class by class comes with the summary.' : 'predictions and the comparison class by class come with the summary.'}
      </p>
    </div>`;
  }
  return judgedBox(summary.verdict);
}

/** A verdict in its box. */
export function judgedBox({ held, sentence }: VerdictRecord): Html {
  const [kind, sign, heading] = headingOf(held);
  const verdict = sentence.startsWith(heading)
    ? html`<strong>${heading}</strong>${sentence.slice(heading.length)}`
    : html`<b>${heading}</b>${sentence}`;
  return html`<div class="verdict ${kind}">
    <span class="sign" aria-hidden="true">${sign}</span>
    <p>${verdict}</p>
  </div>`;
}

function headingOf(held: boolean | null): readonly [kind: string, sign: string, heading: string] {
  if (held === null) return ['open', '?', 'No verdict'];
  return held ? ['held', '✓', 'Theory held'] : ['failed', '✕', 'Theory did not hold'];
}

/** For a run that diverged: where, how large, and what would have been stable. */
export function divergenceBox(summary: RunSummary | null): Html | null {
  if (summary?.status !== 'diverged') return null;
  const { divergence } = summary;
  const step = divergence === undefined ? summary.step : divergence.step;
  const objective = finite(divergence?.objective);
  const grown = finite(divergence?.loss);
  const rate = finite(divergence?.stableLearningRate);
  const atEnd =
    objective === null
      ? 'The objective was no longer a finite number.'
      : `The objective had grown to ${formatNumber(objective)}.`;
  return html`<div class="alert" role="note">
    <span class="sign" aria-hidden="true">!</span>
    <p>
      <b>Diverged at step ${formatCount(step)}</b>
      ${grown === null ? atEnd : `The mean loss of the epoch had grown to ${formatNumber(grown)}.`}
      ${rate === null ? '' : `A learning rate of ${formatExact(rate)} is stable.`} What is measured below is
      the last good state, not an end point.
    </p>
  </div>`;
}

/** The facts as a list of pairs. */
export function factsList(summary: RunSummary | null, records: readonly TrainRecord[]): Html {
  const last = records.at(-1);
  if (summary === null)
    return list([
      fact('Records', formatCount(records.length)),
      last === undefined ? null : fact('Last step', formatCount(last.step)),
      last === undefined ? null : fact('Objective there', formatNumber(last.objective, 6)),
      last === undefined ? null : fact('Training time', formatSeconds(last.seconds)),
      ...lastRecordFacts(last),
    ]);
  const { problem, prediction, blas } = summary;
  const { counts } = problem;
  const samples = counts.reduce((sum, n) => sum + n, 0);
  const gap = excess(summary);
  return list([
    ...networkFacts(summary),
    fact(
      'Class counts nₖ',
      formatRuns(counts, formatCount, 5),
      `K\u00a0=\u00a0${formatCount(counts.length)} ${counts.length === 1 ? 'class' : 'classes'}, N\u00a0=\u00a0${formatCount(samples)}`,
    ),
    fact('Linear layers M', formatCount(problem.depth), `widths ${formatRuns(problem.widths, formatCount)}`),
    fact(
      'Loss and bias',
      nameOfLoss(problem.loss),
      [BIAS_WORDS[problem.bias], ...variationWords(problem, formatExact)].join(', '),
    ),
    ...(summary.kind === 'ufm'
      ? [
          fact(
            'Weight decay λ',
            formatRuns(problem.weightDecays, formatExact),
            `features: ${formatExact(problem.featureDecay)}`,
          ),
        ]
      : decayFacts(summary)),
    fact('Status', summary.status, STATUS[summary.status](formatCount(summary.step))),
    fact('Objective F', formatNumber(summary.objective, 6), gap),
    prediction === null
      ? null
      : fact(
          'Predicted minimum F*',
          formatNumber(prediction.objective, 6),
          prediction.optimality === 'global' ? 'a proved global minimum' : prediction.optimality,
        ),
    prediction === null
      ? null
      : fact(
          'Predicted geometry',
          prediction.frame,
          `rank ${formatCount(prediction.rank)}${prediction.unique === false ? ', not unique' : ''}`,
        ),
    ...(summary.kind === 'ufm'
      ? [
          fact(
            'Training time',
            formatSeconds(summary.seconds),
            summary.stepsPerSecond === null
              ? null
              : `${formatCount(Math.round(summary.stepsPerSecond))} steps/s`,
          ),
        ]
      : speedFacts(summary)),
    fact('BLAS', blas.name, blas.threads === null ? null : plural(blas.threads, 'thread', 'threads')),
  ]);
}

/** Where a record or a summary stands: `step 200`, of a network `epoch 20 (step 200)`. */
export function whenOf(moment: {
  readonly step: number;
  readonly network?: { readonly epoch: number };
}): string {
  const step = `step ${formatCount(moment.step)}`;
  return moment.network === undefined ? step : `epoch ${formatCount(moment.network.epoch)} (${step})`;
}

function excess(summary: RunSummary): string | null {
  const objective = finite(summary.objective);
  if (objective === null || summary.status === 'diverged' || summary.prediction === null) return null;
  const least = summary.prediction.objective;
  const over = (objective - least) / Math.max(Math.abs(least), 1e-300);
  if (!Number.isFinite(over)) return null;
  if (over >= 1) return `${formatNumber(over + 1, 3)} times the prediction`;
  return `${formatNumber(100 * Math.abs(over), 2)} % ${over < 0 ? 'below' : 'above'} the prediction`;
}

function list(facts: readonly (Html | null)[]): Html {
  return html`<dl class="facts">${facts}</dl>`;
}

export function nameOfLoss(loss: string): string {
  if (loss === 'ce') return 'cross-entropy';
  return loss === 'mse' ? 'MSE' : loss;
}

export function plural(n: number, singular: string, many: string): string {
  return `${formatCount(n)} ${n === 1 ? singular : many}`;
}
