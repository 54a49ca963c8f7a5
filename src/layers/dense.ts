import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import type { Shape } from '@tensorflow/tfjs-layers';
import { dense } from '../ops/dense/dense.js';
import { type Config, type LayerOptions, onlyShape, registerLayer, sizeOf } from './cnn-layer.js';
import { KernelLayer, type KernelOptions } from './kernel-layer.js';

/** Options of the layer Dense. */
export interface DenseOptions extends LayerOptions, KernelOptions {
  /** Size of the output. */
  units: number;
}

/**
 * Fully connected: activation(x kernel + bias) of [batch, inputs]; put Flatten before it where x has more axes.
 * Weights: kernel [inputs, units], bias [units].
 */
export class Dense extends KernelLayer {
  static className = 'CnnDense';
  readonly units: number;

  constructor(options: DenseOptions) {
    super(options);
    this.units = this.positiveInteger('units', options.units);
    this.expectRank(2);
  }

  override build(inputShape: Shape | Shape[]): void {
    const shape = onlyShape(inputShape);
    const inputs = this.known('last size', shape[1], shape);
    this.addKernel('kernel', [inputs, this.units], this.units);
    this.expectRank(2, inputs);
    super.build(inputShape);
  }

  protected override applyKernel(x: Tensor, kernel: Tensor, bias: Tensor1D | undefined): Tensor {
    return dense(x as Tensor2D, kernel as Tensor2D, { bias, activation: this.fused });
  }

  protected override outputShapeOf([batch]: Shape): Shape {
    return [batch!, this.units];
  }

  override macs(inputShape: readonly number[]): number {
    return sizeOf(inputShape) * this.units;
  }

  /** The options, as a saved model holds them. */
  override getConfig(): Config {
    return { ...super.getConfig(), units: this.units };
  }
}
registerLayer(Dense);
