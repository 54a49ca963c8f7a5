/** Native ops of the tensorflow backend, held against the float64 references, and called by their names. */
import * as tf from '@tensorflow/tfjs-core';
import type { ReadyOp } from '../src/backends/kernel-host.js';
import type { Named } from '../src/kernels.js';
import { runPart } from '../src/op-kernels.js';
import { filledUniformly } from './golden-fill.js';
import { onReference } from './kernel-sides.js';

export type Inputs = Named<Float32Array>;
export type Shapes = Named<number[]>;

export const filled = (name: string, size: number, scale = 1, offset = 0) =>
  filledUniformly(new Float32Array(size), name, scale, offset);
export const tensors = (inputs: Inputs, shapes: Shapes): Named<tf.Tensor> =>
  Object.fromEntries(Object.entries(inputs).map(([name, values]) => [name, tf.tensor(values, shapes[name])]));

/** Holds a part's outputs against the reference, each within its bound; after each of the preparations, where there are several. */
export function expectPart<G extends object>(
  op: ReadyOp<G>,
  part: string,
  inputs: Inputs,
  shapes: Shapes,
  geometry: G,
  bounds: Record<string, number>,
  preparations: readonly (() => void)[] = [() => undefined],
): void {
  const expected = onReference(op, part, inputs, geometry);
  const given = tensors(inputs, shapes);
  for (const prepare of preparations) {
    prepare();
    const outputs = runPart(op, part, given, geometry);
    Object.keys(op.parts[part]!.outputs).forEach((name, i) =>
      expectNear(name, outputs[i]!.dataSync(), expected[name]!, bounds[name]!),
    );
    tf.dispose(outputs);
  }
  tf.dispose(given);
}

export function expectNear(name: string, found: ArrayLike<number>, expected: ArrayLike<number>, bound: number): void {
  expect(found.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    // Infinities have no difference.
    const same = Object.is(found[i], expected[i]) || Math.abs(found[i]! - expected[i]!) <= bound;
    if (!same) throw new Error(`${name}[${i}] is ${found[i]}, expected ${expected[i]} within ${bound}`);
  }
}

/** Runs a TensorFlow op by its name, as whoever calls it wrongly would. */
export function execute(
  name: string,
  attributes: Record<string, number | boolean | number[]>,
  inputs: tf.Tensor[],
  outputs: number,
): tf.Tensor[] {
  const backend = tf.backend() as unknown as {
    binding: Record<'TF_ATTR_BOOL' | 'TF_ATTR_FLOAT' | 'TF_ATTR_INT', number>;
    executeMultipleOutputs(name: string, attributes: object[], inputs: tf.Tensor[], outputs: number): tf.Tensor[];
  };
  const { TF_ATTR_BOOL, TF_ATTR_FLOAT, TF_ATTR_INT } = backend.binding;
  const floats = ['epsilon', 'label_smoothing', 'momentum'];
  const typeOf = (key: string, value: unknown) =>
    typeof value === 'boolean' ? TF_ATTR_BOOL : floats.includes(key) ? TF_ATTR_FLOAT : TF_ATTR_INT;
  const list = Object.entries(attributes).map(([key, value]) => ({ name: key, type: typeOf(key, value), value }));
  return backend.executeMultipleOutputs(name, list, inputs, outputs);
}
