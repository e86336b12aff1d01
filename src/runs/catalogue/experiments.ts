/**
 * The catalogue: every experiment of the authors' public code, with its settings, and the same on other data. Data only; the
 * verb `reproduce` runs it.
 *
 * Source: the settings of the public code of Dang et al. (ICML 2023), for experiments of origin `paper`.
 */
import { InputError } from '../../core/errors.js';
import { nearest } from '../../core/suggest.js';
import type { Loss, PlainBias } from '../../model/index.js';
import { NETWORK_EXPERIMENTS } from './networks.js';
import { UFM_EXPERIMENTS } from './ufm.js';
import { variantName, type Experiment, type Scale, type Variant } from './variant.js';
import type { RunSpec } from '../spec.js';

export const EXPERIMENTS: readonly Experiment[] = [...NETWORK_EXPERIMENTS, ...UFM_EXPERIMENTS];

/** Throws an argument error with the nearest name for one that is not in the catalogue. */
export function findExperiment(name: string): Experiment {
  const experiment = EXPERIMENTS.find((candidate) => candidate.name === name);
  if (experiment !== undefined) return experiment;
  const names = EXPERIMENTS.map((candidate) => candidate.name);
  const near = nearest(name, names);
  throw new InputError(
    'argument',
    'experiment',
    'the name of an experiment',
    `"${name}"`,
    near === null ? `they are ${names.join(', ')}` : `did you mean ${near}?`,
  );
}

/** What a user chose; a list replaces the experiment's own. */
export interface VariantChoice {
  readonly depths?: readonly number[] | undefined;
  readonly widths?: readonly number[] | undefined;
  readonly biases?: readonly PlainBias[] | undefined;
  readonly losses?: readonly Loss[] | undefined;
}

export interface ChosenVariants {
  readonly variants: readonly Variant[];
  /** One for each chosen value that the experiment does not have. */
  readonly notes: readonly string[];
}

/** One run of an experiment: its name, and all that it is. */
export interface PlannedRun {
  readonly name: string;
  readonly variant: Variant;
  readonly spec: RunSpec;
}

/** At paper scale every variant, at quick scale one; what is chosen is taken as it is, each value once. */
export function chooseVariants(experiment: Experiment, scale: Scale, choice: VariantChoice): ChosenVariants {
  const { variants: catalogued, quick } = experiment;
  const small = scale === 'quick';
  const depths = unique(choice.depths ?? (small ? [quick.depth] : catalogued.depths));
  const widths = unique(choice.widths ?? (small ? [quick.width] : catalogued.widths));
  const biases = unique(choice.biases ?? (small ? [quick.bias] : catalogued.biases));
  const losses = unique(choice.losses ?? (small ? [quick.loss] : catalogued.losses));
  const foreign = <T extends number | string>(
    what: string,
    chosen: readonly T[],
    has: readonly T[],
  ): string[] =>
    chosen
      .filter((value) => !has.includes(value))
      .map(
        (value) =>
          `${what} ${value} is not one of this experiment's (${has.join(', ')}); it is run all the same`,
      );
  return {
    variants: depths.flatMap((depth) =>
      widths.flatMap((width) =>
        biases.flatMap((bias) => losses.map((loss) => ({ depth, width, bias, loss }))),
      ),
    ),
    notes: [
      ...foreign('depth', unique(choice.depths ?? []), catalogued.depths),
      ...foreign('width', unique(choice.widths ?? []), catalogued.widths),
      ...foreign('bias', unique(choice.biases ?? []), catalogued.biases),
      ...foreign('loss', unique(choice.losses ?? []), catalogued.losses),
    ],
  };
}

/** The runs of variants, in order. */
export function planRuns(
  experiment: Experiment,
  scale: Scale,
  variants: readonly Variant[],
  seed: number,
): PlannedRun[] {
  return variants.map((variant) => ({
    name: variantName(variant, seed),
    variant,
    spec: experiment.specOf(scale, variant, seed),
  }));
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
