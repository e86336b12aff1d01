/**
 * body(x) + shortcut(x), and the ReLU that follows, in one pass.
 *
 * Backward, the gradient of the sum goes to both branches unchanged; what comes out of the shortcut is the place to which the
 * body's first layer adds, so that no branch is copied.
 */
import { sizeOf } from '../../../nets/index.js';
import { shareOf } from '../machine.js';
import type { Plan } from '../plan.js';
import { recordTap } from './tap.js';
import type { Activation, BackwardStep, GradientRequest, LayerNode, Work } from './node.js';

/** Forward and backward through a row of layers. */
export interface Branch {
  readonly output: Activation;
  readonly nodes: readonly LayerNode[];
}

export function residualNode(
  name: string,
  body: Branch,
  shortcut: Branch,
  plan: Plan,
  followedBy: 'nothing' | 'relu',
): LayerNode {
  const { shape } = body.output;
  const tap = plan.tap(name);
  const size = sizeOf(shape);
  const y = plan.floats(plan.batch * size);
  const rectify = followedBy === 'relu';
  return {
    output: { address: y, shape },
    forward(machine, samples, mode) {
      for (const node of [...body.nodes, ...shortcut.nodes]) node.forward(machine, samples, mode);
      const [from, to] = shareOf(machine, samples);
      const at = 4 * size * from;
      const bytes = 4 * size * (to - from);
      // A measurement of the sum wants what the ReLU would cut off.
      const apart = mode === 'evaluation' && rectify && machine.flags[tap.flag] !== 0;
      const [left, right] = [body.output.address + at, shortcut.output.address + at];
      machine.kernels.sum(left, right, y + at, bytes, rectify && !apart);
      machine.sync();
      if (mode === 'evaluation') recordTap(machine, tap, { address: y, shape }, samples);
      if (!apart) return;
      machine.kernels.relu(y + at, y + at, bytes);
      machine.sync();
    },
    planBackward(request) {
      const steps: Work[] = [];
      let { gradient, fate } = request;
      if (rectify) {
        const dy = gradient;
        const masked = fate === 'consume' ? dy : plan.acquire(plan.batch * size);
        steps.push((machine, samples) => {
          const [from, to] = shareOf(machine, samples);
          const at = 4 * size * from;
          machine.kernels.reluGradient(y + at, dy + at, masked + at, 4 * size * (to - from));
          machine.sync();
        });
        gradient = masked;
        fate = 'consume';
      }
      const inputGradient = planBranches({ gradient, fate, input: request.input }, steps);
      return { work: inOrder(steps), gradient: inputGradient };
    },
  };

  function planBranches(request: GradientRequest, steps: Work[]): number | null {
    const { gradient, fate, input } = request;
    const branch = (part: Branch, partRequest: GradientRequest): number | null => {
      const step = planRow(part.nodes, partRequest);
      steps.push(step.work);
      return step.gradient;
    };
    if (input.kind === 'none') {
      branch(body, { gradient, fate: 'keep', input });
      return branch(shortcut, { gradient, fate, input });
    }
    if (shortcut.nodes.length === 0) {
      // The gradient of the sum is itself what the shortcut passes on.
      if (input.kind === 'fresh' && fate === 'consume')
        return branch(body, { gradient, fate: 'keep', input: { kind: 'add', into: gradient } });
      const into = branch(body, { gradient, fate: 'keep', input });
      if (into === null) throw new Error('a gradient was asked for and not given');
      steps.push((machine, samples) => {
        const [from, to] = shareOf(machine, samples);
        const at = 4 * size * from;
        machine.kernels.addInto(gradient + at, into + at, 4 * size * (to - from));
        machine.sync();
      });
      if (fate === 'consume') plan.release(gradient);
      return into;
    }
    const first = branch(shortcut, { gradient, fate: 'keep', input });
    if (first === null) throw new Error('a gradient was asked for and not given');
    return branch(body, { gradient, fate, input: { kind: 'add', into: first } });
  }
}

/** The backward pass through a row of layers, last to first. */
export function planRow(nodes: readonly LayerNode[], request: GradientRequest): BackwardStep {
  const steps: Work[] = [];
  let { gradient, fate } = request;
  for (let i = nodes.length - 1; i >= 0; i--) {
    const input: GradientRequest['input'] = i === 0 ? request.input : { kind: 'fresh' };
    const step = nodes[i].planBackward({ gradient, fate, input });
    steps.push(step.work);
    if (step.gradient === null) return { work: inOrder(steps), gradient: null };
    gradient = step.gradient;
    fate = 'consume';
  }
  return { work: inOrder(steps), gradient };
}

function inOrder(steps: readonly Work[]): Work {
  return (machine, samples) => {
    for (const step of steps) step(machine, samples);
  };
}
