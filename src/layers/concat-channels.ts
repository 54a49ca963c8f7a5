import type { Tensor } from '@tensorflow/tfjs-core';
import type { Shape } from '@tensorflow/tfjs-layers';
import { GeometryError } from '../geometry.js';
import { concatChannels } from '../ops/concat/concat.js';
import { allShapes, CnnLayer, type LayerOptions, registerLayer, shapeText } from './cnn-layer.js';

/** Two or more inputs of one height and width, their channels one after the other. */
export class ConcatChannels extends CnnLayer {
  static className = 'CnnConcatChannels';

  constructor(options: LayerOptions = {}) {
    super(options);
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return concatChannels(inputs as Tensor[]);
  }

  override computeOutputShape(shapes: Shape | Shape[]): Shape {
    const all = allShapes(shapes);
    if (all.length < 2) throw new GeometryError(`${this.where}: expects two inputs or more, got ${all.length}`);
    const [first, ...others] = all as [Shape, ...Shape[]];
    const last = first.length - 1;
    for (const other of others) {
      if (
        other.length !== first.length ||
        other.some((size, i) => i < last && size != null && first[i] != null && size !== first[i])
      ) {
        throw new GeometryError(
          `${this.where}: inputs may differ in their channels only, got ${shapeText(first)} and ${shapeText(other)}`,
        );
      }
    }
    const channels = all.map((shape) => this.known('number of channels', shape[last], shape));
    return [...first.slice(0, last), channels.reduce((sum, count) => sum + count, 0)];
  }
}
registerLayer(ConcatChannels);
