/**
 * Runs one part of an op on every set of kernels it has, straight on buffers, with outputs poisoned by
 * NaN: an element that a kernel forgets to write is seen.
 */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import type { ReadyOp } from '../src/backends/kernel-host.js';
import { CnnRuntime } from '../src/backends/wasm-cnn/runtime.js';
import type { WasmRuntime } from '../src/backends/wasm-runtime.js';
import type { Named } from '../src/kernels.js';
import { absent } from './requires.js';
import { TENSORFLOW, useTensorFlow } from './tensorflow.js';

type Buffers = Named<Float32Array | Float64Array>;
type Results = Named<Float64Array>;

/** By output, the name and the length. */
function outputLengths<G>(op: ReadyOp<G>, part: string, g: G): [string, number][] {
  return Object.entries(op.parts[part].outputs).map(([name, shape]) => [name, tf.util.sizeFromShape(shape(g))]);
}

/** The part in float64. */
export function onReference<G>(op: ReadyOp<G>, part: string, inputs: Buffers, g: G): Results {
  const outputs = Object.fromEntries(outputLengths(op, part, g).map(([name, n]) => [name, new Float64Array(n).fill(NaN)]));
  const wide = Object.fromEntries(Object.entries(inputs).map(([name, values]) => [name, Float64Array.from(values)]));
  op.kernels.reference[part](wide, outputs, g);
  return outputs;
}

function onCpu<G>(op: ReadyOp<G>, part: string, inputs: Named<Float32Array>, g: G): Results {
  const outputs = Object.fromEntries(outputLengths(op, part, g).map(([name, n]) => [name, new Float32Array(n).fill(NaN)]));
  op.kernels.cpu[part](inputs, outputs, g);
  return widened(outputs);
}

/** What the kernels need of a runtime, and what it takes to place tensors in its memory. */
type TestRuntime = WasmRuntime & Pick<CnnRuntime, 'allocate' | 'release' | 'endKernel'>;

/** Cuts every range into pieces of one, so that small tests see the seams too. */
function inSmallestPieces(runtime: CnnRuntime): TestRuntime {
  const cut: TestRuntime = Object.create(runtime);
  cut.parallel = (name, count, _grain, ...args) => runtime.parallel(name, count, 1, ...args);
  return cut;
}

function onWasmCnn<G>(runtime: TestRuntime, op: ReadyOp<G>, part: string, inputs: Named<Float32Array>, g: G): Results {
  const taken: number[] = [];
  const place = (values: Float32Array, what: string): number => {
    const pointer = runtime.allocate(Math.max(4, values.byteLength), what);
    taken.push(pointer);
    runtime.float32(pointer, values.length).set(values);
    return pointer;
  };
  const read: Named<number> = {};
  for (const name of op.parts[part].inputs) read[name] = inputs[name] ? place(inputs[name], name) : 0;
  const lengths = outputLengths(op, part, g);
  const written = Object.fromEntries(lengths.map(([name, n]) => [name, place(new Float32Array(n).fill(NaN), name)]));
  op.kernels.wasmCnn[part](read, written, g, runtime);
  runtime.endKernel();
  const outputs = Object.fromEntries(lengths.map(([name, n]) => [name, runtime.float32(written[name], n).slice()]));
  for (const pointer of taken) runtime.release(pointer);
  return widened(outputs);
}

async function portableOn<G extends object>(
  backend: string,
  op: ReadyOp<G>,
  part: string,
  inputs: Named<Float32Array>,
  shapes: Named<number[]>,
  g: G,
): Promise<Results> {
  await tf.setBackend(backend);
  return tf.tidy(() => {
    const tensors: Named<tf.Tensor> = {};
    for (const name in inputs) tensors[name] = tf.tensor(inputs[name], shapes[name], 'float32');
    const result = op.kernels.portable[part](tensors, g);
    const list = Array.isArray(result) ? result : [result];
    return Object.fromEntries(
      Object.entries(op.parts[part].outputs).map(([name, shape], i) => {
        if (`${list[i].shape}` !== `${shape(g)}`)
          throw new Error(`${op.name}: ${name} has shape [${list[i].shape}], not [${shape(g)}]`);
        return [name, Float64Array.from(list[i].dataSync())];
      }),
    ) as unknown as tf.TensorContainer;
  }) as unknown as Results;
}

function widened(buffers: Buffers): Results {
  return Object.fromEntries(Object.entries(buffers).map(([name, values]) => [name, Float64Array.from(values)]));
}

/** Where tfjs-node is absent its own tests say so by name; where nothing may be skipped, that is an error. */
function withTensorFlow(): boolean {
  const reason = absent('tfjs-node');
  if (reason !== undefined && process.env['TFJS_CNN_NO_SKIP']) throw new Error(reason);
  return reason === undefined;
}

/** All sides but the reference, by name; TensorFlow's where tfjs-node is there. */
export class Sides {
  private constructor(
    private readonly one: CnnRuntime,
    private readonly two: CnnRuntime,
  ) {}

  static async create(): Promise<Sides> {
    if (withTensorFlow()) await useTensorFlow();
    return new Sides(await CnnRuntime.create({ threads: 1 }), await CnnRuntime.create({ threads: 2 }));
  }

  /** `shapes` holds the shape of every input by name. */
  async run<G extends object>(
    op: ReadyOp<G>,
    part: string,
    inputs: Named<Float32Array>,
    shapes: Named<number[]>,
    g: G,
  ): Promise<Named<Results>> {
    return {
      cpu: onCpu(op, part, inputs, g),
      'wasm-cnn': onWasmCnn(this.one, op, part, inputs, g),
      'wasm-cnn, two threads, smallest pieces': onWasmCnn(inSmallestPieces(this.two), op, part, inputs, g),
      'portable on cpu': await portableOn('cpu', op, part, inputs, shapes, g),
      'portable on stock wasm': await portableOn('wasm', op, part, inputs, shapes, g),
      ...(withTensorFlow() && { 'portable on TensorFlow': await portableOn(TENSORFLOW, op, part, inputs, shapes, g) }),
    };
  }

  /** Runs a part on all sides and compares each output with the reference. */
  async compare<G extends object>(
    op: ReadyOp<G>,
    part: string,
    inputs: Named<Float32Array>,
    shapes: Named<number[]>,
    g: G,
    bound: (i: number, output: string) => number,
  ): Promise<void> {
    const expected = onReference(op, part, inputs, g);
    const found = await this.run(op, part, inputs, shapes, g);
    for (const side in found) {
      for (const name in expected) expectWithin(`${name} by ${side}`, found[side][name], expected[name], (i) => bound(i, name));
    }
  }

  dispose(): void {
    this.one.dispose();
    this.two.dispose();
  }
}

/** Half a unit in the last place of 1 in float32: what one rounding adds at most, relatively. */
export const ROUNDING = 2 ** -24;

/** Fails with the worst element where |found - expected| exceeds bound[i], or one is NaN and not the other. */
export function expectWithin(what: string, found: Float64Array, expected: Float64Array, bound: (i: number) => number): void {
  let worst = -1;
  let excess = 1;
  for (let i = 0; i < expected.length; i++) {
    if (Object.is(found[i], expected[i]) || (Number.isNaN(found[i]) && Number.isNaN(expected[i]))) continue;
    const off = Math.abs(found[i] - expected[i]);
    const ratio = off === 0 ? 0 : off / bound(i);
    if (!(ratio <= excess)) {
      worst = i;
      excess = Number.isNaN(ratio) ? Infinity : ratio;
    }
  }
  if (found.length !== expected.length) throw new Error(`${what}: ${found.length} elements, expected ${expected.length}`);
  if (worst >= 0) {
    throw new Error(
      `${what}: element ${worst} is ${found[worst]}, expected ${expected[worst]}, off by ${found[worst] - expected[worst]}, ` +
        `${excess} times the bound ${bound(worst)}`,
    );
  }
}
