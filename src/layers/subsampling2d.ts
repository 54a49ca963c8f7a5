import { mul, ones, reshape, type Tensor, type Tensor1D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import type { Shape } from '@tensorflow/tfjs-layers';
import { type Pair, pair, windowGeometry } from '../geometry.js';
import { depthwiseConv2d } from '../ops/depthwise-conv2d/depthwise-conv2d.js';
import { type Config, type ImageLayerOptions, onlyShape, registerLayer } from './cnn-layer.js';
import { KernelLayer, type KernelOptions } from './kernel-layer.js';
import { type LayerWindow, slidingWindow } from './layer-window.js';
import { convolutionOutputShape, type WindowParameters, windowParameters } from './window-layer.js';

/** Options of the layer Subsampling2D. */
export interface Subsampling2DOptions extends ImageLayerOptions, Omit<KernelOptions, 'useBias'> {
  /** A number, or [height, width]; windows do not overlap; default 2. */
  poolSize?: Pair;
}

/**
 * LeNet-5's subsampling: activation(coefficient * sum of the window + bias), both of them trained, one a channel.
 * Weights: coefficient [channels], bias [channels].
 * Source: LeCun et al. 1998, layers S2 and S4. A sum is a depthwise convolution whose taps are all equal.
 */
export class Subsampling2D extends KernelLayer {
  static className = 'CnnSubsampling2D';
  readonly poolSize: [number, number];
  private readonly window: WindowParameters;

  constructor(options: Subsampling2DOptions = {}) {
    super({ ...options, useBias: true });
    this.poolSize = pair(this.where, 'poolSize', options.poolSize ?? 2);
    this.window = windowParameters(this.where, { strides: this.poolSize });
    this.expectRank(4);
  }

  override build(inputShape: Shape | Shape[]): void {
    const shape = onlyShape(inputShape);
    const channels = this.known('number of channels', shape[3], shape);
    this.addKernel('coefficient', [channels], channels);
    this.expectRank(4, channels);
    super.build(inputShape);
  }

  protected override applyKernel(x: Tensor, coefficient: Tensor, bias: Tensor1D | undefined): Tensor {
    return tidy(() => {
      const filter = mul(ones([...this.poolSize, 1, 1]), reshape(coefficient, [1, 1, coefficient.size, 1]));
      return depthwiseConv2d(x as Tensor4D, filter as Tensor4D, { ...this.window, bias, activation: this.fused });
    });
  }

  protected override outputShapeOf(shape: Shape): Shape {
    const channels = this.known('number of channels', shape[3], shape);
    return convolutionOutputShape(this.where, shape, this.poolSize, channels, this.window);
  }

  override windowOf(inputShape: readonly number[]): LayerWindow {
    return slidingWindow(windowGeometry(this.where, inputShape, this.poolSize, inputShape[3]!, this.window));
  }

  /** The options, as a saved model holds them. */
  override getConfig(): Config {
    return { ...super.getConfig(), poolSize: this.poolSize };
  }
}
registerLayer(Subsampling2D);
