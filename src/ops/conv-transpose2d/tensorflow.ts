import { composed } from '../../backends/tensorflow/composition.js';
import { biasAndActivation, biasGradient } from '../activation/tensorflow-fused.js';
import { compositions as conv } from '../conv2d/tensorflow.js';
import type { ConvTranspose2DGeometry } from './geometry.js';
import { kernels } from './kernels.js';

/** Transposed convolution by TensorFlow's kernels of convolution, in other roles. */
export const tensorflow = composed<ConvTranspose2DGeometry>(
  {
    forward({ x, filter, bias }, { convolution: g, activation }, run) {
      const y = conv['dx']!({ dy: x!, filter: filter! }, g, run);
      return y && [biasAndActivation(run, y[0]!, bias, activation)];
    },
    dx: ({ dy, filter }, { convolution: g }, run) => conv['forward']!({ x: dy!, filter: filter! }, g, run),
    dfilter: ({ x, dy }, { convolution: g }, run) => conv['dfilter']!({ x: dy!, dy: x! }, g, run),
    dbias: ({ dy }, _g, run) => [biasGradient(run, dy!)],
  },
  kernels.portable,
);
