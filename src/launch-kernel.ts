import * as tf from '@tensorflow/tfjs-core';
import { whileLaunching } from './backends/launching.js';
import type { Named } from './kernels.js';

/** Runs a kernel of ours through tfjs's engine, by the name that its registry knows it by. */
export function launch(name: string, inputs: Named<tf.Tensor>, attributes: object): tf.Tensor[] {
  const outputs = whileLaunching(name, inputs, () => tf.engine().runKernel(name, inputs, attributes as tf.NamedAttrMap));
  return Array.isArray(outputs) ? outputs : [outputs as tf.Tensor];
}
