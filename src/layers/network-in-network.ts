import type { Padding, Pair } from '../geometry.js';
import type { Walk } from './block.js';
import { ConvBlock, type ConvBlockOptions } from './block-parts.js';
import { type Config, registerLayer } from './cnn-layer.js';
import type { Conv2D } from './conv2d.js';

/** Options of NetworkInNetwork. */
export interface NetworkInNetworkOptions extends Omit<ConvBlockOptions, 'normalization' | 'useBias'> {
  /** Channels of the convolution and of the two 1x1 convolutions behind it. */
  filters: readonly [number, number, number];
  /** Of the first convolution: a number, or [height, width]. */
  kernelSize: Pair;
  /** Of the first convolution; default 1. */
  strides?: Pair;
  /** Of the first convolution; default 'valid'. */
  padding?: Padding;
}

/**
 * A convolution whose filters are small nets: a k x k and two 1x1 convolutions, each with a bias and relu.
 * Parts: conv, cccp1, cccp2 (cascaded cross channel parametric pooling, as the paper calls them).
 * Source: Lin, Chen, Yan (2013): Network in network, arXiv 1312.4400, section 3.1.
 */
export class NetworkInNetwork extends ConvBlock {
  static className = 'CnnNetworkInNetwork';
  private readonly given: Pick<NetworkInNetworkOptions, 'filters' | 'kernelSize' | 'strides' | 'padding'>;
  private readonly layers: readonly Conv2D[];

  constructor(options: NetworkInNetworkOptions) {
    super({ ...options, useBias: true });
    const { filters, kernelSize, strides = 1, padding = 'valid' } = options;
    if (!Array.isArray(filters) || filters.length !== 3) {
      this.refuse('filters', 'three numbers: of the convolution and of the two 1x1 convolutions', filters);
    }
    this.given = { filters, kernelSize, strides, padding };
    const [conv, cccp1, cccp2] = filters;
    this.layers = [
      this.conv('conv', { filters: conv, kernelSize, strides, padding, activation: 'relu' }),
      this.conv('cccp1', { filters: cccp1, kernelSize: 1, activation: 'relu' }),
      this.conv('cccp2', { filters: cccp2, kernelSize: 1, activation: 'relu' }),
    ];
  }

  override wire<T>([x]: T[], through: Walk<T>): T {
    return this.layers.reduce<T>((y, layer) => through(layer, y), x!);
  }

  override getConfig(): Config {
    return { ...super.getConfig(), ...(this.given as unknown as Config) };
  }
}
registerLayer(NetworkInNetwork);
