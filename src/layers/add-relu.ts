import type { Tensor } from '@tensorflow/tfjs-core';
import type { Shape } from '@tensorflow/tfjs-layers';
import { addRelu } from '../ops/add-relu/add-relu.js';
import { CnnLayer, type LayerOptions, registerLayer, sameShape } from './cnn-layer.js';

/** relu(a + b) of two inputs of one shape: the end of a residual block. */
export class AddRelu extends CnnLayer {
  static className = 'CnnAddRelu';

  constructor(options: LayerOptions = {}) {
    super(options);
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    const [a, b] = inputs as Tensor[];
    return addRelu(a!, b!);
  }

  override computeOutputShape(shapes: Shape | Shape[]): Shape {
    return sameShape(this.where, shapes);
  }
}
registerLayer(AddRelu);
