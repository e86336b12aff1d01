/**
 * The page of a measured network: one HTML file that opens from disk, without scripts, without any request. Everything that
 * comes from files is escaped.
 */
import type { ClassComparison, GramMatrices, MeasuresRecord } from '../../runs/records.js';
import type { FigureDocument } from '../dom.js';
import { classNorms } from '../figures/classNorms.js';
import { gramHeatmaps } from '../figures/gramHeatmaps.js';
import { classRemark, classTable } from './classTable.js';
import { fact } from './factItem.js';
import { html, type Html } from './html.js';
import { measureTable } from './measureTable.js';
import { notesSection } from './notes.js';
import { figure, missing, section } from './pageParts.js';
import { namedTable, type ReportTable } from './namedTable.js';
import { pageShell, unbroken } from './shell.js';
import { measuresSection, normsSection, testSection, type MeasuredSeries } from './seriesSections.js';

export interface MeasuredReport {
  readonly title: string;
  readonly verdict: {
    readonly held: boolean | null;
    readonly sentence: string;
    readonly warnings: readonly string[];
  } | null;
  /** Why there is no verdict, where there is none. */
  readonly note: string | null;
  readonly facts: readonly { readonly name: string; readonly value: string; readonly remark?: string }[];
  /** How the file was read, each a sentence. */
  readonly remarks: readonly string[];
  readonly classes: readonly ClassComparison[];
  /** Empty where classes have no names. */
  readonly names: readonly string[];
  readonly testAccuracy: readonly (number | null)[] | null;
  readonly measures: MeasuresRecord;
  /** The snapshots of a series, of which the page shows the last in full; null for one. */
  readonly series: MeasuredSeries | null;
  readonly tables: readonly ReportTable[];
  readonly frames: { readonly measured: GramMatrices; readonly predicted: GramMatrices } | null;
  readonly command: string;
  /** Of collapsar. */
  readonly version: string;
  readonly document: FigureDocument;
}

/** The whole file as text. The same input gives the same text. */
export function renderMeasured(report: MeasuredReport): string {
  const { title, facts, series, command, version, document } = report;
  const heading = `Neural collapse: ${title}`;
  return pageShell({
    title: heading,
    version,
    header: html`<p class="over">Report of a measurement</p>
      <h1>${unbroken(heading)}</h1>
      ${verdictBox(report)}`,
    main: html`<section aria-label="Key facts">
        <dl class="facts">${facts.map(({ name, value, remark }) => fact(name, value, remark ?? null))}</dl>
        ${report.remarks.map((remark) => html`<p class="lead">${remark}</p>`)}
      </section>
      ${series === null ? null : seriesSections(series, document)} ${classesSection(report)}
      ${section(series === null ? 'measures' : 'last', 'Collapse: NC1 … NC4', measureTable(report.measures, series === null ? 'in this network' : 'in the last of the series'))}
      ${moreSection(report)} ${gramSection(report)}
      ${section('command', 'How this was made', html`<pre tabindex="0" aria-label="The command"><code>${command}</code></pre>`)}
      ${notesSection()}`,
  });
}

function seriesSections(series: MeasuredSeries, document: FigureDocument): Html {
  return html`${measuresSection(series, 'Collapse over the series: NC1 … NC4', document)}
  ${testSection(series, document)} ${normsSection(series, 'Norms over the series', document)}`;
}

/** Class, sign and words. */
function headingOf(verdict: MeasuredReport['verdict']): readonly [string, string, string] {
  if (verdict === null) return ['open', '?', 'Measured, not judged'];
  if (verdict.held === null) return ['open', '?', 'No verdict'];
  return verdict.held ? ['held', '✓', 'As theory says'] : ['failed', '✕', 'Not as theory says'];
}

function verdictBox({ verdict, note }: MeasuredReport): Html {
  const [kind, sign, heading] = headingOf(verdict);
  return html`<div class="verdict ${kind}">
      <span class="sign" aria-hidden="true">${sign}</span>
      <p><b>${heading}</b>${verdict?.sentence ?? note ?? ''}</p>
    </div>
    ${(verdict?.warnings ?? []).map(
      (warning) =>
        html`<div class="alert" role="note">
          <span class="sign" aria-hidden="true">!</span>
          <p>${warning}</p>
        </div>`,
    )}`;
}

function classesSection({ classes, names, testAccuracy, verdict, document }: MeasuredReport): Html {
  const remark = classRemark(classes);
  return section(
    'classes',
    verdict === null ? 'Class by class' : 'Class by class: measured beside predicted',
    remark === null ? null : html`<p>${remark}</p>`,
    figure(classNorms({ classes, names }, { document, where: 'in this network' })),
    classTable(classes, { names, test: testAccuracy }, 'the document of measure has them all'),
  );
}

function moreSection({ tables }: MeasuredReport): Html | null {
  return tables.length === 0 ? null : section('more', 'More measures', html`${tables.map(namedTable)}`);
}

function gramSection({ frames, verdict, document }: MeasuredReport): Html {
  return section(
    'gram',
    'Gram matrices: measured, predicted, difference',
    frames === null
      ? missing(
          verdict === null
            ? 'There is no prediction to compare them with; the JSON document has the measured ones.'
            : 'Left out for so many classes.',
        )
      : figure(gramHeatmaps(frames, { document })),
  );
}
