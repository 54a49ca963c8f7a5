/** Two nets alike, one trained by eager steps, one by compiled ones. */
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import '../src/standard/register.js';
import type { CompiledStep, StepInput } from '../src/train/compiled/compiled-step.js';
import { MomentumSgd } from '../src/train/momentum-sgd.js';
import { trainingLoss } from '../src/train/training-loss.js';
import { generator } from './random.js';

/** A net in training. */
export interface Trained {
  readonly model: LayersModel;
  readonly optimizer: MomentumSgd;
  /** An eager step; gives loss and logits. */
  step(inputs: tf.Tensor[]): tf.Tensor[];
  /** Every number that training changes. */
  numbers(): Float32Array[];
  dispose(): void;
}

export function trained(model: LayersModel, optimizer = new MomentumSgd(0.05)): Trained {
  return {
    model,
    optimizer,
    step: ([x, labels]) => {
      const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
      return tf.tidy(() => {
        let logits: tf.Tensor | undefined;
        const loss = optimizer.minimize(
          () => {
            const result = trainingLoss(model, x!, labels!);
            logits = tf.keep(result.logits);
            return result.loss;
          },
          true,
          variables,
        )!;
        const outputs = [loss, tf.clone(logits!)];
        logits!.dispose();
        return outputs;
      });
    },
    numbers: () => model.weights.map((weight) => weight.read().dataSync<'float32'>().slice()),
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

/** Takes the same steps with both; everything must be the same bits. Returns the compiled one's step. */
export function expectEqualSteps(eager: Trained, other: Trained, compiled: CompiledStep, sizes: readonly number[]): void {
  sizes.forEach((size, i) => {
    const inputs = batch(eager.model, size, i);
    const expected = eagerly(eager, inputs);
    expectSameBits(numbersOf(compiled.run(inputs)), expected, `results of step ${i}`);
    expectSameBits(other.numbers(), eager.numbers(), `weights after step ${i}`);
  });
}

export function expectSameBits(actual: readonly Float32Array[], expected: readonly Float32Array[], what: string): void {
  expect(actual.length).toBe(expected.length);
  const bits = (values: Float32Array) => new Int32Array(values.buffer, values.byteOffset, values.length);
  actual.forEach((values, i) => {
    const [a, b] = [bits(values), bits(expected[i]!)];
    const at = a.findIndex((word, k) => word !== b[k]);
    if (a.length !== b.length || at >= 0)
      throw new Error(`${what}: number ${at} of tensor ${i} is ${values[at]}, not ${expected[i]![at]}`);
  });
}
