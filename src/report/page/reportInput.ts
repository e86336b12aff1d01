/** What the page of a run is made from. */
import type { ClassComparison, RunSummary, TrainRecord } from '../../runs/records.js';
import type { FigureDocument } from '../dom.js';

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
