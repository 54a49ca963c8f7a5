import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { defineOp } from '../../define-op.js';
import { ArgumentError } from '../../geometry.js';
import type { Named } from '../../kernels.js';
import type { Op } from '../../op-definition.js';
import { checkActivation, type FusedActivation } from '../activation/fused.js';
import type { Conv2DOptions } from '../conv2d/conv2d.js';
import { checkFloat32 } from '../input.js';
import { cpu } from './cpu.js';
import { type BranchOptions, type JoinedConv2DGeometry, joinedConv2dGeometry } from './geometry.js';
import { declarationsOf } from './parts.js';
import { portable } from './portable.js';
import { reference } from './reference.js';
import { wasmCnn } from './wasm.js';

/** One convolution among others: its tensors, and strides, pads, dilations, groups and bias as conv2d takes them. */
export interface ConvolutionBranch extends Omit<Conv2DOptions, 'activation'> {
  /** float32 [batch, height, width, channels] */
  x: Tensor4D;
  /** float32 [filterHeight, filterWidth, channels / groups, outChannels] */
  filter: Tensor4D;
}

/** What all convolutions of joinedConv2d share. */
export interface JoinedConv2DOptions {
  /** Applied to what the convolutions give, in the same pass; a branch without one stays as it is. Default 'linear'. */
  activation?: FusedActivation;
}

/** Tensors x0, filter0, bias0, x1, ...; the options of each branch by its number. */
type NamedArguments = [tensors: Named<Tensor>, branches: readonly BranchOptions[], activation?: FusedActivation];

type JoinedConv2DOp = Op<NamedArguments, JoinedConv2DGeometry, Tensor4D>;

/** One op for each pattern of branches: the names of an op's inputs are fixed. */
const byPattern = new Map<string, JoinedConv2DOp>();

/** The op behind `joinedConv2d` for a pattern of branches, see parts.ts. */
export function joinedConv2dOp(pattern: string): JoinedConv2DOp {
  const made = byPattern.get(pattern);
  if (made) return made;
  const op = defineOp<NamedArguments, JoinedConv2DGeometry, Tensor4D>({
    name: `CnnJoinedConv2D${pattern}`,
    prepare: (tensors, branches, activation = 'linear') => ({
      inputs: tensors,
      geometry: joinedConv2dGeometry(tensors, branches, activation),
    }),
    ...declarationsOf(pattern),
    kernels: { reference: reference(pattern), cpu: cpu(pattern), wasmCnn: wasmCnn(pattern), portable: portable(pattern) },
  });
  byPattern.set(pattern, op);
  return op;
}

/**
 * Convolutions side by side whose results lie in one tensor, channels after channels, without a copy:
 *              y[.., c_i + co] = act(conv2d(x_i, filter_i)[.., co] + bias_i[co]), c_i the channels before branch i.
 *              A branch may be a tensor itself (a pooled one): its values are copied, without the activation.
 * Adjoint:     conv2d's for each branch, of the channels of dy that are its own; every gradient is a kernel of its
 *              own, so that a frozen branch costs nothing. Equal to concatChannels of conv2d's to the bit.
 * Source:      Szegedy et al., Going deeper with convolutions, CVPR 2015: the inception module.
 *
 * @param branches convolutions {x, filter, bias, strides, pads, dilations, groups} as conv2d takes them, or tensors
 *                 float32 [batch, outHeight, outWidth, channels]; at least one convolution
 * @param options  activation
 * @returns        float32 [batch, outHeight, outWidth, sum of the branches' channels]
 * @throws GeometryError naming the branch whose sizes do not fit together or differ from the first's;
 *         ArgumentError without a convolution
 */
export function joinedConv2d(
  branches: readonly (ConvolutionBranch | Tensor4D)[],
  { activation = 'linear' }: JoinedConv2DOptions = {},
): Tensor4D {
  if (!Array.isArray(branches)) {
    throw new ArgumentError(`joinedConv2d: branches must be an array of {x, filter, ...} and tensors, got ${typeof branches}`);
  }
  checkActivation('joinedConv2d', activation);
  const tensors: Named<Tensor> = {};
  const options: BranchOptions[] = [];
  let pattern = '';
  (branches as readonly (ConvolutionBranch | Tensor4D)[]).forEach((branch, i) => {
    const take = (name: 'x' | 'filter' | 'bias', value: unknown): void => {
      checkFloat32('joinedConv2d', `branches[${i}].${name}`, value);
      tensors[`${name}${i}`] = value;
    };
    if (isConvolution(branch)) {
      const { x, filter, bias, ...rest } = branch;
      take('x', x);
      take('filter', filter);
      if (bias !== undefined) take('bias', bias);
      options.push(rest);
      pattern += 'C';
    } else {
      checkFloat32('joinedConv2d', `branches[${i}]`, branch);
      tensors[`x${i}`] = branch;
      options.push({});
      pattern += 'T';
    }
  });
  if (!pattern.includes('C')) {
    throw new ArgumentError(
      `joinedConv2d: branches must hold at least one convolution {x, filter, ...}, got ${branches.length || 'no'} tensors; ` +
        'concatChannels joins tensors',
    );
  }
  return joinedConv2dOp(pattern)(tensors, options, activation);
}

function isConvolution(branch: ConvolutionBranch | Tensor4D): branch is ConvolutionBranch {
  return typeof branch === 'object' && branch !== null && 'filter' in branch;
}
