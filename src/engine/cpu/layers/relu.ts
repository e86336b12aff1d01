/** y = max(x, 0), written over its input where the layer before does not need it any more. */
import { sizeOf } from '../../../nets/index.js';
import { shareOf } from '../machine.js';
import type { Plan } from '../plan.js';
import { placeGradient } from './gradientPlace.js';
import type { Activation, LayerNode } from './node.js';

export function reluNode(input: Activation, plan: Plan, place: 'over its input' | 'apart'): LayerNode {
  const size = sizeOf(input.shape);
  const x = input.address;
  const y = place === 'apart' ? plan.floats(plan.batch * size) : x;
  return {
    output: { address: y, shape: input.shape },
    forward(machine, samples) {
      const [from, to] = shareOf(machine, samples);
      const at = 4 * size * from;
      machine.kernels.relu(x + at, y + at, 4 * size * (to - from));
      machine.sync();
    },
    planBackward(request) {
      const dy = request.gradient;
      const gradient = placeGradient(plan, input, request, 'in place');
      const { address } = gradient;
      return gradient.finish((machine, samples) => {
        if (address === null) return;
        const [from, to] = shareOf(machine, samples);
        const at = 4 * size * from;
        machine.kernels.reluGradient(y + at, dy + at, address + at, 4 * size * (to - from));
        machine.sync();
      });
    },
  };
}
