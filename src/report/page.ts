/**
 * The page of a run: one HTML file that opens from disk, without scripts, without any request.
 *
 * Everything that comes from files is escaped; a content security policy forbids what the page does not need.
 */
import type { ClassComparison, RunSummary, TrainRecord } from '../runs/records.js';
import { classNorms } from './classNorms.js';
import { classRemark, classTable } from './classTable.js';
import type { FigureDocument, FigureElement } from './dom.js';
import { divergenceBox, factsList, titleOf, verdictBox } from './facts.js';
import { finite, formatCount } from './format.js';
import { gramHeatmaps } from './gramHeatmaps.js';
import { html, trusted, type Html } from './html.js';
import { measureTable } from './measureTable.js';
import { measuresOverSteps } from './measuresOverSteps.js';
import { normsOverSteps } from './normsOverSteps.js';
import { notesSection } from './notes.js';
import { solutionsSection } from './solutions.js';
import { objectiveOverSteps } from './objectiveOverSteps.js';
import { FIGURE_CSS, PAGE_CSS } from './style.js';

export interface ReportInput {
  /** In order of step; may be empty. */
  readonly records: readonly TrainRecord[];
  /** Null for a run that did not end. */
  readonly summary: RunSummary | null;
  /** For a run without a summary: what theory predicts for its spec, as lines in the figures. */
  readonly predicted?: {
    readonly objective: number;
    readonly classes: readonly ClassComparison[];
  } | null;
  /** The text of `spec.yaml`. */
  readonly spec: string;
  /** The command line that made the run; that of the summary where null. */
  readonly command: string | null;
  /** What figures are drawn with: `createFigureDocument()` of `document.node.ts`, or the document of a page. */
  readonly document: FigureDocument;
}

/** `'unsafe-inline'` is for styles alone: the sheet below, and the attributes that plots carry. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** The whole file as text. The same input gives the same text. */
export function renderReport(input: ReportInput): string {
  const { summary, records, spec } = input;
  const title = titleOf(summary);
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="generator" content="collapsar${summary === null ? '' : ` ${summary.collapsar}`}" />
        <title>${title}</title>
        <style>
          ${trusted(FIGURE_CSS + PAGE_CSS)}
        </style>
      </head>
      <body>
        <header class="top">
          <p class="over">Report of a run</p>
          <h1>${title}</h1>
          ${verdictBox(summary, records, input.predicted != null)} ${divergenceBox(summary)}
        </header>
        <main>
          <section aria-label="Key facts">${factsList(summary, records)}</section>
          ${classesSection(input)} ${normsSection(input)} ${objectiveSection(input)} ${measuresSection(input)}
          ${summary === null ? null : solutionsSection(summary)} ${gramSection(input)} ${specSection(spec)}
          ${commandSection(input)} ${notesSection()}
        </main>
        <footer><p>${madeBy(summary)}</p></footer>
      </body>
    </html> `;
  return page.markup;
}

function classesSection({ summary, document }: ReportInput): Html {
  const heading = 'Class by class: measured beside predicted';
  if (summary === null || summary.classes.length === 0)
    return section(
      'classes',
      heading,
      missing('The comparison class by class is in the summary of a run; this one has none.'),
    );
  const classes = judgedClasses(summary);
  const remark =
    summary.status === 'diverged'
      ? 'The run diverged: these are the norms of its last good state, not of an end point.'
      : classRemark(classes);
  return section(
    'classes',
    heading,
    remark === null ? null : html`<p>${remark}</p>`,
    figure(classNorms({ classes }, { document })),
    classTable(classes),
  );
}

/** A run that diverged tells nothing about which classes live. */
function judgedClasses(summary: RunSummary): readonly ClassComparison[] {
  return summary.status === 'diverged'
    ? summary.classes.map((given) => ({ ...given, measured: null }))
    : summary.classes;
}

function normsSection({ summary, predicted, records, document }: ReportInput): Html {
  const made = normsOverSteps(
    { records, classes: summary === null ? (predicted?.classes ?? null) : judgedClasses(summary) },
    { document },
  );
  return section(
    'norms',
    'Norms over training',
    made === null
      ? missing(
          records.length === 0
            ? 'This run has no records.'
            : 'The records of this run hold no norms: above 100 classes they are left out.',
        )
      : figure(made),
  );
}

function objectiveSection({ summary, predicted, records, document }: ReportInput): Html {
  const least = summary === null ? predicted?.objective : summary.prediction?.objective;
  return section(
    'objective',
    'Objective over training',
    records.length === 0
      ? missing('This run has no records.')
      : figure(objectiveOverSteps({ records, predicted: finite(least) }, { document })),
  );
}

function measuresSection({ summary, records, document }: ReportInput): Html {
  const last = records.at(-1);
  const end = summary ?? last;
  const samples = summary === null ? null : summary.problem.counts.reduce((sum, n) => sum + n, 0);
  return section(
    'measures',
    'Collapse over training: NC1 … NC4',
    records.length === 0
      ? missing('This run has no records.')
      : figure(measuresOverSteps({ records, samples }, { document })),
    end === undefined
      ? null
      : measureTable(
          end,
          summary?.status === 'diverged'
            ? `in the last good state, step ${formatCount(summary.measuredAtStep)}`
            : `at step ${formatCount(end.step)}`,
        ),
  );
}

function gramSection({ summary, document }: ReportInput): Html {
  const heading = 'Gram matrices: measured, predicted, difference';
  if (summary === null)
    return section('gram', heading, missing('The matrices are in the summary of a run; this one has none.'));
  if (summary.geometry === null)
    return section(
      'gram',
      heading,
      missing(
        `Left out for ${formatCount(summary.problem.counts.length)} classes: they are kept for up to 50.`,
      ),
    );
  return section('gram', heading, figure(gramHeatmaps(summary.geometry, { document })));
}

function specSection(spec: string): Html {
  return section(
    'spec',
    'Specification',
    spec.trim() === ''
      ? missing('No specification was kept with this run.')
      : html`<pre
          class="tall"
          tabindex="0"
          aria-label="The specification of the run, YAML"
        ><code>${spec.trimEnd()}</code></pre>`,
  );
}

function commandSection({ command, summary }: ReportInput): Html {
  const line = command ?? summary?.command ?? null;
  const blas =
    summary === null
      ? 'the same BLAS and number of threads'
      : `the same BLAS (${summary.blas.name}) and number of threads${summary.blas.threads === null ? '' : ` (${summary.blas.threads})`}`;
  return section(
    'command',
    'How this was made',
    line === null
      ? missing('The command was not kept with this run.')
      : html`<pre tabindex="0" aria-label="The command of the run"><code>${line}</code></pre>`,
    html`<p>
      To make it again, save the specification above as <code>spec.yaml</code> and run
      <code>collapsar train spec.yaml</code>. With ${blas} the records come out bit for bit the same, except
      for the seconds; elsewhere they agree up to rounding.
    </p>`,
  );
}

function section(id: string, heading: string, ...content: readonly (Html | null)[]): Html {
  return html`<section aria-labelledby="${id}">
    <h2 id="${id}">${heading}</h2>
    ${content}
  </section>`;
}

function missing(text: string): Html {
  return html`<p class="lead">${text}</p>`;
}

/** Serialised by the document, which escapes its text. */
function figure(made: FigureElement): Html {
  return trusted(made.outerHTML);
}

function madeBy(summary: RunSummary | null): string {
  return summary === null ? 'Written by collapsar.' : `Written by collapsar ${summary.collapsar}.`;
}
