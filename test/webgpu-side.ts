/** Runs one part of an op on WebGPU in Node, straight by its kernel, against float64. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import type { ReadyOp } from '../src/backends/kernel-host.js';
import type * as nodeWebgpu from '../src/backends/node-webgpu.js';
import { accelerate } from '../src/index.js';
import type { Named } from '../src/kernels.js';
import { runPart } from '../src/op-kernels.js';
import { expectWithin, onReference, type Sides } from './kernel-sides.js';

/** Leaves buffers full of NaN for the next tensors of these sizes: an element that a kernel forgets to write is seen. */
async function poison(shapes: readonly number[][]): Promise<void> {
  const filled = shapes.map((shape) => tf.fill(shape, NaN));
  await Promise.all(filled.map((tensor) => tensor.data()));
  tf.dispose(filled);
}

/** This package's kernels on Chromium's software driver. */
export class WebgpuSide implements Pick<Sides, 'compare' | 'dispose'> {
  private constructor(private readonly undo: () => void) {}

  static async create(): Promise<WebgpuSide> {
    // Not imported: where there is no Dawn that would fail.
    const { nodeAdapter } = require('../src/backends/node-webgpu.js') as typeof nodeWebgpu;
    require('@tensorflow/tfjs-backend-webgpu');
    const undo = await accelerate('webgpu');
    await tf.setBackend('webgpu');
    expect(tf.getBackend()).toBe('webgpu');
    expect(await nodeAdapter()).toMatchObject({ vendor: 'google', architecture: 'swiftshader' });
    return new WebgpuSide(undo);
  }

  /** Compares each output with the reference; no program of tfjs's may run for it. */
  async compare<G extends object>(
    op: ReadyOp<G>,
    part: string,
    inputs: Named<Float32Array>,
    shapes: Named<number[]>,
    g: G,
    bound: (i: number, output: string) => number,
  ): Promise<void> {
    const expected = onReference(op, part, inputs, g);
    const outputs = Object.entries(op.parts[part]!.outputs);
    await poison(outputs.map(([, shape]) => shape(g)));
    const tensors = Object.fromEntries(Object.entries(inputs).map(([name, v]) => [name, tf.tensor(v, shapes[name]!, 'float32')]));
    const programs = jest.spyOn(tf.backend() as unknown as { runWebGPUProgram(): unknown }, 'runWebGPUProgram');
    const results = runPart(op, part, tensors, g);
    expect(programs).not.toHaveBeenCalled();
    programs.mockRestore();
    for (const [i, [name, shape]] of outputs.entries()) {
      expect(results[i]!.shape).toEqual(shape(g));
      expectWithin(`${name} by ${op.name} ${part}`, Float64Array.from(await results[i]!.data()), expected[name]!, (at) =>
        bound(at, name),
      );
    }
    tf.dispose([tensors, results]);
  }

  dispose(): void {
    this.undo();
  }
}
