/** One part of an op on the page, for comparisons in Node. */
import * as tf from '@tensorflow/tfjs-core';
import type { Named } from '../../src/kernels.js';
import { ops, runPart } from '../../src/op-kernels.js';
import { lerp } from '../../src/train/optimizers/lerp/lerp.js';
import { compositionsIn } from './own-kernels.js';

/** Leaves textures full of NaN for the next tensors of these sizes: a texel that a kernel forgets to write is seen. */
function poison(shapes: readonly number[][]): void {
  tf.tidy(() => {
    for (const shape of shapes) {
      const size = tf.util.sizeFromShape(shape);
      const nothing = tf.tensor(new Float32Array(size).fill(NaN), shape);
      lerp(nothing, nothing, { shape, size, share: 1 });
    }
  });
}

/** Its outputs with their shapes, and kernels of tfjs's own that it went through. */
export async function part(name: string, which: string, inputs: Named<number[]>, shapes: Named<number[]>, g: object) {
  const op = ops.get(name)!;
  poison(Object.values(op.parts[which]!.outputs).map((shape) => shape(g)));
  const given = Object.entries(inputs).map(([key, values]) => [key, tf.tensor(values, shapes[key]!, 'float32')]);
  const tensors = Object.fromEntries(given) as Named<tf.Tensor>;
  let results: tf.Tensor[] = [];
  const composed = await compositionsIn(() => {
    results = runPart(op, which, tensors, g);
  });
  const outputs = results.map((tensor) => ({ shape: tensor.shape, values: [...tensor.dataSync()] }));
  tf.dispose([tensors, results]);
  return { outputs, composed };
}
