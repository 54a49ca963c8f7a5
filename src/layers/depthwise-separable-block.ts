import { chained, type Walk } from './block.js';
import { type CnnLayer, type Config, registerLayer } from './cnn-layer.js';
import { DepthwiseBlock, type DepthwiseBlockOptions } from './depthwise-block.js';

/** Options of DepthwiseSeparableBlock. */
export interface DepthwiseSeparableBlockOptions extends DepthwiseBlockOptions {
  /** Channels that the depthwise convolution makes of each input channel; default 1. */
  depthMultiplier?: number;
}

/**
 * The block of MobileNetV1: a depthwise 3x3 convolution and a 1x1 convolution, each with batch normalisation and relu6.
 * Parts: depthwise, depthwise_bn, pointwise, pointwise_bn.
 * Source: Howard et al. (2017), arXiv 1704.04861, figure 3; relu6, which the paper's figure calls relu, as in Keras.
 */
export class DepthwiseSeparableBlock extends DepthwiseBlock {
  static className = 'CnnDepthwiseSeparableBlock';
  private readonly depthMultiplier: number;
  private readonly chain: readonly CnnLayer[];

  constructor(options: DepthwiseSeparableBlockOptions) {
    super(options);
    this.depthMultiplier = this.positiveInteger('depthMultiplier', options.depthMultiplier ?? 1);
    this.chain = [
      this.depthwise('depthwise', this.depthMultiplier),
      this.norm6('depthwise_bn'),
      this.conv('pointwise', { filters: this.filters, kernelSize: 1 }),
      this.norm6('pointwise_bn'),
    ];
  }

  override wire<T>([x]: T[], through: Walk<T>): T {
    return chained(this.chain, x!, through);
  }

  /** The options, as a saved model holds them. */
  override getConfig(): Config {
    return { ...super.getConfig(), depthMultiplier: this.depthMultiplier };
  }
}
registerLayer(DepthwiseSeparableBlock);
