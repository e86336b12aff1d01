/** A measured snapshot beside the problem that its training poses, for features of the sign that was given and of the other. */
import type { Blas } from '../../core/blas.js';
import { refuse } from '../../core/errors.js';
import type { WholeHost } from '../../core/host.js';
import type { GlobalMean, Measurement } from '../../metrics/index.js';
import type { FeatureSign, Problem, Snapshot } from '../../model/index.js';
import { statementFor, type CeProgress } from '../../theory/index.js';
import { predictInSlices } from '../predict/predict.js';
import type { FeatureFile } from './featureFile.js';
import { judgeBeside, type JudgedMeasurement } from './judged.js';
import { problemPosed, type Posed, type TrainedWith } from './posed.js';
import { compareGeometries, type SignedGeometries } from './signs.js';

export interface ReadFeatures {
  readonly opened: FeatureFile;
  readonly snapshot: Snapshot;
  /** The snapshot measured without a prediction. */
  readonly bare: Measurement;
  readonly globalMean: GlobalMean;
  /** Whether a feature is below 0. */
  readonly negative: boolean;
}

export interface Held extends Posed {
  readonly judged: JudgedMeasurement | null;
  readonly geometries: SignedGeometries | null;
}

/** What was read beside the prediction that was asked for and, where all features are at least 0, beside that of the other sign. */
export async function holdAgainst(
  args: TrainedWith & { readonly blas: Blas },
  host: WholeHost<CeProgress>,
  { opened, snapshot, bare, globalMean, negative }: ReadFeatures,
): Promise<Held> {
  const { blas } = args;
  const sign = args.variations?.featureSign ?? 'free';
  if (sign === 'nonnegative' && negative) refuse('feature-sign', 'free, as there are features below 0', sign);
  const known = {
    absent: opened.head === null ? [] : opened.absentClasses,
    outsideTheory: opened.outsideTheory ?? decayedHidden(args, opened.hiddenBiases),
  };
  const posedWith = (featureSign: FeatureSign) => {
    const variations = featureSign === sign ? args.variations : { ...args.variations, featureSign };
    return problemPosed({ ...args, variations }, snapshot, known, blas);
  };
  const judge = (against: Problem) =>
    judgeBeside({
      ...{ problem: against, snapshot, measured: bare, blas, globalMean },
      predict: (from) => predictInSlices(against, blas, { from, host }),
    });
  const posed = posedWith(sign);
  const judged = posed.problem === null ? null : await judge(posed.problem);
  const other = judged === null || negative ? null : coveredOf(posedWith(otherSign(sign)));
  const beside = other === null ? null : await judge(other);
  return { ...posed, judged, geometries: geometriesOf(sign, judged, beside) };
}

/** Decayed biases of hidden layers are no one decayed bias: folding them changes what the decay sums. */
function decayedHidden({ bias }: TrainedWith, hidden: readonly string[]): string | null {
  return bias === 'decayed' && hidden.length > 0
    ? `biases of hidden layers of the head (${hidden.join(', ')}) were decayed too, and there is no theory here for that`
    : null;
}

/** Classes up to which the other sign is solved too: above, its prediction takes longer than reading. */
const MOST_CLASSES = 100;

function coveredOf({ problem }: Posed): Problem | null {
  if (problem === null || problem.counts.length > MOST_CLASSES) return null;
  return statementFor(problem) === null ? null : problem;
}

function otherSign(sign: FeatureSign): FeatureSign {
  return sign === 'free' ? 'nonnegative' : 'free';
}

function geometriesOf(
  sign: FeatureSign,
  judged: JudgedMeasurement | null,
  beside: JudgedMeasurement | null,
): SignedGeometries | null {
  if (judged === null || beside === null) return null;
  return sign === 'free' ? compareGeometries(judged, beside) : compareGeometries(beside, judged);
}
