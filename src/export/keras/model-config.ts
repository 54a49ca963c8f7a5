import type { LayersModel } from '@tensorflow/tfjs-layers';
import { ArgumentError } from '../../geometry.js';
import type { Graph, GraphNode, Value } from '../graph.js';
import { graphOf } from '../graph-of.js';
import { type LayerConfig, layerConfigs } from './layer-config.js';
import { type Call, kerasOrder } from './layer-order.js';

/**
 * The config of a model for Keras 3, made of Keras's own layers: what `.keras` and `.weights.h5` files need beside the weights, whose
 * names it has.
 *
 * ```ts
 * const weights = await stateDict(model, { framework: 'keras' });
 * const file = await writeWeights(weights, 'keras', { metadata: { config: kerasConfig(model) } });
 * ```
 *
 * Outputs agree to rounding. In training, moving variances are Keras's: those of PyTorch's nets are unbiased.
 *
 * @param inputShape [height, width, channels] of the pictures, for a model that leaves sizes open; default the model's own
 * @returns the model as `config.json` of a .keras file has it
 * @throws ArgumentError naming the layer that has no counterpart among Keras's own; `exportModel` brings such along
 */
export function kerasConfig(model: LayersModel, inputShape?: readonly number[]): Readonly<Record<string, unknown>> {
  return functionalConfig(graphOf(model, inputShape));
}

/** A layer and where it is called. */
interface Layer {
  readonly class_name: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly name: string;
  readonly inbound_nodes: unknown[];
}

/** What a call of a layer gave. */
interface Place extends Call {
  readonly call: number;
  readonly shape: readonly number[];
}

function functionalConfig(graph: Graph): Readonly<Record<string, unknown>> {
  const taken = new Set(graph.nodes.map(({ layer }) => layer));
  const input = ['input', 'picture', 'the_input'].find((name) => !taken.has(name)) as string;
  const { shape } = graph.input;
  const layers = new Map<string, Layer>();
  layers.set(input, layerOf('InputLayer', input, { batch_shape: [null, ...shape], dtype: 'float32' }));
  const places = new Map<Value, Place>([[graph.input, { layer: input, inputs: [], call: 0, shape }]]);
  for (const node of graph.nodes) {
    let given = node.inputs.map((value) => places.get(value) as Place);
    const configs = layerConfigs(node);
    for (const [i, config] of configs.entries()) {
      const layer = placed(layers, i === configs.length - 1 ? nameOf(node) : `${node.layer}_pad`, config);
      const tensors = given.map(tensorOf);
      const several = ['Add', 'Concatenate'].includes(config.className);
      layer.inbound_nodes.push({ args: several ? [tensors] : tensors, kwargs: {} });
      given = [{ layer: layer.name, inputs: given, call: layer.inbound_nodes.length - 1, shape: config.shape }];
    }
    places.set(node.output, given[0] as Place);
  }
  const outputs = graph.outputs.map(({ value }) => places.get(value) as Place);
  const ends = outputs.map(({ layer, call }) => [layer, call, 0]);
  return {
    module: 'keras.src.models.functional',
    class_name: 'Functional',
    config: {
      name: graph.name,
      trainable: true,
      layers: kerasOrder(outputs).map((name) => ({ module: 'keras.layers', registered_name: null, ...layers.get(name) })),
      input_layers: [input, 0, 0],
      output_layers: ends.length === 1 ? ends[0] : ends,
    },
    registered_name: 'Functional',
  };
}

/** The layer of that name: the same one where it was called before, as of layers that are shared. */
function placed(layers: Map<string, Layer>, wanted: string, { className, options }: LayerConfig): Layer {
  for (let i = 0; ; i++) {
    const name = i === 0 ? wanted : `${wanted}_${i}`;
    const layer = layerOf(className, name, options);
    const known = layers.get(name);
    if (known && !sameLayer(known, layer)) continue;
    if (!known) layers.set(name, layer);
    return known ?? layer;
  }
}

function sameLayer(a: Layer, b: Layer): boolean {
  return a.class_name === b.class_name && JSON.stringify(a.config) === JSON.stringify(b.config);
}

function layerOf(class_name: string, name: string, options: Readonly<Record<string, unknown>>): Layer {
  return { class_name, config: { name, trainable: true, ...options }, name, inbound_nodes: [] };
}

/** What is behind a layer's own operation, as its activation, gets a name of its own. */
function nameOf({ layer, main, operation }: GraphNode): string {
  if (layer.includes('/')) throw new ArgumentError(`kerasConfig: a layer's name must have no '/' for Keras, got '${layer}'`);
  return main ? layer : `${layer}_${operation.kind}`;
}

function tensorOf({ layer, call, shape }: Place) {
  return {
    class_name: '__keras_tensor__',
    config: { shape: [null, ...shape], dtype: 'float32', keras_history: [layer, call, 0] },
  };
}
