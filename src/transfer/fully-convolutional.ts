/**
 * Nets that score every place of a picture of any size.
 * Sources: CS231n notes, "Converting FC layers to CONV layers"; Long, Shelhamer, Darrell: Fully convolutional networks for
 * semantic segmentation, arXiv 1411.4038, section 3.1.
 */
import { input, type LayersModel, model as modelOf } from '@tensorflow/tfjs-layers';
import { ArgumentError } from '../geometry.js';
import { inputShapesOf } from '../inspect/profile/input-shapes.js';
import { alongWires } from '../layers/along-wires.js';
import { shapeText } from '../layers/cnn-layer.js';
import { Conversion, type Wire } from './conversion.js';

/** Options of toFullyConvolutional. */
export interface FullyConvolutionalOptions {
  /**
   * [height, width, channels] of the picture that one score is for: default the model's own. It is needed where that leaves
   * sizes open, and may be another one where the net averages over the picture.
   */
  readonly inputShape?: readonly number[];
}

/**
 * The same net with its dense layers as convolutions: of a picture of the original size it gives the same scores, as
 * [batch, 1, 1, classes], and of a larger one a map of them in one pass.
 *
 * Flatten and Dense become a convolution with a kernel of the feature map's size (its weights are the dense layer's in
 * another shape), further Dense layers 1x1 convolutions, global pools ones with a window of the map's size at stride 1.
 * Adaptive average pooling before a dense layer goes into its kernel; anywhere else it becomes the pool that it is at the
 * original size, if its bins are alike. What stands between is carried over, softmax runs at each place. Constraints of dense
 * kernels, whose axes mean something else then, are left out.
 *
 * Scores are as far apart as the original's last feature maps: `jump` in {@link profile}, 32 pixels for VGG. The outputs
 * at the original size differ by rounding alone, the same products being summed in another order: no more than
 * n 2^-23 times the sum of their magnitudes for each layer of n inputs. On a larger picture each score is that of the crop at
 * its place if no layer pads; where layers pad, a crop has zeros around it where the picture goes on, and scores differ.
 *
 * The model is left as it was. Weights are copies: training one of the nets does not change the other (they share memory until
 * then). Names of layers stay.
 *
 * ```ts
 * const scores = toFullyConvolutional(vgg16()).predict(tf.zeros([1, 384, 384, 3])); // [1, 6, 6, 1000]
 * ```
 *
 * @param model one input [height, width, channels], Sequential or not, of this package's layers or tfjs-layers' own
 * @returns     a net for [batch, any height, any width, channels]
 * @throws ArgumentError naming the layer that cannot be turned into one that does the same at every place
 */
export function toFullyConvolutional(model: LayersModel, options: FullyConvolutionalOptions = {}): LayersModel {
  const shapes = inputShapesOf('toFullyConvolutional', model, options.inputShape);
  const [shape] = shapes as [number[]];
  if (shapes.length !== 1 || shape.length !== 3) {
    throw new ArgumentError(
      `toFullyConvolutional: model '${model.name}' must have one input [height, width, channels], got ` +
        shapes.map(shapeText).join(' and '),
    );
  }
  const [height, width, channels] = shape as [number, number, number];
  const picture = input({ shape: [null, null, channels], name: model.inputNames[0]! });
  const conversion = new Conversion();
  try {
    const start: Wire = { tensor: picture, shape: [1, ...shape], map: [height, width] };
    const ends = alongWires(model, [start], (layer, inputs) => conversion.through(layer, inputs));
    const outputs = ends.map((end, i) => conversion.scores(end, model.outputs[i]!.sourceLayer));
    const net = modelOf({ inputs: picture, outputs, name: model.name });
    const metadata = model.getUserDefinedMetadata();
    if (metadata) net.setUserDefinedMetadata({ ...metadata });
    return net;
  } catch (error) {
    conversion.dispose();
    throw error;
  }
}
