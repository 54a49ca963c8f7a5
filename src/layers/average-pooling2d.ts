import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { avgPool } from '../ops/avg-pool/avg-pool.js';
import { type Config, registerLayer } from './cnn-layer.js';
import { Pooling2D, type Pooling2DOptions, type PoolingWindow } from './pooling2d.js';

/** Options of the layer AveragePooling2D. */
export interface AveragePooling2DOptions extends Pooling2DOptions {
  /**
   * Divide by the size of the window with the padding in it, or by the number of pixels in it? Default: false for
   * 'same' and 'valid', as in Keras and tfjs-layers; true for explicit padding, as in PyTorch.
   */
  countIncludePad?: boolean | null;
}

/** Mean of each window, per channel. */
export class AveragePooling2D extends Pooling2D {
  static className = 'CnnAveragePooling2D';
  private readonly averaged: PoolingWindow & { countIncludePad?: boolean };

  constructor(options: AveragePooling2DOptions = {}) {
    super(options);
    this.averaged = { ...this.window, countIncludePad: options.countIncludePad ?? undefined };
  }

  protected override forward(x: Tensor): Tensor {
    return avgPool(x as Tensor4D, this.averaged);
  }

  /** The options, as a saved model holds them. */
  override getConfig(): Config {
    return { ...super.getConfig(), countIncludePad: this.averaged.countIncludePad ?? null };
  }
}
registerLayer(AveragePooling2D);
