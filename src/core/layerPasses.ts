/**
 * Passes over wide layers: products with the few rows of the classes and steps of gradient descent, each of which reads a layer
 * once. A layer that does not fit a cache is as slow as its memory, and a BLAS would go through it several times.
 *
 * Float64. All that the passes work on lies in one memory of their own, laid out when they are opened.
 */
import type { Matrix } from './matrix.js';

/** What the passes will work on. */
export interface PassPlan {
  /** Rows that stand for the classes, K. */
  readonly classes: number;
  /** Lengths of the vectors to make room for, such as all parameters. */
  readonly vectors: readonly number[];
  /** Lengths of the class rows to make room for: K rows each. */
  readonly rows: readonly number[];
  /** Columns of the widest layer. */
  readonly columns: number;
}

/** K rows of one length, each a view of the passes' memory. */
export interface ClassRows {
  readonly rows: readonly Float64Array[];
}

/** V ← βV + λW + gradient, W ← W − ηV. */
export interface DescentRule {
  readonly momentum: number;
  readonly decay: number;
  readonly rate: number;
}

export interface LayerPasses {
  /** Zeros at first, in the order of the plan. */
  readonly vectors: readonly Float64Array[];
  readonly classRows: readonly ClassRows[];
  /** out ← left·W, with left K×rows, W rows×cols in one of the vectors, out K×cols. */
  product(W: Matrix, left: ClassRows, out: ClassRows): void;
  /**
   * right ← R·Wᵀ (K×rows) with W as it was, then one step of descent on W with the gradient leftᵀR; V is W's velocity, R K×cols,
   * left K×rows. The numbers do not depend on how many threads there are.
   */
  step(W: Matrix, V: Matrix, left: ClassRows, R: ClassRows, right: ClassRows, rule: DescentRule): void;
}
