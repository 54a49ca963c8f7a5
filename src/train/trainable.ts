/** What a trainer can train: a model of layers, or functions with their variables. */
import type { Scalar, Tensor, Variable } from '@tensorflow/tfjs-core';
import { LayersModel } from '@tensorflow/tfjs-layers';
import { CnnLayer } from '../layers/cnn-layer.js';
import { leavesOf } from '../layers/leaves.js';

/** A net that is no model of layers. */
export interface TrainableFunction {
  /**
   * The net's output, or several with the main one first; of a classifier logits, [batch, classes].
   * @param x pictures [batch, height, width, channels]
   */
  apply(x: Tensor, options: { training: boolean }): Tensor | Tensor[];
  /** What is trained. Their names are the names in checkpoints: give them some that stay. */
  readonly variables: readonly Variable[];
  /** What is added to the loss: penalties of weights. */
  penalties?(): Scalar[];
}

/** A model of layers, tfjs's or this package's, or functions. */
export type Trainable = LayersModel | TrainableFunction;

/** A weight and the name that it has in checkpoints, whatever else was built in the process before. */
export interface NamedVariable {
  /** The same in every process. */
  readonly name: string;
  /** Live. */
  readonly variable: Variable;
}

/** What training changes by gradients. */
export function trainedVariables(net: Trainable): Variable[] {
  return net instanceof LayersModel ? net.trainableWeights.map((weight) => weight.read() as Variable) : [...net.variables];
}

/**
 * All weights, moving statistics too, by names that are the same in every process: tfjs-layers numbers layers without a name, and
 * weights of one name, through the whole process; here they are numbered in the model.
 */
export function namedVariables(net: Trainable): NamedVariable[] {
  const seen = new Map<string, number>();
  return variablesOf(net).map(({ name, variable }) => {
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return { name: count === 1 ? name : `${name}#${count}`, variable };
  });
}

function variablesOf(net: Trainable): NamedVariable[] {
  if (!(net instanceof LayersModel)) return net.variables.map((variable) => ({ name: variable.name, variable }));
  const numbered = numberedLayers(net, new Map());
  return net.weights.map((weight) => ({
    name: numbered.reduce((name, [pattern, stable]) => name.replace(pattern, stable), weight.originalName),
    variable: weight.read() as Variable,
  }));
}

/** What finds the names that tfjs-layers gave, dense_Dense7 say, and what to call them: Dense:1. */
function numberedLayers(model: LayersModel, counts: Map<string, number>): [RegExp, string][] {
  return model.layers.flatMap((layer): [RegExp, string][] => {
    if (layer instanceof LayersModel) return numberedLayers(layer, counts);
    const className = layer.getClassName();
    if (!new RegExp(`_${className}\\d+$`).test(layer.name)) return [];
    const count = (counts.get(className) ?? 0) + 1;
    counts.set(className, count);
    return [[new RegExp(`${layer.name}(?!\\d)`, 'g'), `${className}:${count}`]];
  });
}

/** The net's outputs, the main one first. */
export function outputsOf(net: Trainable, x: Tensor, training: boolean): [Tensor, ...Tensor[]] {
  return [net.apply(x, { training })].flat() as [Tensor, ...Tensor[]];
}

/** Whether a model gives probabilities; functions give logits. */
export function endsInSoftmax(net: Trainable): net is LayersModel {
  if (!(net instanceof LayersModel)) return false;
  const { sourceLayer } = net.outputs[0]!;
  return sourceLayer.getConfig()['activation'] === 'softmax' || sourceLayer.getClassName() === 'Softmax';
}

/** What the layers' regularizers, or the function, ask to be added to the loss. */
export function penaltiesOf(net: Trainable): Scalar[] {
  return net instanceof LayersModel ? (net.calculateLosses() as Scalar[]) : (net.penalties?.() ?? []);
}

/** What training changes in layers besides weights, by the layers' places in the net. */
export function layerStates(net: Trainable): Record<string, Readonly<Record<string, number>>> {
  const states: Record<string, Readonly<Record<string, number>>> = {};
  statefulLayers(net).forEach((layer, i) => {
    const state = layer.trainingState();
    if (Object.keys(state).length > 0) states[`${i}`] = state;
  });
  return states;
}

/** Lets the layers go on from what `layerStates` gave. */
export function restoreLayerStates(net: Trainable, states: Readonly<Record<string, Readonly<Record<string, number>>>>): void {
  statefulLayers(net).forEach((layer, i) => {
    const state = states[`${i}`];
    if (state) layer.restoreTrainingState(state);
  });
}

function statefulLayers(net: Trainable): CnnLayer[] {
  if (!(net instanceof LayersModel)) return [];
  return leavesOf(net).filter((layer): layer is CnnLayer => layer instanceof CnnLayer);
}
