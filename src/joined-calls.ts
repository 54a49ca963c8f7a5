/** Many calls of an op in one kernel, where a backend has such. */
import * as tf from '@tensorflow/tfjs-core';
import type { JoinedCall, KernelHost, ReadyOp } from './backends/kernel-host.js';
import { watched } from './backends/launch-watcher.js';
import type { Named } from './kernels.js';
import { launch } from './launch-kernel.js';

/** Name of the kernel that runs many calls of an op's forward part. */
export const joinedName = (op: string): string => `${op}Joined`;

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

/** Registers what runs many calls of an op as a kernel of the host's backend. */
export function installJoined(host: KernelHost, op: ReadyOp<object>): void {
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
  const inputs: Named<tf.Tensor> = {};
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
