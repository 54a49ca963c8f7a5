/**
 * Turns the kernels of an op folder into a differentiable function. Every part of an op (its forward pass, each piece of its backward
 * pass) becomes a kernel of our own name on every backend (`op-kernels.ts`, many calls of one in `joined-calls.ts`), its gradient one of
 * tfjs's tape (`op-gradients.ts`). Nothing else knows tfjs's kernel registry.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { ReadyOp } from './backends/kernel-host.js';
import type { Named } from './kernels.js';
import type { Op, OpDefinition } from './op-definition.js';
import {
  differentiableInputs,
  firstOutput,
  gradientThunks,
  refuseDoubleBackward,
  registerGradientOf,
  runForward,
  zip,
} from './op-gradients.js';
import { installOp, runPart } from './op-kernels.js';

type Tensors = Named<tf.Tensor>;

/** Makes an op: registers its kernels and gradients, returns the function to call. */
export function defineOp<Args extends unknown[], Geometry extends object, Result = tf.Tensor>(
  definition: OpDefinition<Args, Geometry, Result>,
): Op<Args, Geometry, Result> {
  const { name, forward, shared, backward, kernels } = definition;
  const ready: ReadyOp<Geometry> = { name, parts: { forward, ...(shared && { shared }), ...backward }, kernels };
  installOp(ready);
  for (const part of Object.keys(ready.parts)) if (part !== 'forward') refuseDoubleBackward(name, part);
  registerGradientOf(definition, ready);

  const op = (...args: Args): Result => {
    const { inputs, geometry } = definition.prepare(...args);
    const outputs = runForward(ready, present(inputs), geometry);
    return definition.result ? definition.result(outputs, geometry) : (outputs[0] as Result);
  };
  return Object.assign(op, { definition: { ...ready, ...definition } });
}

/**
 * The same op as a `tf.customGrad` function: it computes every gradient it has a formula for, whether
 * asked for or not. This is what validation holds against tf's built-in gradients.
 */
export function customGradOf<Args extends unknown[], Geometry extends object, Result>(
  op: Op<Args, Geometry, Result>,
): (...args: Args) => tf.Tensor {
  const { definition } = op;
  const { forward } = definition;
  return (...args) => {
    const { inputs, geometry } = definition.prepare(...args);
    const given = present(inputs);
    const names = Object.keys(given);
    const run = tf.customGrad((...rest: (tf.Tensor | tf.GradSaveFunc)[]) => {
      const save = rest.pop() as tf.GradSaveFunc;
      const tensors = rest as tf.Tensor[];
      const value = runPart(definition, 'forward', zip(names, tensors), geometry)[0]!;
      save([...tensors, value]);
      const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const values = zip([...names, firstOutput(forward)], saved);
        // Further outputs (statistics, probabilities) are computed again: customGrad can save inputs and outputs only.
        const outputNames = Object.keys(forward.outputs);
        if (outputNames.length > 1) {
          const again = runPart(definition, 'forward', zip(names, saved), geometry);
          again.forEach((output, i) => {
            values[outputNames[i]!] = output;
          });
        }
        const thunks = gradientThunks(definition, definition, dy, values, geometry);
        const known = differentiableInputs(definition);
        return names.map((name) => (known.has(name) ? thunks[name]!() : tf.zerosLike(values[name]!)));
      };
      return { value, gradFunc };
    });
    return run(...names.map((name) => given[name]!));
  };
}

function present(inputs: Record<string, tf.Tensor | undefined>): Tensors {
  const given: Tensors = {};
  for (const name in inputs) if (inputs[name] !== undefined) given[name] = inputs[name];
  return given;
}
