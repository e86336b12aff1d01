/**
 * 3×3 convolution of stride 1 by Winograd's F(4×4, 3×3) or F(2×2, 3×3): 36 products of matrices for 16 outputs, or 16 for 4,
 * where a direct sum has 144 and 36 multiplications, on chunks of tiles that stay in cache. In float32 the outputs are right to
 * about 1e-6 of their size, three times what F(2×2, 3×3) or a direct sum leaves.
 *
 * The backward pass is the transpose of the forward one, step by step, on the same chunks. Threads divide the images.
 */
import { sizeOf, type Layer, type Shape } from '../../../nets/index.js';
import { shareOf, type Machine } from '../machine.js';
import type { Plan } from '../plan.js';
import { addBiasGradient } from './biasGradient.js';
import type { Activation, BackwardStep, GradientRequest, LayerNode, OutputWatcher } from './node.js';
import { schemeFor, tilesOf } from './winogradScheme.js';

/** Numbers between the matrices of a chunk, and between those of the weights: `APART` of kernels/winograd.ts. */
const APART = 16;
/** Numbers of the workspace between the two directions of a transform: 18 × 512, kernels/winograd4.ts. */
const WORK = 9216;
/** Weights that a thread takes at least: a cache line. */
const GRAIN = 16;
/** The kernels take four channels at once. */
const LANES = 4;

type Convolution = Extract<Layer, { kind: 'conv' }>;
type MapShape = Extract<Shape, { kind: 'map' }>;

/** Whether a convolution can go this way. */
export function suitsWinograd({ kernel, stride, outputs }: Convolution, { channels }: MapShape): boolean {
  return kernel === 3 && stride === 1 && outputs % LANES === 0 && channels % LANES === 0;
}

export function winogradNode(layer: Convolution, input: Activation, plan: Plan): LayerNode {
  const { height, width, channels: inputs } = input.shape as MapShape;
  const { outputs } = layer;
  const scheme = schemeFor({ height, width });
  const { products } = scheme;
  const tiles = tilesOf(scheme, height, width);
  const size = inputs * outputs;
  // Of one of the transformed weights to the next, and of all of them.
  const tap = 4 * (size + APART);
  const taps = products * (size + APART);
  const weight = plan.parameter(`${layer.name}.weight`);
  const bias = layer.bias ? plan.parameter(`${layer.name}.bias`) : null;
  const x = input.address;
  const shape: MapShape = { kind: 'map', height, width, channels: outputs };
  const y = plan.floats(plan.batch * sizeOf(shape));
  // G g Gᵀ of every pair of channels, kept for the backward pass.
  const U = plan.floats(taps);
  const chunk = Math.min(scheme.chunk, tiles * plan.batch);
  const chunkNumbers = (channels: number) => products * (chunk * channels + APART);
  plan.scratch(WORK + chunkNumbers(inputs) + chunkNumbers(outputs));
  plan.edge(Math.max(inputs, outputs));

  /** Calls `work` for this thread's tiles, chunk by chunk; with the bytes from one matrix to the next. */
  const chunks = (
    machine: Machine,
    samples: number,
    work: (first: number, last: number, V: number, M: number, apartV: number, apartM: number) => void,
  ) => {
    const [from, to] = shareOf(machine, samples);
    const V = machine.scratch + 4 * WORK;
    const M = V + 4 * chunkNumbers(inputs);
    for (let first = from * tiles; first < to * tiles; first += chunk) {
      const last = Math.min(first + chunk, to * tiles);
      const apart = (channels: number) => 4 * ((last - first) * channels + APART);
      work(first, last, V, M, apart(inputs), apart(outputs));
    }
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
      const { gemm, scratch } = machine;
      const transforms = scheme.transforms(machine.kernels);
      const [from, to] = shareOf(machine, size, GRAIN);
      transforms.weights(weight.value, size, from, to, U, scratch);
      machine.sync();
      chunks(machine, samples, (first, last, V, M, apartV, apartM) => {
        transforms.input(x, height, width, inputs, first, last, V, machine.zeros, scratch);
        for (let i = 0; i < products; i++)
          gemm(
            'N',
            'N',
            last - first,
            outputs,
            inputs,
            V + i * apartV,
            inputs,
            U + i * tap,
            outputs,
            0,
            M + i * apartM,
            outputs,
          );
        const constant = bias === null ? machine.zeros : bias.value;
        transforms.output(M, height, width, outputs, first, last, y, constant, machine.waste, scratch);
        observer?.images(machine, Math.floor(first / tiles), Math.floor(last / tiles));
      });
      machine.sync();
    },
    planBackward(request) {
      return backward(request);
    },
  };

  function backward(request: GradientRequest): BackwardStep {
    const dy = request.gradient;
    // Tiles overlap, so that ∂F/∂x is added up: onto a gradient that is there, or onto zeros.
    const adds = request.input.kind === 'add' && request.input.into !== dy;
    const clash = request.input.kind === 'add' && request.input.into === dy;
    const place = () => (adds ? intoOf(request) : plan.acquire(plan.batch * sizeOf(input.shape)));
    const target = request.input.kind === 'none' ? null : place();
    plan.common(taps * plan.threads);
    if (clash && target !== null) plan.release(target);
    if (request.fate === 'consume' && !clash) plan.release(dy);
    const bytes = 4 * sizeOf(input.shape);
    return {
      gradient: clash ? dy : target,
      work(machine, samples) {
        const { kernels, gemm, floats, scratch } = machine;
        const transforms = scheme.transforms(kernels);
        const [from, to] = shareOf(machine, samples);
        if (target !== null && !adds) floats.fill(0, (target + from * bytes) / 4, (target + to * bytes) / 4);
        const dU = machine.common + 4 * taps * machine.thread;
        // A thread without samples leaves zeros.
        if (from === to) floats.fill(0, dU / 4, dU / 4 + taps);
        let carry = 0;
        chunks(machine, samples, (first, last, V, M, apartV, apartM) => {
          const count = last - first;
          transforms.input(x, height, width, inputs, first, last, V, machine.zeros, scratch);
          transforms.outputGradient(dy, height, width, outputs, first, last, M, machine.zeros, scratch);
          for (let i = 0; i < products; i++) {
            const [Vi, Mi] = [V + i * apartV, M + i * apartM];
            gemm('T', 'N', inputs, outputs, count, Vi, inputs, Mi, outputs, carry, dU + i * tap, outputs);
            // V has served: its place takes ∂F/∂V.
            if (target !== null)
              gemm('N', 'T', count, inputs, outputs, Mi, outputs, U + i * tap, outputs, 0, Vi, inputs);
          }
          carry = 1;
          if (target !== null)
            transforms.inputGradient(V, height, width, inputs, first, last, target, machine.waste, scratch);
        });
        if (bias !== null)
          addBiasGradient(machine, dy, samples * height * width, bias.gradient, outputs, plan.carry);
        machine.sync();
        const [begin, end] = shareOf(machine, size, GRAIN);
        transforms.weightGradient(
          machine.common,
          machine.threads,
          size,
          begin,
          end,
          plan.carry,
          weight.gradient,
          scratch,
        );
        if (clash && target !== null)
          kernels.addInto(target + from * bytes, dy + from * bytes, (to - from) * bytes);
        machine.sync();
      },
    };
  }
}

function intoOf({ input, gradient }: GradientRequest): number {
  return input.kind === 'add' ? input.into : gradient;
}
