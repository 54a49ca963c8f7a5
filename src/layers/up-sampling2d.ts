import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { Shape } from '@tensorflow/tfjs-layers';
import { type Pair, pair } from '../geometry.js';
import { checkMode, type UpsampleMode } from '../ops/upsample/geometry.js';
import { upsample2d } from '../ops/upsample/upsample.js';
import { type Config, type ImageLayerOptions, OneInputLayer, registerLayer } from './cnn-layer.js';
import type { LayerWindow } from './layer-window.js';

/** Options of the layer UpSampling2D. */
export interface UpSampling2DOptions extends ImageLayerOptions {
  /** The output is so many times as high and wide: a number, or [height, width]; default 2. */
  size?: Pair;
  /** 'nearest' (default) repeats pixels, 'bilinear' goes in straight lines from one to the next. */
  interpolation?: UpsampleMode;
  /** Bilinear only: the middles of the corners' pixels stay where they are, PyTorch's align_corners; default false. */
  alignCorners?: boolean;
}

/** Pictures enlarged by whole numbers, as Keras and PyTorch do (tfjs-layers' own takes bilinear pixels elsewhere). */
export class UpSampling2D extends OneInputLayer {
  static className = 'CnnUpSampling2D';
  readonly size: [number, number];
  readonly interpolation: UpsampleMode;
  readonly alignCorners: boolean;

  constructor(options: UpSampling2DOptions = {}) {
    super(options);
    this.size = pair(this.where, 'size', options.size ?? 2);
    const { interpolation = 'nearest', alignCorners = false } = options;
    checkMode(this.where, interpolation, alignCorners, 'interpolation');
    this.interpolation = interpolation;
    this.alignCorners = alignCorners;
    this.expectRank(4);
  }

  protected override forward(x: Tensor): Tensor {
    return upsample2d(x as Tensor4D, { scale: this.size, mode: this.interpolation, alignCorners: this.alignCorners });
  }

  protected override outputShapeOf([batch, height, width, channels]: Shape): Shape {
    const [down, across] = this.size;
    return [batch!, height == null ? null : height * down, width == null ? null : width * across, channels!];
  }

  override windowOf(): LayerWindow {
    const [down, across] = this.size;
    const pixels = this.interpolation === 'nearest' ? 1 : 2;
    return { size: [pixels, pixels], strides: [1 / down, 1 / across], before: [pixels - 1, pixels - 1] };
  }

  /** The options, as a saved model holds them. */
  override getConfig(): Config {
    const { size, interpolation, alignCorners } = this;
    return { ...super.getConfig(), size, interpolation, alignCorners, dataFormat: 'channelsLast' };
  }
}
registerLayer(UpSampling2D);
