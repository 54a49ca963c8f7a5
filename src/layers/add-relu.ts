import type { Tensor } from '@tensorflow/tfjs-core';
import type { Shape } from '@tensorflow/tfjs-layers';
import { GeometryError } from '../geometry.js';
import { addRelu } from '../ops/add-relu/add-relu.js';
import { CnnLayer, type LayerOptions, registerLayer, shapeText } from './cnn-layer.js';

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
    const both = (Array.isArray(shapes[0]) ? shapes : [shapes]) as Shape[];
    if (both.length !== 2) throw new GeometryError(`${this.where}: expects 2 inputs, got ${both.length}`);
    const [a, b] = both as [Shape, Shape];
    if (a.length !== b.length || a.some((size, i) => size != null && b[i] != null && size !== b[i])) {
      throw new GeometryError(`${this.where}: both inputs must have the same shape, got ${shapeText(a)} and ${shapeText(b)}`);
    }
    return a.map((size, i) => size ?? b[i]!);
  }
}
registerLayer(AddRelu);
