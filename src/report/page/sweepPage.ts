/** The page of a sweep: its figures, each with the file that stands alone, and the table over seeds. */
import type { FigureDocument } from '../dom.js';
import { sweepFigure, type SweepFigureData } from '../figures/sweepFigure.js';
import { formatCount } from '../format.js';
import { fact } from './factItem.js';
import { html, type Html } from './html.js';
import { namedTable, type ReportTable } from './namedTable.js';
import { notesSection } from './notes.js';
import { figure, missing, section } from './pageParts.js';
import { pageShell, unbroken } from './shell.js';

export interface SweepReportInput {
  readonly title: string;
  readonly version: string;
  /** What was typed. */
  readonly command: string;
  /** The text of sweep.yaml. */
  readonly spec: string;
  /** "240 points: 20 of weightDecay × 4 of depth × 3 of init.seed". */
  readonly grid: string;
  readonly points: number;
  readonly done: number;
  readonly failed: number;
  readonly figures: readonly SweepFigureData[];
  /** Where the file of a figure lies, from the page. */
  readonly fileOf: (figure: SweepFigureData) => string;
  readonly table: ReportTable;
  /** Of a bisection; null for another sweep. */
  readonly losses: ReportTable | null;
  readonly document: FigureDocument;
}

/** The whole file as text. The same input gives the same text. */
export function renderSweepReport(input: SweepReportInput): string {
  const { title, version, grid, points, done, failed, figures, document } = input;
  return pageShell({
    title: `Sweep: ${title}`,
    version,
    header: html`<p class="over">A sweep</p>
      <h1>${unbroken(title)}</h1>
      <p class="lead">${grid}</p>`,
    main: html`<section aria-label="Key facts">
        <dl class="facts">
          ${fact('Points', formatCount(points), '')} ${fact('With a result', formatCount(done), '')}
          ${failed === 0 ? null : fact('Failed', formatCount(failed), 'run again when the sweep is resumed')}
          ${fact('All numbers', 'results.csv', 'one row a point and class')}
        </dl>
      </section>
      ${input.losses === null ? null : section('losses', 'Where each class is lost', namedTable(input.losses))}
      ${figures.map((data) =>
        section(
          data.name,
          data.title,
          figure(sweepFigure(data, { document })),
          html`<p class="caption">
            As a file of its own: <a href="${input.fileOf(data)}">${input.fileOf(data)}</a>
          </p>`,
        ),
      )}
      ${figures.length === 0 ? section('none', 'Figures', missing('No point has a result yet.')) : null}
      ${section('table', 'Settings, over seeds', namedTable(input.table))} ${source(input)} ${notesSection()}`,
  });
}

function source({ command, spec }: SweepReportInput): Html {
  return section(
    'source',
    'The sweep',
    html`<pre><code>${command}</code></pre>
      <pre class="tall" tabindex="0"><code>${spec}</code></pre>`,
  );
}
