/** What residual, dense and inception blocks are made of, and the options that say how. */
import type { BatchNormalizationOptions } from './batch-normalization.js';
import { BatchNormalization } from './batch-normalization.js';
import { Block, type BlockOptions } from './block.js';
import type { Config } from './cnn-layer.js';
import { Conv2D, type Conv2DOptions } from './conv2d.js';
import { reseeded } from './reseeded.js';
import { type Initializer, type InitializerOption, initializerOf, serialized } from './serializable-options.js';

/** Options of all batch normalisations of a block: those of the layer BatchNormalization. */
export type Normalization = Pick<BatchNormalizationOptions, 'epsilon' | 'momentum' | 'center' | 'scale' | 'unbiasedVariance'>;

const NORMALIZATION: readonly string[] = [
  'epsilon',
  'momentum',
  'center',
  'scale',
  'unbiasedVariance',
] satisfies (keyof Normalization)[];

/** Options of a block of convolutions and batch normalisations. */
export interface ConvBlockOptions extends BlockOptions {
  /** Of every convolution; default 'heNormal'. With a seed, each convolution draws numbers of its own from it. */
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
  private convolutions = 0;

  constructor(options: ConvBlockOptions) {
    super(options);
    this.kernelInitializer = initializerOf(this.where, options.kernelInitializer ?? 'heNormal');
    this.normalization = options.normalization ?? {};
    for (const option of Object.keys(this.normalization)) {
      if (!NORMALIZATION.includes(option)) this.refuse('normalization', `options out of ${NORMALIZATION.join(', ')}`, option);
    }
    this.useBias = options.useBias ?? false;
  }

  /** A convolution as this block has them. */
  protected conv(part: string, options: Omit<Conv2DOptions, 'name'>): Conv2D {
    return this.part(Conv2D, part, { kernelInitializer: this.kernelStart(), useBias: this.useBias, ...options });
  }

  /** How the next kernel, or those of the next block inside, begin. */
  protected kernelStart(): Initializer {
    return reseeded(this.kernelInitializer, this.convolutions++);
  }

  /** What a block inside of this one takes over. */
  protected get inherited(): Required<Pick<ConvBlockOptions, 'kernelInitializer' | 'normalization' | 'useBias'>> {
    const { normalization, useBias } = this;
    return { kernelInitializer: this.kernelStart(), normalization, useBias };
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
