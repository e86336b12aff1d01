/** Shapes and parameters of a network, layer by layer. */
import { refuse, refuseShape } from '../core/errors.js';
import type { Layer, Network, Shape } from './network.js';

/** How a parameter starts, and what it is. */
export type ParameterRole = 'linear' | 'conv' | 'bias' | 'scale' | 'shift' | 'head' | 'headBias';

export interface Parameter {
  readonly name: string;
  readonly role: ParameterRole;
  /** outputs×inputs for linear and head; kernel×kernel×inputs×outputs for conv; one number for vectors. */
  readonly shape: readonly number[];
}

/** Numbers of one sample at this shape. */
export function sizeOf(shape: Shape): number {
  return shape.kind === 'vector' ? shape.size : shape.height * shape.width * shape.channels;
}

/** What channels mean for normalisation: the last axis. */
export function channelsOf(shape: Shape): number {
  return shape.kind === 'vector' ? shape.size : shape.channels;
}

/** The shape after a layer. Throws a dimension error where the layer cannot read its input. */
export function shapeAfter(layer: Layer, input: Shape): Shape {
  switch (layer.kind) {
    case 'linear':
      return { kind: 'vector', size: layer.outputs };
    case 'conv': {
      const { height, width } = mapOf(layer, input);
      const after = (size: number) => Math.floor((size - 1) / layer.stride) + 1;
      return { kind: 'map', height: after(height), width: after(width), channels: layer.outputs };
    }
    case 'batchNorm':
    case 'relu':
      return input;
    case 'maxPool': {
      const { height, width, channels } = mapOf(layer, input);
      if (height < 2 || width < 2)
        refuseShape(
          layer.name,
          'a map of at least 2×2',
          `${height}×${width}`,
          'larger images or fewer pools',
        );
      return { kind: 'map', height: height >> 1, width: width >> 1, channels };
    }
    case 'averagePool':
      return { kind: 'vector', size: mapOf(layer, input).channels };
    case 'residual': {
      const body = shapeThrough(layer.body, input);
      const shortcut = shapeThrough(layer.shortcut, input);
      if (JSON.stringify(body) !== JSON.stringify(shortcut))
        refuseShape(
          layer.name,
          'body and shortcut of one shape',
          `${describe(body)} and ${describe(shortcut)}`,
        );
      return body;
    }
    default:
      return layer satisfies never;
  }
}

/** The shape after a row of layers. */
export function shapeThrough(layers: readonly Layer[], input: Shape): Shape {
  return layers.reduce((shape, layer) => shapeAfter(layer, shape), input);
}

export function inputShape({ input }: Network): Shape {
  return { kind: 'map', ...input };
}

/** d_0, the size of the features that the head reads. */
export function featureSize(network: Network): number {
  return sizeOf(shapeThrough(network.backbone, inputShape(network)));
}

/** d_0 … d_{M−1}, K. */
export function headSizes(network: Network): number[] {
  return [featureSize(network), ...network.head.widths, network.classes];
}

/** Visits every layer with the shape it reads, in the order of computation; a residual before its parts. */
export function walkLayers(
  layers: readonly Layer[],
  input: Shape,
  visit: (layer: Layer, input: Shape) => void,
): Shape {
  let shape = input;
  for (const layer of layers) {
    visit(layer, shape);
    if (layer.kind === 'residual') {
      walkLayers(layer.body, shape, visit);
      walkLayers(layer.shortcut, shape, visit);
    }
    shape = shapeAfter(layer, shape);
  }
  return shape;
}

/**
 * Every parameter in order: of the backbone (`NAME.weight`, `NAME.bias`; `NAME.scale` and `NAME.shift` of BatchNorm), then
 * `W1` … `WM` of the head and its bias `b`. Throws for names that occur twice.
 */
export function parametersOf(network: Network): Parameter[] {
  const parameters: Parameter[] = [];
  walkLayers(network.backbone, inputShape(network), (layer, input) => {
    const { name } = layer;
    if (layer.kind === 'linear') {
      parameters.push({ name: `${name}.weight`, role: 'linear', shape: [layer.outputs, sizeOf(input)] });
      if (layer.bias) parameters.push({ name: `${name}.bias`, role: 'bias', shape: [layer.outputs] });
    } else if (layer.kind === 'conv') {
      const shape = [layer.kernel, layer.kernel, channelsOf(input), layer.outputs];
      parameters.push({ name: `${name}.weight`, role: 'conv', shape });
      if (layer.bias) parameters.push({ name: `${name}.bias`, role: 'bias', shape: [layer.outputs] });
    } else if (layer.kind === 'batchNorm') {
      parameters.push({ name: `${name}.scale`, role: 'scale', shape: [channelsOf(input)] });
      parameters.push({ name: `${name}.shift`, role: 'shift', shape: [channelsOf(input)] });
    }
  });
  const sizes = headSizes(network);
  for (let m = 1; m < sizes.length; m++)
    parameters.push({ name: `W${m}`, role: 'head', shape: [sizes[m], sizes[m - 1]] });
  if (network.head.bias === 'free')
    parameters.push({ name: 'b', role: 'headBias', shape: [network.classes] });
  checkNames(network, parameters);
  return parameters;
}

/** Names of the layers whose outputs can be asked for, in order. */
export function layerNames(network: Network): string[] {
  const names: string[] = [];
  walkLayers(network.backbone, inputShape(network), ({ name }) => names.push(name));
  return names;
}

function checkNames(network: Network, parameters: readonly Parameter[]): void {
  const seen = new Set<string>(['features']);
  for (const name of [...layerNames(network), ...parameters.map((parameter) => parameter.name)]) {
    if (seen.has(name)) refuse(`network ${network.name}`, 'names that occur once', name);
    seen.add(name);
  }
}

function mapOf(layer: Layer, input: Shape): Extract<Shape, { kind: 'map' }> {
  if (input.kind !== 'map') refuseShape(layer.name, 'a map as input', describe(input));
  return input;
}

function describe(shape: Shape): string {
  return shape.kind === 'vector'
    ? `a vector of ${shape.size}`
    : `a map of ${shape.height}×${shape.width}×${shape.channels}`;
}
