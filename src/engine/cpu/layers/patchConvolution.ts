/**
 * Any convolution as a product of matrices: rows of patches times the weights (im2col), on chunks of images. It serves
 * strides, few channels and 1×1 kernels, where Winograd's way does not apply. Threads divide the images.
 */
import { shapeAfter, sizeOf, type Layer, type Shape } from '../../../nets/index.js';
import { shareOf, type Machine } from '../machine.js';
import type { Plan } from '../plan.js';
import { addBiasGradient } from './biasGradient.js';
import { placeGradient } from './gradientPlace.js';
import type { Activation, LayerNode, OutputWatcher } from './node.js';

type Convolution = Extract<Layer, { kind: 'conv' }>;
type MapShape = Extract<Shape, { kind: 'map' }>;

/** Numbers of a chunk of patches: half of a second-level cache. */
const CHUNK = 2 ** 17;

export function patchNode(layer: Convolution, input: Activation, plan: Plan): LayerNode {
  const { height, width, channels: inputs } = input.shape as MapShape;
  const { outputs, kernel, stride } = layer;
  const shape = shapeAfter(layer, input.shape) as MapShape;
  const positions = shape.height * shape.width;
  const patch = kernel * kernel * inputs;
  const weight = plan.parameter(`${layer.name}.weight`);
  const bias = layer.bias ? plan.parameter(`${layer.name}.bias`) : null;
  const x = input.address;
  const y = plan.floats(plan.batch * sizeOf(shape));
  const [bytesIn, bytesOut] = [4 * sizeOf(input.shape), 4 * sizeOf(shape)];
  // A 1×1 kernel of stride 1 reads the map as it lies.
  const direct = kernel === 1 && stride === 1;
  const chunk = Math.max(1, Math.floor(CHUNK / (positions * patch)));
  if (!direct) plan.scratch(chunk * positions * patch);

  const chunks = (machine: Machine, samples: number, work: (first: number, count: number) => void) => {
    const [from, to] = shareOf(machine, samples);
    for (let first = from; first < to; first += chunk) work(first, Math.min(chunk, to - first));
  };
  const gather = ({ kernels, scratch }: Machine, first: number, count: number): number => {
    if (direct) return x + first * bytesIn;
    kernels.gatherPatches(x + first * bytesIn, count, height, width, inputs, kernel, stride, scratch);
    return scratch;
  };

  let watcher: OutputWatcher | null = null;
  return {
    output: { address: y, shape },
    watch(observer) {
      watcher = observer;
    },
    forward(machine, samples, mode) {
      const observer = mode === 'training' ? watcher : null;
      observer?.begin(machine);
      chunks(machine, samples, (first, count) => {
        const rows = gather(machine, first, count);
        const to = y + first * bytesOut;
        machine.gemm(
          'N',
          'N',
          count * positions,
          outputs,
          patch,
          rows,
          patch,
          weight.value,
          outputs,
          0,
          to,
          outputs,
        );
        if (bias !== null) machine.kernels.addBias(to, count * positions, outputs, 4 * outputs, bias.value);
        observer?.images(machine, first, first + count);
      });
      machine.sync();
    },
    planBackward(request) {
      const dy = request.gradient;
      const place = placeGradient(plan, input, request, 'apart');
      const target = place.address;
      plan.common(patch * outputs * plan.threads);
      return place.finish((machine, samples) => {
        const { kernels, gemm, floats, scratch } = machine;
        const size = patch * outputs;
        const G = machine.common + 4 * size * machine.thread;
        const [from, to] = shareOf(machine, samples);
        // A thread without samples leaves zeros.
        if (from === to) floats.fill(0, G / 4, G / 4 + size);
        if (target !== null && !direct)
          floats.fill(0, (target + from * bytesIn) / 4, (target + to * bytesIn) / 4);
        let carry = 0;
        chunks(machine, samples, (first, count) => {
          const rows = count * positions;
          const source = gather(machine, first, count);
          const g = dy + first * bytesOut;
          gemm('T', 'N', patch, outputs, rows, source, patch, g, outputs, carry, G, outputs);
          carry = 1;
          if (target === null) return;
          const there = target + first * bytesIn;
          gemm(
            'N',
            'T',
            rows,
            patch,
            outputs,
            g,
            outputs,
            weight.value,
            outputs,
            0,
            direct ? there : scratch,
            patch,
          );
          if (!direct) kernels.scatterPatches(scratch, count, height, width, inputs, kernel, stride, there);
        });
        if (bias !== null)
          addBiasGradient(machine, dy, samples * positions, bias.gradient, outputs, plan.carry);
        machine.sync();
        const [begin, end] = shareOf(machine, size, 16);
        kernels.sumParts(
          machine.common + 4 * begin,
          machine.threads,
          4 * size,
          plan.carry,
          weight.gradient + 4 * begin,
          4 * (end - begin),
        );
        machine.sync();
      });
    },
  };
}
