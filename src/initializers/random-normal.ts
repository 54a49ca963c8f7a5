import { serialization } from '@tensorflow/tfjs-core';
import { normalFill, truncatedNormalFill } from './fills.js';
import { type Fill, SeededInitializer, type SeedOptions } from './seeded-initializer.js';

/** Options of the initializer RandomNormal. */
export interface RandomNormalOptions extends SeedOptions {
  /** Standard deviation; default 0.01. */
  deviation?: number;
  /** Whether values beyond two deviations are drawn again; default false. */
  truncated?: boolean;
}

/** Initializer: normal, mean 0, of one deviation whatever the shape. */
export class RandomNormal extends SeededInitializer {
  static className = 'CnnRandomNormal';
  private readonly deviation: number;
  private readonly truncated: boolean;

  constructor(options: RandomNormalOptions) {
    super(options);
    this.deviation = this.positive('deviation', options.deviation ?? 0.01);
    this.truncated = options.truncated ?? false;
  }

  protected override fillOf(): Fill {
    return (this.truncated ? truncatedNormalFill : normalFill)(this.deviation);
  }

  /** The options, as a saved model holds them. */
  override getConfig(): serialization.ConfigDict {
    const { deviation, truncated } = this;
    return { ...super.getConfig(), deviation, truncated };
  }
}
serialization.registerClass(RandomNormal, 'tfjs-cnn');
