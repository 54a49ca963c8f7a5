import { positiveNumber } from '../checks.js';
import { Add } from './add.js';
import { chained, type Walk } from './block.js';
import { type CnnLayer, type Config, registerLayer } from './cnn-layer.js';
import { DepthwiseBlock, type DepthwiseBlockOptions } from './depthwise-block.js';

/** Options of InvertedResidual. */
export interface InvertedResidualOptions extends DepthwiseBlockOptions {
  /** The first 1x1 convolution makes this many times the input's channels, rounded; default 6; 1: there is none. */
  expansion?: number;
}

/**
 * The block of MobileNetV2: 1x1 convolution to more channels, depthwise 3x3, 1x1 to `filters` channels; batch normalisation
 * behind each, relu6 behind the first two. Where neither size nor channels change, the input is added.
 * Parts, as torchvision calls them: conv.0.0, conv.0.1 (expand), conv.1.0, conv.1.1 (depthwise), conv.2, conv.3 (project); with
 * expansion 1 conv.0.0, conv.0.1 (depthwise), conv.1, conv.2 (project); add.
 * Source: Sandler, Howard, Zhu, Zhmoginov, Chen (2018), arXiv 1801.04381, figure 3b.
 */
export class InvertedResidual extends DepthwiseBlock {
  static className = 'CnnInvertedResidual';
  private readonly expansion: number;
  private branch: readonly CnnLayer[] = [];
  private add: Add | undefined;

  constructor(options: InvertedResidualOptions) {
    super(options);
    this.expansion = positiveNumber(this.where, 'expansion', options.expansion ?? 6);
  }

  protected override partsFor(channels: number): void {
    const { expansion, filters, strides } = this;
    const branch: CnnLayer[] = [];
    let i = 0;
    if (expansion !== 1) {
      const expanded = Math.max(1, Math.round(channels * expansion));
      branch.push(this.conv('conv.0.0', { filters: expanded, kernelSize: 1 }), this.norm6('conv.0.1'));
      i++;
    }
    branch.push(this.depthwise(`conv.${i}.0`), this.norm6(`conv.${i}.1`));
    branch.push(this.conv(`conv.${i + 1}`, { filters, kernelSize: 1 }), this.norm(`conv.${i + 2}`, { activation: 'linear' }));
    this.branch = branch;
    if (strides === 1 && channels === filters) this.add = this.part(Add, 'add', {});
  }

  override wire<T>([x]: T[], through: Walk<T>): T {
    const y = chained(this.branch, x!, through);
    return this.add ? through(this.add, [x!, y]) : y;
  }

  /** The options, as a saved model holds them. */
  override getConfig(): Config {
    return { ...super.getConfig(), expansion: this.expansion };
  }
}
registerLayer(InvertedResidual);
