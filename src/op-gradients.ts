/** An op's backward parts as the gradient that tfjs's tape asks for: thunks, so that one nobody asks for is never computed. */
import * as tf from '@tensorflow/tfjs-core';
import type { PartDeclaration, ReadyOp } from './backends/kernel-host.js';
import type { Named } from './kernels.js';
import type { OpDefinition } from './op-definition.js';
import { kernelName, runPart } from './op-kernels.js';

type Tensors = Named<tf.Tensor>;

/** Names of the forward pass's inputs and outputs that the backward parts read. */
function savedNames<Args extends unknown[], Geometry extends object, Result>({
  forward,
  shared,
  backward,
  unfuse,
}: OpDefinition<Args, Geometry, Result>): { inputs: string[]; outputs: string[] } {
  const read = new Set(Object.values(backward).flatMap((part) => part.inputs));
  for (const name of shared?.inputs ?? []) read.add(name);
  if (unfuse) read.add(firstOutput(forward));
  return {
    inputs: forward.inputs.filter((name) => read.has(name)),
    outputs: Object.keys(forward.outputs).filter((name) => read.has(name)),
  };
}

/** Of calls that lack an optional input: the names of what was saved. By the call's own geometry object. */
const savedOf = new WeakMap<object, string[]>();

/** Makes the op's gradient known to tfjs's tape. */
export function registerGradientOf<Args extends unknown[], Geometry extends object, Result>(
  definition: OpDefinition<Args, Geometry, Result>,
  ready: ReadyOp<Geometry>,
): void {
  const { name, forward } = definition;
  const saved = savedNames(definition);
  tf.registerGradient({
    kernelName: name,
    inputsToSave: saved.inputs,
    outputsToSave: Object.keys(forward.outputs).map((output) => saved.outputs.includes(output)),
    gradFunc: (dys, tensors, attrs) => {
      const dy = Array.isArray(dys) ? dys[0]! : dys;
      const names = [...(savedOf.get(attrs) ?? saved.inputs), ...saved.outputs];
      return gradientThunks(definition, ready, dy, zip(names, tensors), attrs as unknown as Geometry);
    },
  });
}

/**
 * Runs the forward kernel. tfjs saves the inputs that a gradient's registration names, and fails on one that
 * is absent; it reads the registration when the kernel runs, so for this call the absent ones are left out.
 */
export function runForward<Geometry extends object>(op: ReadyOp<Geometry>, inputs: Tensors, geometry: Geometry): tf.Tensor[] {
  const registration = tf.getGradient(op.name);
  const all = registration.inputsToSave!;
  if (all.every((name) => inputs[name])) return runPart(op, 'forward', inputs, geometry);
  const given = all.filter((name) => inputs[name]);
  savedOf.set(geometry, given);
  registration.inputsToSave = given;
  try {
    return runPart(op, 'forward', inputs, geometry);
  } finally {
    registration.inputsToSave = all;
  }
}

/**
 * What the gradient function that ran last made for its thunks. The engine calls all thunks of one before it
 * calls the next, so it is let go there, not with the whole backward pass.
 */
let spent: tf.Tensor[] = [];

/** One thunk per input; a part that gives several gradients at once is run here, the others when asked. */
export function gradientThunks<Args extends unknown[], Geometry extends object, Result>(
  definition: OpDefinition<Args, Geometry, Result>,
  ready: ReadyOp<Geometry>,
  dy: tf.Tensor,
  values: Tensors,
  geometry: Geometry,
): Record<string, () => tf.Tensor> {
  const { name, forward, shared, backward, choices, terms, unfuse } = definition;
  tf.dispose(spent);
  const dz = unfuse ? unfuse(dy, values[firstOutput(forward)]!, geometry) : dy;
  spent = dz === dy ? [] : [dz];
  const available: Tensors = { ...values, dy: dz };
  const run = (part: string, { inputs }: PartDeclaration<Geometry>): tf.Tensor[] => {
    const given: Tensors = {};
    for (const key of inputs) if (available[key]) given[key] = available[key];
    return runPart(ready, part, given, geometry);
  };
  if (shared) {
    const made = run('shared', shared);
    spent.push(...made);
    Object.assign(available, zip(Object.keys(shared.outputs), made));
  }
  const thunks: Record<string, () => tf.Tensor> = {};
  for (const input of forward.inputs) {
    thunks[input] = () => {
      if (choices?.includes(input)) return tf.zerosLike(values[input]!);
      throw new Error(`${name}: there is no gradient with respect to '${input}'; it must not depend on trained values`);
    };
  }
  for (const term of terms ?? []) thunks[term] = () => tf.clone(dz);
  for (const [part, declaration] of Object.entries(backward)) {
    const outputNames = Object.keys(declaration.outputs);
    if (outputNames.length === 1) {
      thunks[outputNames[0]!.slice(1)] = () => run(part, declaration)[0]!;
    } else {
      const gradients = run(part, declaration);
      outputNames.forEach((output, i) => {
        thunks[output.slice(1)] = () => gradients[i]!;
      });
    }
  }
  return thunks;
}

/** A gradient kernel has no gradient of its own, and says so. */
export function refuseDoubleBackward(op: string, part: string): void {
  tf.registerGradient({
    kernelName: kernelName(op, part),
    gradFunc: () => {
      throw new Error(
        `${op}: second derivatives are not implemented (the gradient kernel '${part}' has no gradient of its own); ` +
          "take first-order gradients only, or use tfjs-core's ops for this function",
      );
    },
  });
}

/** The inputs that have a gradient, by name. */
export function differentiableInputs({
  backward,
  terms = [],
}: Pick<OpDefinition<never, never, unknown>, 'backward' | 'terms'>): Set<string> {
  const outputs = Object.values(backward).flatMap((part) => Object.keys(part.outputs));
  return new Set([...terms, ...outputs.map((output) => output.slice(1))]);
}

/** Name of a part's first output. */
export function firstOutput<Geometry>(part: PartDeclaration<Geometry>): string {
  return Object.keys(part.outputs)[0]!;
}

/** Tensors by names, in their order. */
export function zip(names: readonly string[], tensors: readonly tf.Tensor[]): Tensors {
  return Object.fromEntries(names.map((name, i) => [name, tensors[i]!]));
}
