/** Where a layer puts ∂F/∂input when it writes all of it anew, and what must be done afterwards. */
import { sizeOf } from '../../../nets/index.js';
import { shareOf } from '../machine.js';
import type { Plan } from '../plan.js';
import type { Activation, BackwardStep, GradientRequest, Work } from './node.js';

export interface GradientPlace {
  /** Where to write; null where nothing is wanted. */
  readonly address: number | null;
  /** Completes the step: adds to another gradient where that was asked, and releases what is done with. */
  finish(work: Work): BackwardStep;
}

/**
 * `inPlace` says that the layer reads entry i of the output's gradient before it writes entry i of the input's, so that both
 * may be one.
 */
export function placeGradient(
  plan: Plan,
  input: Activation,
  request: GradientRequest,
  style: 'in place' | 'apart',
): GradientPlace {
  const size = sizeOf(input.shape);
  const consumed = request.fate === 'consume';
  const release = () => {
    if (consumed) plan.release(request.gradient);
  };
  if (request.input.kind === 'none')
    return {
      address: null,
      finish: (work) => {
        release();
        return { work, gradient: null };
      },
    };
  const reuse = consumed && style === 'in place' && request.input.kind === 'fresh';
  const address = reuse ? request.gradient : plan.acquire(plan.batch * size);
  if (request.input.kind === 'fresh')
    return {
      address,
      finish: (work) => {
        if (!reuse) release();
        return { work, gradient: address };
      },
    };
  const { into } = request.input;
  return {
    address,
    finish: (work) => {
      plan.release(address);
      // What was added to may be the very gradient that was consumed: then it stays.
      if (into !== request.gradient) release();
      return {
        work: (machine, samples) => {
          work(machine, samples);
          const [from, to] = shareOf(machine, samples);
          machine.kernels.addInto(address + 4 * size * from, into + 4 * size * from, 4 * size * (to - from));
          machine.sync();
        },
        gradient: into,
      };
    },
  };
}
