import { AveragePooling2D } from './average-pooling2d.js';
import { chained, type Walk } from './block.js';
import { ConvBlock, type ConvBlockOptions } from './block-parts.js';
import { type CnnLayer, type Config, registerLayer } from './cnn-layer.js';
import { Dropout } from './dropout.js';

/** Options of TransitionBlock. */
export interface TransitionBlockOptions extends ConvBlockOptions {
  /** How many of the input's channels are left, in (0, 1], rounded down; default 0.5. */
  compression?: number;
  /** Rate of dropout behind the convolution; default 0. */
  dropout?: number;
  /** Seed of dropout's masks, as the layer Dropout has it. */
  seed?: number | null;
}

/**
 * What stands between two dense blocks: batch normalisation, relu, 1x1 convolution to fewer channels, dropout, and 2x2
 * average pooling, which halves height and width.
 * Parts, as torchvision calls them: norm, conv, dropout, pool.
 * Source: Huang, Liu, van der Maaten, Weinberger (2016), arXiv 1608.06993, section 3.
 */
export class TransitionBlock extends ConvBlock {
  static className = 'CnnTransitionBlock';
  private readonly given: Required<Omit<TransitionBlockOptions, keyof ConvBlockOptions>>;
  private chain: readonly CnnLayer[] = [];

  constructor(options: TransitionBlockOptions = {}) {
    super(options);
    const { compression = 0.5, dropout = 0, seed = null } = options;
    this.given = { compression, dropout, seed };
    if (!(compression > 0 && compression <= 1)) this.refuse('compression', 'a number in (0, 1]', compression);
    this.share('dropout', dropout);
  }

  protected override partsFor(channels: number): void {
    const { compression, dropout: rate, seed } = this.given;
    const filters = Math.floor(compression * channels);
    if (filters < 1) this.refuse('compression', `at least 1 / ${channels}, for an input of ${channels} channels`, compression);
    const norm = this.norm('norm');
    const conv = this.conv('conv', { filters, kernelSize: 1 });
    const dropout = rate > 0 ? [this.part(Dropout, 'dropout', { rate, seed })] : [];
    this.chain = [norm, conv, ...dropout, this.part(AveragePooling2D, 'pool', {})];
  }

  override wire<T>([x]: T[], through: Walk<T>): T {
    return chained(this.chain, x!, through);
  }

  override getConfig(): Config {
    return { ...super.getConfig(), ...this.given };
  }
}
registerLayer(TransitionBlock);
