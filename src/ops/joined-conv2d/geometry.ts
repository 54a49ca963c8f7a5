import type { Tensor } from '@tensorflow/tfjs-core';
import { GeometryError, type WindowOptions } from '../../geometry.js';
import type { Named } from '../../kernels.js';
import type { FusedActivation } from '../activation/fused.js';
import type { ConcatGeometry } from '../concat/geometry.js';
import { type Conv2DGeometry, conv2dGeometry } from '../conv2d/geometry.js';

/** What a branch's geometry needs beside its tensors. */
export interface BranchOptions extends Omit<WindowOptions, 'ceilMode'> {
  groups?: number;
}

/** Branches side by side: `channels` and `offsets` say which channels of y are whose. */
export interface JoinedConv2DGeometry extends ConcatGeometry {
  /** Of each branch its convolution, which writes a range of the channels of y; undefined where x itself is the branch. */
  readonly convolutions: readonly (Readonly<Conv2DGeometry> | undefined)[];
}

/** [batch, outHeight, outWidth, channels] of one branch, and its convolution. */
function branchOf(
  i: number,
  tensors: Named<Tensor | undefined>,
  options: BranchOptions,
  activation: FusedActivation,
): { shape: readonly number[]; convolution?: Conv2DGeometry } {
  const [x, filter, bias] = [tensors[`x${i}`]!, tensors[`filter${i}`], tensors[`bias${i}`]];
  const where = `joinedConv2d: branches[${i}]`;
  if (!filter) {
    if (x.rank !== 4) {
      throw new GeometryError(`${where}: x must have rank 4 [batch, height, width, channels], got rank ${x.rank} [${x.shape}]`);
    }
    return { shape: x.shape };
  }
  const g = conv2dGeometry(x.shape, filter.shape, { ...options, activation, biasShape: bias?.shape }, where);
  return { shape: [g.batch, g.outHeight, g.outWidth, g.outChannels], convolution: g };
}

/** @throws GeometryError naming the branch whose sizes do not fit together, or whose result is not as tall and wide as the first's */
export function joinedConv2dGeometry(
  tensors: Named<Tensor | undefined>,
  options: readonly BranchOptions[],
  activation: FusedActivation,
): Readonly<JoinedConv2DGeometry> {
  const branches = options.map((branch, i) => branchOf(i, tensors, branch, activation));
  const outer = branches[0]!.shape.slice(0, 3);
  branches.forEach(({ shape }, i) => {
    if (outer.every((size, axis) => size === shape[axis])) return;
    throw new GeometryError(
      'joinedConv2d: the results of all branches must be equal in batch, height and width, got ' +
        `[${branches[0]!.shape}] of branches[0] and [${shape}] of branches[${i}]; give it other pads or strides`,
    );
  });
  const channels = branches.map(({ shape }) => shape[3]!);
  const offsets = channels.map((_, i) => channels.slice(0, i).reduce((a, b) => a + b, 0));
  const total = channels.reduce((a, b) => a + b, 0);
  const convolutions = branches.map(({ convolution: g }) => g && Object.freeze({ ...g, outPitch: total }));
  return Object.freeze({ rows: outer.reduce((a, b) => a * b, 1), outer, channels, offsets, total, convolutions });
}
