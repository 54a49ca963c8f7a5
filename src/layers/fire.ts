import type { Walk } from './block.js';
import { ConvBlock, type ConvBlockOptions } from './block-parts.js';
import { type Config, registerLayer } from './cnn-layer.js';
import type { Conv2D } from './conv2d.js';
import { JoinedConvolutions } from './joined-convolutions.js';

/** Options of Fire. */
export interface FireOptions extends Omit<ConvBlockOptions, 'normalization' | 'useBias'> {
  /** Channels of the 1x1 convolution that squeezes. */
  squeeze: number;
  /** Channels that come from 1x1 convolutions. */
  expand1x1: number;
  /** Channels that come from 3x3 convolutions. */
  expand3x3: number;
}

/**
 * A 1x1 convolution to few channels, and 1x1 and 3x3 convolutions of these side by side; each with a bias and relu.
 * Parts, as torchvision calls them: squeeze, expand1x1, expand3x3.
 * Source: Iandola et al. (2016): SqueezeNet, arXiv 1602.07360, figure 1.
 */
export class Fire extends ConvBlock {
  static className = 'CnnFire';
  private readonly widths: Pick<FireOptions, 'squeeze' | 'expand1x1' | 'expand3x3'>;
  private readonly squeeze: Conv2D;
  private readonly expand: JoinedConvolutions;

  constructor(options: FireOptions) {
    super({ ...options, useBias: true });
    const { squeeze, expand1x1, expand3x3 } = options;
    this.widths = { squeeze, expand1x1, expand3x3 };
    for (const [name, width] of Object.entries(this.widths)) this.positiveInteger(name, width);
    this.squeeze = this.conv('squeeze', { filters: squeeze, kernelSize: 1, activation: 'relu' });
    this.expand = this.part(JoinedConvolutions, 'expand', {
      ...this.inherited,
      batchNorm: false,
      names: { expand1x1: this.nameOf('expand1x1'), expand3x3: this.nameOf('expand3x3') },
      convolutions: [
        { name: 'expand1x1', filters: expand1x1, kernelSize: 1 },
        { name: 'expand3x3', filters: expand3x3, kernelSize: 3, padding: 1 },
      ],
    });
  }

  override wire<T>([x]: T[], through: Walk<T>): T {
    const squeezed = through(this.squeeze, x!);
    return through(this.expand, [squeezed, squeezed]);
  }

  override getConfig(): Config {
    return { ...super.getConfig(), ...this.widths };
  }
}
registerLayer(Fire);
