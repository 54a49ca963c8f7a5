import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Shape } from '@tensorflow/tfjs-layers';
import { type Pair, pair, windowGeometry } from '../geometry.js';
import { depthwiseConv2d } from '../ops/depthwise-conv2d/depthwise-conv2d.js';
import { type Config, type ImageLayerOptions, onlyShape, registerLayer, sizeOf } from './cnn-layer.js';
import { type BiasOptions, KernelLayer } from './kernel-layer.js';
import { type LayerWindow, slidingWindow } from './layer-window.js';
import { type ConstraintOption, type InitializerOption, type RegularizerOption, serialized } from './serializable-options.js';
import {
  convolutionOutputShape,
  type WindowLayerOptions,
  type WindowParameters,
  windowConfig,
  windowParameters,
} from './window-layer.js';

/** Options of the layer DepthwiseConv2D. */
export interface DepthwiseConv2DOptions extends ImageLayerOptions, WindowLayerOptions, BiasOptions {
  /** A number, or [height, width]. */
  kernelSize: Pair;
  /** Output channels of each input channel; default 1. */
  depthMultiplier?: number;
  /** Default 'glorotNormal', as tfjs-layers has it. */
  depthwiseInitializer?: InitializerOption;
  /** Penalty on the kernel, which `fit` adds to the loss; default none. */
  depthwiseRegularizer?: RegularizerOption | null;
  /** What the kernel must keep to, as tfjs-layers has it; default none. */
  depthwiseConstraint?: ConstraintOption | null;
}

/**
 * Convolution of each channel on its own.
 * Weights: depthwise_kernel [kernelHeight, kernelWidth, channels, depthMultiplier], bias [channels * depthMultiplier].
 */
export class DepthwiseConv2D extends KernelLayer {
  static className = 'CnnDepthwiseConv2D';
  readonly kernelSize: [number, number];
  readonly depthMultiplier: number;
  private readonly window: WindowParameters;

  constructor(options: DepthwiseConv2DOptions) {
    const { depthwiseInitializer, depthwiseRegularizer, depthwiseConstraint } = options;
    super({
      ...options,
      kernelInitializer: depthwiseInitializer,
      kernelRegularizer: depthwiseRegularizer,
      kernelConstraint: depthwiseConstraint,
    });
    this.kernelSize = pair(this.where, 'kernelSize', options.kernelSize);
    this.depthMultiplier = this.positiveInteger('depthMultiplier', options.depthMultiplier ?? 1);
    this.window = windowParameters(this.where, options);
    this.expectRank(4);
  }

  override build(inputShape: Shape | Shape[]): void {
    const shape = onlyShape(inputShape);
    const channels = this.known('number of channels', shape[3], shape);
    this.addKernel('depthwise_kernel', [...this.kernelSize, channels, this.depthMultiplier], channels * this.depthMultiplier);
    this.expectRank(4, channels);
    super.build(inputShape);
  }

  protected override applyKernel(x: Tensor, kernel: Tensor, bias: Tensor1D | undefined): Tensor {
    return depthwiseConv2d(x as Tensor4D, kernel as Tensor4D, { ...this.window, bias, activation: this.fused });
  }

  protected override outputShapeOf(shape: Shape): Shape {
    const channels = this.known('number of channels', shape[3], shape);
    return convolutionOutputShape(this.where, shape, this.kernelSize, channels * this.depthMultiplier, this.window);
  }

  override macs(_inputShape: readonly number[], outputShape: readonly number[]): number {
    return sizeOf(outputShape) * sizeOf(this.kernelSize);
  }

  override windowOf(inputShape: readonly number[]): LayerWindow {
    return slidingWindow(windowGeometry(this.where, inputShape, this.kernelSize, inputShape[3]!, this.window));
  }

  /** The options, as a saved model holds them. */
  override getConfig(): Config {
    return {
      ...this.configWithoutKernel(),
      kernelSize: this.kernelSize,
      depthMultiplier: this.depthMultiplier,
      depthwiseInitializer: serialized(this.kernelInitializer),
      depthwiseRegularizer: serialized(this.kernelRegularizer),
      depthwiseConstraint: serialized(this.kernelConstraint),
      ...windowConfig(this.window),
    };
  }
}
registerLayer(DepthwiseConv2D);
