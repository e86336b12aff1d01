/** The keys of a spec for what a problem may have beyond the plain one: class weights, soft targets and the like. */
import { z } from 'zod';
import {
  CLASS_WEIGHTINGS,
  FEATURE_SIGNS,
  LOSS_FORMS,
  parseLoss,
  type VariationInput,
} from '../model/index.js';

const positive = z.number().positive();

/** `mse`, `ce` or `focal:G`. */
export const loss = z.string().refine((text) => parseLoss(text) !== null, LOSS_FORMS);

/** Those of the loss and the features. */
export const lossKeys = {
  classWeights: z.union([z.enum(CLASS_WEIGHTINGS), z.array(positive).min(1)]).optional(),
  labelSmoothing: z.number().min(0).lt(1).optional(),
  /** q rows of K numbers: column k is the target of class k. */
  targets: z.array(z.array(z.number()).min(1)).min(1).optional(),
  featureSign: z.enum(FEATURE_SIGNS).optional(),
  /** Strength of the offsets T·log(n/N), or [T, G] with scales (n/n_max)^G too. */
  logitAdjust: z.union([z.number(), z.tuple([z.number(), z.number()])]).optional(),
};

export const variationKeys = {
  /** λ_b of a decayed bias; λ_M by default. */
  biasDecay: positive.optional(),
  ...lossKeys,
};

/** What the keys take, where their type alone does not say it. */
export const VARIATION_FORMS: Readonly<Partial<Record<string, string>>> = {
  loss: LOSS_FORMS,
  classWeights: `${CLASS_WEIGHTINGS.join(', ')}, or a list of one positive number for each class`,
  targets: 'a list of rows, each with one number for each class',
  logitAdjust: 'one number, or a list of two: [T, G]',
};

/** The keys as read from a spec. */
export type VariationSpec = {
  readonly [Key in keyof typeof variationKeys]?: z.infer<(typeof variationKeys)[Key]> | undefined;
};

/** The keys as `createProblem` takes them. */
export function variationsOfSpec(spec: VariationSpec): VariationInput {
  const { biasDecay, classWeights, labelSmoothing, targets, featureSign, logitAdjust } = spec;
  const [additive, multiplicative] = typeof logitAdjust === 'object' ? logitAdjust : [logitAdjust ?? 0, 0];
  return {
    biasDecay,
    classWeights,
    labelSmoothing,
    targets,
    featureSign,
    logitAdjustment: logitAdjust === undefined ? undefined : { additive, multiplicative },
  };
}
