import { GeometryError, type WindowGeometry, type WindowOptions, windowGeometry } from '../../geometry.js';
import { checkActivation, type FusedActivation } from '../activation/fused.js';

/** Sizes, pads, strides, dilations and groups of a convolution, and the activation applied to its result. */
export interface Conv2DGeometry extends WindowGeometry {
  /** Input and output channels are cut into this many equal parts; part k of y sees part k of x. */
  readonly groups: number;
  readonly activation: FusedActivation;
  /**
   * Floats from one pixel of y to the next in the forward pass, where y is a range of the channels of a wider
   * tensor; default outChannels. What lies between is left alone.
   */
  readonly outPitch?: number;
}

/** What conv2dGeometry needs to know beside the shapes of x and filter. */
export interface Conv2DShapeOptions extends Omit<WindowOptions, 'ceilMode'> {
  groups?: number;
  activation?: FusedActivation;
  biasShape?: readonly number[];
}

/**
 * The geometry of a convolution of x [batch, height, width, channels] with
 * filter [filterHeight, filterWidth, channels / groups, outChannels]; errors begin with `op`.
 *
 * @throws GeometryError where the shapes do not fit together or leave no output
 */
export function conv2dGeometry(
  xShape: readonly number[],
  filterShape: readonly number[],
  options: Conv2DShapeOptions = {},
  op = 'conv2d',
): Readonly<Conv2DGeometry> {
  const { groups = 1, activation = 'linear', biasShape, ...window } = options;
  if (filterShape.length !== 4) {
    throw new GeometryError(
      `${op}: filter must have rank 4 [filterHeight, filterWidth, inChannels / groups, outChannels], ` +
        `got rank ${filterShape.length} [${filterShape}]`,
    );
  }
  const [filterHeight, filterWidth, filterChannels, outChannels] = filterShape as [number, number, number, number];
  checkNotEmpty(op, filterShape);
  const geometry = windowGeometry(op, xShape, [filterHeight, filterWidth], outChannels, window);
  checkActivation(op, activation);
  checkGroups(op, groups, geometry.inChannels, outChannels);
  if (filterChannels * groups !== geometry.inChannels) {
    throw new GeometryError(
      `${op}: x has ${geometry.inChannels} channels` +
        `${groups > 1 ? `, ${geometry.inChannels / groups} in each of ${groups} groups` : ''}, but filter ` +
        `[${filterShape}] takes ${filterChannels}; its third size must be channels / groups`,
    );
  }
  checkBias(op, biasShape, outChannels);
  return Object.freeze({ ...geometry, groups, activation });
}

function checkGroups(op: string, groups: number, inChannels: number, outChannels: number): void {
  if (!Number.isInteger(groups) || groups < 1) {
    throw new GeometryError(`${op}: groups must be a positive integer, got ${groups}`);
  }
  if (inChannels % groups !== 0) {
    throw new GeometryError(`${op}: groups must divide the channels of x: ${groups} does not divide ${inChannels}`);
  }
  if (outChannels % groups !== 0) {
    throw new GeometryError(`${op}: groups must divide the filter's output channels: ${groups} does not divide ${outChannels}`);
  }
}

/** @throws GeometryError where a filter has no element */
export function checkNotEmpty(op: string, filterShape: readonly number[]): void {
  if (filterShape.includes(0)) throw new GeometryError(`${op}: filter must not be empty, got [${filterShape}]`);
}

/** A bias, where there is one, holds one number an output channel. */
export function checkBias(op: string, biasShape: readonly number[] | undefined, outChannels: number): void {
  if (biasShape && (biasShape.length !== 1 || biasShape[0] !== outChannels)) {
    throw new GeometryError(`${op}: bias must have shape [${outChannels}], one number an output channel, got [${biasShape}]`);
  }
}
