import {
  reshape,
  serialization,
  stack,
  type Tensor,
  type Tensor1D,
  type Tensor3D,
  type Tensor4D,
  tidy,
} from '@tensorflow/tfjs-core';
import { InputSpec, type Shape } from '@tensorflow/tfjs-layers';
import { type Pair, pair, windowGeometry } from '../geometry.js';
import { locallyConnected2d } from '../ops/locally-connected2d/locally-connected2d.js';
import { type Config, type ImageLayerOptions, onlyShape, registerLayer, sizeOf } from './cnn-layer.js';
import { KernelLayer, type KernelOptions } from './kernel-layer.js';
import { type LayerWindow, slidingWindow } from './layer-window.js';
import type { Initializer } from './serializable-options.js';
import {
  convolutionOutputShape,
  type WindowLayerOptions,
  type WindowParameters,
  windowConfig,
  windowParameters,
} from './window-layer.js';

/** Options of the layer LocallyConnected2D. */
export interface LocallyConnected2DOptions extends ImageLayerOptions, Omit<WindowLayerOptions, 'dilationRate'>, KernelOptions {
  /** Channels of the output. */
  filters: number;
  /** A number, or [height, width]. */
  kernelSize: Pair;
}

/** The filter of every place as a convolution's would begin: by the fans of one place. */
class AtEachPlace extends serialization.Serializable {
  constructor(
    private readonly each: Initializer,
    private readonly filter: number[],
  ) {
    super();
  }

  apply(shape: Shape): Tensor {
    const [height, width] = shape as number[];
    return tidy(() => {
      const filters = Array.from({ length: height! * width! }, () => this.each.apply(this.filter));
      return reshape(stack(filters), shape as number[]);
    });
  }

  fromConfigUsesCustomObjects(): boolean {
    return false;
  }

  override getConfig(): Config {
    return {};
  }
}

/**
 * Convolution whose filters and biases differ from place to place, so that a picture's height and width must be known.
 * The initializer fills each place as it would a convolution's kernel (with a seed: all places alike).
 * Weights: kernel [outHeight, outWidth, kernelHeight * kernelWidth * channels, filters], bias [outHeight, outWidth, filters].
 */
export class LocallyConnected2D extends KernelLayer {
  static className = 'CnnLocallyConnected2D';
  readonly filters: number;
  readonly kernelSize: [number, number];
  private readonly window: WindowParameters;

  constructor(options: LocallyConnected2DOptions) {
    super(options);
    this.filters = this.positiveInteger('filters', options.filters);
    this.kernelSize = pair(this.where, 'kernelSize', options.kernelSize);
    const { strides, padding } = options;
    this.window = windowParameters(this.where, { strides, padding });
    this.expectRank(4);
  }

  override build(inputShape: Shape | Shape[]): void {
    const shape = onlyShape(inputShape);
    const sizes = ['height', 'width', 'number of channels'].map((what, i) => this.known(what, shape[i + 1], shape));
    const [height, width, channels] = sizes as [number, number, number];
    const { outHeight, outWidth } = windowGeometry(this.where, [1, ...sizes], this.kernelSize, this.filters, this.window);
    const filter = [...this.kernelSize, channels, this.filters];
    this.addKernel(
      'kernel',
      [outHeight, outWidth, sizeOf(this.kernelSize) * channels, this.filters],
      [outHeight, outWidth, this.filters],
      new AtEachPlace(this.kernelInitializer, filter),
    );
    this.inputSpec = [new InputSpec({ ndim: 4, axes: { 1: height, 2: width, 3: channels } })];
    super.build(inputShape);
  }

  protected override applyKernel(x: Tensor, kernel: Tensor, bias: Tensor1D | undefined): Tensor {
    const { strides, pads } = this.window;
    const { kernelSize, fused: activation } = this;
    const biases = bias as Tensor | undefined as Tensor3D | undefined;
    return locallyConnected2d(x as Tensor4D, kernel as Tensor4D, { kernelSize, strides, pads, bias: biases, activation });
  }

  protected override outputShapeOf(shape: Shape): Shape {
    return convolutionOutputShape(this.where, shape, this.kernelSize, this.filters, this.window);
  }

  override macs([, , , channels]: readonly number[], outputShape: readonly number[]): number {
    return sizeOf(outputShape) * sizeOf(this.kernelSize) * channels!;
  }

  override windowOf(inputShape: readonly number[]): LayerWindow {
    return slidingWindow(windowGeometry(this.where, inputShape, this.kernelSize, this.filters, this.window));
  }

  /** The options, as a saved model holds them. */
  override getConfig(): Config {
    const { filters, kernelSize } = this;
    return { ...super.getConfig(), filters, kernelSize, ...windowConfig(this.window) };
  }
}
registerLayer(LocallyConnected2D);
