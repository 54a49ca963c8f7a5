import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { l2Pool } from '../ops/l2-pool/l2-pool.js';
import { registerLayer } from './cnn-layer.js';
import { Pooling2D, type Pooling2DOptions } from './pooling2d.js';

/** Root of the sum of squares of each window, per channel. */
export class L2Pooling2D extends Pooling2D {
  static className = 'CnnL2Pooling2D';

  constructor(options: Pooling2DOptions = {}) {
    super(options);
  }

  protected override forward(x: Tensor): Tensor {
    return l2Pool(x as Tensor4D, this.window);
  }
}
registerLayer(L2Pooling2D);
