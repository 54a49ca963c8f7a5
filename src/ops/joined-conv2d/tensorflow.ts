import type { TensorflowRunner } from '../../backends/tensorflow/runner.js';
import type { Parts, RunnerKernel } from '../../kernels.js';
import { tensorflow as activation } from '../activation/tensorflow.js';
import { concatTensorflow } from '../concat/tensorflow.js';
import { nativeConv2D } from '../conv2d/tensorflow-native.js';
import type { JoinedConv2DGeometry } from './geometry.js';
import { runnerKernels } from './runner-kernels.js';

/** By native convolutions where they are, else by TensorFlow's. */
export function joinedTensorflow(pattern: string): Parts<RunnerKernel<JoinedConv2DGeometry, TensorflowRunner>> {
  return runnerKernels(pattern, { convolution: nativeConv2D, activation, concat: concatTensorflow });
}
