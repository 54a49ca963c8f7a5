import { add, type Tensor } from '@tensorflow/tfjs-core';
import type { Shape } from '@tensorflow/tfjs-layers';
import { CnnLayer, type LayerOptions, registerLayer, sameShape } from './cnn-layer.js';

/** a + b of two inputs of one shape: the end of a pre-activation residual block. */
export class Add extends CnnLayer {
  static className = 'CnnAdd';

  constructor(options: LayerOptions = {}) {
    super(options);
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    const [a, b] = inputs as Tensor[];
    return add(a!, b!);
  }

  override computeOutputShape(shapes: Shape | Shape[]): Shape {
    return sameShape(this.where, shapes);
  }
}
registerLayer(Add);
