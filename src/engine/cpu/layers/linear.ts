/**
 * y = Wx + c for a batch of rows. Threads divide the outputs forward and for ∂F/∂W, the inputs for ∂F/∂x: each reads its own
 * part of W only.
 */
import { sizeOf, type Layer } from '../../../nets/index.js';
import { shareOf } from '../machine.js';
import type { Plan } from '../plan.js';
import { placeGradient } from './gradientPlace.js';
import type { Activation, LayerNode } from './node.js';

/** Columns that one thread takes at least: a cache line. */
const GRAIN = 16;

export function linearNode(
  layer: Extract<Layer, { kind: 'linear' }>,
  input: Activation,
  plan: Plan,
): LayerNode {
  const inputs = sizeOf(input.shape);
  const { outputs } = layer;
  const weight = plan.parameter(`${layer.name}.weight`);
  const bias = layer.bias ? plan.parameter(`${layer.name}.bias`) : null;
  const x = input.address;
  const y = plan.floats(plan.batch * outputs);

  return {
    output: { address: y, shape: { kind: 'vector', size: outputs } },
    forward(machine, samples) {
      const [from, to] = shareOf(machine, outputs, GRAIN);
      const at = 4 * from;
      if (to > from) {
        const W = weight.value + at * inputs;
        machine.gemm('N', 'T', samples, to - from, inputs, x, inputs, W, inputs, 0, y + at, outputs);
        if (bias !== null) machine.kernels.addBias(y + at, samples, to - from, 4 * outputs, bias.value + at);
      }
      machine.sync();
    },
    planBackward(request) {
      const dy = request.gradient;
      const place = placeGradient(plan, input, request, 'apart');
      return place.finish((machine, samples) => {
        const [from, to] = shareOf(machine, outputs, GRAIN);
        const at = 4 * from;
        if (to > from) {
          const G = weight.gradient + at * inputs;
          machine.gemm(
            'T',
            'N',
            to - from,
            inputs,
            samples,
            dy + at,
            outputs,
            x,
            inputs,
            plan.carry,
            G,
            inputs,
          );
          if (bias !== null)
            machine.kernels.columnSums(
              dy + at,
              samples,
              to - from,
              4 * outputs,
              plan.carry,
              bias.gradient + at,
            );
        }
        if (place.address !== null) {
          const [first, last] = shareOf(machine, inputs, GRAIN);
          const shift = 4 * first;
          if (last > first) {
            const W = weight.value + shift;
            machine.gemm(
              'N',
              'N',
              samples,
              last - first,
              outputs,
              dy,
              outputs,
              W,
              inputs,
              0,
              place.address + shift,
              inputs,
            );
          }
        }
        machine.sync();
      });
    },
  };
}
