/** 2×2 maxima and means over all positions; threads divide the images. */
import { shapeAfter, sizeOf, type Layer, type Shape } from '../../../nets/index.js';
import { shareOf } from '../machine.js';
import type { Plan } from '../plan.js';
import { placeGradient } from './gradientPlace.js';
import type { Activation, LayerNode } from './node.js';

type MapShape = Extract<Shape, { kind: 'map' }>;

export function maxPoolNode(layer: Layer, input: Activation, plan: Plan): LayerNode {
  const { height, width, channels } = input.shape as MapShape;
  const shape = shapeAfter(layer, input.shape);
  const [sizeIn, sizeOut] = [4 * sizeOf(input.shape), 4 * sizeOf(shape)];
  const x = input.address;
  const y = plan.floats((plan.batch * sizeOut) / 4);
  return {
    output: { address: y, shape },
    forward(machine, samples) {
      const [from, to] = shareOf(machine, samples);
      machine.kernels.maxPool(x + from * sizeIn, y + from * sizeOut, to - from, height, width, channels);
      machine.sync();
    },
    planBackward(request) {
      const dy = request.gradient;
      const place = placeGradient(plan, input, request, 'apart');
      return place.finish((machine, samples) => {
        if (place.address === null) return;
        const [from, to] = shareOf(machine, samples);
        machine.kernels.maxPoolGradient(
          x + from * sizeIn,
          y + from * sizeOut,
          dy + from * sizeOut,
          place.address + from * sizeIn,
          to - from,
          height,
          width,
          channels,
        );
        machine.sync();
      });
    },
  };
}

export function averagePoolNode(input: Activation, plan: Plan): LayerNode {
  const { height, width, channels } = input.shape as MapShape;
  const positions = height * width;
  const [sizeIn, sizeOut] = [4 * positions * channels, 4 * channels];
  const x = input.address;
  const y = plan.floats(plan.batch * channels);
  return {
    output: { address: y, shape: { kind: 'vector', size: channels } },
    forward(machine, samples) {
      const [from, to] = shareOf(machine, samples);
      machine.kernels.averagePool(x + from * sizeIn, y + from * sizeOut, to - from, positions, channels);
      machine.sync();
    },
    planBackward(request) {
      const dy = request.gradient;
      const place = placeGradient(plan, input, request, 'apart');
      return place.finish((machine, samples) => {
        if (place.address === null) return;
        const [from, to] = shareOf(machine, samples);
        const [source, target] = [dy + from * sizeOut, place.address + from * sizeIn];
        machine.kernels.averagePoolGradient(source, target, to - from, positions, channels);
        machine.sync();
      });
    },
  };
}
