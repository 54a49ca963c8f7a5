/** Which kernels run on the page: ours, or compositions of tfjs's; and what they compile. */
import * as tf from '@tensorflow/tfjs-core';
import { caseTensors, type OpCase } from '../../src/inspect/op-case.js';
import { opCases } from '../../src/inspect/op-cases.js';
import type { Named } from '../../src/kernels.js';
import { differentiableInputs } from '../../src/op-gradients.js';
import { linked } from './linked.js';

/** Kernels of tfjs's own that `run` went through, each once. One tensor's memory for two, Identity, computes nothing. */
export async function compositionsIn(run: () => unknown): Promise<string[]> {
  const { kernelNames } = await tf.profile(async () => void (await run()));
  return [...new Set(kernelNames)].filter((name) => !/^Cnn|^Identity$/.test(name));
}

/** Tensors that are the same for every batch. */
const isWeight = (name: string): boolean => /^(filter|bias|gamma|beta|mean|variance)/.test(name);

/** The case with so many more pictures, or rows. */
function enlarged(opCase: OpCase, more: number): OpCase {
  const shapes = Object.entries(opCase.shapes).map(([name, shape]) => {
    const [batch, ...rest] = shape;
    return [name, isWeight(name) ? shape : [batch! + more, ...rest]];
  });
  return { ...opCase, shapes: Object.fromEntries(shapes) };
}

/** Forward and backward, and nothing read: what tfjs reads with is a program for each shape. */
function bothWays(opCase: OpCase): void {
  const { op, args } = opCase;
  const { prepare } = op.definition as unknown as {
    prepare(...all: unknown[]): { inputs: Record<string, tf.Tensor | undefined> };
  };
  const run = (tensors: Named<tf.Tensor>): tf.Tensor => {
    const result = (op as unknown as (...all: unknown[]) => unknown)(...args(tensors));
    return result instanceof tf.Tensor ? result : (Object.values(result as object)[0] as tf.Tensor);
  };
  tf.tidy(() => {
    const tensors = caseTensors(opCase);
    const differentiable = differentiableInputs(op.definition as never);
    const inputs = Object.entries(prepare(...args(tensors)).inputs).filter(([name]) => differentiable.has(name));
    const wrt = Object.keys(tensors).filter((key) => inputs.some(([, tensor]) => tensor === tensors[key]));
    const gradients = tf.grads((...given) => run({ ...tensors, ...Object.fromEntries(wrt.map((key, i) => [key, given[i]!])) }));
    const y = run(tensors);
    gradients(
      wrt.map((key) => tensors[key]!),
      tf.tensor(new Float32Array(y.size).fill(0.5), y.shape),
    );
  });
}

/** Of the op table, forward and backward: kernels of tfjs's own, and programs that a smaller batch than the one before still makes. */
export async function ownKernels(): Promise<{ name: string; composedOf: string[]; programs: number }[]> {
  const rows = [];
  for (const opCase of opCases) {
    const composedOf = await compositionsIn(() => bothWays(enlarged(opCase, 3)));
    const { programs } = await linked(() => bothWays(opCase));
    rows.push({ name: opCase.name, composedOf, programs });
  }
  return rows;
}
