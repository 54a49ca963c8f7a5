/** What residual, dense and inception blocks are made of, and the options that say how. */
import type { BatchNormalizationOptions } from './batch-normalization.js';
import { BatchNormalization } from './batch-normalization.js';
import { Block, type BlockOptions } from './block.js';
import type { Config } from './cnn-layer.js';
import { Conv2D, type Conv2DOptions } from './conv2d.js';
import { type Initializer, type InitializerOption, initializerOf, serialized } from './serializable-options.js';

/** Options of all batch normalisations of a block: those of the layer BatchNormalization. */
export type Normalization = Pick<BatchNormalizationOptions, 'epsilon' | 'momentum' | 'center' | 'scale' | 'unbiasedVariance'>;

/** Options of a block of convolutions and batch normalisations. */
export interface ConvBlockOptions extends BlockOptions {
  /** Of every convolution; default 'heNormal'. */
  kernelInitializer?: InitializerOption;
  /** Of every batch normalisation. */
  normalization?: Normalization;
  /** Whether the convolutions have biases; default false, as batch normalisation follows. */
  useBias?: boolean;
}

/** A block of convolutions, each with batch normalisation before or behind it. */
export abstract class ConvBlock extends Block {
  private readonly kernelInitializer: Initializer;
  private readonly normalization: Normalization;
  private readonly useBias: boolean;

  constructor(options: ConvBlockOptions) {
    super(options);
    this.kernelInitializer = initializerOf(this.where, options.kernelInitializer ?? 'heNormal');
    this.normalization = options.normalization ?? {};
    this.useBias = options.useBias ?? false;
  }

  /** A convolution as this block has them. */
  protected conv(part: string, options: Omit<Conv2DOptions, 'name'>): Conv2D {
    const { kernelInitializer, useBias } = this;
    return this.part(Conv2D, part, { kernelInitializer, useBias, ...options });
  }

  /** Batch normalisation as this block has it; relu follows in the same kernel unless `activation` is 'linear'. */
  protected norm(part: string, options: Omit<BatchNormalizationOptions, 'name'> = {}): BatchNormalization {
    return this.part(BatchNormalization, part, { ...this.normalization, activation: 'relu', ...options });
  }

  override getConfig(): Config {
    return {
      ...super.getConfig(),
      kernelInitializer: serialized(this.kernelInitializer),
      normalization: { ...this.normalization },
      useBias: this.useBias,
    };
  }
}
