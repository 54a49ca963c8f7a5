import type { Tensor } from '@tensorflow/tfjs-core';
import type { Shape } from '@tensorflow/tfjs-layers';
import { GeometryError } from '../geometry.js';
import { maxout } from '../ops/maxout/maxout.js';
import { type Config, type LayerOptions, OneInputLayer, registerLayer } from './cnn-layer.js';

/** Options of the layer Maxout. */
export interface MaxoutOptions extends LayerOptions {
  /** How many neighbouring channels each output looks at; a divisor of the channels. */
  pieces: number;
}

/** Largest of each `pieces` neighbouring channels: [..., channels] -> [..., channels / pieces]. */
export class Maxout extends OneInputLayer {
  static className = 'CnnMaxout';
  private readonly options: { pieces: number };

  constructor(options: MaxoutOptions) {
    super(options);
    this.options = { pieces: this.positiveInteger('pieces', options.pieces) };
  }

  protected override forward(x: Tensor): Tensor {
    return maxout(x, this.options);
  }

  protected override outputShapeOf(shape: Shape): Shape {
    const { pieces } = this.options;
    const channels = this.known('number of channels', shape[shape.length - 1], shape);
    if (channels % pieces !== 0) {
      throw new GeometryError(
        `${this.where}: pieces must divide the channels of the input: ${pieces} does not divide ${channels}`,
      );
    }
    return [...shape.slice(0, -1), channels / pieces];
  }

  override getConfig(): Config {
    return { ...super.getConfig(), ...this.options };
  }
}
registerLayer(Maxout);
