/** The classes in numbers: measured beside predicted, and what became of each. */
import type { ClassComparison } from '../../runs/records.js';
import { finite, formatCount, formatPercent, formatRanges, NOTHING } from '../format.js';
import { html, type Html } from './html.js';
import { outcomeOf, OUTCOME_SIGN, predictedOutcome, type Outcome } from '../outcome.js';
import { numberCell, tableBox } from './table.js';

/** A table of more rows is cut; `summary.json` has them all. */
const MOST_ROWS = 500;
/** From here on classes are also counted by what became of them, and the table scrolls in its own box. */
const MANY = 24;

/** What a network's run knows of its classes besides. */
export interface ClassExtras {
  /** Empty where classes have none. */
  readonly names: readonly string[];
  /** Share of test samples classified right, class by class; null where there is no test set. */
  readonly test: readonly unknown[] | null;
}

const NO_EXTRAS: ClassExtras = { names: [], test: null };

/** `all`: where those stand that a long table leaves out. */
export function classTable(
  classes: readonly ClassComparison[],
  extras: ClassExtras = NO_EXTRAS,
  all = 'summary.json has them all',
): Html {
  const { test } = extras;
  const many = classes.length > MANY;
  const listed = classes.slice(0, MOST_ROWS);
  const table = tableBox({
    id: 'class-table',
    caption: `${many ? 'Class by class' : 'The same in numbers'}. Classes are numbered from 0; the fit is how much of its target a class reaches, from 0 to 1.`,
    head: many ? headInOneRow(extras) : headInTwoRows(extras),
    body: listed.map((compared, k) => row(compared, k, extras)),
    height: many ? 'tall' : 'whole',
    width: test === null ? 'roomy' : 'tight',
  });
  const cut =
    listed.length < classes.length
      ? html`<p class="lead">
          The first ${formatCount(listed.length)} of ${formatCount(classes.length)} classes; ${all}.
        </p>`
      : null;
  return html`${many ? groups(classes) : null}${table}${cut}`;
}

function headInTwoRows({ test }: ClassExtras): Html {
  return html`<tr>
      <th scope="col" rowspan="2" class="text">class</th>
      <th scope="col" rowspan="2">n</th>
      <th scope="col" rowspan="2" class="text">theory</th>
      <th scope="col" rowspan="2" class="text">outcome</th>
      <th scope="colgroup" colspan="2" class="group">row norm ‖pₖ‖</th>
      <th scope="colgroup" colspan="2" class="group">mean norm ‖h̄ₖ‖</th>
      <th scope="colgroup" colspan="2" class="group">fit</th>
      ${
        test === null
          ? html`<th scope="col" rowspan="2" class="group">accuracy</th>`
          : html`<th scope="colgroup" colspan="2" class="group">accuracy</th>`
      }
    </tr>
    <tr>
      ${[0, 1, 2].map(
        () =>
          html`<th scope="col" class="group">measured</th>
            <th scope="col">predicted</th>`,
      )}
      ${
        test === null
          ? null
          : html`<th scope="col" class="group">training</th>
              <th scope="col">test</th>`
      }
    </tr>`;
}

/** One row, so that it can stay in sight as a whole. */
function headInOneRow({ test }: ClassExtras): Html {
  return html`<tr>
    <th scope="col" class="text">class</th>
    <th scope="col">n</th>
    <th scope="col" class="text">theory</th>
    <th scope="col" class="text">outcome</th>
    ${['‖pₖ‖', '‖h̄ₖ‖', 'fit'].map(
      (name) =>
        html`<th scope="col" class="group">${name}</th>
          <th scope="col">predicted</th>`,
    )}
    <th scope="col" class="group">accuracy</th>
    ${test === null ? null : html`<th scope="col">test</th>`}
  </tr>`;
}

function row(compared: ClassComparison, k: number, { names, test }: ClassExtras): Html {
  const name = k < names.length && names[k] !== String(k) ? `\u00a0${names[k]}` : '';
  return html`<tr>
    <th scope="row">${k}${name}</th>
    <td>${formatCount(compared.count)}</td>
    <td class="text">${compared.regime ?? NOTHING}</td>
    ${outcomeCell(outcomeOf(compared))}${pair(compared.weightNorm, compared.predictedWeightNorm)}${pair(
      compared.centredFeatureNorm ?? compared.featureNorm,
      compared.predictedFeatureNorm,
    )}${pair(compared.fit, compared.predictedFit)}
    <td class="group">${test === null ? numberCell(compared.accuracy) : shareCell(compared.accuracy)}</td>
    ${test === null ? null : html`<td>${shareCell(test[k])}</td>`}
  </tr>`;
}

/** As a percentage, kept whole in `<data>`. */
function shareCell(share: unknown): Html {
  const x = finite(share);
  return x === null ? html`${NOTHING}` : html`<data value="${String(x)}">${formatPercent(x)}</data>`;
}

function outcomeCell(outcome: Outcome): Html {
  const text = outcome === 'unknown' ? NOTHING : `${OUTCOME_SIGN[outcome]} ${outcome}`;
  return html`<td class="text ${outcome}">${text}</td>`;
}

function pair(measured: unknown, predicted: unknown): Html {
  return html`<td class="group">${numberCell(measured)}</td>
    <td>${numberCell(predicted)}</td>`;
}

/** Classes of one fate together. */
function groups(classes: readonly ClassComparison[]): Html {
  const byFate = new Map<string, { given: ClassComparison; counts: number[] }>();
  for (const compared of classes) {
    const key = `${compared.regime ?? NOTHING}\n${outcomeOf(compared)}`;
    const group = byFate.get(key);
    if (group === undefined) byFate.set(key, { given: compared, counts: [compared.count] });
    else group.counts.push(compared.count);
  }
  return tableBox({
    id: 'class-groups',
    caption: 'Classes by what theory says and by what became of them.',
    head: html`<tr>
      <th scope="col" class="text">theory</th>
      <th scope="col" class="text">outcome</th>
      <th scope="col">classes</th>
      <th scope="col">least n</th>
      <th scope="col">largest n</th>
      <th scope="col" class="text">as theory says</th>
    </tr>`,
    body: [...byFate.values()].map(({ given: example, counts }) => {
      const outcome = outcomeOf(example);
      const expected = predictedOutcome(example);
      const compared = outcome !== 'unknown' && expected !== 'unknown';
      const answer = outcome === expected ? 'yes' : 'no';
      return html`<tr>
        <td class="text">${example.regime ?? NOTHING}</td>
        ${outcomeCell(outcome)}
        <td>${formatCount(counts.length)}</td>
        <td>${formatCount(counts.reduce((a, b) => Math.min(a, b)))}</td>
        <td>${formatCount(counts.reduce((a, b) => Math.max(a, b)))}</td>
        <td class="text">${compared ? answer : NOTHING}</td>
      </tr>`;
    }),
  });
}

/** A list of hundreds of numbers is no help. */
function cutShort(ranges: string): string {
  return ranges.length <= 60 ? ranges : `${ranges.slice(0, 60).replace(/,[^,]*$/, '')}, …`;
}

/** A sentence that names the classes that are lost; null where none is. */
export function classRemark(classes: readonly ClassComparison[]): string | null {
  const lost = classes.flatMap((compared, k) => (outcomeOf(compared) === 'lost' ? [k] : []));
  if (lost.length === 0) return null;
  const surprising = lost.filter((k) => predictedOutcome(classes[k]) === 'alive');
  const names = cutShort(formatRanges(lost));
  const which =
    lost.length === 1 ? `Class ${names} is lost` : `${formatCount(lost.length)} classes are lost (${names})`;
  if (surprising.length === 0) return `${which}, as theory says.`;
  const all = lost.length === 1 ? 'it' : 'they all';
  const whom = surprising.length < lost.length ? cutShort(formatRanges(surprising)) : all;
  return `${which}; theory says that ${whom} should live.`;
}
