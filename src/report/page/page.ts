/**
 * The page of a run: one HTML file that opens from disk, without scripts, without any request.
 */
import { divergenceBox, factsList, titleOf, verdictBox } from './facts.js';
import { html, type Html } from './html.js';
import { notesSection } from './notes.js';
import { missing, section } from './pageParts.js';
import type { ReportInput } from './reportInput.js';
import {
  accuracySection,
  classesSection,
  depthSection,
  gramSection,
  layersSection,
  measuresSection,
  normsSection,
  objectiveSection,
} from './sections.js';
import { solutionsSection } from './solutions.js';
import { survivalSection } from './survivalSection.js';
import { pageShell, unbroken } from './shell.js';

/** The whole file as text. The same input gives the same text. */
export function renderReport(input: ReportInput): string {
  const { summary, records, spec } = input;
  const title = titleOf(summary);
  return pageShell({
    title,
    version: summary?.collapsar ?? null,
    header: html`<p class="over">Report of a run</p>
      <h1>${unbroken(title)}</h1>
      ${verdictBox(summary, records, input.predicted != null)} ${divergenceBox(summary)}`,
    main: html`<section aria-label="Key facts">${factsList(summary, records)}</section>
      ${classesSection(input)} ${survivalSection(summary, input.document)} ${accuracySection(input)}
      ${normsSection(input)} ${objectiveSection(input)} ${measuresSection(input)} ${layersSection(input)}
      ${depthSection(input)} ${summary === null ? null : solutionsSection(summary)} ${gramSection(input)}
      ${specSection(spec)} ${commandSection(input)} ${notesSection()}`,
  });
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
