/** From layers as data to nodes with places in memory. A ReLU joins the normalisation or the residual before it. */
import { refuseShape } from '../../../core/errors.js';
import { shapeAfter, type Layer } from '../../../nets/index.js';
import type { Plan } from '../plan.js';
import { batchNormNode } from './batchNorm.js';
import { linearNode } from './linear.js';
import type { Activation, LayerNode } from './node.js';
import { patchNode } from './patchConvolution.js';
import { averagePoolNode, maxPoolNode } from './pool.js';
import { reluNode } from './relu.js';
import { residualNode, type Branch } from './residual.js';
import { recordTap } from './tap.js';
import { suitsWinograd, winogradNode } from './winogradConvolution.js';

/** Nodes for a row of layers that reads `input`. */
export function compileLayers(layers: readonly Layer[], input: Activation, plan: Plan): Branch {
  const nodes: LayerNode[] = [];
  let at = input;
  let previous: Layer | null = null;
  let i = 0;
  while (i < layers.length) {
    const layer = layers[i];
    const next = layers.at(i + 1);
    const relu = next !== undefined && next.kind === 'relu' && joins(layer) ? next : null;
    let node = compileLayer(
      layer,
      { previous, node: nodes.at(-1) ?? null },
      at,
      plan,
      relu === null ? 'nothing' : 'relu',
    );
    // What a ReLU can join records its own output, before the ReLU.
    if (!joins(layer)) node = tapped(node, layer.name, plan);
    if (relu !== null) node = tapped(node, relu.name, plan);
    nodes.push(node);
    at = node.output;
    previous = relu ?? layer;
    i += relu === null ? 1 : 2;
  }
  return { nodes, output: at };
}

/** Layers that take a ReLU behind them into their own pass. */
function joins(layer: Layer): boolean {
  return layer.kind === 'batchNorm' || layer.kind === 'residual';
}

function compileLayer(
  layer: Layer,
  before: { readonly previous: Layer | null; readonly node: LayerNode | null },
  input: Activation,
  plan: Plan,
  followedBy: 'nothing' | 'relu',
): LayerNode {
  switch (layer.kind) {
    case 'linear':
      return linearNode(layer, input, plan);
    case 'conv':
      return plan.convolutions === 'winograd' &&
        input.shape.kind === 'map' &&
        suitsWinograd(layer, input.shape)
        ? winogradNode(layer, input, plan)
        : patchNode(layer, input, plan);
    case 'batchNorm':
      return batchNormNode(layer.name, input, plan, followedBy, before.node);
    case 'relu':
      return reluNode(
        input,
        plan,
        before.previous !== null && forgets(before.previous) ? 'over its input' : 'apart',
      );
    case 'maxPool':
      return maxPoolNode(layer, input, plan);
    case 'averagePool':
      return averagePoolNode(input, plan);
    case 'residual': {
      if (layer.body.length === 0) refuseShape(layer.name, 'a body with a layer', 'none');
      shapeAfter(layer, input.shape); // refuses branches that do not fit
      const body = compileLayers(layer.body, input, plan);
      const shortcut = compileLayers(layer.shortcut, input, plan);
      return residualNode(layer.name, body, shortcut, plan, followedBy);
    }
    default:
      return layer satisfies never;
  }
}

/** Layers whose backward pass does not read their output. */
function forgets({ kind }: Layer): boolean {
  return kind === 'linear' || kind === 'conv' || kind === 'averagePool';
}

/** The node, leaving its output for measurements under a name. */
function tapped(node: LayerNode, name: string, plan: Plan): LayerNode {
  const tap = plan.tap(name);
  return {
    ...node,
    forward(machine, samples, mode) {
      node.forward(machine, samples, mode);
      if (mode === 'evaluation') recordTap(machine, tap, node.output, samples);
    },
  };
}
