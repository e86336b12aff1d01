/** For one decay of everything: up to which each class should be learned, beside what became of it. */
import type { ClassComparison, NetworkSummary, RunSummary, SurvivalRecord } from '../../runs/records.js';
import { survivalFigure } from '../figures/survivalFigure.js';
import { finite, formatCount, formatExact, formatNumber, formatPercent, NOTHING } from '../format.js';
import type { FigureDocument } from '../dom.js';
import { html, type Html } from './html.js';
import { figure, section } from './pageParts.js';
import { numberCell, tableBox } from './table.js';

const HEADING = 'Survival under one weight decay of everything';
/** Share of the training samples of a class that are named rightly, from which it counts as learned: as in the trainings that the estimates were held against. */
const LEARNED = 1 / 2;
const EXPECTED = { alive: 'learned', open: 'may be lost', lost: 'lost' } as const;
/** A table of more rows is cut. */
const MOST_ROWS = 100;

/** Nothing for other decays, and for runs of older versions. */
export function survivalSection(summary: RunSummary | null, document: FigureDocument): Html | null {
  if (summary?.kind !== 'network') return null;
  const { survival, survivalNote } = summary.network;
  if (survival === null || survival === undefined)
    return typeof survivalNote === 'string'
      ? section('survival', HEADING, html`<p>Nothing is estimated here: ${survivalNote}.</p>`)
      : null;
  return section(
    'survival',
    HEADING,
    html`<p>${sentence(survival, summary)}</p>`,
    html`<div class="scroll whole roomy" tabindex="0" role="region" aria-label="The estimates as a figure">
      ${figure(survivalFigure(dataOf(survival, summary), { document, title: '' }))}
    </div>`,
    table(survival, summary),
  );
}

function dataOf({ weightDecay, classes }: SurvivalRecord, { classes: ended, network }: NetworkSummary) {
  return {
    weightDecay,
    classes: classes.map(({ estimate, low, high, atDecay }, k) => ({
      name: network.data.classNames[k] ?? null,
      count: ended[k].count,
      largestDecay: { estimate, low, high, estimateE: null },
      atDecay,
    })),
  };
}

/** A run that diverged tells nothing. */
function learned({ accuracy }: ClassComparison, { status }: NetworkSummary): boolean | null {
  const share = finite(accuracy);
  return share === null || status === 'diverged' ? null : share >= LEARNED;
}

function sentence({ weightDecay, weightLayers, classes }: SurvivalRecord, summary: NetworkSummary): string {
  const ends = summary.classes.map((compared) => learned(compared, summary));
  const called = classes.flatMap(({ atDecay }, k) =>
    atDecay === null || atDecay === 'open' || ends[k] === null ? [] : [(atDecay === 'alive') === ends[k]],
  );
  const outcome = outcomeOf(called, summary);
  return `At ${formatExact(weightDecay)}, with ${formatCount(weightLayers)} weight layers. The bars are estimates from the class means of the training images: a class should be learned at decays below its bar, and is lost above it. ${outcome}`;
}

/** `called`: for each class outside of its interval whether it ended as expected. */
function outcomeOf(called: readonly boolean[], { status }: NetworkSummary): string {
  if (status === 'diverged') return 'The run diverged, which tells nothing of them.';
  if (called.length === 0) return 'The decay lies in the interval of every class.';
  const right = called.filter(Boolean).length;
  return `Of the ${formatCount(called.length)} ${called.length === 1 ? 'class' : 'classes'} outside of their intervals ${formatCount(right)} ended as expected.`;
}

function table({ classes }: SurvivalRecord, summary: NetworkSummary): Html {
  const names = summary.network.data.classNames;
  return tableBox({
    id: 'survival-table',
    caption:
      'The same in numbers. A class counts as learned where at least half of its training samples are named rightly.',
    head: html`<tr>
      <th scope="col" class="text">class</th>
      <th scope="col">n</th>
      <th scope="col">estimate</th>
      <th scope="col">learned below</th>
      <th scope="col">lost above</th>
      <th scope="col" class="text">expected</th>
      <th scope="col" class="text">became</th>
      <th scope="col">right</th>
    </tr>`,
    body: classes.slice(0, MOST_ROWS).map(({ estimate, low, high, atDecay }, k) => {
      const compared = summary.classes[k];
      const end = learned(compared, summary);
      return html`<tr>
        <th scope="row" class="text">${String(k)} ${names[k] ?? ''}</th>
        <td>${formatCount(compared.count)}</td>
        <td>${numberCell(estimate)}</td>
        <td>${rounded(low)}</td>
        <td>${rounded(high)}</td>
        <td class="text">${atDecay === null ? NOTHING : EXPECTED[atDecay]}</td>
        <td class="text">${outcomeWord(end)}</td>
        <td>${formatPercent(compared.accuracy)}</td>
      </tr>`;
    }),
    height: classes.length > 24 ? 'tall' : 'whole',
  });
}

function rounded(value: number | null): string {
  return value === null ? NOTHING : formatNumber(value, 2);
}

function outcomeWord(end: boolean | null): string {
  if (end === null) return NOTHING;
  return end ? 'learned' : 'lost';
}
