import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { maxPool } from '../ops/max-pool/max-pool.js';
import { registerLayer } from './cnn-layer.js';
import { Pooling2D, type Pooling2DOptions } from './pooling2d.js';
import type { WindowLayerOptions } from './window-layer.js';

/** Options of the layer MaxPooling2D. */
export interface MaxPooling2DOptions extends Pooling2DOptions, Pick<WindowLayerOptions, 'dilationRate'> {}

/** Largest value of each window, per channel; padding is never the largest. */
export class MaxPooling2D extends Pooling2D {
  static className = 'CnnMaxPooling2D';

  constructor(options: MaxPooling2DOptions = {}) {
    super(options);
  }

  protected override forward(x: Tensor): Tensor {
    return maxPool(x as Tensor4D, this.window);
  }
}
registerLayer(MaxPooling2D);
