/** What the blocks of MobileNets have in common: a depthwise 3x3 convolution, and relu6 behind batch normalisation. */
import type { Padding } from '../geometry.js';
import { ConvBlock, type ConvBlockOptions } from './block-parts.js';
import type { CnnLayer, Config } from './cnn-layer.js';
import { DepthwiseConv2D } from './depthwise-conv2d.js';
import { type Initializer, type InitializerOption, initializerOf, serialized } from './serializable-options.js';
import { windowConfig, windowParameters } from './window-layer.js';

/** Options of a block around a depthwise convolution. */
export interface DepthwiseBlockOptions extends ConvBlockOptions {
  /** Channels of the output. */
  filters: number;
  /** Step of the depthwise convolution; default 1. */
  strides?: number;
  /** Around the depthwise convolution, as DepthwiseConv2D has it; default 1, every side. */
  padding?: Padding;
  /** Of the depthwise convolution, whose fans are those of [3, 3, channels, multiplier]; default: as `kernelInitializer`. */
  depthwiseInitializer?: InitializerOption | null;
}

/** A block around a depthwise convolution. */
export abstract class DepthwiseBlock extends ConvBlock {
  protected readonly filters: number;
  protected readonly strides: number;
  private readonly padding: Padding;
  private readonly depthwiseInitializer: Initializer | null;

  constructor(options: DepthwiseBlockOptions) {
    super(options);
    const { strides = 1, padding = 1, depthwiseInitializer } = options;
    this.filters = this.positiveInteger('filters', options.filters);
    this.strides = this.positiveInteger('strides', strides);
    this.padding = windowParameters(this.where, { padding }).pads;
    this.depthwiseInitializer = depthwiseInitializer == null ? null : initializerOf(this.where, depthwiseInitializer);
  }

  /** The depthwise convolution. */
  protected depthwise(part: string, depthMultiplier = 1): CnnLayer {
    const { strides, padding } = this;
    const { kernelInitializer, useBias } = this.inherited;
    const depthwiseInitializer = this.depthwiseInitializer ?? kernelInitializer;
    return this.part(DepthwiseConv2D, part, { kernelSize: 3, strides, padding, depthMultiplier, depthwiseInitializer, useBias });
  }

  /** Batch normalisation and relu6. */
  protected norm6(part: string): CnnLayer {
    return this.norm(part, { activation: 'relu6' });
  }

  /** The options, as a saved model holds them. */
  override getConfig(): Config {
    const { filters, strides, padding: pads, depthwiseInitializer } = this;
    const { padding } = windowConfig({ strides: [strides, strides], pads, dilations: [1, 1] });
    return { ...super.getConfig(), filters, strides, padding, depthwiseInitializer: serialized(depthwiseInitializer) };
  }
}
