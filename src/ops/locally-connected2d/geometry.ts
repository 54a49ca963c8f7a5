import { GeometryError, type Padding, type Pair, pair, type WindowGeometry, windowGeometry } from '../../geometry.js';
import { checkActivation, type FusedActivation } from '../activation/fused.js';
import { checkNotEmpty } from '../conv2d/geometry.js';

const OP = 'locallyConnected2d';

/** Sizes, pads and strides of an unshared convolution, and the activation applied to its result. */
export interface LocallyConnected2DGeometry extends WindowGeometry {
  readonly activation: FusedActivation;
}

/** What locallyConnected2dGeometry needs to know beside the shapes of x and filter. */
export interface LocallyConnected2DShapeOptions {
  kernelSize: Pair;
  strides?: Pair;
  pads?: Padding;
  activation?: FusedActivation;
  biasShape?: readonly number[];
}

/**
 * The geometry of an unshared convolution of x [batch, height, width, channels] with
 * filter [outHeight, outWidth, kernelHeight * kernelWidth * channels, filters].
 *
 * @throws GeometryError where the shapes do not fit together or leave no output
 */
export function locallyConnected2dGeometry(
  xShape: readonly number[],
  filterShape: readonly number[],
  { kernelSize, activation = 'linear', biasShape, ...window }: LocallyConnected2DShapeOptions,
): Readonly<LocallyConnected2DGeometry> {
  const layout = '[outHeight, outWidth, kernelHeight * kernelWidth * channels, filters]';
  if (filterShape.length !== 4) {
    throw new GeometryError(`${OP}: filter must have rank 4 ${layout}, got rank ${filterShape.length} [${filterShape}]`);
  }
  checkNotEmpty(OP, filterShape);
  if (kernelSize === undefined) {
    throw new GeometryError(`${OP}: kernelSize must be a positive integer or two of them [height, width], got undefined`);
  }
  const [height, width] = pair(OP, 'kernelSize', kernelSize);
  const filters = filterShape[3]!;
  const { strides, pads } = window;
  const g = windowGeometry(OP, xShape, [height, width], filters, { strides, pads });
  const expected = [g.outHeight, g.outWidth, height * width * g.inChannels, filters];
  if (`${filterShape}` !== `${expected}`) {
    throw new GeometryError(`${OP}: filter must be ${layout}, for x [${xShape}] that is [${expected}], got [${filterShape}]`);
  }
  checkActivation(OP, activation);
  const places = [g.outHeight, g.outWidth, filters];
  if (biasShape && `${biasShape}` !== `${places}`) {
    throw new GeometryError(`${OP}: bias must have shape [${places}], one number an output of a picture, got [${biasShape}]`);
  }
  return Object.freeze({ ...g, activation });
}
