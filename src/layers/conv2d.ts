import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Shape } from '@tensorflow/tfjs-layers';
import { GeometryError, type Pair, pair, windowGeometry } from '../geometry.js';
import { conv2d } from '../ops/conv2d/conv2d.js';
import type { ConvolutionBranch } from '../ops/joined-conv2d/joined-conv2d.js';
import { type Config, type ImageLayerOptions, onlyShape, registerLayer, sizeOf } from './cnn-layer.js';
import { KernelLayer, type KernelOptions } from './kernel-layer.js';
import { type LayerWindow, slidingWindow } from './layer-window.js';
import {
  convolutionOutputShape,
  type WindowLayerOptions,
  type WindowParameters,
  windowConfig,
  windowParameters,
} from './window-layer.js';

/** Options of the layer Conv2D. */
export interface Conv2DOptions extends ImageLayerOptions, WindowLayerOptions, KernelOptions {
  /** Channels of the output. */
  filters: number;
  /** A number, or [height, width]. */
  kernelSize: Pair;
  /** Input and output channels are cut into this many parts that do not see each other; default 1. */
  groups?: number;
}

/**
 * Convolution of [batch, height, width, channels] with `filters` kernels of their own, a bias and an activation.
 * Weights: kernel [kernelHeight, kernelWidth, channels / groups, filters], bias [filters].
 */
export class Conv2D extends KernelLayer {
  static className = 'CnnConv2D';
  readonly filters: number;
  readonly kernelSize: [number, number];
  readonly groups: number;
  private readonly window: WindowParameters;

  constructor(options: Conv2DOptions) {
    super(options);
    this.filters = this.positiveInteger('filters', options.filters);
    this.kernelSize = pair(this.where, 'kernelSize', options.kernelSize);
    this.groups = this.positiveInteger('groups', options.groups ?? 1);
    if (this.filters % this.groups !== 0) this.refuse('groups', `a divisor of the ${this.filters} filters`, this.groups);
    this.window = windowParameters(this.where, options);
    this.expectRank(4);
  }

  override build(inputShape: Shape | Shape[]): void {
    const shape = onlyShape(inputShape);
    const channels = this.known('number of channels', shape[3], shape);
    if (channels % this.groups !== 0) {
      throw new GeometryError(
        `${this.where}: groups must divide the channels of the input: ${this.groups} does not divide ${channels}`,
      );
    }
    this.addKernel('kernel', [...this.kernelSize, channels / this.groups, this.filters], this.filters);
    this.expectRank(4, channels);
    super.build(inputShape);
  }

  protected override applyKernel(x: Tensor, kernel: Tensor, bias: Tensor1D | undefined): Tensor {
    const { window, groups, fused: activation } = this;
    return conv2d(x as Tensor4D, kernel as Tensor4D, { ...window, bias, groups, activation });
  }

  /** The convolution of x as one among others: what joinedConv2d takes. */
  branch(x: Tensor4D): ConvolutionBranch {
    const { window, groups } = this;
    const { kernel, bias } = this.values();
    return { ...window, x, filter: kernel as Tensor4D, bias, groups };
  }

  protected override outputShapeOf(shape: Shape): Shape {
    return convolutionOutputShape(this.where, shape, this.kernelSize, this.filters, this.window);
  }

  override macs([, , , channels]: readonly number[], outputShape: readonly number[]): number {
    const [height, width] = this.kernelSize;
    return (sizeOf(outputShape) * height * width * channels!) / this.groups;
  }

  override windowOf(inputShape: readonly number[]): LayerWindow {
    return slidingWindow(windowGeometry(this.where, inputShape, this.kernelSize, this.filters, this.window));
  }

  /** The options, as a saved model holds them. */
  override getConfig(): Config {
    const { filters, kernelSize, groups } = this;
    return { ...super.getConfig(), filters, kernelSize, groups, ...windowConfig(this.window) };
  }
}
registerLayer(Conv2D);
