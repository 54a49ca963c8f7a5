/** Layers of which nobody knows whether they do the same at each step. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { CnnLayer } from '../src/layers/cnn-layer.js';
import * as layers from '../src/layers/index.js';

type Compute = (x: tf.Tensor) => tf.Tensor;

/** A small net around a layer. */
export const netWith = (layer: tfl.layers.Layer): tfl.LayersModel =>
  tfl.sequential({
    layers: [
      layers.flatten({ inputShape: [2, 2, 1] }),
      layer,
      layers.dense({ units: 3, kernelInitializer: tfl.initializers.randomNormal({ seed: 1 }) }),
    ],
  });

/** Its forward pass is what a function makes of its input. */
export class Strange extends CnnLayer {
  static className = 'Strange';
  constructor(private readonly compute: Compute) {
    super({ name: 'strange' });
  }
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => this.compute([inputs].flat()[0]!));
  }
  override computeOutputShape(shape: tfl.Shape | tfl.Shape[]): tfl.Shape {
    return shape as tfl.Shape;
  }
}

/** What such a layer may do, and why its steps stay eager then. */
export function strangeThings(): [what: string, compute: Compute, why: RegExp][] {
  let step = 0;
  return [
    ['random numbers', (x) => tf.add(x, tf.randomNormal(x.shape)), /is not called alike in two steps/],
    ['values that are looked at', (x) => tf.mul(x, 1 + x.dataSync()[0]!), /values are read while the step runs/],
    [
      'another kernel now and then',
      (x) => (step++ % 2 ? tf.mul(x, 2) : tf.add(x, 1)),
      /a step called \w+ where the next called \w+/,
    ],
    [
      'a tensor that is kept',
      (x) => {
        tf.keep(tf.mul(x, 3));
        return tf.mul(x, 2);
      },
      /it keeps a tensor that is no tf.Variable/,
    ],
  ];
}
