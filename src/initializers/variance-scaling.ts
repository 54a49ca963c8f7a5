import { serialization } from '@tensorflow/tfjs-core';
import { ArgumentError } from '../geometry.js';
import { type FanOptions, fansOf } from './fans.js';
import { normalFill, truncatedNormalFill, uniformFill } from './fills.js';
import { type Fill, SeededInitializer, type SeedOptions } from './seeded-initializer.js';

const fills = {
  normal: normalFill,
  truncatedNormal: truncatedNormalFill,
  uniform: (deviation: number) => uniformFill(Math.sqrt(3) * deviation),
};
const modes = {
  fanIn: (fanIn: number) => fanIn,
  fanOut: (_: number, fanOut: number) => fanOut,
  fanAverage: (fanIn: number, fanOut: number) => (fanIn + fanOut) / 2,
};

/** Options of the initializer VarianceScaling. */
export interface VarianceScalingOptions extends SeedOptions, FanOptions {
  /** Variance times fan; default 1. */
  scale?: number;
  /** Which fan; default 'fanIn'. */
  mode?: keyof typeof modes;
  /** Default 'normal'. 'truncatedNormal': values beyond two deviations are drawn again, which the variance does not make up for. */
  distribution?: keyof typeof fills;
}

/** Initializer: mean 0, variance scale / fan. The common form of He's, Glorot's and LeCun's. */
export class VarianceScaling extends SeededInitializer {
  static className = 'CnnVarianceScaling';
  private readonly scale: number;
  private readonly mode: keyof typeof modes;
  private readonly distribution: keyof typeof fills;
  private readonly fanIn: number | null;
  private readonly fanOut: number | null;

  constructor(options: VarianceScalingOptions) {
    super(options);
    const { scale = 1, mode = 'fanIn', distribution = 'normal', fanIn, fanOut } = options;
    this.scale = this.positive('scale', scale);
    this.mode = this.oneOf('mode', modes, mode);
    this.distribution = this.oneOf('distribution', fills, distribution);
    this.fanIn = fanIn == null ? null : this.positive('fanIn', fanIn);
    this.fanOut = fanOut == null ? null : this.positive('fanOut', fanOut);
  }

  protected override fillOf(shape: readonly number[]): Fill {
    const fans = fansOf(shape);
    const fan = modes[this.mode](this.fanIn ?? fans.in, this.fanOut ?? fans.out);
    return fills[this.distribution](Math.sqrt(this.scale / Math.max(1, fan)));
  }

  /** The options, as a saved model holds them. */
  override getConfig(): serialization.ConfigDict {
    const { scale, mode, distribution, fanIn, fanOut } = this;
    return { ...super.getConfig(), scale, mode, distribution, fanIn, fanOut };
  }

  private oneOf<T extends string>(option: string, valid: Record<T, unknown>, value: T): T {
    if (!Object.hasOwn(valid, value)) {
      throw new ArgumentError(`CnnVarianceScaling: ${option} must be one of ${Object.keys(valid).join(', ')}, got '${value}'`);
    }
    return value;
  }
}
serialization.registerClass(VarianceScaling, 'tfjs-cnn');
