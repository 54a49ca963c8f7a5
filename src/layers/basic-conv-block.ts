import type { Padding, Pair } from '../geometry.js';
import { ConvBlock, type ConvBlockOptions } from './block-parts.js';
import type { CnnLayer, Config } from './cnn-layer.js';

/** One convolution of a block, described by data. */
export interface ConvolutionStep {
  /** What it is called in the block. */
  name?: string;
  /** Channels of the output. */
  filters: number;
  /** A number, or [height, width]. */
  kernelSize: Pair;
  /** Default 1. */
  strides?: Pair;
  /** As the layer Conv2D takes it; default 'valid'. */
  padding?: Padding;
  /** Default 1. */
  groups?: number;
}

/** Options of a block whose convolutions are all followed by relu. */
export interface BasicConvBlockOptions extends ConvBlockOptions {
  /** Batch normalisation between each convolution and its relu; default true. Without it the convolutions have biases. */
  batchNorm?: boolean;
}

/**
 * A block of convolutions, each followed by batch normalisation and relu, torchvision's BasicConv2d, or, with a bias,
 * by relu alone. Parts of a convolution `name`: `name.conv` and `name.bn`, or `name` alone.
 */
export abstract class BasicConvBlock extends ConvBlock {
  protected readonly batchNorm: boolean;

  constructor(options: BasicConvBlockOptions) {
    const batchNorm = options.batchNorm ?? true;
    super({ ...options, useBias: options.useBias ?? !batchNorm });
    this.batchNorm = batchNorm;
  }

  /** A convolution with what follows it, in order. */
  protected basicConv(name: string, step: Omit<ConvolutionStep, 'name'>): [CnnLayer, ...CnnLayer[]] {
    const { filters, kernelSize, strides, padding, groups } = step;
    const options = { filters, kernelSize, strides, padding, groups };
    if (!this.batchNorm) return [this.conv(name, { ...options, activation: 'relu' })];
    return [this.conv(`${name}.conv`, options), this.norm(`${name}.bn`)];
  }

  override getConfig(): Config {
    return { ...super.getConfig(), batchNorm: this.batchNorm };
  }
}
