/** What `reproduce` tells of its runs: settings, measured beside predicted, in plain data. */
import type { FrameName, Optimality } from '../../model/index.js';
import type {
  ClassComparison,
  Maybe,
  MeasuresRecord,
  RunSpec,
  RunStatus,
  RunSummary,
  Origin,
  Scale,
  Variant,
} from '../../runs/index.js';

export interface ReproducedMeasures extends MeasuresRecord {
  readonly step: number;
  /** Null for the unconstrained-features model. */
  readonly epoch: number | null;
  /** In theory's units. */
  readonly objective: Maybe;
  /** Null without test samples. */
  readonly testAccuracy: Maybe;
}

export interface ReproducedPrediction {
  readonly objective: number;
  readonly optimality: Optimality;
  readonly frame: FrameName;
  readonly featureDecay: {
    readonly value: Maybe;
    /** `fitted`: one number, to the measured balance between P and the class means. */
    readonly source: 'exact' | 'fitted';
    readonly range: readonly [number, number] | null;
  };
}

export interface ReproducedRun {
  readonly name: string;
  readonly variant: Variant;
  /** The settings. */
  readonly spec: RunSpec;
  /** `earlier`: it had ended before, and is reported from its summary. */
  readonly done: 'now' | 'earlier' | 'not yet';
  /** Null for a run that has not started. */
  readonly status: RunStatus | null;
  /** Of what was left of it, before it started; null where nothing was. */
  readonly estimatedSeconds: number | null;
  /** Of the whole run, over all its starts. */
  readonly seconds: number | null;
  readonly measured: ReproducedMeasures | null;
  /** Null also where theory says nothing. */
  readonly predicted: ReproducedPrediction | null;
  readonly classes: readonly ClassComparison[];
  readonly verdict: RunSummary['verdict'] | null;
  /** What a reader must know of its images: a part of the set that is missing, classes that are unequal unasked. */
  readonly dataNotes: readonly string[];
  readonly runDirectory: string;
}

export interface ReproduceDocument {
  readonly experiment: string;
  readonly title: string;
  readonly shows: string;
  readonly origin: Origin;
  readonly scale: Scale;
  /** Where the runs are not those of the experiment. */
  readonly notes: readonly string[];
  /** `failed`: a run diverged or stalled. */
  readonly status: 'finished' | 'interrupted' | 'failed';
  /** Of all that was left; null where that could not be told. */
  readonly estimatedSeconds: number | null;
  readonly runs: readonly ReproducedRun[];
}

/** What a summary says of measurement and prediction. */
export function fromSummary(
  summary: RunSummary,
): Pick<
  ReproducedRun,
  'status' | 'seconds' | 'measured' | 'predicted' | 'classes' | 'verdict' | 'dataNotes'
> {
  const { status, seconds, measuredAtStep, objective, prediction, problem, classes, verdict } = summary;
  const network = summary.kind === 'network' ? summary.network : null;
  const { nc1, cdnv, nc2, nc3, nc4, accuracy } = summary;
  return {
    status,
    seconds,
    measured: {
      step: measuredAtStep,
      epoch: network?.epoch ?? null,
      objective,
      ...{ nc1, cdnv, nc2, nc3, nc4, accuracy },
      testAccuracy: network?.testAccuracy ?? null,
    },
    predicted:
      prediction === null
        ? null
        : {
            objective: prediction.objective,
            optimality: prediction.optimality,
            frame: prediction.frame,
            featureDecay: {
              value: problem.featureDecay,
              source: network?.featureDecay.source ?? 'exact',
              range: network?.featureDecay.range ?? null,
            },
          },
    classes,
    verdict,
    dataNotes: network?.data.notes ?? [],
  };
}
