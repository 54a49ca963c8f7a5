import type { LayersModel, layers as tfLayers } from '@tensorflow/tfjs-layers';
import { ArgumentError } from '../geometry.js';
import { inputShapesOf } from '../inspect/profile/input-shapes.js';
import { walk } from '../inspect/profile/walk.js';
import { allShapes } from '../layers/cnn-layer.js';
import { entriesOf } from '../weights/entries.js';
import type { Graph, GraphNode, Operation, OperationOf, Value } from './graph.js';
import { LayerReader } from './layer-reader.js';
import { operationsOf } from './operations-of.js';

/**
 * The net as operations, layer by layer along its wires.
 *
 * @param inputShape [height, width, channels] where the model leaves sizes open
 * @throws ArgumentError naming the layer that cannot be said so, or for a model of several inputs
 */
export function graphOf(model: LayersModel, inputShape?: readonly number[]): Graph {
  const shapes = inputShapesOf('export', model, inputShape);
  if (shapes.length !== 1) throw new ArgumentError(`export: model '${model.name}' must have one input, it has ${shapes.length}`);
  const input: Value = { shape: shapes[0]! };
  const maps = flattenedMaps(model);
  const nodes: GraphNode[] = [];
  const ends = walk<Value>(model, [input], (layer, inputs) => [through(layer, inputs, maps.get(layer.name), nodes)]);
  const outputs = ends.map((value, i) => ({ value, layer: value.node?.layer ?? model.outputNames[i]! }));
  return { name: model.name, input, nodes, outputs };
}

function through(layer: tfLayers.Layer, inputs: readonly Value[], map: readonly number[] | undefined, nodes: GraphNode[]): Value {
  const given = inputs.map(({ shape }) => [1, ...shape]);
  const outputs = allShapes(layer.computeOutputShape(given.length === 1 ? given[0]! : given));
  const reader = new LayerReader(
    layer,
    inputs.map(({ shape }) => shape),
    outputs[0]!.slice(1) as number[],
  );
  if (outputs.length !== 1) reader.refuse('has several outputs and is not exported');
  const operations = operationsOf(reader, map);
  // A copy: a block may go on to lengthen its list.
  let values: readonly Value[] = [...inputs];
  operations.forEach((operation, i) => {
    const shape = shapeBehind(operation, values, reader.output);
    const node = { layer: layer.name, main: i === 0, operation, inputs: values } as GraphNode & { output: Value };
    node.output = { shape, node };
    nodes.push(node);
    values = [node.output];
  });
  return values[0]!;
}

/** Of a layer's operations all have the layer's output shape but the one that leaves pixels out before channels are added. */
function shapeBehind(operation: Operation, [value]: readonly Value[], output: readonly number[]): readonly number[] {
  return operation.kind === 'subsample' ? [output[0]!, output[1]!, value!.shape[2]!] : output;
}

/** What the kernels of dense layers were flattened from, by the layers' names: as their state dict has it. */
function flattenedMaps(model: LayersModel): Map<string, readonly number[]> {
  return new Map(
    entriesOf(model, 'torch').flatMap(({ name, layout }) =>
      layout.axes.length === 4 && layout.shape.length === 2
        ? [[name.replace(/\.[^.]*$/, ''), layout.axes.slice(0, 3)] as const]
        : [],
    ),
  );
}

/** The softmax that ends a net, if one does: training wants the logits before it. */
export function endingSoftmax({ node }: Value): (GraphNode & { readonly operation: OperationOf<'activation'> }) | undefined {
  const operation = node?.operation;
  return operation?.kind === 'activation' && operation.name === 'softmax'
    ? (node as GraphNode & { readonly operation: OperationOf<'activation'> })
    : undefined;
}

/** How many nodes and outputs use each value. */
export function usesOf({ nodes, outputs }: Graph): Map<Value, number> {
  const uses = new Map<Value, number>();
  const count = (value: Value): unknown => uses.set(value, (uses.get(value) ?? 0) + 1);
  for (const { inputs } of nodes) inputs.forEach(count);
  for (const { value } of outputs) count(value);
  return uses;
}
