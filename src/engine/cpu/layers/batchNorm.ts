/**
 * Batch normalisation (Ioffe & Szegedy 2015), as PyTorch has it: the batch's variance is over n, the running one over n − 1.
 * A ReLU that follows is part of it.
 *
 * Threads divide the images. What follows from the sums of all threads is little work, and every thread does it for all channels:
 * it writes the same numbers as the others and need not wait for them. Gradients and running statistics are divided by channels.
 */
import { BATCH_NORM_EPSILON, BATCH_NORM_MOMENTUM, channelsOf, sizeOf } from '../../../nets/index.js';
import { shareOf, type Machine } from '../machine.js';
import type { Plan, Tap } from '../plan.js';
import { placeGradient } from './gradientPlace.js';
import type { Activation, LayerNode, OutputWatcher } from './node.js';
import { recordTap } from './tap.js';

export function batchNormNode(
  name: string,
  input: Activation,
  plan: Plan,
  followedBy: 'nothing' | 'relu',
  previous: LayerNode | null,
): LayerNode {
  const C = channelsOf(input.shape);
  const positions = sizeOf(input.shape) / C;
  const floor = followedBy === 'relu' ? 0 : -Infinity;
  const scale = plan.parameter(`${name}.scale`);
  const shift = plan.parameter(`${name}.shift`);
  const running = { mean: plan.statistic(`${name}.mean`), variance: plan.statistic(`${name}.variance`) };
  const x = input.address;
  const y = plan.floats(plan.batch * positions * C);
  // y = a·x + b; backward, dx = a·g + slope·(x − mean) + level.
  const [a, b, mean, inverse, slope, level] = Array.from({ length: 6 }, () => plan.floats(C));
  const sums = plan.doubles(2 * C * plan.threads);
  const tap: Tap = plan.tap(name);

  /** The rows of this thread: first and number. */
  const rowsOf = (machine: Machine, samples: number): readonly [number, number] => {
    const [from, to] = shareOf(machine, samples);
    return [from * positions, (to - from) * positions];
  };
  /** Clears this thread's sums and returns their address. */
  const freshSums = ({ thread, doubles }: Machine): number => {
    const at = sums + 16 * C * thread;
    doubles.fill(0, at / 8, at / 8 + 2 * C);
    return at;
  };
  /** The sums of all threads for entry i of 2C. */
  const total = ({ threads, doubles }: Machine, i: number): number => {
    let sum = 0;
    for (let t = 0; t < threads; t++) sum += doubles[sums / 8 + 2 * C * t + i];
    return sum;
  };

  const channelSums: OutputWatcher = {
    begin: (machine) => freshSums(machine),
    images({ thread, kernels }, from, to) {
      const rows = (to - from) * positions;
      kernels.channelSums(x + 4 * C * from * positions, rows, C, sums + 16 * C * thread);
    },
  };
  // The layer before computes the sums of its output while that lies in cache, or else this one does.
  const watched = previous?.watch !== undefined;
  previous?.watch?.(channelSums);

  const measure = (machine: Machine, samples: number) => {
    const { floats } = machine;
    if (!watched) {
      channelSums.begin(machine);
      channelSums.images(machine, ...shareOf(machine, samples));
      machine.sync();
    }
    const n = samples * positions;
    const [from, to] = shareOf(machine, C);
    for (let c = 0; c < C; c++) {
      const centre = total(machine, c) / n;
      const variance = Math.max(0, total(machine, C + c) / n - centre * centre);
      floats[mean / 4 + c] = centre;
      setLine(machine, c, variance);
      if (c < from || c >= to) continue;
      const unbiased = (variance * n) / Math.max(1, n - 1);
      blend(floats, running.mean / 4 + c, centre);
      blend(floats, running.variance / 4 + c, unbiased);
    }
  };
  const recall = (machine: Machine) => {
    const { floats } = machine;
    for (let c = 0; c < C; c++) {
      floats[mean / 4 + c] = floats[running.mean / 4 + c];
      setLine(machine, c, floats[running.variance / 4 + c]);
    }
  };
  /** a and b of channel c from its mean, already in place, and its variance. */
  const setLine = ({ floats }: Machine, c: number, variance: number) => {
    const inverseSd = 1 / Math.sqrt(variance + BATCH_NORM_EPSILON);
    floats[inverse / 4 + c] = inverseSd;
    floats[a / 4 + c] = floats[scale.value / 4 + c] * inverseSd;
    floats[b / 4 + c] = floats[shift.value / 4 + c] - floats[mean / 4 + c] * floats[a / 4 + c];
  };

  return {
    output: { address: y, shape: input.shape },
    forward(machine, samples, mode) {
      if (mode === 'training') measure(machine, samples);
      else recall(machine);
      const [first, rows] = rowsOf(machine, samples);
      const at = 4 * C * first;
      // A measurement of this layer wants what the ReLU would cut off.
      const apart = mode === 'evaluation' && followedBy === 'relu' && machine.flags[tap.flag] !== 0;
      machine.kernels.scaleShift(x + at, y + at, rows, C, a, b, apart ? -Infinity : floor);
      machine.sync();
      if (mode === 'evaluation') recordTap(machine, tap, { address: y, shape: input.shape }, samples);
      if (!apart) return;
      machine.kernels.relu(y + at, y + at, 4 * C * rows);
      machine.sync();
    },
    planBackward(request) {
      const dy = request.gradient;
      const place = placeGradient(plan, input, request, 'in place');
      return place.finish((machine, samples) => {
        const { floats, kernels } = machine;
        const [first, rows] = rowsOf(machine, samples);
        const at = 4 * C * first;
        kernels.gradientSums(x + at, dy + at, rows, C, a, b, mean, floor, freshSums(machine));
        machine.sync();
        const n = samples * positions;
        const [from, to] = shareOf(machine, C);
        for (let c = 0; c < C; c++) {
          const inverseSd = floats[inverse / 4 + c];
          const gradient = total(machine, c);
          const product = total(machine, C + c);
          floats[slope / 4 + c] = (-floats[a / 4 + c] * inverseSd * inverseSd * product) / n;
          floats[level / 4 + c] = (-floats[a / 4 + c] * gradient) / n;
          if (c < from || c >= to) continue;
          add(floats, shift.gradient / 4 + c, plan.carry, gradient);
          add(floats, scale.gradient / 4 + c, plan.carry, product * inverseSd);
        }
        if (place.address !== null)
          kernels.normGradient(x + at, dy + at, place.address + at, rows, C, a, b, mean, slope, level, floor);
        machine.sync();
      });
    },
  };
}

function blend(floats: Float32Array, at: number, newest: number): void {
  floats[at] = (1 - BATCH_NORM_MOMENTUM) * floats[at] + BATCH_NORM_MOMENTUM * newest;
}

function add(floats: Float32Array, at: number, carry: number, value: number): void {
  floats[at] = carry * floats[at] + value;
}
