/** Whole nets whose weights are made from their names: what PyTorch and Keras compute of them in float64. */
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { lossWeights, softmaxCrossEntropy } from '../src/index.js';
import { type Entry, entriesOf } from '../src/weights/entries.js';
import { type Framework, fromFramework, toFramework } from '../src/weights/layouts.js';
import { filledUniformly } from './golden-fill.js';

/** Of all logits: the first ten of each picture, their sum, the sum of their magnitudes, each picture's largest. */
interface Logits {
  readonly first: number[];
  readonly sum: number;
  readonly absSum: number;
  readonly argmax: number[];
}

/** One net in the golden file. */
export interface GoldenNet {
  readonly gain: number;
  readonly parameters: number;
  readonly eval: { readonly input: number[]; readonly logits: Logits };
  readonly train: {
    readonly input: number[];
    readonly loss: number;
    /** Of every parameter's gradient: norm, first and second value in the framework's order. */
    readonly gradients: Record<string, [number, number, number]>;
    /** Of every moving statistic after the step: the same. */
    readonly buffers: Record<string, [number, number, number]>;
  };
}

/** Makes tensors of a backend's precision; default float32. */
export interface Precision {
  /** Arrays to be filled. */
  array(length: number): Float32Array | Float64Array;
  tensor(values: Float32Array | Float64Array, shape: number[]): tf.Tensor;
}

const float32: Precision = { array: (length) => new Float32Array(length), tensor: (values, shape) => tf.tensor(values, shape) };

/** The fills of shared/data/README.md: by name and role, in the framework's flat order. */
function filled({ name, layout }: Entry, gain: number, { array }: Precision): Float32Array | Float64Array {
  const values = array(layout.shape.reduce((product, length) => product * length, 1));
  const role = name.split(/[./]/).at(-1)!;
  if (layout.shape.length > 1) {
    // Inputs of one output unit: all axes here but the last, in depthwise kernels all but the last two.
    const depthwise = layout.order[0] === 2 || (layout.axes.length === 4 && /depthwise|_dw_/.test(name));
    const fanIn = layout.axes.slice(0, depthwise ? 2 : -1).reduce((product, length) => product * length, 1);
    return filledUniformly(values, name, Math.sqrt(gain / fanIn), 0);
  }
  if (/^(gamma|weight)$/.test(role)) return filledUniformly(values, name, 0.2, 1);
  if (/var/.test(role)) return filledUniformly(values, name, 0.5, 1);
  return filledUniformly(values, name, 0.1, 0);
}

/** Gives every weight the values that its name makes. */
export function fill(model: LayersModel, framework: Framework, gain: number, precision = float32): void {
  for (const entry of entriesOf(model, framework)) {
    const there = filled(entry, gain, precision);
    const here = there instanceof Float32Array ? fromFramework(there, entry.layout) : moved(there, entry);
    const value = precision.tensor(here, entry.variable.shape as number[]);
    entry.variable.write(value);
    value.dispose();
  }
}

/** fromFramework for float64: by the places, which float32 holds exactly up to 2^24. */
function moved(values: Float64Array, { layout }: Entry): Float64Array {
  const places = fromFramework(
    Float32Array.from(values, (_, i) => i),
    layout,
  );
  return Float64Array.from(places, (place) => values[place]!);
}

const input = (shape: number[], { array, tensor }: Precision) =>
  tensor(filledUniformly(array(tf.util.sizeFromShape(shape)), 'input', 1, 0), shape);

/** Largest deviation, as a part of the largest value. */
const deviation = (found: ArrayLike<number>, expected: readonly number[], scale: number): number =>
  Math.max(...expected.map((value, i) => Math.abs(found[i]! - value))) / scale;

/** The logits of one forward pass. */
export function logitsDeviation(model: LayersModel, golden: GoldenNet): { deviation: number; argmax: number[] } {
  return tf.tidy(() => {
    const y = firstOf(model.apply(input(golden.eval.input, float32)) as tf.Tensor | tf.Tensor[]);
    const { first, sum, absSum } = golden.eval.logits;
    const values = y.dataSync() as Float32Array;
    const [batch, classes] = y.shape;
    const firstTen = Array.from({ length: batch }, (_, b) => Array.from(values.subarray(b * classes, b * classes + 10))).flat();
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const total = values.reduce((all, value) => all + value, 0);
    const magnitude = values.reduce((all, value) => all + Math.abs(value), 0);
    return {
      deviation: Math.max(
        deviation(firstTen, first, largest),
        Math.abs(total - sum) / absSum,
        Math.abs(magnitude - absSum) / absSum,
      ),
      argmax: Array.from(tf.argMax(y, -1).dataSync()),
    };
  });
}

function firstOf(outputs: tf.Tensor | tf.Tensor[]): tf.Tensor2D {
  return (Array.isArray(outputs) ? outputs[0]! : outputs) as tf.Tensor2D;
}

/** How far a tensor is from what its golden line says. */
export interface Deviation {
  readonly name: string;
  /** Of the norm, as a part of the norm. */
  readonly norm: number;
  /** Of the first two values, as a part of the tensor's largest value. */
  readonly values: number;
}

/** What a training step gave: the loss's relative deviation, and each tensor's. */
export interface StepDeviation {
  readonly loss: number;
  readonly gradients: readonly Deviation[];
  readonly buffers: readonly Deviation[];
}

/** One training step: loss with its auxiliary heads, every gradient, the moving statistics. */
export function stepDeviation(model: LayersModel, framework: Framework, golden: GoldenNet, precision = float32): StepDeviation {
  const { train } = golden;
  const batch = train.input[0]!;
  const labels = tf.tensor1d(Array.from({ length: batch }, (_, i) => (7 * i + 3) % 1000));
  const x = input(train.input, precision);
  const weights = lossWeights(model);
  const entries = entriesOf(model, framework);
  const trained = entries.filter(({ name }) => name in train.gradients);
  const { value, grads } = tf.engine().gradients(
    () => {
      const outputs = model.apply(x, { training: true }) as tf.Tensor2D | tf.Tensor2D[];
      const losses = (Array.isArray(outputs) ? outputs : [outputs]).map((logits, i) =>
        tf.mul(softmaxCrossEntropy(logits, labels) as tf.Scalar, weights[i]!),
      );
      return losses.reduce((sum, loss) => tf.add(sum, loss)) as tf.Scalar;
    },
    trained.map(({ variable }) => variable.read()),
  );
  const gradients = trained.map(({ name, layout }, i) => {
    const gradient = toFramework(grads[i]!.dataSync() as Float32Array, layout);
    const beside = vanishing(name, train.gradients);
    return beside ? deviationOf(name, gradient, [0, 0, 0], beside) : deviationOf(name, gradient, train.gradients[name]!);
  });
  const buffers = entries
    .filter(({ name }) => name in train.buffers)
    .map(({ name, variable }) => deviationOf(name, variable.read().dataSync() as Float32Array, train.buffers[name]!));
  const loss = Math.abs(value.dataSync()[0]! - train.loss) / train.loss;
  tf.dispose([value, grads, x, labels]);
  return { loss, gradients, buffers };
}

/**
 * A bias whose convolution is normalised afterwards does nothing, as its mean is taken away: its gradient is 0, and what the frameworks
 * give instead is rounding, up to 2e-4 of the norm of the kernel's gradient; what is more than 3e-3 of it is real in all golden nets.
 * Returns that norm, by which to measure.
 */
function vanishing(name: string, gradients: GoldenNet['train']['gradients']): number | undefined {
  const kernel = gradients[name.replace(/\/bias$/, '/kernel').replace(/\.bias$/, '.weight')]![0];
  return gradients[name]![0] < 1e-3 * kernel ? kernel : undefined;
}

/** @param scale what is 1; default the norm, for the values the largest of them */
function deviationOf(name: string, found: Float32Array, [norm, ...first]: readonly number[], scale?: number): Deviation {
  let [squares, largest] = [0, 0];
  for (const value of found) {
    squares += value * value;
    if (value > largest) largest = value;
    else if (-value > largest) largest = -value;
  }
  const foundNorm = Math.sqrt(squares);
  return {
    name,
    norm: Math.abs(foundNorm - norm!) / (scale ?? norm!),
    values: deviation(found, first.slice(0, found.length), scale ?? largest),
  };
}
