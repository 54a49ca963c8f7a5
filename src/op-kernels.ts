/** Every part of an op as a kernel of our own name in tfjs's registry, on every backend. */
import * as tf from '@tensorflow/tfjs-core';
import { cpuHost } from './backends/cpu/host.js';
import type { KernelHost, ReadyOp } from './backends/kernel-host.js';
import { watched } from './backends/launch-watcher.js';
import { meterHost } from './backends/meter/host.js';
import { wasmCnnHost } from './backends/wasm-cnn/host.js';
import { installJoined, joinedName } from './joined-calls.js';
import type { Named } from './kernels.js';
import { launch } from './launch-kernel.js';

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

/** Runs one part on the current backend and returns its outputs in the order of their declaration. */
export function runPart<Geometry extends object>(
  op: ReadyOp<Geometry>,
  part: string,
  inputs: Named<tf.Tensor>,
  geometry: Geometry,
): tf.Tensor[] {
  const name = kernelName(op.name, part);
  const backendName = tf.getBackend();
  if (backendName && !tf.getKernel(name, backendName)) installPortable(op, part, backendName);
  return watched({ name, inputs, geometries: [geometry], attributes: ([only]) => only! }, () => launch(name, inputs, geometry));
}

/** A backend without kernels of ours gets the composition of tfjs ops, as its kernel, on first use. */
function installPortable<Geometry extends object>(op: ReadyOp<Geometry>, part: string, backendName: string): void {
  const kernel = op.kernels.portable[part]!;
  tf.registerKernel({
    kernelName: kernelName(op.name, part),
    backendName,
    kernelFunc: ({ inputs, attrs }) =>
      tf.tidy(() => kernel(inputs as unknown as Named<tf.Tensor>, attrs as unknown as Geometry)) as tf.Tensor,
  });
}
