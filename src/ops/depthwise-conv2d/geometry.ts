import { GeometryError, type WindowGeometry, type WindowOptions, windowGeometry } from '../../geometry.js';
import { checkActivation, type FusedActivation } from '../activation/fused.js';
import { checkBias, checkNotEmpty } from '../conv2d/geometry.js';

/** Sizes of a depthwise convolution; outChannels = inChannels * multiplier, channel major. */
export interface DepthwiseConv2DGeometry extends WindowGeometry {
  /** Filters, and so output channels, for each input channel. */
  readonly multiplier: number;
  readonly activation: FusedActivation;
  /** As Conv2DGeometry has it, for the `cpu` kernel only: conv2d's groups of one channel are computed by it. */
  readonly outPitch?: number;
}

/** What depthwiseConv2dGeometry needs to know beside the shapes of x and filter. */
export interface DepthwiseConv2DShapeOptions extends Omit<WindowOptions, 'ceilMode'> {
  activation?: FusedActivation;
  biasShape?: readonly number[];
}

/**
 * The geometry of a depthwise convolution of x [batch, height, width, channels] with
 * filter [filterHeight, filterWidth, channels, multiplier].
 *
 * @throws GeometryError where the shapes do not fit together or leave no output
 */
export function depthwiseConv2dGeometry(
  xShape: readonly number[],
  filterShape: readonly number[],
  options: DepthwiseConv2DShapeOptions = {},
): Readonly<DepthwiseConv2DGeometry> {
  const { activation = 'linear', biasShape, ...window } = options;
  if (filterShape.length !== 4) {
    throw new GeometryError(
      'depthwiseConv2d: filter must have rank 4 [filterHeight, filterWidth, channels, multiplier], ' +
        `got rank ${filterShape.length} [${filterShape}]`,
    );
  }
  const [filterHeight, filterWidth, channels, multiplier] = filterShape as [number, number, number, number];
  checkNotEmpty('depthwiseConv2d', filterShape);
  const geometry = windowGeometry('depthwiseConv2d', xShape, [filterHeight, filterWidth], channels * multiplier, window);
  if (channels !== geometry.inChannels) {
    throw new GeometryError(
      `depthwiseConv2d: x has ${geometry.inChannels} channels, but filter [${filterShape}] is for ` +
        `${channels}; its third size must be the channels of x`,
    );
  }
  checkActivation('depthwiseConv2d', activation);
  checkBias('depthwiseConv2d', biasShape, geometry.outChannels);
  return Object.freeze({ ...geometry, multiplier, activation });
}
