/** Which kernels run on the page: ours, or compositions of tfjs's. */
import * as tf from '@tensorflow/tfjs-core';
import { caseTensors } from '../../src/inspect/op-case.js';
import { opCases } from '../../src/inspect/op-cases.js';
import { validateGradients } from '../../src/inspect/validate-gradients.js';

/** Kernels of tfjs's own that `run` went through, each once. One tensor's memory for two, Identity, computes nothing. */
export async function compositionsIn(run: () => unknown): Promise<string[]> {
  const { kernelNames } = await tf.profile(async () => void (await run()));
  return [...new Set(kernelNames)].filter((name) => !/^Cnn|^Identity$/.test(name));
}

/** Of the op table: the cases whose passes go through kernels of tfjs's own, with those. */
export async function composedCases(): Promise<{ name: string; of: string[] }[]> {
  const composed: { name: string; of: string[] }[] = [];
  for (const opCase of opCases) {
    const tensors = caseTensors(opCase);
    const of = await compositionsIn(() => validateGradients(opCase.op, opCase.args(tensors), { against: 'reference' }));
    if (of.length > 0) composed.push({ name: opCase.name, of });
    tf.dispose(tensors);
  }
  return composed;
}
