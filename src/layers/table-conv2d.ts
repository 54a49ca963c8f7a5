import {
  reshape,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Tensor4D,
  tensor2d,
  tidy,
  type Variable,
  variable,
} from '@tensorflow/tfjs-core';
import type { Shape } from '@tensorflow/tfjs-layers';
import { type Pair, pair, windowGeometry } from '../geometry.js';
import { conv2d } from '../ops/conv2d/conv2d.js';
import { dense } from '../ops/dense/dense.js';
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

/** Options of the layer TableConv2D. */
export interface TableConv2DOptions extends ImageLayerOptions, WindowLayerOptions, KernelOptions {
  /** For each output channel, the input channels it sees: LeNet-5's C3 begins [[0, 1, 2], [1, 2, 3], ...]. */
  connections: number[][];
  /** A number, or [height, width]. */
  kernelSize: Pair;
}

/**
 * Convolution in which each output channel sees some of the input channels only, by a table.
 * Weights: kernel [kernelHeight, kernelWidth, connections], in the table's order; bias [outputs].
 * Source: LeCun et al. 1998, table I; Torch's SpatialConvolutionMap.
 */
export class TableConv2D extends KernelLayer {
  static className = 'CnnTableConv2D';
  readonly connections: number[][];
  readonly kernelSize: [number, number];
  private readonly window: WindowParameters;
  private channels = 0;
  /** 0/1, [connections, channels * outputs]: where each connection stands in the full filter. */
  private places: Variable | undefined;

  constructor(options: TableConv2DOptions) {
    super(options);
    const { connections } = options;
    if (!Array.isArray(connections) || connections.length === 0 || !connections.every(isChannelList)) {
      this.refuse('connections', 'a list of different channel numbers for each output channel', connections);
    }
    this.connections = connections;
    this.kernelSize = pair(this.where, 'kernelSize', options.kernelSize);
    this.window = windowParameters(this.where, options);
    this.expectRank(4);
  }

  override build(inputShape: Shape | Shape[]): void {
    const shape = onlyShape(inputShape);
    const channels = this.known('number of channels', shape[3], shape);
    const seen = this.connections.flat();
    const beyond = seen.find((channel) => channel >= channels);
    if (beyond !== undefined) this.refuse('connections', `channels of the input, 0 to ${channels - 1}`, beyond);
    const outputs = this.connections.length;
    const at = this.connections.flatMap((list, output) => list.map((channel) => channel * outputs + output));
    const rows = at.map((place) => Array.from({ length: channels * outputs }, (_, i) => (i === place ? 1 : 0)));
    this.places = tidy(() => variable(tensor2d(rows), false));
    this.channels = channels;
    this.addKernel('kernel', [...this.kernelSize, seen.length], outputs);
    this.expectRank(4, channels);
    super.build(inputShape);
  }

  /** The few weights are put at their places in a filter that is 0 elsewhere; its gradient takes the same way back. */
  protected override applyKernel(x: Tensor, kernel: Tensor, bias: Tensor1D | undefined): Tensor {
    const [height, width] = this.kernelSize;
    return tidy(() => {
      const filter = dense(reshape(kernel, [height * width, -1]) as Tensor2D, this.places as Tensor2D, {});
      const full = reshape(filter, [height, width, this.channels, this.connections.length]) as Tensor4D;
      return conv2d(x as Tensor4D, full, { ...this.window, bias, activation: this.fused });
    });
  }

  protected override outputShapeOf(shape: Shape): Shape {
    return convolutionOutputShape(this.where, shape, this.kernelSize, this.connections.length, this.window);
  }

  override macs(_inputShape: readonly number[], [, height, width]: readonly number[]): number {
    return height! * width! * sizeOf(this.kernelSize) * this.connections.flat().length;
  }

  override windowOf(inputShape: readonly number[]): LayerWindow {
    return slidingWindow(windowGeometry(this.where, inputShape, this.kernelSize, this.connections.length, this.window));
  }

  protected override disposeWeights(): number {
    this.places?.dispose();
    return super.disposeWeights();
  }

  /** The options, as a saved model holds them. */
  override getConfig(): Config {
    const { connections, kernelSize } = this;
    return { ...super.getConfig(), connections, kernelSize, ...windowConfig(this.window) };
  }
}
registerLayer(TableConv2D);

function isChannelList(list: unknown): boolean {
  return (
    Array.isArray(list) &&
    list.length > 0 &&
    new Set(list).size === list.length &&
    list.every((channel) => Number.isInteger(channel) && channel >= 0)
  );
}
