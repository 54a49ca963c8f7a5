import { reshape, type Tensor } from '@tensorflow/tfjs-core';
import type { Shape } from '@tensorflow/tfjs-layers';
import { type LayerOptions, OneInputLayer, registerLayer, sizeOf } from './cnn-layer.js';
import { type LayerWindow, wholePicture } from './layer-window.js';

/** [batch, ...] -> [batch, everything else]. Copies nothing. */
export class Flatten extends OneInputLayer {
  static className = 'CnnFlatten';
  override readonly sharesInput = true;

  constructor(options: LayerOptions = {}) {
    super(options);
  }

  protected override forward(x: Tensor): Tensor {
    return reshape(x, this.outputShapeOf(x.shape) as number[]);
  }

  /** What follows sees all pixels. */
  override windowOf(inputShape: readonly number[]): LayerWindow | undefined {
    return wholePicture(inputShape);
  }

  protected override outputShapeOf([batch, ...rest]: Shape): Shape {
    return [batch!, rest.includes(null) ? null : sizeOf(rest as number[])];
  }
}
registerLayer(Flatten);
