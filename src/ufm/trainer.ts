/**
 * Training the unconstrained-features model: full-batch gradient descent with momentum, or L-BFGS, in float64.
 *
 * The trainer hides how it is fast (`columns.ts`, `head/chain.ts`): a caller sees steps, the objective and snapshots.
 */
import type { Blas } from '../core/blas.js';
import { refuse, refuseShape } from '../core/errors.js';
import { createLbfgs, type Lbfgs, type LbfgsState } from '../core/lbfgs.js';
import type { Problem, Snapshot } from '../model/index.js';
import type { ReducedColumns } from './columns.js';
import { boundedRange, freeSquare, projectInto, rootsOf, slopeOfRoots, squaresInto } from './featureSign.js';
import { createObjective, layParameters, parameterCount, type Parameters } from './objective.js';
import { takeLayerSnapshots } from './layerSnapshots.js';
import { takeSnapshot } from './snapshot.js';
import type { UfmStart } from './start.js';
import { createWideDescent, openWideMemory } from './wideDescent.js';

export type OptimizerSpec =
  | { readonly name: 'sgd'; readonly learningRate: number; readonly momentum: number }
  | { readonly name: 'lbfgs'; readonly memory: number; readonly tolerance: number };

/**
 * `running`: goes on. `converged` and `stalled`: L-BFGS has nothing left to do. `diverged`: the objective is not finite
 * or has grown beyond `DIVERGED` times its start.
 */
export type TrainingStatus = 'running' | 'converged' | 'stalled' | 'diverged';

/** Growth of the data part of the objective, over max(1, its start), that is called divergence. */
export const DIVERGED = 1e4;

/** Everything needed to go on bit for bit: named flat arrays and numbers. */
export interface TrainerState {
  readonly step: number;
  readonly ceiling: number;
  readonly arrays: Readonly<Record<string, Float64Array>>;
  /** L-BFGS: the objective at the current point. */
  readonly value: number | null;
}

export interface UfmTrainer {
  /** Updates done so far. */
  readonly step: number;
  readonly status: TrainingStatus;
  /** One update; does nothing unless `status` is `running`. Returns the new status. */
  advance(): TrainingStatus;
  /** F at the current point. */
  objective(): number;
  /** ‖∇F‖² at the current point; one evaluation of the gradient. */
  gradientSquare(): number;
  /** What the measures need; with `samples` also what only single samples tell (NC4, accuracy, per-class variances). */
  snapshot(detail: 'classes' | 'samples'): Snapshot;
  /** Of z_1 … z_M, with variances of classes where samples are kept. */
  layerSnapshots(): Snapshot[];
  /** A copy of the state. Only of a run that has not diverged is it worth keeping. */
  state(): TrainerState;
  /** Leads back to single samples; fixed over the run. */
  readonly reduced: ReducedColumns;
  readonly parameters: Parameters;
}

/** A trainer at a start, or at a saved state of the same problem and start. */
export function createTrainer(
  problem: Problem,
  start: UfmStart,
  optimizer: OptimizerSpec,
  blas: Blas,
  saved?: TrainerState,
): UfmTrainer {
  checkOptimizer(optimizer);
  const { reduced } = start;
  const wide = widePart(problem, reduced.columns.cols, optimizer, blas);
  const parameters = layParameters(problem, reduced.columns.cols, wide?.parameters);
  parameters.flat.set(start.parameters.flat);
  if (saved !== undefined) fill(parameters.flat, saved.arrays.parameters, 'parameters');
  const objective = createObjective(problem, reduced, parameters, blas);
  const bounded = boundedRange(problem, parameters);
  const hasBounds = bounded.to > bounded.from;
  let step = saved?.step ?? 0;
  let slope: Parameters | null = null;
  let status: TrainingStatus = 'running';
  const ceiling = saved?.ceiling ?? DIVERGED * Math.max(1, objective.value());
  const method = optimizer.name === 'sgd' ? momentum(optimizer) : quasiNewton(optimizer);

  function momentum({ learningRate, momentum: beta }: Extract<OptimizerSpec, { name: 'sgd' }>) {
    const velocity = layParameters(problem, reduced.columns.cols, wide?.velocity);
    if (saved !== undefined) fill(velocity.flat, saved.arrays.velocity, 'velocity');
    const state = () => ({ arrays: { velocity: velocity.flat.slice() }, value: null });
    if (wide !== null) {
      const descent = createWideDescent(problem, reduced, parameters, velocity, wide.passes);
      return {
        advance(): TrainingStatus {
          if (!(descent.forward() <= ceiling)) return 'diverged';
          descent.step(learningRate, beta);
          return 'running';
        },
        state,
      };
    }
    return {
      advance(): TrainingStatus {
        if (!(objective.forward() <= ceiling)) return 'diverged';
        // V ← βV + ∇F, θ ← θ − ηV. The first V is the gradient, as in PyTorch's SGD.
        objective.gradientInto(velocity, beta, (start, end) => {
          blas.axpy(-learningRate, velocity.flat.subarray(start, end), parameters.flat.subarray(start, end));
          if (hasBounds) projectInto(parameters.flat, bounded, start, end);
        });
        return 'running';
      },
      state,
    };
  }

  function quasiNewton({ memory, tolerance }: Extract<OptimizerSpec, { name: 'lbfgs' }>) {
    const size = parameterCount(problem, reduced.columns.cols);
    // With bounds it walks over y, x = y² where x must not be negative, and leaves x in the parameters.
    const x = hasBounds ? rootsOf(parameters.flat, bounded) : parameters.flat;
    if (hasBounds && saved !== undefined) fill(x, saved.arrays.roots, 'roots');
    const smooth = {
      x,
      evaluate(gradient: Float64Array): number {
        if (hasBounds) squaresInto(x, parameters.flat, bounded);
        const data = objective.forward();
        objective.gradientInto(layParameters(problem, reduced.columns.cols, gradient), 0);
        if (hasBounds) slopeOfRoots(x, gradient, bounded);
        return data + objective.regulariser();
      },
    };
    const solver: Lbfgs = createLbfgs(
      smooth,
      { memory, tolerance, blas },
      saved === undefined ? undefined : unpack(saved, size),
    );
    return {
      advance(): TrainingStatus {
        const outcome = solver.iterate();
        // The last point tried need not be the one that was taken.
        if (hasBounds) squaresInto(x, parameters.flat, bounded);
        return outcome === 'moved' ? 'running' : outcome;
      },
      state() {
        const { value, gradient, steps, differences } = solver.state();
        const arrays: Record<string, Float64Array> = hasBounds
          ? { gradient, roots: x.slice() }
          : { gradient };
        steps.forEach((s, i) => (arrays[`step${i}`] = s));
        differences.forEach((y, i) => (arrays[`difference${i}`] = y));
        return { arrays, value };
      },
    };
  }

  return {
    get step() {
      return step;
    },
    get status() {
      return status;
    },
    reduced,
    parameters,
    advance() {
      if (status !== 'running') return status;
      status = method.advance();
      if (status === 'running') step++;
      return status;
    },
    objective: () => objective.value(),
    gradientSquare() {
      slope ??= layParameters(problem, reduced.columns.cols);
      objective.forward();
      objective.gradientInto(slope, 0);
      return hasBounds ? freeSquare(parameters.flat, slope.flat, bounded) : blas.dot(slope.flat, slope.flat);
    },
    snapshot: (detail) => takeSnapshot(problem, reduced, parameters, blas, detail),
    layerSnapshots: () => takeLayerSnapshots(problem, reduced, parameters, blas),
    state() {
      const { arrays, value } = method.state();
      return { step, ceiling, arrays: { parameters: parameters.flat.slice(), ...arrays }, value };
    },
  };
}

/** Memory for passes over wide layers, where descent may take them. Bounds are kept by the other way. */
function widePart(problem: Problem, columnCount: number, optimizer: OptimizerSpec, blas: Blas) {
  return optimizer.name === 'sgd' && problem.featureSign === 'free'
    ? openWideMemory(problem, columnCount, blas)
    : null;
}

function unpack({ arrays, value }: TrainerState, size: number): LbfgsState {
  const list = (prefix: string) => {
    const copies: Float64Array[] = [];
    while (`${prefix}${copies.length}` in arrays) copies.push(arrays[`${prefix}${copies.length}`]);
    return copies;
  };
  const gradient = new Float64Array(size);
  fill(gradient, arrays.gradient, 'gradient');
  return { value: value ?? NaN, gradient, steps: list('step'), differences: list('difference') };
}

function fill(into: Float64Array, from: Float64Array | undefined, name: string): void {
  if (from?.length !== into.length)
    refuseShape(
      `saved state, ${name}`,
      `${into.length} numbers`,
      from === undefined ? 'none' : `${from.length}`,
    );
  into.set(from);
}

function checkOptimizer(optimizer: OptimizerSpec): void {
  switch (optimizer.name) {
    case 'sgd':
      if (!(optimizer.learningRate > 0 && Number.isFinite(optimizer.learningRate)))
        refuse('optimizer.learningRate', 'a positive finite number', optimizer.learningRate);
      if (!(optimizer.momentum >= 0 && optimizer.momentum < 1))
        refuse('optimizer.momentum', 'a number in [0, 1)', optimizer.momentum);
      return;
    case 'lbfgs':
      if (!Number.isInteger(optimizer.memory) || optimizer.memory < 1 || optimizer.memory > 1000)
        refuse('optimizer.memory', 'a whole number from 1 to 1000', optimizer.memory);
      if (!(optimizer.tolerance >= 0 && Number.isFinite(optimizer.tolerance)))
        refuse('optimizer.tolerance', 'a finite number of at least 0', optimizer.tolerance);
      return;
    default:
      optimizer satisfies never;
  }
}
