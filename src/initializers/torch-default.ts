import { serialization } from '@tensorflow/tfjs-core';
import { ArgumentError } from '../geometry.js';
import { type FanOptions, fansOf } from './fans.js';
import { uniformFill } from './fills.js';
import { type Fill, SeededInitializer, type SeedOptions } from './seeded-initializer.js';

/** Options of the initializer TorchDefault. */
export interface TorchDefaultOptions extends SeedOptions, Pick<FanOptions, 'fanIn'> {}

/**
 * Initializer: uniform in [-1, 1) / sqrt(fan in), what PyTorch's Linear and Conv2d begin with (kaiming_uniform_ with
 * a = sqrt 5). Their biases have the same bound: for those `fanIn`, the kernel's, must be given.
 */
export class TorchDefault extends SeededInitializer {
  static className = 'CnnTorchDefault';
  private readonly fanIn: number | null;

  constructor(options: TorchDefaultOptions) {
    super(options);
    this.fanIn = options.fanIn == null ? null : this.positive('fanIn', options.fanIn);
  }

  protected override fillOf(shape: readonly number[]): Fill {
    if (this.fanIn === null && shape.length < 2) {
      throw new ArgumentError(
        `torchDefault: fanIn, that of the kernel beside it, must be given for a weight of shape [${shape}], as a bias is; ` +
          'initializers.torchDefault({fanIn})',
      );
    }
    return uniformFill(1 / Math.sqrt(this.fanIn ?? fansOf(shape).in));
  }

  /** The options, as a saved model holds them. */
  override getConfig(): serialization.ConfigDict {
    return { ...super.getConfig(), fanIn: this.fanIn };
  }
}
serialization.registerClass(TorchDefault, 'tfjs-cnn');
