/** The options for what a problem may have beyond the plain one, shared by the verbs that take a problem. */
import { refuse } from '../core/errors.js';
import { openArrayFile } from '../data/fileSource.node.js';
import {
  BIASES,
  CLASS_WEIGHTINGS,
  FEATURE_SIGNS,
  lossFrom,
  type Bias,
  type Loss,
  type VariationInput,
} from '../model/index.js';
import { choice, numberList, singleNumber, type Options, type Parsed } from './args.js';

export const VARIATION_OPTIONS: Options = {
  'bias-decay': 'value',
  'class-weights': 'value',
  'label-smoothing': 'value',
  targets: 'value',
  'feature-sign': 'value',
  'logit-adjust': 'value',
};

export const VARIATION_HELP = `  --loss mse|ce|focal:G  mean squared error, cross-entropy, or focal loss with
                         exponent G (default mse)
  --bias none|free|decayed
                         last-layer bias: absent, not regularised, or decayed
                         as PyTorch's weight_decay does (default none)
  --bias-decay X         λ_b of a decayed bias (default: λ_M)
  --class-weights W      inverse (1/n), inverse-sqrt, equal-survival (under MSE
                         without bias all classes live up to one decay), or a
                         number for each class; re-sampling is the same
  --label-smoothing E    targets (1 − E)·one-hot + E/K
  --targets FILE         npy or npz: q×K, column k is the target of class k;
                         without --counts each column is one sample
  --feature-sign S       free (default), or nonnegative: features after a ReLU
  --logit-adjust T[,G]   softmax of δ∘z + ι: ι = T·log(n/N), and
                         δ = (n/n_max)^G (default G = 0)`;

/** The loss, the bias and the variations that the options describe; `bias` where the option is not given. */
export async function variationsFrom(
  args: Parsed,
): Promise<VariationInput & { readonly loss: Loss; readonly bias: Bias }> {
  const number = (name: string) => {
    const text = args.value(name);
    return text === undefined ? undefined : singleNumber(`--${name}`, text);
  };
  const targets = args.value('targets');
  return {
    ...lossFrom('--loss', args.value('loss') ?? 'mse'),
    bias: choice('--bias', args.value('bias'), BIASES, 'none'),
    biasDecay: number('bias-decay'),
    classWeights: classWeightsFrom(args.value('class-weights')),
    labelSmoothing: number('label-smoothing'),
    targets: targets === undefined ? undefined : await readTargets(targets),
    featureSign: choice('--feature-sign', args.value('feature-sign'), FEATURE_SIGNS, 'free'),
    logitAdjustment: adjustmentFrom(args.value('logit-adjust')),
  };
}

/** By name, or a number for each class. */
export function classWeightsFrom(text: string | undefined): VariationInput['classWeights'] {
  if (text === undefined) return undefined;
  const named = CLASS_WEIGHTINGS.find((name) => name === text.toLowerCase());
  if (named !== undefined) return named;
  if (!/^[\s\d.,eE+-]+$/.test(text))
    refuse('--class-weights', `${CLASS_WEIGHTINGS.join(', ')} or a number for each class`, text);
  return numberList('--class-weights', text);
}

function adjustmentFrom(text: string | undefined): VariationInput['logitAdjustment'] {
  if (text === undefined) return undefined;
  const [additive, multiplicative = 0, ...more] = numberList('--logit-adjust', text);
  if (more.length > 0) refuse('--logit-adjust', 'one number, or two: T,G', text);
  return { additive, multiplicative };
}

/** Numbers that targets may hold. */
const MOST_TARGETS = 2 ** 24;

/** The rows of a file's one array, or of the one called `targets`. */
async function readTargets(path: string): Promise<number[][]> {
  const file = await openArrayFile(path);
  try {
    const [first] = file.names;
    const entry = await file.get(file.names.length === 1 ? first : 'targets');
    const [rows, cols] = entry.shape;
    if (entry.shape.length !== 2)
      refuse(`--targets ${entry.where}`, 'an array of two axes, q×K', `${entry.shape.length} axes`);
    if (entry.itemCount > MOST_TARGETS)
      refuse(`--targets ${entry.where}`, `at most ${MOST_TARGETS} numbers`, entry.itemCount);
    const values = await entry.all();
    return Array.from({ length: rows }, (_, j) => Array.from(values.subarray(j * cols, (j + 1) * cols)));
  } finally {
    await file.close();
  }
}
