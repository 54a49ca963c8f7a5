import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { Shape } from '@tensorflow/tfjs-layers';
import {
  localResponseNormalizationGeometry,
  type LocalResponseNormalizationOptions as OpOptions,
} from '../ops/local-response-normalization/geometry.js';
import { localResponseNormalization } from '../ops/local-response-normalization/local-response-normalization.js';
import { type Config, type ImageLayerOptions, OneInputLayer, registerLayer } from './cnn-layer.js';

/** In PyTorch's and Caffe's words (size, k) or in tfjs's (depthRadius, bias), with the defaults of the op. */
export type LocalResponseNormalizationOptions = ImageLayerOptions & OpOptions;

const NAMES = ['size', 'depthRadius', 'alpha', 'beta', 'k', 'bias', 'divideAlpha'] as const;

/** Each value divided by a power of the squares of its neighbours in the channels. */
export class LocalResponseNormalization extends OneInputLayer {
  static className = 'CnnLocalResponseNormalization';
  private readonly options: OpOptions;

  constructor(options: LocalResponseNormalizationOptions = {}) {
    super(options);
    const given = NAMES.filter((name) => options[name] != null).map((name) => [name, options[name]]);
    this.options = Object.fromEntries(given) as OpOptions;
    // What the op would refuse at its first call is refused here.
    localResponseNormalizationGeometry([1, 1, 1, 1], this.options);
    this.expectRank(4);
  }

  protected override forward(x: Tensor): Tensor {
    return localResponseNormalization(x as Tensor4D, this.options);
  }

  protected override outputShapeOf(shape: Shape): Shape {
    return shape;
  }

  override getConfig(): Config {
    return { ...super.getConfig(), ...(this.options as Config), dataFormat: 'channelsLast' };
  }
}
registerLayer(LocalResponseNormalization);
