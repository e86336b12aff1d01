/**
 * What `summary.json` says of the records beside it: their problem, as the lab has problems, and how the run ended.
 *
 * A wrong problem would be compared with the wrong F*: so a summary that is not of the same run is refused, and a problem
 * that the lab cannot show is none, with the reason why.
 */
import type { TrainRecord } from 'collapsar/runs';
import {
  checkState,
  LIMITS,
  STATE_VERSION,
  type ProblemState,
  type TrainingState,
} from '../link/labState.js';
import type { ReplaySource } from './session.js';

type Fields = Readonly<Record<string, unknown>>;

export interface ReadSummary {
  readonly problem: ReplaySource['problem'];
  readonly training: ReplaySource['training'];
  readonly end: ReplaySource['end'];
  /** Whether the records show that it is of their run: the one they end with has its measures. */
  readonly sure: boolean;
}

/** A sentence where it does not say what is needed. `whole`: the records are all that their file had. */
export function readSummary(
  text: string,
  records: readonly TrainRecord[],
  whole: boolean,
): ReadSummary | string {
  let summary: Fields | null;
  try {
    summary = asObject(JSON.parse(text));
  } catch {
    return 'it is no JSON';
  }
  const problem = asObject(summary?.problem);
  if (summary === null || problem === null) return 'it holds no problem';
  const K = Array.isArray(problem.counts) ? problem.counts.length : null;
  const norms = records[0].weightNorms?.length ?? null;
  if (K !== null && norms !== null && K !== norms)
    return `it has ${K} classes and the records ${norms}, so they are not of one run`;
  const same = records.findLast(({ step }) => step === summary.measuredAtStep);
  if (same !== undefined && !sameMeasures(same, summary))
    return `its measures at step ${same.step} are not those of the records, so they are not of one run`;
  // Only a run that was stopped by hand, or a file that lost lines, has no record of what the summary measures.
  if (same === undefined && whole && summary.status !== 'interrupted')
    return `it ends at step ${String(summary.measuredAtStep)}, of which there is no record, so they are not of one run`;
  return {
    problem: problemOf(summary, problem),
    training: trainingOf(asObject(summary.training)),
    end: endOf(summary),
    sure: same !== undefined,
  };
}

/** Both are written from one measurement: the same doubles. */
function sameMeasures({ cdnv, nc1, nc2 }: TrainRecord, summary: Fields): boolean {
  const [ownNc1, ownNc2] = [asObject(summary.nc1), asObject(summary.nc2)];
  return (
    [
      [cdnv, summary.cdnv],
      [nc1.pinv, ownNc1?.pinv],
      [nc2.weights.etf, asObject(ownNc2?.weights)?.etf],
      [nc2.features.etf, asObject(ownNc2?.features)?.etf],
    ] as const
  ).every(([a, b]) => (a ?? null) === (b ?? null));
}

function problemOf(summary: Fields, problem: Fields): ReplaySource['problem'] {
  const apart = (why: string) => ({ why: `${why} So the records are not compared with parts 1 and 2.` });
  if (summary.network !== undefined)
    return apart('This is the run of a network, and the lab’s own model has free features.');
  const [width, weightDecay] = [single(problem.widths), single(problem.weightDecays)];
  if (width === null)
    return apart(`Its widths differ by layer (${list(problem.widths)}), and the lab has one.`);
  if (weightDecay === null)
    return apart(`Its weight decays differ by layer (${list(problem.weightDecays)}), and the lab has one.`);
  const { counts, depth, loss, bias, featureDecay } = problem;
  const K = Array.isArray(counts) ? counts.length : 0;
  if (K > LIMITS.classes[1])
    return apart(`It has ${K} classes, and the lab shows up to ${LIMITS.classes[1]}.`);
  const given = { counts, depth, width, loss, bias, weightDecay, featureDecay };
  const missing = Object.values(given).some((one) => one === undefined);
  const { state, complaints } = checkState({ version: STATE_VERSION, problem: given });
  if (missing || complaints.length > 0)
    return apart(
      `The lab cannot show its problem${missing ? '' : ` (${complaints.map(wanted).join('; ')})`}.`,
    );
  return state.problem satisfies ProblemState;
}

/** Null for other methods and starts than the lab's own, and for summaries that do not say. */
function trainingOf(training: Fields | null): TrainingState | null {
  const [optimizer, init] = [asObject(training?.optimizer), asObject(training?.init)];
  if (optimizer?.name !== 'sgd' || init === null) return null;
  const { learningRate, momentum } = optimizer;
  const given = { seed: init.seed, scale: init.std, learningRate, momentum };
  if (Object.values(given).some((one) => one === undefined)) return null;
  const { state, complaints } = checkState({ version: STATE_VERSION, training: given });
  return complaints.length > 0 ? null : state.training;
}

/** A complaint of the state without what is used instead: here nothing is. */
function wanted(complaint: string): string {
  return complaint.replace(/; [^;]* is used instead\.$/, '');
}

export function endOf(summary: Fields): ReplaySource['end'] {
  const verdict = asObject(summary.verdict);
  const step = summary.step;
  if (typeof verdict?.sentence !== 'string' || typeof step !== 'number' || !Number.isFinite(step))
    return null;
  const { sentence, held } = verdict;
  return { step, sentence: sentence.slice(0, LONGEST), held: typeof held === 'boolean' ? held : null };
}

/** Of a sentence. */
const LONGEST = 1200;

/** One number for all layers; null where they differ. */
function single(value: unknown): unknown {
  const all = Array.isArray(value) ? (value as readonly unknown[]) : [value];
  return all.every((one) => one === all[0]) ? all[0] : null;
}

function list(value: unknown): string {
  const text = Array.isArray(value) ? value.join(', ') : String(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

export function asObject(value: unknown): Fields | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;
}
