/** Two nets alike, one trained by eager steps, one by compiled ones. */
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import '../src/standard/register.js';
import type { CompiledStep, StepInput } from '../src/train/compiled/compiled-step.js';
import { crossEntropy } from '../src/train/loss.js';
import type { CnnOptimizer } from '../src/train/optimizers/cnn-optimizer.js';
import { Sgd } from '../src/train/optimizers/sgd.js';
import { takeStep } from '../src/train/training-step.js';
import { generator } from './random.js';

/** A net in training. */
export interface Trained {
  readonly model: LayersModel;
  readonly optimizer: CnnOptimizer;
  /** An eager step; gives loss and logits. */
  step(inputs: tf.Tensor[]): tf.Tensor[];
  /** Every number that training changes. */
  numbers(): Float32Array[];
  dispose(): void;
}

export function trained(model: LayersModel, optimizer: CnnOptimizer = new Sgd({ learningRate: 0.05, momentum: 0.9 })): Trained {
  const loss = crossEntropy();
  return {
    model,
    optimizer,
    step: (inputs) => takeStep({ net: model, optimizer, loss }, inputs),
    numbers: () => {
      const changed = [...model.weights.map((weight) => weight.read()), ...Object.values(optimizer.slots())];
      return changed.map((tensor) => tensor.dataSync<'float32'>().slice());
    },
    dispose() {
      optimizer.dispose();
      model.dispose();
    },
  };
}

/** Pictures and labels. */
export function batch(model: LayersModel, size: number, seed: number): StepInput[] {
  const shape = [size, ...(model.inputs[0]!.shape.slice(1) as number[])];
  const classes = model.outputs[0]!.shape.at(-1)!;
  const random = generator(seed);
  const values = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => random() * 2 - 1);
  return [
    { values, shape },
    { values: Float32Array.from({ length: size }, () => Math.floor(random() * classes)), shape: [size] },
  ];
}

/** What an eager step gives, as numbers. */
export function eagerly({ step }: Trained, inputs: readonly StepInput[]): Float32Array[] {
  return numbersOf(tf.tidy(() => step(inputs.map(({ values, shape }) => tf.tensor(values, [...shape])))));
}

/** The tensors' numbers; the tensors are disposed. */
export function numbersOf(tensors: tf.Tensor[]): Float32Array[] {
  const numbers = tensors.map((tensor) => tensor.dataSync<'float32'>().slice());
  tf.dispose(tensors);
  return numbers;
}

/** Takes the same steps with both; everything must be the same bits. */
export function expectEqualSteps(
  eager: Trained,
  other: Trained,
  compiled: CompiledStep,
  sizes: readonly number[],
  firstSeed = 0,
): void {
  sizes.forEach((size, i) => {
    const inputs = batch(eager.model, size, firstSeed + i);
    const expected = eagerly(eager, inputs);
    expectSameBits(numbersOf(compiled.run(inputs)), expected, `results of step ${i}`);
    expectSameBits(other.numbers(), eager.numbers(), `weights and slots after step ${i}`);
  });
}

/** Whether steps of a batch size are played. */
export function isCompiled(compiled: CompiledStep, { model }: Trained, size: number): boolean {
  return compiled.isCompiled([[size, ...(model.inputs[0]!.shape.slice(1) as number[])], [size]]);
}

export function expectSameBits(actual: readonly Float32Array[], expected: readonly Float32Array[], what: string): void {
  expect(actual.length).toBe(expected.length);
  const bits = (values: Float32Array) => new Int32Array(values.buffer, values.byteOffset, values.length);
  actual.forEach((values, i) => {
    const [a, b] = [bits(values), bits(expected[i]!)];
    const at = a.findIndex((word, k) => word !== b[k]);
    if (a.length !== b.length || at >= 0) {
      throw new Error(`${what}: number ${at} of tensor ${i} is ${values[at]}, not ${expected[i]![at]}`);
    }
  });
}
