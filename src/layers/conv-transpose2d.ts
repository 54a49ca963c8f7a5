import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Shape } from '@tensorflow/tfjs-layers';
import { GeometryError, type Pair, pair } from '../geometry.js';
import { convTranspose2d } from '../ops/conv-transpose2d/conv-transpose2d.js';
import { transposedWindow } from '../ops/conv-transpose2d/geometry.js';
import { type Config, type ImageLayerOptions, onlyShape, registerLayer, sizeOf } from './cnn-layer.js';
import { KernelLayer, type KernelOptions } from './kernel-layer.js';
import { adjointWindow, type LayerWindow } from './layer-window.js';
import {
  type WindowLayerOptions,
  type WindowParameters,
  windowConfig,
  windowOutputShape,
  windowParameters,
  windowSpan,
} from './window-layer.js';

/** Options of the layer ConvTranspose2D. */
export interface ConvTranspose2DOptions extends ImageLayerOptions, WindowLayerOptions, KernelOptions {
  /** Channels of the output. */
  filters: number;
  /** A number, or [height, width]. */
  kernelSize: Pair;
  /**
   * 'valid' (default) and 'same' give the sizes of TensorFlow, size * stride + max(kernel - stride, 0) and size * stride;
   * numbers are PyTorch's padding: pixels taken away from the sides of the result.
   */
  padding?: WindowLayerOptions['padding'];
  /** Rows and columns added at the bottom and the right, each less than the stride or the dilation; default 0. Not with 'same'. */
  outputPadding?: Pair | null;
  /** Input and output channels are cut into this many parts that do not see each other; default 1. */
  groups?: number;
}

/**
 * Transposed convolution of [batch, height, width, channels]: the layer that enlarges as Conv2D with strides reduces.
 * Weights: kernel [kernelHeight, kernelWidth, filters / groups, channels], bias [filters].
 */
export class ConvTranspose2D extends KernelLayer {
  static className = 'CnnConvTranspose2D';
  readonly filters: number;
  readonly kernelSize: [number, number];
  readonly groups: number;
  private readonly window: WindowParameters & { outputPadding?: Pair };

  constructor(options: ConvTranspose2DOptions) {
    super(options);
    const { where } = this;
    this.filters = this.positiveInteger('filters', options.filters);
    this.kernelSize = pair(where, 'kernelSize', options.kernelSize);
    this.groups = this.positiveInteger('groups', options.groups ?? 1);
    if (this.filters % this.groups !== 0) this.refuse('groups', `a divisor of the ${this.filters} filters`, this.groups);
    this.window = { ...windowParameters(where, options), outputPadding: options.outputPadding ?? undefined };
    this.geometryOf([1, this.roomy, this.roomy, 1]);
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
    this.addKernel('kernel', [...this.kernelSize, this.filters / this.groups, channels], this.filters);
    this.expectRank(4, channels);
    super.build(inputShape);
  }

  protected override applyKernel(x: Tensor, kernel: Tensor, bias: Tensor1D | undefined): Tensor {
    const { window, groups, fused: activation } = this;
    return convTranspose2d(x as Tensor4D, kernel as Tensor4D, { ...window, bias, groups, activation });
  }

  /** A height and width of which the pads leave some output. */
  private get roomy(): number {
    const { pads } = this.window;
    if (typeof pads === 'string') return 1;
    return 1 + 2 * Math.max(...(typeof pads === 'number' ? [pads] : (Object.values(pads) as number[])));
  }

  /** The window of the convolution that leads back: its input is our output. */
  private geometryOf(shape: readonly number[]) {
    return transposedWindow(this.where, shape, this.kernelSize, this.filters, this.window);
  }

  protected override outputShapeOf(shape: Shape): Shape {
    return windowOutputShape(shape, [this.roomy, this.roomy], (known) => {
      const { inHeight: outHeight, inWidth: outWidth } = this.geometryOf(known);
      return { outHeight, outWidth, outChannels: this.filters };
    });
  }

  override macs(inputShape: readonly number[]): number {
    return (sizeOf(inputShape) * sizeOf(this.kernelSize) * this.filters) / this.groups;
  }

  override windowOf(inputShape: readonly number[]): LayerWindow {
    const { padTop, padLeft } = this.geometryOf(inputShape);
    return adjointWindow(windowSpan(this.kernelSize, this.window), this.window.strides, [padTop, padLeft]);
  }

  /** The options, as a saved model holds them. */
  override getConfig(): Config {
    const { filters, kernelSize, groups, window } = this;
    const outputPadding = (window.outputPadding as Config | undefined) ?? null;
    return { ...super.getConfig(), filters, kernelSize, groups, ...windowConfig(window), outputPadding };
  }
}
registerLayer(ConvTranspose2D);
