/**
 * A layer of a compiled network: what runs forward, and what its backward pass needs.
 *
 * Forward and backward work are functions of a machine that every thread calls; each ends with a barrier.
 */
import type { Shape } from '../../../nets/index.js';
import type { Machine } from '../machine.js';

/** Where a batch of activations lies, one sample after another. */
export interface Activation {
  readonly address: number;
  readonly shape: Shape;
}

export type Mode = 'training' | 'evaluation';

/** Work on the first `samples` of the batch. */
export type Work = (machine: Machine, samples: number) => void;

export interface GradientRequest {
  /** Address of ∂F/∂output. */
  readonly gradient: number;
  /** `consume`: the layer may write over it, and releases it; `keep`: it is read only. */
  readonly fate: 'consume' | 'keep';
  /** Whether ∂F/∂input is wanted, and where: in a new place, or added to what lies at `into`. */
  readonly input:
    { readonly kind: 'none' } | { readonly kind: 'fresh' } | { readonly kind: 'add'; readonly into: number };
}

export interface BackwardStep {
  readonly work: Work;
  /** Where ∂F/∂input lies after the work; null where it was not wanted. */
  readonly gradient: number | null;
}

/** What wants to read a layer's output while it lies in cache. */
export interface OutputWatcher {
  /** Before the first of this thread's images. */
  begin(machine: Machine): void;
  /** Images [from, to) of this thread are complete. */
  images(machine: Machine, from: number, to: number): void;
}

export interface LayerNode {
  readonly output: Activation;
  forward(machine: Machine, samples: number, mode: Mode): void;
  /** Called at most once, while planning, where a layer can tell of its images in training as they are computed. */
  readonly watch?: ((watcher: OutputWatcher) => void) | undefined;
  /** Called once, while planning, in the order of the backward pass. */
  planBackward(request: GradientRequest): BackwardStep;
}
