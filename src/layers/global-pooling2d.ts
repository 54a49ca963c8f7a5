import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { Shape } from '@tensorflow/tfjs-layers';
import { globalAvgPool } from '../ops/global-pool/global-avg-pool.js';
import { globalMaxPool } from '../ops/global-pool/global-max-pool.js';
import { type Config, type ImageLayerOptions, OneInputLayer, registerLayer } from './cnn-layer.js';
import { type LayerWindow, wholePicture } from './layer-window.js';

/** Options of GlobalAveragePooling2D and GlobalMaxPooling2D. */
export interface GlobalPooling2DOptions extends ImageLayerOptions {
  /** [batch, 1, 1, channels] instead of [batch, channels]; default false. */
  keepDims?: boolean;
}

abstract class GlobalPooling2D extends OneInputLayer {
  protected readonly options: { keepDims: boolean };

  constructor(options: GlobalPooling2DOptions = {}) {
    super(options);
    this.options = { keepDims: options.keepDims ?? false };
    this.expectRank(4);
  }

  protected override outputShapeOf([batch, , , channels]: Shape): Shape {
    return this.options.keepDims ? [batch!, 1, 1, channels!] : [batch!, channels!];
  }

  override windowOf(inputShape: readonly number[]): LayerWindow | undefined {
    return wholePicture(inputShape);
  }

  override getConfig(): Config {
    return { ...super.getConfig(), ...this.options, dataFormat: 'channelsLast' };
  }
}

/** Mean over height and width, per channel. */
export class GlobalAveragePooling2D extends GlobalPooling2D {
  static className = 'CnnGlobalAveragePooling2D';

  protected override forward(x: Tensor): Tensor {
    return globalAvgPool(x as Tensor4D, this.options);
  }
}
registerLayer(GlobalAveragePooling2D);

/** Largest value over height and width, per channel. */
export class GlobalMaxPooling2D extends GlobalPooling2D {
  static className = 'CnnGlobalMaxPooling2D';

  protected override forward(x: Tensor): Tensor {
    return globalMaxPool(x as Tensor4D, this.options);
  }
}
registerLayer(GlobalMaxPooling2D);
