/** A monitored run as records of a training, which figures draw and the lab replays. */
import { BIAS_WORDS, variationWords } from '../../../model/index.js';
import { REPLAY_FORMAT, SERIES_LIMIT, type MonitoredReplay, type TrainRecord } from '../../../runs/index.js';
import type { MonitorDocument, SeriesPoint } from './document.js';

/** One record an epoch. Steps are not known: they count as epochs; nor are objective, loss and the seconds of training. */
export function recordsOfSeries({ series, fittedFeatureDecay, prediction }: MonitorDocument): TrainRecord[] {
  const featureDecay = fittedFeatureDecay?.value ?? prediction?.problem.featureDecay ?? null;
  return series.map((point) => ({
    step: point.epoch,
    objective: null,
    nc1: point.nc1,
    cdnv: point.cdnv,
    nc2: point.nc2,
    nc3: point.nc3,
    nc4: point.nc4,
    accuracy: point.accuracy,
    ...normsOf(point, prediction !== null),
    seconds: 0,
    network: {
      epoch: point.epoch,
      trainingLoss: null,
      learningRate: point.learningRate,
      testAccuracy: point.test?.accuracy ?? null,
      ...(point.top5Accuracy === null
        ? {}
        : { top5Accuracy: point.top5Accuracy, testTop5Accuracy: point.test?.top5Accuracy ?? null }),
      featureDecay,
      layers: point.layers.map(({ name, place, nc1: { pinv, quotient }, cdnv, nc2, nc3 }) => ({
        ...{ name, place, cdnv, nc2, nc3 },
        nc1: { pinv, quotient },
      })),
    },
  }));
}

/** Norms and fits of a record: nothing above 100 classes, and none of a head that is not there. */
export function normsOf({ classes }: Pick<SeriesPoint, 'classes'>, compared: boolean): Partial<TrainRecord> {
  if (classes.length > SERIES_LIMIT || classes.some(({ weightNorm }) => weightNorm === null)) return {};
  return {
    weightNorms: classes.map(({ weightNorm }) => weightNorm ?? 0),
    featureNorms: classes.map(
      ({ featureNorm, centredFeatureNorm }) => centredFeatureNorm ?? featureNorm ?? 0,
    ),
    ...(compared ? { fits: classes.map(({ fit }) => fit ?? 0) } : {}),
  };
}

/** What stands beside those records; of a run with at least one. */
export function replayOfSeries({
  series,
  prediction,
  predictionNote,
  verdict,
  lossConvention,
  network,
  notes,
}: MonitorDocument): MonitoredReplay {
  return {
    format: REPLAY_FORMAT,
    step: series.at(-1)?.epoch ?? 0,
    network,
    notes: [...(lossConvention === null ? [] : [lossConvention]), ...notes, ...(verdict?.warnings ?? [])].map(
      asSentence,
    ),
    verdict: verdict === null ? null : { held: verdict.held, sentence: verdict.sentence },
    theory:
      prediction === null ? asSentence(predictionNote ?? 'no prediction') : theoryOf(prediction.problem),
  };
}

/** The problem in a sentence. */
function theoryOf(problem: NonNullable<MonitorDocument['prediction']>['problem']): string {
  const { loss, bias, weightDecays, featureDecay } = problem;
  const decays = [...new Set(weightDecays)].map(brief).join(', ');
  const parts = [
    loss === 'mse' ? 'squared error' : 'cross-entropy',
    BIAS_WORDS[bias],
    `λ_W = ${decays}`,
    `λ_H = ${brief(featureDecay)}`,
    ...variationWords(problem, brief),
  ];
  return `At its last epoch it was held against theory for ${parts.join(', ')}.`;
}

/** λ stays small. */
function asSentence(words: string): string {
  const first = words.startsWith('λ') ? 'λ' : words.slice(0, 1).toUpperCase();
  return `${first}${words.slice(1)}${words.endsWith('.') ? '' : '.'}`;
}

function brief(value: number): string {
  return String(Number(value.toPrecision(4)));
}
