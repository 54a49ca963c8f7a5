import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { Shape } from '@tensorflow/tfjs-layers';
import { type Pair, pair } from '../geometry.js';
import { adaptiveAvgPool } from '../ops/adaptive-pool/adaptive-avg-pool.js';
import { adaptiveMaxPool } from '../ops/adaptive-pool/adaptive-max-pool.js';
import { type Config, type ImageLayerOptions, OneInputLayer, registerLayer } from './cnn-layer.js';
import type { LayerWindow } from './layer-window.js';

/** Options of AdaptiveAveragePooling2D and AdaptiveMaxPooling2D. */
export interface AdaptivePooling2DOptions extends ImageLayerOptions {
  /** Height and width of the output, whatever those of the input are. */
  outputSize: Pair;
}

abstract class AdaptivePooling2D extends OneInputLayer {
  protected readonly options: { outputSize: [number, number] };

  constructor(options: AdaptivePooling2DOptions) {
    super(options);
    this.options = { outputSize: pair(this.where, 'outputSize', options.outputSize) };
    this.expectRank(4);
  }

  protected override outputShapeOf([batch, , , channels]: Shape): Shape {
    return [batch!, ...this.options.outputSize, channels!];
  }

  /** Bins differ by a pixel where sizes do not divide; the largest counts. */
  override windowOf([, ...sizes]: readonly number[]): LayerWindow {
    const strides = this.options.outputSize.map((count, axis) => sizes[axis]! / count) as [number, number];
    const size = strides.map((stride) => (Number.isInteger(stride) ? stride : Math.ceil(stride) + 1)) as [number, number];
    return { size, strides, before: [0, 0] };
  }

  override getConfig(): Config {
    return { ...super.getConfig(), ...this.options, dataFormat: 'channelsLast' };
  }
}

/** Mean over bins that cover the picture, as many as `outputSize` says. */
export class AdaptiveAveragePooling2D extends AdaptivePooling2D {
  static className = 'CnnAdaptiveAveragePooling2D';

  protected override forward(x: Tensor): Tensor {
    return adaptiveAvgPool(x as Tensor4D, this.options);
  }
}
registerLayer(AdaptiveAveragePooling2D);

/** Largest value over bins that cover the picture, as many as `outputSize` says. */
export class AdaptiveMaxPooling2D extends AdaptivePooling2D {
  static className = 'CnnAdaptiveMaxPooling2D';

  protected override forward(x: Tensor): Tensor {
    return adaptiveMaxPool(x as Tensor4D, this.options);
  }
}
registerLayer(AdaptiveMaxPooling2D);
