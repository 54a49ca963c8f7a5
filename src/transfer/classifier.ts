/** The end of a net that tells classes apart. */
import { LayersModel, type SymbolicTensor, type layers as tfLayers } from '@tensorflow/tfjs-layers';
import { ArgumentError } from '../geometry.js';
import { kindOf } from './carried-layers.js';

type Layer = tfLayers.Layer;

/** One output's classifier: a dense layer, a convolution, or a block that ends in one. */
export interface Classifier {
  /** The last layer of the model that knows of classes. */
  readonly layer: Layer;
  /** What it is given. */
  readonly input: SymbolicTensor;
  /** Layers behind it, in order: means of maps, softmax. */
  readonly tail: readonly Layer[];
}

/** What may be the last layer with weights, or with fixed codes of the classes, by its class. */
const CLASSIFIERS = new Set(['Dense', 'Conv2D', 'NetworkInNetwork', 'RbfOutput']);

/**
 * The classifiers of a model, one for each output, the main one first.
 * @throws ArgumentError where an output comes from another layer with weights, or from none
 */
export function classifiersOf(where: string, model: LayersModel): Classifier[] {
  return model.outputs.map((output) => {
    const found = behind(where, model, output);
    if (CLASSIFIERS.has(kindOf(found.layer))) return found;
    throw new ArgumentError(
      `${where}: model '${model.name}' has no classifier: its last layer with weights is ${found.layer.getClassName()} ` +
        `'${found.layer.name}', not a dense layer or a convolution; say with replaceHead's option 'behind' where one is to stand`,
    );
  });
}

function behind(where: string, model: LayersModel, output: SymbolicTensor): Classifier {
  const tail: Layer[] = [];
  let tensor = output;
  for (;;) {
    const { sourceLayer } = tensor;
    if (sourceLayer instanceof LayersModel) {
      throw new ArgumentError(
        `${where}: the classifier of model '${model.name}' lies in the model '${sourceLayer.name}' inside of it; take that one`,
      );
    }
    const { inputTensors } = sourceLayer.inboundNodes[tensor.nodeIndex]!;
    if (sourceLayer.weights.length > 0 || kindOf(sourceLayer) === 'RbfOutput')
      return { layer: sourceLayer, input: inputTensors[0]!, tail };
    if (inputTensors.length !== 1 || model.inputs.includes(tensor)) {
      const why = model.inputs.includes(tensor)
        ? 'no layer has weights'
        : `'${sourceLayer.name}' joins ${inputTensors.length} branches`;
      throw new ArgumentError(`${where}: model '${model.name}' has no classifier: at its end ${why}`);
    }
    tail.unshift(sourceLayer);
    tensor = inputTensors[0]!;
  }
}
