/**
 * The only file that knows tfjs's kernel registry and tf.customGrad: it turns the kernels of an op folder
 * into a differentiable function. Every part of an op (its forward pass, each piece of its backward pass)
 * becomes a kernel of our own name on every backend; the gradients' thunks are pruned by tfjs's tape, so
 * a gradient nobody asks for is never computed.
 */
import * as tf from '@tensorflow/tfjs-core';
import { cpuHost } from './backends/cpu/host.js';
import type { JoinedCall, KernelHost, PartDeclaration, ReadyOp } from './backends/kernel-host.js';
import { watched } from './backends/launch-watcher.js';
import { whileLaunching } from './backends/launching.js';
import { meterHost } from './backends/meter/host.js';
import { wasmCnnHost } from './backends/wasm-cnn/host.js';
import type { KernelSet, Named } from './kernels.js';

type Tensors = Named<tf.Tensor>;

/** What an op folder's main file declares. */
export interface OpDefinition<Args extends unknown[], Geometry extends object, Result> {
  /** Name of the forward kernel, `Cnn...`. */
  name: `Cnn${string}`;
  /** Checks the caller's arguments; an optional input that is absent is left out or undefined. */
  prepare(...args: Args): { inputs: Record<string, tf.Tensor | undefined>; geometry: Geometry };
  /** The forward pass: what it reads and what it makes. */
  forward: PartDeclaration<Geometry>;
  /**
   * What several pieces of the backward pass need: a part run once before them, which may read what they may.
   * They may read its outputs (dy cut into pieces, say).
   */
  shared?: PartDeclaration<Geometry>;
  /**
   * The pieces of the backward pass. Outputs are named after the inputs they belong to: dx, dfilter, ...
   * A part may read inputs and outputs of the forward pass, and dy, the gradient of its first output.
   */
  backward: Record<string, PartDeclaration<Geometry>>;
  /**
   * Inputs that choose among values and are none themselves: the result is constant around them, so their
   * gradient is 0. A backward part must read them.
   */
  choices?: readonly string[];
  /** Inputs whose gradient is dy as it is (after `unfuse`), the terms of a sum: their gradients share its memory. */
  terms?: readonly string[];
  /** Turns dy into the gradient before a fused activation; sees y. */
  unfuse?(dy: tf.Tensor, y: tf.Tensor, geometry: Geometry): tf.Tensor;
  /** The kernels of every part, for every backend. */
  kernels: KernelSet<Geometry>;
  /** What the caller gets of the outputs; default: the first. */
  result?(outputs: tf.Tensor[], geometry: Geometry): Result;
}

/** A differentiable function that knows how it was made. */
export interface Op<Args extends unknown[] = never, Geometry extends object = never, Result = unknown> {
  (...args: Args): Result;
  /** What it was made of: tests and validateGradients read it. */
  readonly definition: OpDefinition<Args, Geometry, Result> & ReadyOp<Geometry>;
}

/** Backends for which ops bring kernels of their own: these from the start, others once they are accelerated. */
const hosts: KernelHost[] = [cpuHost, wasmCnnHost, meterHost];

/** Every op by the name of its forward kernel. */
export const ops = new Map<string, ReadyOp<object>>();

/** Makes an op known and registers its parts as kernels of every backend that has them. */
export function installOp<Geometry extends object>(op: ReadyOp<Geometry>): void {
  const known = op as unknown as ReadyOp<object>;
  ops.set(op.name, known);
  for (const host of hosts) installOn(host, known);
}

/**
 * Gives one more backend its kernels of every op, of those defined already and those to come.
 * @returns takes them back: that backend runs compositions of tfjs ops again
 */
export function addHost(host: KernelHost): () => void {
  hosts.push(host);
  for (const op of ops.values()) installOn(host, op);
  return () => {
    hosts.splice(hosts.indexOf(host), 1);
    for (const op of ops.values()) {
      for (const part of partsOn(host, op)) tf.unregisterKernel(kernelName(op.name, part), host.backendName);
      if (host.joins?.(op)) tf.unregisterKernel(joinedName(op.name), host.backendName);
    }
  };
}

/** What runs our kernels on a backend, where something does. */
export function hostOf(backendName: string): KernelHost | undefined {
  return hosts.find((host) => host.backendName === backendName);
}

function partsOn({ has }: KernelHost, op: ReadyOp<object>): string[] {
  return Object.keys(op.parts).filter((part) => !has || has(op, part));
}

function installOn(host: KernelHost, op: ReadyOp<object>): void {
  for (const part of partsOn(host, op)) installKernel(host, op, part);
  if (host.joins?.(op)) installJoined(host, op);
}

/** Name of the kernel of one part: the op's for 'forward', else e.g. CnnConv2DDfilter. */
export function kernelName(op: string, part: string): string {
  return part === 'forward' ? op : op + part[0]!.toUpperCase() + part.slice(1);
}

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

/** Registers one part of an op as a kernel of the host's backend, in the place of its portable form if that has run already. */
function installKernel(host: KernelHost, op: ReadyOp<object>, part: string): void {
  const name = kernelName(op.name, part);
  if (tf.getKernel(name, host.backendName)) tf.unregisterKernel(name, host.backendName);
  tf.registerKernel({
    kernelName: name,
    backendName: host.backendName,
    kernelFunc: ({ inputs, attrs, backend }) => {
      const outputs = host.run(op, part, inputs as Named<tf.TensorInfo>, attrs as object, backend);
      return outputs.length === 1 ? outputs[0]! : outputs;
    },
  });
}

/** Name of the kernel that runs many calls of an op's forward part. */
const joinedName = (op: string): string => `${op}Joined`;

/** Inputs of a kernel have names: those of call 3 are called '3 value', ... */
const joinedInputs = new Map<string, readonly [call: number, input: string]>();

function joinedInput(name: string): readonly [call: number, input: string] {
  let known = joinedInputs.get(name);
  if (!known) {
    const [call, input] = name.split(' ') as [string, string];
    known = [Number(call), input];
    joinedInputs.set(name, known);
  }
  return known;
}

function installJoined(host: KernelHost, op: ReadyOp<object>): void {
  tf.registerKernel({
    kernelName: joinedName(op.name),
    backendName: host.backendName,
    kernelFunc: ({ inputs, attrs, backend }) => {
      const { geometries } = attrs as unknown as { geometries: object[] };
      const calls = geometries.map((geometry) => ({ inputs: {} as Named<tf.TensorInfo>, geometry }));
      for (const [name, tensor] of Object.entries(inputs)) {
        const [call, input] = joinedInput(name);
        calls[call]!.inputs[input] = tensor as tf.TensorInfo;
      }
      return host.runJoined!(op, calls, backend).flat();
    },
  });
}

/** Whether the current backend runs many calls of an op at once. */
export function runsJoined(op: ReadyOp<object>): boolean {
  return tf.getKernel(joinedName(op.name), tf.getBackend()) != null;
}

/** Runs many calls of an op's forward part in one kernel of the current backend; see runsJoined. */
export function runJoined(op: ReadyOp<object>, calls: readonly JoinedCall<tf.Tensor>[]): tf.Tensor[][] {
  const inputs: Tensors = {};
  calls.forEach((call, i) => {
    for (const [name, tensor] of Object.entries(call.inputs)) inputs[`${i} ${name}`] = tensor;
  });
  const name = joinedName(op.name);
  const geometries = calls.map(({ geometry }) => geometry);
  const attributes = (of: readonly object[]) => ({ geometries: of });
  const outputs = watched({ name, inputs, geometries, attributes }, () => launch(name, inputs, attributes(geometries)));
  const each = outputs.length / calls.length;
  return calls.map((_, i) => outputs.slice(i * each, (i + 1) * each));
}

/** Runs one part on the current backend and returns its outputs in the order of their declaration. */
export function runPart<Geometry extends object>(
  op: ReadyOp<Geometry>,
  part: string,
  inputs: Tensors,
  geometry: Geometry,
): tf.Tensor[] {
  const name = kernelName(op.name, part);
  const backendName = tf.getBackend();
  if (backendName && !tf.getKernel(name, backendName)) installPortable(op, part, backendName);
  return watched({ name, inputs, geometries: [geometry], attributes: ([only]) => only! }, () => launch(name, inputs, geometry));
}

function launch(name: string, inputs: Tensors, attributes: object): tf.Tensor[] {
  const outputs = whileLaunching(name, inputs, () => tf.engine().runKernel(name, inputs, attributes as tf.NamedAttrMap));
  return Array.isArray(outputs) ? outputs : [outputs as tf.Tensor];
}

/** A backend without kernels of ours gets the composition of tfjs ops, as its kernel, on first use. */
function installPortable<Geometry extends object>(op: ReadyOp<Geometry>, part: string, backendName: string): void {
  const kernel = op.kernels.portable[part]!;
  tf.registerKernel({
    kernelName: kernelName(op.name, part),
    backendName,
    kernelFunc: ({ inputs, attrs }) =>
      tf.tidy(() => kernel(inputs as unknown as Tensors, attrs as unknown as Geometry)) as tf.Tensor,
  });
}

function present(inputs: Record<string, tf.Tensor | undefined>): Tensors {
  const given: Tensors = {};
  for (const name in inputs) if (inputs[name] !== undefined) given[name] = inputs[name];
  return given;
}

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

function registerGradientOf<Args extends unknown[], Geometry extends object, Result>(
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
function runForward<Geometry extends object>(op: ReadyOp<Geometry>, inputs: Tensors, geometry: Geometry): tf.Tensor[] {
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
function gradientThunks<Args extends unknown[], Geometry extends object, Result>(
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

function refuseDoubleBackward(op: string, part: string): void {
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

/** The inputs that have a gradient, by name. */
export function differentiableInputs({
  backward,
  terms = [],
}: Pick<OpDefinition<never, never, unknown>, 'backward' | 'terms'>): Set<string> {
  const outputs = Object.values(backward).flatMap((part) => Object.keys(part.outputs));
  return new Set([...terms, ...outputs.map((output) => output.slice(1))]);
}

function firstOutput<Geometry>(part: PartDeclaration<Geometry>): string {
  return Object.keys(part.outputs)[0]!;
}

function zip(names: readonly string[], tensors: readonly tf.Tensor[]): Tensors {
  return Object.fromEntries(names.map((name, i) => [name, tensors[i]!]));
}
