import { flag } from '../checks.js';
import { mixSeeds } from '../random.js';
import { Activation } from './activation.js';
import { chained, type Walk } from './block.js';
import { ConvBlock, type ConvBlockOptions } from './block-parts.js';
import { type CnnLayer, type Config, registerLayer } from './cnn-layer.js';
import { ConcatChannels } from './concat-channels.js';
import { Dropout } from './dropout.js';

/** Options of DenseLayer. */
export interface DenseLayerOptions extends ConvBlockOptions {
  /** Channels of the new feature maps; k in the paper. */
  growthRate: number;
  /** A 1x1 convolution to this many times `growthRate` channels comes before the 3x3 one; default 4; 0: there is none. */
  bottleneck?: number;
  /** Batch normalisation before each relu; default true. */
  batchNorm?: boolean;
  /** Rate of dropout behind the 3x3 convolution; default 0. */
  dropout?: number;
  /** Rate of dropout behind the 1x1 convolution: the paper has it, torchvision has not; default 0. */
  bottleneckDropout?: number;
  /** Seed of dropout's masks, as the layer Dropout has it. */
  seed?: number | null;
}

/** What a dense layer is, apart from what all blocks of convolutions have: every option with its default. */
export type Growth = Required<Omit<DenseLayerOptions, keyof ConvBlockOptions>>;

/** The options with their defaults. */
export function growthOf(options: DenseLayerOptions): Growth {
  const { growthRate, bottleneck = 4, batchNorm = true, dropout = 0, bottleneckDropout = 0, seed = null } = options;
  return { growthRate, bottleneck, batchNorm, dropout, bottleneckDropout, seed };
}

/**
 * One layer of a dense block: new feature maps from all that came before. It is convolutional; what multiplies everything
 * by everything is {@link Dense}. The input is one tensor of feature maps, or a list of them, which are put side by side;
 * the output is the `growthRate` new ones alone. With `recompute`, a list is all that is kept: not its concatenation.
 * Parts, as torchvision calls them: norm1, conv1, norm2, conv2 (without a bottleneck norm1, conv1; without batch normalisation relu1,
 * relu2 for norm1, norm2); concat, dropout1, dropout2.
 * Source: Huang, Liu, van der Maaten, Weinberger (2016), arXiv 1608.06993, section 3.
 */
export class DenseLayer extends ConvBlock {
  static className = 'CnnDenseLayer';
  private readonly growth: Growth;
  private readonly concat: ConcatChannels;
  private readonly chain: CnnLayer[] = [];

  constructor(options: DenseLayerOptions) {
    super(options);
    this.growth = growthOf(options);
    const { growthRate, bottleneck, batchNorm, dropout, bottleneckDropout } = this.growth;
    this.positiveInteger('growthRate', growthRate);
    if (bottleneck !== 0) this.positiveInteger('bottleneck', bottleneck);
    flag(this.where, 'batchNorm', batchNorm);
    for (const [option, rate] of Object.entries({ dropout, bottleneckDropout })) this.share(option, rate);
    this.concat = this.part(ConcatChannels, 'concat', {});
    if (bottleneck > 0) this.addConvolution(1, 1, bottleneck * growthRate, bottleneckDropout);
    this.addConvolution(bottleneck > 0 ? 2 : 1, 3, growthRate, dropout);
  }

  /** Normalisation, relu, convolution, dropout: number `i` of them. */
  private addConvolution(i: number, kernelSize: 1 | 3, filters: number, rate: number): void {
    const { batchNorm, seed } = this.growth;
    const relu = batchNorm ? this.norm(`norm${i}`) : this.part(Activation, `relu${i}`, { activation: 'relu' });
    this.chain.push(relu, this.conv(`conv${i}`, { kernelSize, filters, padding: (kernelSize - 1) / 2 }));
    if (rate > 0) this.chain.push(this.part(Dropout, `dropout${i}`, { rate, seed: seed === null ? null : mixSeeds(seed, i) }));
  }

  override wire<T>(features: T[], through: Walk<T>): T {
    const all = features.length > 1 ? through(this.concat, features) : features[0]!;
    return chained(this.chain, all, through);
  }

  override getConfig(): Config {
    return { ...super.getConfig(), ...this.growth };
  }
}
registerLayer(DenseLayer);
