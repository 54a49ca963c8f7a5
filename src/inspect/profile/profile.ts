import type { LayersModel, LayerVariable, layers } from '@tensorflow/tfjs-layers';
import { ArgumentError } from '../../geometry.js';
import { allShapes, shapeText, sizeOf } from '../../layers/cnn-layer.js';
import type { OptimizerName } from '../../train/optimizers/create-optimizer.js';
import { inputShapesOf } from './input-shapes.js';
import { around, pixel, type ReceptiveField, seenThrough } from './receptive-field.js';
import { type StepMemory, stepMemory } from './step-memory.js';
import { traitsOf } from './traits.js';
import { walk } from './walk.js';

/** Options of profile. */
export interface ProfileOptions {
  /** [height, width, channels] of the pictures; default: the model's own, needed where that leaves sizes open. */
  readonly inputShape?: readonly number[];
  /** Pictures of the training step whose memory is foretold; default: no step is. */
  readonly batchSize?: number;
  /** Of that step, as `createOptimizer` makes them; default 'sgd'. */
  readonly optimizer?: OptimizerName;
}

/** Numbers in weights. */
export interface ParameterCount {
  /** All of them, moving statistics too. */
  readonly all: number;
  /** Those that training changes. */
  readonly trainable: number;
}

/** A layer that is made of no others. */
export interface LayerProfile {
  /** Inside of blocks: the path in a checkpoint, layer1.0.conv1 say. */
  readonly name: string;
  /** As tfjs registers it. */
  readonly className: string;
  /** Without the batch. */
  readonly outputShape: readonly number[];
  /** Of weights that no layer before it has. */
  readonly parameters: ParameterCount;
  /** Multiply-accumulates for one picture: of convolutions and dense layers, without the bias, as torchvision counts. */
  readonly macs: number;
  /** What an output sees of the input; null where that is no picture. */
  readonly field: ReceptiveField | null;
  /** Bytes of the output for one picture, in float32; 0 of a layer whose output is its input in another shape. */
  readonly activationBytes: number;
}

/** What a model costs. It holds nothing but plain values: JSON.stringify keeps all of it. */
export interface ModelProfile {
  /** Name of the model. */
  readonly name: string;
  /** Of each input, without the batch. */
  readonly inputShapes: readonly (readonly number[])[];
  /** In the order in which a picture goes through them. */
  readonly layers: readonly LayerProfile[];
  /** Of the whole model. */
  readonly parameters: ParameterCount;
  /** Multiply-accumulates for one picture. */
  readonly macs: number;
  /** Bytes for one picture of the input and every layer's output, as the notes of CS231n count memory (forward only). */
  readonly activationBytes: number;
  /** Memory of one training step on 'wasm-cnn', where a batch size was given. */
  readonly step?: StepMemory;
  /** What was not counted, and why. */
  readonly notes: readonly string[];
}

/** One picture on its way. */
interface Signal {
  readonly shape: readonly number[];
  readonly field: ReceptiveField | null;
}

/**
 * Output shapes, parameters, multiply-accumulates, receptive fields and memory, layer by layer and in total. Nothing is
 * computed and no weight is looked at, so that it takes milliseconds whatever the net.
 *
 * With `batchSize` it runs a training step, as a Trainer takes it where it is not compiled, on a backend that counts what 'wasm-cnn' would
 * allocate and computes nothing. The model is left as it was.
 *
 * @throws ArgumentError where sizes of the input are open and no inputShape is given, or it does not fit
 */
export function profile(model: LayersModel, options: ProfileOptions = {}): ModelProfile {
  const { batchSize, optimizer = 'sgd' } = options;
  const inputShapes = inputShapesOf('profile', model, options.inputShape);
  const rows: LayerProfile[] = [];
  const notes: string[] = [];
  const counted = new Set<LayerVariable>();
  const trainable = new Set(model.trainableWeights);
  const start = inputShapes.map((shape): Signal => ({ shape: [1, ...shape], field: shape.length === 3 ? pixel : null }));
  walk<Signal>(model, start, (layer, inputs) => {
    const outputs = outputShapesOf(layer, inputs).map((shape): Signal => ({ shape, field: fieldBehind(layer, inputs) }));
    const traits = traitsOf(layer);
    if (!traits) notes.push(`${layer.name} is a ${layer.getClassName()}: its multiply-accumulates are not known and count as 0`);
    const weights = layer.weights.filter((weight) => !counted.has(weight));
    for (const weight of weights) counted.add(weight);
    const [{ shape, field }] = outputs as [Signal];
    rows.push({
      name: layer.name,
      className: layer.getClassName(),
      outputShape: shape.slice(1),
      parameters: { all: numbersIn(weights), trainable: numbersIn(weights.filter((weight) => trainable.has(weight))) },
      macs: traits?.macs(inputs[0]!.shape, shape) ?? 0,
      field,
      activationBytes: traits?.sharesInput ? 0 : outputs.reduce((sum, output) => sum + bytesOf(output.shape), 0),
    });
    return outputs;
  });
  const total = (value: (row: LayerProfile) => number) => rows.reduce((sum, row) => sum + value(row), 0);
  return {
    name: model.name,
    inputShapes,
    layers: rows,
    parameters: { all: total((row) => row.parameters.all), trainable: total((row) => row.parameters.trainable) },
    macs: total((row) => row.macs),
    activationBytes: inputShapes.reduce((sum, shape) => sum + bytesOf(shape), 0) + total((row) => row.activationBytes),
    ...(batchSize !== undefined && { step: stepMemory('profile', model, { inputShapes, batchSize, optimizer }) }),
    notes,
  };
}

function outputShapesOf(layer: layers.Layer, inputs: readonly Signal[]): number[][] {
  inputs.forEach(({ shape }, i) => {
    for (const [axis, size] of Object.entries(layer.inputSpec?.[i]?.axes ?? {})) {
      if (size === null || shape.at(Number(axis)) === size) continue;
      throw new ArgumentError(
        `profile: inputShape does not fit: ${layer.getClassName()} '${layer.name}' expects ${size} along axis ${axis}, ` +
          `got ${shapeText([null, ...shape.slice(1)])}`,
      );
    }
  });
  const given = inputs.map(({ shape }) => [...shape]);
  return allShapes(layer.computeOutputShape(given.length === 1 ? given[0]! : given)) as number[][];
}

/** A layer that nobody knows is taken for one that sees its own place. */
function fieldBehind(layer: layers.Layer, inputs: readonly Signal[]): ReceptiveField | null {
  const fields = inputs.map(({ shape, field }) => {
    const window = field && traitsOf(layer)?.windowOf(shape);
    return window ? seenThrough(field, window) : field;
  });
  return fields.includes(null) ? null : around(fields as ReceptiveField[]);
}

function numbersIn(weights: readonly LayerVariable[]): number {
  return weights.reduce((sum, { shape }) => sum + sizeOf(shape as number[]), 0);
}

function bytesOf(shape: readonly number[]): number {
  return 4 * sizeOf(shape);
}
