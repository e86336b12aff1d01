/** The sections of the page that show what a run measured. */
import { GRAM_LIMIT, type ClassComparison, type RunSummary } from '../../runs/records.js';
import { accuracyOverEpochs } from '../figures/accuracyOverEpochs.js';
import { classNorms } from '../figures/classNorms.js';
import { classRemark, classTable } from './classTable.js';
import { collapseThroughDepth } from '../figures/collapseThroughDepth.js';
import { effectiveDecayOverEpochs } from '../figures/effectiveDecayOverEpochs.js';
import { whenOf } from './facts.js';
import { finite, formatCount } from '../format.js';
import { gramHeatmaps } from '../figures/gramHeatmaps.js';
import { html, type Html } from './html.js';
import { layersOverSteps } from '../figures/layersOverSteps.js';
import { layerTable } from './layerTable.js';
import { measureTable } from './measureTable.js';
import { measuresOverSteps } from '../figures/measuresOverSteps.js';
import { normsOverSteps } from '../figures/normsOverSteps.js';
import { objectiveOverSteps } from '../figures/objectiveOverSteps.js';
import { objectiveTable } from './objectiveTable.js';
import { figure, missing, section } from './pageParts.js';
import type { ReportInput } from './reportInput.js';

/** The verbs keep Gram matrices up to this many classes. */

export function classesSection({ summary, document }: ReportInput): Html {
  const heading = 'Class by class: measured beside predicted';
  if (summary === null || summary.classes.length === 0)
    return section(
      'classes',
      heading,
      missing('The comparison class by class is in the summary of a run; this one has none.'),
    );
  const classes = judgedClasses(summary);
  const network = summary.kind === 'network' ? summary.network : undefined;
  const names = network?.data.classNames ?? [];
  const remark =
    summary.status === 'diverged'
      ? 'The run diverged: these are the norms of its last good state, not of an end point.'
      : classRemark(classes);
  return section(
    'classes',
    heading,
    remark === null ? null : html`<p>${remark}</p>`,
    figure(classNorms({ classes, names }, { document })),
    classTable(classes, { names, test: network?.testClassAccuracy ?? null }),
  );
}

/** A run that diverged tells nothing about which classes live. */
function judgedClasses(summary: RunSummary): readonly ClassComparison[] {
  return summary.status === 'diverged'
    ? summary.classes.map((compared) => ({ ...compared, measured: null }))
    : summary.classes;
}

export function normsSection({ summary, predicted, records, document }: ReportInput): Html {
  const drawing = normsOverSteps(
    { records, classes: summary === null ? (predicted?.classes ?? null) : judgedClasses(summary) },
    { document },
  );
  return section(
    'norms',
    'Norms over training',
    drawing === null
      ? missing(
          records.length === 0
            ? 'This run has no records.'
            : 'The records of this run hold no norms: above 100 classes they are left out.',
        )
      : figure(drawing),
  );
}

export function objectiveSection(input: ReportInput): Html {
  const { summary, predicted, records, document } = input;
  const least = summary === null ? predicted?.objective : summary.prediction?.objective;
  return section(
    'objective',
    'Objective over training',
    records.length === 0
      ? missing('This run has no records.')
      : figure(objectiveOverSteps({ records, predicted: finite(least) }, { document })),
    fittedDecay(input),
    summary?.kind === 'network' ? objectiveTable(summary.network) : null,
  );
}

/** λ_H over training, where it is fitted anew at every measurement. */
function fittedDecay({ summary, records, document }: ReportInput): Html | null {
  const values = new Set(records.map(({ network }) => network?.featureDecay ?? null));
  const fitted =
    summary === null
      ? values.size > 1
      : summary.kind === 'network' && summary.network.featureDecay.source === 'fitted';
  const drawing = fitted ? effectiveDecayOverEpochs({ records }, { document }) : null;
  return drawing === null ? null : figure(drawing);
}

/** Accuracy and loss; null for runs that are not of a network. */
export function accuracySection({ records, document }: ReportInput): Html | null {
  const drawing = accuracyOverEpochs({ records }, { document });
  return drawing === null ? null : section('accuracy', 'Accuracy and loss over training', figure(drawing));
}

/** Null where layers were not measured. */
export function depthSection({ summary, records, document }: ReportInput): Html | null {
  const layers = summary?.kind === 'network' ? summary.network.layers : summary?.layers;
  const drawing = collapseThroughDepth({ records, layers }, { document });
  const table = layers === undefined ? null : layerTable(layers);
  return drawing === null ? null : section('depth', 'Collapse through depth', figure(drawing), table);
}

/** Null where the linear layers were not held against theory. */
export function layersSection({ records, document }: ReportInput): Html | null {
  const drawing = layersOverSteps({ records }, { document });
  return drawing === null ? null : section('layers', 'Each linear layer over training', figure(drawing));
}

export function measuresSection({ summary, records, document }: ReportInput): Html {
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
            : `at ${whenOf(end)}`,
        ),
  );
}

export function gramSection({ summary, document }: ReportInput): Html {
  const heading = 'Gram matrices: measured, predicted, difference';
  if (summary === null)
    return section('gram', heading, missing('The matrices are in the summary of a run; this one has none.'));
  if (summary.geometry === null)
    return section(
      'gram',
      heading,
      missing(
        summary.problem.counts.length > GRAM_LIMIT
          ? `Left out for ${formatCount(summary.problem.counts.length)} classes: they are kept for up to ${GRAM_LIMIT}.`
          : 'This run has no matrices to compare: theory predicts none here, or it has no state to measure.',
      ),
    );
  return section('gram', heading, figure(gramHeatmaps(summary.geometry, { document })));
}
