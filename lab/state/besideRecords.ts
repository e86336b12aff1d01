/**
 * What `summary.json` says of the records beside it: their problem, as the lab has problems, and how the run ended.
 *
 * A wrong problem would be compared with the wrong F*: so a summary that is not of the same run is refused, and a problem
 * that the lab cannot show is none, with the reason why.
 */
import { CLASS_WEIGHTINGS, namedClassWeights, variationWords } from 'collapsar/model';
import { Misshapen, readSummary, unlikeRecords, type RunSummary, type TrainRecord } from 'collapsar/runs';
import { checkState } from '../link/checkState.js';
import { LIMITS, STATE_VERSION, type TrainingState, type Weighting } from '../link/labState.js';
import type { ReplaySource } from './replaySource.js';

export interface BesideRecords {
  readonly problem: ReplaySource['problem'];
  readonly training: ReplaySource['training'];
  readonly end: ReplaySource['end'];
  /** Of a training in PyTorch: what was captured of it. */
  readonly monitored?: ReplaySource['monitored'];
  /** Whether the records show that it is of their run: the one they end with has its measures. */
  readonly sure: boolean;
}

/** A sentence where it does not say what is needed. `whole`: the records are all that their file had. */
export function readBeside(
  text: string,
  records: readonly TrainRecord[],
  whole: boolean,
): BesideRecords | string {
  let summary: RunSummary;
  try {
    summary = readSummary(text);
  } catch (error) {
    if (error instanceof Misshapen) return `it is no summary of a run (found there: ${error.what})`;
    throw error;
  }
  const unlike = unlikeRecords(summary, records);
  if (unlike !== null) return unlike;
  const same = records.findLast(({ step }) => step === summary.measuredAtStep);
  if (same !== undefined && !sameMeasures(same, summary))
    return `its measures at step ${same.step} are not those of the records, so they are not of one run`;
  // Only a run that was stopped by hand, or a file that lost lines, has no record of what the summary measures.
  if (same === undefined && whole && summary.status !== 'interrupted')
    return `it ends at step ${summary.measuredAtStep}, of which there is no record, so they are not of one run`;
  const { step, verdict } = summary;
  return {
    problem: problemOf(summary),
    training: trainingOf(summary),
    end: { step, ...verdict },
    sure: same !== undefined,
  };
}

/** Both are written from one measurement: the same doubles. */
function sameMeasures({ cdnv, nc1, nc2 }: TrainRecord, summary: RunSummary): boolean {
  return (
    cdnv === summary.cdnv &&
    nc1.pinv === summary.nc1.pinv &&
    nc2.weights.etf === summary.nc2.weights.etf &&
    nc2.features.etf === summary.nc2.features.etf
  );
}

function problemOf({ kind, problem }: RunSummary): ReplaySource['problem'] {
  const apart = (why: string) => ({ why: `${why} So the records are not compared with theory.` });
  if (kind === 'network')
    return apart('This is the run of a network, and the lab’s own model has free features.');
  const { counts, widths, weightDecays, depth, loss, bias, featureDecay } = problem;
  const [width, weightDecay] = [widths[0], weightDecays[0]];
  if (widths.some((other) => other !== width))
    return apart(`Its widths differ by layer (${listed(widths)}), and the lab has one.`);
  if (weightDecays.some((other) => other !== weightDecay))
    return apart(`Its weight decays differ by layer (${listed(weightDecays)}), and the lab has one.`);
  if (counts.length > LIMITS.classes[1])
    return apart(`It has ${counts.length} classes, and the lab shows up to ${LIMITS.classes[1]}.`);
  const others = variationWords({ ...problem, classWeights: null }, String);
  if (others.length > 0) return apart(`It has ${others.join(', ')}, which the lab does not know.`);
  const weighting = weightingOf(problem);
  if (weighting === null) return apart('Its class weights are none of those that the lab knows by name.');
  const { state, complaints } = checkState({
    version: STATE_VERSION,
    problem: { counts, depth, width, loss, bias, weighting, weightDecay, featureDecay },
  });
  if (complaints.length > 0)
    return apart(`The lab cannot show its problem (${complaints.map(wanted).join('; ')}).`);
  return state.problem;
}

/** The name of its class weights; null for others. */
function weightingOf({ counts, depth, classWeights }: RunSummary['problem']): Weighting | null {
  const weights = classWeights ?? null;
  if (weights === null) return 'none';
  const match = CLASS_WEIGHTINGS.find((name) =>
    namedClassWeights(name, counts, depth).every((w, k) => Math.abs(w - weights[k]) <= ROUNDING * w),
  );
  return match ?? null;
}

/** Numbers of a file that differ by less are the same. */
const ROUNDING = 1e-12;

/** Null for other methods and starts than the lab's own, and for summaries that do not say. */
function trainingOf(summary: RunSummary): TrainingState | null {
  if (summary.kind !== 'ufm' || summary.training === undefined) return null;
  const { optimizer, init } = summary.training;
  if (optimizer.name !== 'sgd' || 'file' in init) return null;
  const { learningRate, momentum } = optimizer;
  const { state, complaints } = checkState({
    version: STATE_VERSION,
    training: { seed: init.seed, scale: init.std, learningRate, momentum },
  });
  return complaints.length > 0 ? null : state.training;
}

/** A complaint of the state without what is used instead: here nothing is. */
function wanted(complaint: string): string {
  return complaint.replace(/; [^;]* is used instead\.$/, '');
}

function listed(values: readonly number[]): string {
  const text = values.join(', ');
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
