import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { InputSpec, type Shape } from '@tensorflow/tfjs-layers';
import { maxPoolWithSwitches } from '../ops/max-pool/max-pool-with-switches.js';
import { poolGeometry } from '../ops/pool/geometry.js';
import { CnnLayer, type Config, onlyShape, registerLayer } from './cnn-layer.js';
import { type LayerWindow, slidingWindow } from './layer-window.js';
import type { MaxPooling2DOptions } from './max-pooling2d.js';
import { type PoolingWindow, poolingConfig, poolingOutputShape, poolingWindow } from './pooling2d.js';

/**
 * Max pooling with two outputs: [y, switches], the largest value of each window and where it was, as MaxUnpooling2D takes
 * them. Both have one shape.
 */
export class MaxPoolingWithSwitches2D extends CnnLayer {
  static className = 'CnnMaxPoolingWithSwitches2D';
  private readonly window: PoolingWindow;

  constructor(options: MaxPooling2DOptions = {}) {
    super(options);
    this.window = poolingWindow(this.where, options);
    this.inputSpec = [new InputSpec({ ndim: 4 })];
  }

  override call(inputs: Tensor | Tensor[]): Tensor[] {
    const x = Array.isArray(inputs) ? inputs[0]! : inputs;
    const { y, switches } = maxPoolWithSwitches(x as Tensor4D, this.window);
    return [y, switches];
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape[] {
    const shape = poolingOutputShape(this.where, onlyShape(inputShape), this.window);
    return [shape, [...shape]];
  }

  override windowOf(inputShape: readonly number[]): LayerWindow {
    return slidingWindow(poolGeometry(this.where, inputShape, this.window));
  }

  /** The options, as a saved model holds them. */
  override getConfig(): Config {
    return { ...super.getConfig(), ...poolingConfig(this.window) };
  }
}
registerLayer(MaxPoolingWithSwitches2D);
