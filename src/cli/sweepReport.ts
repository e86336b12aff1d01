/** The figures of a sweep: `sweep.html`, and beside it each as a file that stands alone. */
import { join } from 'node:path';
import { InputError } from '../core/errors.js';
import type { ReportTable, SweepFigureData } from '../report/index.js';
import type { PointResult } from '../runs/index.js';
import { FIGURES, writeFigures } from '../runs/sweepFigures.node.js';
import { REPORT, readSweep, SWEEP_FILE, writeSweepFile } from '../runs/sweepFolder.node.js';
import type { SweepIndex } from '../runs/sweepIndex.node.js';
import { createGathering, type FigureGathering } from '../verbs/sweep/gather.js';
import { layoutsOf, type LayoutChoices } from '../verbs/sweep/layout.js';
import { decayLimits } from '../verbs/sweep/limits.js';
import type { SweepPlan } from '../verbs/sweep/plan.js';
import { quantityOf } from '../verbs/sweep/quantities.js';
import { drawing } from './drawing.js';
import type { Sweep } from './sweepInFolder.js';
import { groupsTable, writeResults } from './sweepResults.js';
import { describePlan } from './sweepWords.js';
import { textOf, type Table } from './tables.js';

/** So many rows of the table are in the page. */
const MOST_ROWS = 300;
const ONE_LINE = 400;
const LOSSES_CAPTION =
  'Where each class is lost, by bisection: over seeds the geometric mean of the middles, the least value up to which it was learned, the largest from which it was lost.';

/** Refuses names that are not of this sweep, under the options that they came from. */
export function checkChoices(plan: SweepPlan, choices: LayoutChoices): void {
  try {
    layoutsOf(plan, choices);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(error.code, `--${error.where}`, error.requirement, error.got, error.hint);
  }
}

function gatheringFor(
  { plan, folder }: Sweep,
  choices: LayoutChoices,
  index: Pick<SweepIndex, 'state'>,
): FigureGathering {
  const limits = decayLimits(plan, `${folder}/${SWEEP_FILE}`);
  const layouts = layoutsOf(plan, choices, (point) => index.state(point) === 'done');
  return createGathering(plan, layouts, limits);
}

export interface SweepOutput {
  readonly index: SweepIndex;
  readonly choices: LayoutChoices;
  readonly version: string;
  /** What a bisection found. */
  readonly losses?: Table | null;
  /** Gets a measure that was asked for and that no point has, and those that some have, before any figure is written. */
  readonly onMissing: (measure: string, drawable: readonly string[]) => void;
  /** Gets every result, in the order of points. */
  readonly use?: (result: PointResult) => void;
}

/** What was written: paths, and the table of the page. */
export interface WrittenSweep {
  readonly table: Table;
  readonly page: string;
  readonly figures: readonly string[];
}

/** Writes results.csv, the page and its figures, from one pass over the results. */
export async function writeSweepOutput(sweep: Sweep, output: SweepOutput): Promise<WrittenSweep> {
  const { folder, plan, source } = sweep;
  const { index, choices, version, losses = null, onMissing, use } = output;
  const gathering = gatheringFor(sweep, choices, index);
  const groups = await writeResults(folder, plan, index, (result) => {
    gathering.add(result);
    use?.(result);
  });
  const table = groupsTable(plan, groups);
  const figures = gathering.figures();
  const drawable = gathering.drawable();
  const missing = choices.y?.find((name) => quantityOf(name) !== undefined && !drawable.includes(name));
  if (missing !== undefined && index.done > index.failed) onMissing(missing, drawable);
  const fileOf = ({ name }: SweepFigureData) => `${FIGURES}/${name}.svg`;
  const { meta } = await readSweep(folder);
  const { page, drawings } = await drawing(({ renderSweepReport, sweepDrawing, svgText }, document) => ({
    page: renderSweepReport({
      title: typeof plan.source.name === 'string' ? plan.source.name : folder,
      ...{ version, command: meta.command, spec: source, figures, fileOf, document },
      grid: describePlan(plan, ONE_LINE),
      ...{ points: plan.points, done: index.done, failed: index.failed },
      table: tableOf(table),
      losses: losses === null ? null : { ...tableOf(losses), caption: LOSSES_CAPTION },
    }),
    drawings: figures.map((figure) => svgText(sweepDrawing(figure, { document }))),
  }));
  await writeFigures(
    folder,
    figures.map(({ name }, i) => ({ name: `${name}.svg`, content: drawings[i] })),
  );
  await writeSweepFile(folder, REPORT, page);
  return {
    table,
    page: join(folder, REPORT),
    figures: figures.map((figure) => join(folder, fileOf(figure))),
  };
}

function tableOf({ name, columns, rows }: Table): ReportTable {
  const left = rows.length - MOST_ROWS;
  return {
    id: `table-${name}`,
    caption: `Numbers are means over seeds, of F − F* and NC1 geometric ones; then the least and the most. Runs: those that gave a result.${left > 0 ? ` The first ${MOST_ROWS} of ${rows.length} rows.` : ''}`,
    columns: columns.map(({ title }) => title),
    rows: rows.slice(0, MOST_ROWS).map((row) => row.map(textOf)),
  };
}
