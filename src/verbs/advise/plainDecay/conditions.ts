/**
 * What the estimates were tried under. Always said; where a spec tells, whether it is so.
 *
 * The numbers are those of docs/survival.md.
 */
import type { LastBias } from '../../../theory/index.js';
import type { CountedLayers } from './countedLayers.js';
import type { Condition } from './document.js';

/** What is known of the training; null throughout where only flags were given. */
export interface KnownTraining {
  readonly layers: CountedLayers;
  readonly optimizer: 'sgd' | 'adam';
  readonly augmentation: boolean;
}

export interface ConditionFacts {
  readonly weightLayers: number;
  readonly bias: LastBias;
  readonly samples: number;
  readonly classes: number;
  /** `samples` with their root mean square. */
  readonly inputs:
    | { readonly kind: 'samples'; readonly rootMeanSquare: number }
    | { readonly kind: 'means' }
    | { readonly kind: 'counts' };
  readonly training: KnownTraining | null;
}

/** Within these a set counts as normalised: images so normalised have about one. */
const USUAL: readonly [number, number] = [0.3, 3];

export function conditionsOf(facts: ConditionFacts): Condition[] {
  const { weightLayers, samples, classes, inputs, training } = facts;
  const known = <T>(test: (training: KnownTraining) => T): T | null =>
    training === null ? null : test(training);
  const stateOf = (holds: boolean | null): Condition['state'] => {
    if (holds === null) return 'unknown';
    return holds ? 'holds' : 'fails';
  };
  const behind = known(({ layers }) => layers.behind) ?? null;
  const sgd = known(({ optimizer }) => optimizer === 'sgd');
  const plain = known(({ layers }) => !layers.convolutions);
  const unaugmented = known(({ augmentation }) => !augmentation);
  return [
    {
      name: 'layers',
      state: stateOf(weightLayers >= 3),
      text:
        weightLayers >= 3
          ? 'at least three weight layers'
          : 'at least three weight layers: with two, classes fade instead of being lost at once, and estimates are up to twice too high',
    },
    {
      name: 'batch-norm',
      state: stateOf(known(({ layers }) => layers.behind === null)),
      text:
        behind === null
          ? 'no BatchNorm: with it, count the layers behind the last one, with its activations as the inputs'
          : `no BatchNorm: this network has some, so its ${weightLayers} weight layers are counted from behind the last, ${behind}, whose activations are the inputs that the estimates ask for, not the images`,
    },
    {
      name: 'convolutions',
      state: stateOf(plain),
      text: 'no convolutions: two small networks with them kept classes up to four times longer',
    },
    {
      name: 'optimizer',
      state: stateOf(sgd),
      text:
        sgd === false
          ? 'SGD: this is Adam, which kept the classes up to the same decays in two scans of its own'
          : 'SGD, the decay in the gradient: AdamW’s decoupled decay is no term of a loss, and has no such limit',
    },
    {
      name: 'start',
      state: stateOf(known(() => true)),
      text: 'a start of the usual size (orthogonal, He): from a start scaled down classes are lost at half the decay and less',
    },
    {
      name: 'rate',
      state: 'unknown',
      text: 'a learning rate well below the largest stable one, and enough epochs: near it classes are lost at half the decay',
    },
    {
      name: 'augmentation',
      state: stateOf(unaugmented),
      text: 'inputs as they are trained on: with augmentation, statistics of augmented ones; a strong one lost classes at a third of the decay',
    },
    {
      name: 'inputs',
      ...inputsCondition(inputs),
    },
    {
      name: 'size',
      state: stateOf(samples <= TRIED.samples && classes <= TRIED.classes),
      text: `at most ${TRIED.samples} samples and ${TRIED.classes} classes, as tried: of 100 synthetic classes the rare ones lived up to four times longer`,
    },
  ];
}

function inputsCondition(inputs: ConditionFacts['inputs']): Pick<Condition, 'state' | 'text'> {
  const usual = 'inputs normalised as usual, of about unit variance';
  switch (inputs.kind) {
    case 'samples': {
      const size = inputs.rootMeanSquare;
      return {
        state: size >= USUAL[0] && size <= USUAL[1] ? 'holds' : 'fails',
        text: `${usual}; these have a root mean square of ${Number(size.toPrecision(2))}`,
      };
    }
    case 'means':
      return { state: 'unknown', text: `${usual}, and means of them as the network sees them` };
    case 'counts':
      return {
        state: 'unknown',
        text: 'images normalised as usual, of 28×28 to 32×32: counts alone say nothing of other inputs',
      };
    default:
      return inputs satisfies never;
  }
}

const TRIED = { samples: 10_100, classes: 30 };
