import type { LayersModel } from '@tensorflow/tfjs-layers';
import { ArgumentError } from '../../geometry.js';
import { shapeText } from '../../layers/cnn-layer.js';

/**
 * Shapes of a model's inputs, without the batch and with every size known.
 *
 * @param caller begins the message of an error
 * @throws ArgumentError where a size is open, or `given` does not fit
 */
export function inputShapesOf(caller: string, model: LayersModel, given?: readonly number[]): number[][] {
  if (!model.inputs?.length) {
    throw new ArgumentError(`${caller}: model '${model.name}' has no input yet; give its first layer an inputShape`);
  }
  const own = model.inputs.map(({ shape }) => shape.slice(1));
  if (given) {
    const [only] = own;
    const fits = own.length === 1 && given.length === only!.length && given.every((size) => Number.isInteger(size) && size > 0);
    if (!fits) {
      const expected = own.map(shapeText).join(' and ');
      throw new ArgumentError(
        `${caller}: inputShape must be positive integers in the place of ${expected}, got ${JSON.stringify(given)}` +
          `${own.length > 1 ? `; of a model with ${own.length} inputs it cannot be changed` : ''}`,
      );
    }
    return [[...given]];
  }
  const open = own.find((shape) => shape.includes(null));
  if (open) {
    throw new ArgumentError(
      `${caller}: the input of model '${model.name}' is ${shapeText(open)}; say with inputShape which size is meant, [224, 224, 3] say`,
    );
  }
  return own as number[][];
}
