/**
 * Where networks run. An engine compiles a network with its training rule into something that steps and evaluates.
 *
 * All calls are asynchronous, so that an engine may compute on another thread or device. Arrays that are handed in are read
 * before the promise resolves and not kept; arrays that come back belong to the caller. An executable is used by one caller
 * at a time: await a call before the next.
 */
import type { Loss, VariedLoss } from '../model/index.js';
import type { Network } from './network.js';

/**
 * What one step minimises over a batch of B samples with features h_i and logits z_i:
 *
 *   dataScale/B · Σ_i ℓ(z_i, y_i) + featureDecay/2 · Σ_i ‖h_i‖² + Σ_p decay_p/2 · ‖p‖²,
 *
 * ℓ = ½‖z − e_y‖² for MSE and −log softmax(z)_y for CE, or what `varied` makes of them (times its weight of class y); p runs
 * over the parameters (decays enter gradients, as PyTorch's `weight_decay` does; Adam's too).
 */
export interface TrainingRule {
  readonly loss: Loss;
  /** Class weights, soft targets, a focal exponent, adjusted logits; null or left out for the plain loss. */
  readonly varied?: VariedLoss | null | undefined;
  readonly dataScale: number;
  /** On Σ_i ‖h_i‖² over the batch; 0 for none. */
  readonly featureDecay: number;
  /** By parameter name; 0 where there is none. */
  readonly weightDecay: (parameter: string) => number;
  readonly optimizer:
    | { readonly name: 'sgd'; readonly momentum: number }
    | { readonly name: 'adam'; readonly beta1: number; readonly beta2: number; readonly epsilon: number };
}

export interface StepResult {
  /** dataScale/B · Σ ℓ of the batch, before the update. */
  readonly loss: number;
  /** Samples of the batch that the logits name rightly (first of equal maxima), before the update. */
  readonly correct: number;
}

export interface Executable {
  /**
   * Every array of the state by name, with its length: parameters (see `parametersOf`), running statistics
   * (`NAME.mean`, `NAME.variance`), and the optimiser's (`momentum:P` for SGD; `first:P`, `second:P` and `steps` (length 1)
   * for Adam). PyTorch's rules: momentum ← μ·momentum + gradient, p ← p − rate·momentum.
   */
  readonly state: ReadonlyMap<string, number>;
  /** Copies of arrays of the state; all of them without `names`. */
  read(names?: readonly string[]): Promise<Map<string, Float32Array>>;
  /** Replaces arrays of the state; others stay. Throws for an unknown name or another length. */
  write(arrays: ReadonlyMap<string, Float32Array>): Promise<void>;
  /** One update. images: B×height×width×channels with B = labels.length ≤ the compiled batch. */
  step(images: Float32Array, labels: Int32Array, learningRate: number): Promise<StepResult>;
  /**
   * Outputs in evaluation mode (running statistics), which changes no state. images: B samples, B ≤ the compiled batch;
   * `taps` are names of backbone layers, or `features` for the backbone's output h (B×d). Maps come back averaged over
   * their positions: B×channels.
   */
  evaluate(
    images: Float32Array,
    samples: number,
    taps: readonly string[],
  ): Promise<Map<string, Float32Array>>;
  /** Frees threads and memory; nothing may be called afterwards. */
  close(): Promise<void>;
}

export interface Engine {
  /** `cpu`, and so on. */
  readonly name: string;
  /** What multiplies, and with how many threads: resumed runs are bit-identical for the same two. */
  readonly blas: { readonly name: string; readonly threads: number | null };
  /** Allocates for batches of up to `batch` samples. Parameters are zero, running means 0 and variances 1, until written. */
  compile(network: Network, rule: TrainingRule, batch: number): Promise<Executable>;
}
