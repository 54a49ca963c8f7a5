import type { Tensor } from '@tensorflow/tfjs-core';
import type { Shape } from '@tensorflow/tfjs-layers';
import { type Config, type LayerOptions, OneInputLayer, registerLayer } from './cnn-layer.js';
import { type ActivationName, activationFunction, checkActivationName } from './layer-activation.js';

/** The activations that take an alpha. */
export type Sloped = 'leakyRelu' | 'elu';

/** Options of the layer Activation. */
export type ActivationOptions = LayerOptions &
  (
    | {
        /** Which one. */
        activation: Exclude<ActivationName, Sloped>;
        /** These have none. */
        alpha?: undefined;
      }
    | {
        /** Which one. */
        activation: Sloped;
        /** Slope below zero of leakyRelu (default 0.01), depth of elu (default 1); a finite number >= 0. */
        alpha?: number;
      }
  );

/** y = activation(x), element by element (softmax and logSoftmax: over the last axis), of any shape. */
export class Activation extends OneInputLayer {
  static className = 'CnnActivation';
  readonly activation: ActivationName;
  readonly alpha: number | undefined;
  private readonly function: (x: Tensor) => Tensor;

  constructor(options: ActivationOptions) {
    super(options);
    checkActivationName(this.where, options.activation);
    this.activation = options.activation;
    // null in a file that was saved without
    this.alpha = options.alpha ?? undefined;
    if (this.alpha !== undefined) {
      if (this.activation !== 'leakyRelu' && this.activation !== 'elu') {
        this.refuse('alpha', `left out for ${this.activation}`, this.alpha);
      }
      if (!(this.alpha >= 0 && Number.isFinite(this.alpha))) this.refuse('alpha', 'a finite number >= 0', this.alpha);
    }
    this.function = activationFunction(this.activation, this.alpha);
  }

  protected override forward(x: Tensor): Tensor {
    return this.function(x);
  }

  protected override outputShapeOf(shape: Shape): Shape {
    return shape;
  }

  override getConfig(): Config {
    return { ...super.getConfig(), activation: this.activation, alpha: this.alpha ?? null };
  }
}
registerLayer(Activation);
