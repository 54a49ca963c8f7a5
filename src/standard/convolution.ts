import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { ReadyOp } from '../backends/kernel-host.js';
import type { WindowGeometry } from '../geometry.js';
import { conv2d } from '../ops/conv2d/conv2d.js';
import { depthwiseConv2d } from '../ops/depthwise-conv2d/depthwise-conv2d.js';
import { fusedActivationOf } from './fused.js';
import type { Call, StandardKernel } from './standard-kernel.js';
import { convolutionGeometry, type WindowAttrs } from './window.js';

/** The two kinds of convolution tfjs knows: the op of ours, and what its geometry needs beside the window. */
interface Kind {
  op: ReadyOp<object>;
  depthwise: boolean;
  extend(g: WindowGeometry, filterShape: number[], activation: string): object;
}

const full: Kind = {
  op: conv2d.definition as unknown as ReadyOp<object>,
  depthwise: false,
  extend: (g, _filterShape, activation) => ({ ...g, groups: 1, activation }),
};

const depthwise: Kind = {
  op: depthwiseConv2d.definition as unknown as ReadyOp<object>,
  depthwise: true,
  extend: (g, filterShape, activation) => ({ ...g, multiplier: filterShape[3], activation }),
};

/** y = conv(x, filter), and act(conv(x, filter) + bias) where tfjs fuses them. */
function forward(kernelName: string, kind: Kind): StandardKernel {
  return {
    kernelName,
    plan(call) {
      const { x, filter } = call.inputs as { x: TensorInfo; filter: TensorInfo };
      const activation = fusedActivationOf(call);
      const bias = call.inputs['bias'];
      if (!activation || (bias && bias.shape.length !== 1)) return undefined;
      const geometry = convolutionGeometry(call, x.shape, filter.shape, kind.depthwise);
      if (!geometry || filter.shape[2] !== x.shape[3] || (bias && bias.shape[0] !== geometry.outChannels)) return undefined;
      return { op: kind.op, part: 'forward', inputs: call.inputs, geometry: kind.extend(geometry, filter.shape, activation) };
    },
  };
}

function gradient(kernelName: string, kind: Kind, part: 'dx' | 'dfilter'): StandardKernel {
  return {
    kernelName,
    plan(call: Call) {
      const attrs = call.attrs as unknown as WindowAttrs;
      const xShape = part === 'dx' ? attrs.inputShape : call.inputs['x']!.shape;
      const filterShape = part === 'dx' ? call.inputs['filter']!.shape : attrs.filterShape;
      const geometry = convolutionGeometry(call, xShape, filterShape, kind.depthwise);
      // conv2dTranspose may be called with a dy that is larger than its output's convolution gives.
      if (!geometry || !util.arraysEqual(call.inputs['dy']!.shape, outputShape(geometry))) return undefined;
      return { op: kind.op, part, inputs: call.inputs, geometry: kind.extend(geometry, filterShape, 'linear') };
    },
  };
}

function outputShape({ batch, outHeight, outWidth, outChannels }: WindowGeometry): number[] {
  return [batch, outHeight, outWidth, outChannels];
}

export const convolutions: readonly StandardKernel[] = [
  forward('Conv2D', full),
  forward('FusedConv2D', full),
  gradient('Conv2DBackpropInput', full, 'dx'),
  gradient('Conv2DBackpropFilter', full, 'dfilter'),
  forward('DepthwiseConv2dNative', depthwise),
  forward('FusedDepthwiseConv2D', depthwise),
  gradient('DepthwiseConv2dNativeBackpropInput', depthwise, 'dx'),
  gradient('DepthwiseConv2dNativeBackpropFilter', depthwise, 'dfilter'),
];
