import { composed } from '../../backends/tensorflow/composition.js';
import type { TensorflowRunner, Value } from '../../backends/tensorflow/runner.js';
import type { WindowGeometry } from '../../geometry.js';
import { biasAndActivation, biasGradient } from '../activation/tensorflow-fused.js';
import { alignment, framed, frameShape, unframed, windowAttributes } from '../conv2d/tensorflow-window.js';
import type { DepthwiseConv2DGeometry } from './geometry.js';
import { portable } from './portable.js';

/** TensorFlow's kernels want equal strides, and dilation only some of its builds have: those few go the portable way. */
function isUsual(g: WindowGeometry): boolean {
  return g.strideHeight === g.strideWidth && g.dilationHeight === 1 && g.dilationWidth === 1;
}

const attributesOf = (run: TensorflowRunner, g: WindowGeometry) => [
  ...windowAttributes(run, g),
  run.text('padding', alignment(g) ?? 'VALID'),
];

/** x, with its pads where TensorFlow has no word for them. */
const seen = (run: TensorflowRunner, x: Value, g: WindowGeometry): Value => (alignment(g) ? x : framed(run, x, g));

/** Depthwise convolution by TensorFlow's kernels. */
export const tensorflow = composed<DepthwiseConv2DGeometry>(
  {
    forward({ x, filter, bias }, g, run) {
      if (!isUsual(g)) return undefined;
      const y = run.op('DepthwiseConv2dNative', [seen(run, x!, g), filter!], attributesOf(run, g));
      return [biasAndActivation(run, y, bias, g.activation)];
    },

    dx({ dy, filter }, g, run) {
      if (!isUsual(g)) return undefined;
      const aligned = alignment(g);
      const shape = aligned ? [g.batch, g.inHeight, g.inWidth, g.inChannels] : frameShape(g, g.inChannels);
      const dx = run.op('DepthwiseConv2dNativeBackpropInput', [run.ints(shape), filter!, dy!], attributesOf(run, g));
      return [aligned ? dx : unframed(run, dx, g)];
    },

    dfilter({ x, dy }, g, run) {
      if (!isUsual(g)) return undefined;
      const sizes = run.ints([g.filterHeight, g.filterWidth, g.inChannels, g.multiplier]);
      return [run.op('DepthwiseConv2dNativeBackpropFilter', [seen(run, x!, g), sizes, dy!], attributesOf(run, g))];
    },

    dbias: ({ dy }, _g, run) => [biasGradient(run, dy!)],
  },
  portable,
);
