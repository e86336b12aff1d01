/**
 * The page of a run: one HTML file that opens from disk, without scripts, without any request.
 *
 * Everything that comes from files is escaped; a content security policy forbids what the page does not need.
 */
import type { RunSummary } from '../../runs/records.js';
import { divergenceBox, factsList, titleOf, verdictBox } from './facts.js';
import { html, trusted, type Html } from './html.js';
import { notesSection } from './notes.js';
import { missing, section } from './pageParts.js';
import type { ReportInput } from './reportInput.js';
import {
  accuracySection,
  classesSection,
  depthSection,
  gramSection,
  measuresSection,
  normsSection,
  objectiveSection,
} from './sections.js';
import { solutionsSection } from './solutions.js';
import { FIGURE_CSS, PAGE_CSS } from '../style.js';

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
          <h1>${unbroken(title)}</h1>
          ${verdictBox(summary, records, input.predicted != null)} ${divergenceBox(summary)}
        </header>
        <main>
          <section aria-label="Key facts">${factsList(summary, records)}</section>
          ${classesSection(input)} ${accuracySection(input)} ${normsSection(input)} ${objectiveSection(input)}
          ${measuresSection(input)} ${depthSection(input)}
          ${summary === null ? null : solutionsSection(summary)} ${gramSection(input)} ${specSection(spec)}
          ${commandSection(input)} ${notesSection()}
        </main>
        <footer><p>${madeBy(summary)}</p></footer>
      </body>
    </html> `;
  return page.markup;
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

function commandSection({ command, summary, records }: ReportInput): Html {
  const network = records.some((record) => record.network !== undefined);
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
      <code>collapsar train spec.yaml${network ? ' --data DIR' : ''}</code
      >${network ? ', with the data set in DIR' : ''}. With ${blas} the records come out bit for bit the same,
      except for the seconds; elsewhere they agree up to rounding.
    </p>`,
  );
}

function madeBy(summary: RunSummary | null): string {
  return summary === null ? 'Written by collapsar.' : `Written by collapsar ${summary.collapsar}.`;
}

/** Hyphens that no line breaks at: names as CIFAR-10 stay whole. */
function unbroken(title: string): string {
  return title.replaceAll('-', '\u2011');
}
