/**
 * A network compiled for threads: where every array lies, and what each thread does in a step and in an evaluation.
 *
 * Planning is a pure function of its parts: each thread plans for itself and gets the same program.
 */
import {
  channelsOf,
  featureSize,
  headSizes,
  inputShape,
  layerNames,
  parametersOf,
  sizeOf,
  walkLayers,
  shapeAfter,
  type Network,
  type TrainingRule,
} from '../../nets/index.js';
import type { Blas } from '../../core/blas.js';
import { createHeadLoss } from './headLoss.js';
import { compileLayers } from './layers/compile.js';
import { planRow } from './layers/residual.js';
import { shareOf, type Machine } from './machine.js';
import { Arena, type ConvolutionMethod, type Plan, type Slot, type Tap, type Workspaces } from './plan.js';

/** A rule as it crosses to a thread: decays by name. */
export interface PlainRule extends Omit<TrainingRule, 'weightDecay'> {
  readonly decays: Readonly<Record<string, number>>;
}

/** What a program follows from. */
export interface ProgramParts {
  readonly network: Network;
  readonly rule: PlainRule;
  readonly batch: number;
  readonly threads: number;
  readonly convolutions: ConvolutionMethod;
}

/** Numbers that threads are told before they start, float64 from this address; and what comes back. */
export const CONTROL = { rate: 1024, steps: 1032, loss: 1040, correct: 1048 } as const;
/** Where the flags of the taps begin: an Int32 each. */
const TAP_FLAGS = 4096;
const MOST_TAPS = (65536 - TAP_FLAGS) / 4;

/** Where an array of the state lies. */
export interface Place {
  readonly address: number;
  readonly length: number;
}

export interface Program {
  readonly workspaces: Workspaces;
  /** Images, batch×height×width×channels. */
  readonly images: number;
  readonly imageSize: number;
  readonly labels: number;
  readonly state: ReadonlyMap<string, Place>;
  /** By layer name, and `features`. */
  readonly taps: ReadonlyMap<string, Tap>;
  /** The work of one thread; `blas` serves the head on the first one. */
  bind(machine: Machine, blas: Blas): { step(samples: number): void; evaluate(samples: number): void };
}

export function planProgram({ network, rule, batch, threads, convolutions }: ProgramParts): Program {
  const arena = new Arena();
  const { optimizer } = rule;
  const carry = optimizer.name === 'sgd' ? optimizer.momentum : 0;
  const state = new Map<string, Place>();
  const place = (name: string, length: number): number => {
    const address = arena.floats(length);
    state.set(name, { address, length });
    return address;
  };

  const slots = new Map<string, Slot>();
  const second = new Map<string, { first: number; second: number }>();
  for (const { name, shape } of parametersOf(network)) {
    const length = shape.reduce((product, size) => product * size, 1);
    const value = place(name, length);
    const gradient = optimizer.name === 'sgd' ? place(`momentum:${name}`, length) : arena.floats(length);
    if (optimizer.name === 'adam')
      second.set(name, { first: place(`first:${name}`, length), second: place(`second:${name}`, length) });
    slots.set(name, { name, length, value, gradient });
  }
  walkLayers(network.backbone, inputShape(network), (layer, input) => {
    if (layer.kind !== 'batchNorm') return;
    place(`${layer.name}.mean`, channelsOf(input));
    place(`${layer.name}.variance`, channelsOf(input));
  });
  const steps = optimizer.name === 'adam' ? place('steps', 1) : null;

  const taps = planTaps(network, batch, arena);
  const imageSize = sizeOf(inputShape(network));
  const images = arena.floats(batch * imageSize);
  const labels = arena.floats(batch);
  const find = <T>(map: ReadonlyMap<string, T>, name: string): T => {
    const entry = map.get(name);
    if (entry === undefined) throw new Error(`nothing is called ${name}`);
    return entry;
  };
  const plan: Plan = {
    batch,
    threads,
    convolutions,
    carry,
    floats: (count) => arena.floats(count),
    doubles: (count) => arena.floats(2 * count),
    acquire: (count) => arena.acquire(count),
    release: (address) => arena.release(address),
    scratch: (count) => arena.wishScratch(count),
    common: (count) => arena.wishCommon(count),
    edge: (count) => arena.wishEdge(count),
    parameter: (name) => find(slots, name),
    statistic: (name) => find(state, name).address,
    tap: (name) => find(taps, name),
  };

  const body = compileLayers(network.backbone, { address: images, shape: inputShape(network) }, plan);
  const d = featureSize(network);
  const gradient = plan.acquire(batch * d);
  const backward = planRow(body.nodes, { gradient, fate: 'consume', input: { kind: 'none' } });
  const sizes = headSizes(network);
  const weights = sizes.slice(1).map((_, m) => find(slots, `W${m + 1}`));
  const features = find(taps, 'features');
  const workspaces = arena.finish(threads);

  return {
    workspaces,
    images,
    imageSize,
    labels,
    state,
    taps,
    bind(machine, blas) {
      const { floats, doubles, flags, kernels } = machine;
      const headLoss =
        machine.thread === 0
          ? createHeadLoss({
              floats,
              blas,
              rule,
              weights,
              sizes,
              bias: slots.get('b') ?? null,
              features: body.output.address,
              gradient,
              labels: flags.subarray(labels / 4, labels / 4 + batch),
              carry,
              batch,
            })
          : null;
      const update = () => {
        const rate = doubles[CONTROL.rate / 8];
        const t = doubles[CONTROL.steps / 8] + 1;
        for (const { name, length, value, gradient: G } of slots.values()) {
          const [from, to] = shareOf(machine, length, 16);
          const [at, bytes] = [4 * from, 4 * (to - from)];
          const decay = rule.decays[name] ?? 0;
          if (optimizer.name === 'sgd') kernels.sgd(value + at, G + at, bytes, rate, decay);
          else {
            const { beta1, beta2, epsilon } = optimizer;
            const moments = find(second, name);
            kernels.adam(
              value + at,
              G + at,
              moments.first + at,
              moments.second + at,
              bytes,
              rate / (1 - beta1 ** t),
              Math.sqrt(1 - beta2 ** t),
              beta1,
              beta2,
              epsilon,
              decay,
            );
          }
        }
        machine.sync();
        if (machine.thread === 0 && steps !== null) floats[steps / 4] = t;
      };
      return {
        step(samples) {
          for (const node of body.nodes) node.forward(machine, samples, 'training');
          if (headLoss !== null) {
            const { loss, correct } = headLoss(samples);
            doubles[CONTROL.loss / 8] = loss;
            doubles[CONTROL.correct / 8] = correct;
          }
          machine.sync();
          backward.work(machine, samples);
          update();
        },
        evaluate(samples) {
          for (const node of body.nodes) node.forward(machine, samples, 'evaluation');
          if (flags[features.flag] === 0) return;
          const [from, to] = shareOf(machine, samples);
          const source = body.output.address / 4;
          floats.copyWithin(features.address / 4 + from * d, source + from * d, source + to * d);
          machine.sync();
        },
      };
    },
  };
}

/** A place for the output of every layer, averaged over positions, and for the features. */
function planTaps(network: Network, batch: number, arena: Arena): Map<string, Tap> {
  const taps = new Map<string, Tap>();
  const add = (name: string, channels: number) => {
    const flag = TAP_FLAGS / 4 + taps.size;
    if (taps.size >= MOST_TAPS) throw new Error('more layers than flags');
    taps.set(name, { flag, address: arena.floats(batch * channels), channels });
  };
  walkLayers(network.backbone, inputShape(network), (layer, input) => {
    add(layer.name, channelsOf(shapeAfter(layer, input)));
  });
  add('features', featureSize(network));
  if (taps.size !== layerNames(network).length + 1) throw new Error('a layer without a place');
  return taps;
}
