/** Maxout, multiclass hinge loss, unshared and depthwise convolutions, pads and norms in WGSL; a smaller batch compiles nothing. */
import * as tf from '@tensorflow/tfjs-core';
import type { WebgpuBackend } from '../src/backends/webgpu/backend.js';
import { depthwiseConv2d } from '../src/ops/depthwise-conv2d/depthwise-conv2d.js';
import { type DepthwiseConv2DShapeOptions, depthwiseConv2dGeometry } from '../src/ops/depthwise-conv2d/geometry.js';
import { compareFilterOp } from './filter-op-parts.js';
import { testKernels } from './gpu-kernels.js';
import { compareLocal, type Drawn } from './locally-connected2d-cases.js';
import { generator, seed } from './random.js';
import { describeIf } from './requires.js';
import { WebgpuSide } from './webgpu-side.js';

describeIf('vulkan', `kernels on WebGPU (seed ${seed})`, () => {
  let side: WebgpuSide;
  beforeAll(async () => {
    side = await WebgpuSide.create();
  });
  afterAll(() => side?.dispose());

  // In a thread, in a workgroup, of pieces.
  testKernels(
    () => side,
    (size) => 128 + 10 + size / 8192,
  );

  // One filter a channel, channels in fours or not, and several filters a channel.
  test.each([
    { x: [2, 7, 6, 8], filter: [3, 3, 8, 1], options: { pads: 'same', activation: 'relu6' } },
    { x: [3, 9, 8, 12], filter: [5, 3, 12, 1], options: { strides: 2, pads: { top: 1, bottom: 2, left: 0, right: 3 } } },
    { x: [1, 9, 11, 4], filter: [3, 2, 4, 1], options: { strides: [1, 3], dilations: [2, 3], pads: 2, activation: 'tanh' } },
    { x: [2, 8, 5, 6], filter: [2, 3, 6, 1], options: { strides: [3, 1], pads: 1 } },
    { x: [2, 6, 7, 4], filter: [3, 3, 4, 3], options: { dilations: 2, pads: 'same' } },
  ] as { x: number[]; filter: number[]; options: DepthwiseConv2DShapeOptions }[])(
    'depthwiseConv2d of $x by $filter, $options',
    async ({ x, filter, options }) => {
      const [window, channels, multiplier] = [filter[0]! * filter[1]!, filter[2]!, filter[3]!];
      for (const withBias of [true, false]) {
        const g = depthwiseConv2dGeometry(x, filter, options);
        const pixels = g.batch * g.outHeight * g.outWidth;
        const shapes = { x, filter, bias: [channels * multiplier], dy: [g.batch, g.outHeight, g.outWidth, g.outChannels] };
        const terms = { forward: window + 1, dx: window * multiplier, dfilter: pixels, dbias: pixels };
        await compareFilterOp(side, depthwiseConv2d.definition, g, { shapes, terms, withBias }, generator(seed));
      }
    },
  );

  // Direct is what the software driver has by itself.
  test.each(['direct', 'shared64'])(
    'a smaller batch compiles nothing, in tiles %s',
    async (tiles) => {
      side.dispose();
      tf.env().set('CNN_WEBGPU_TILES', tiles);
      side = await WebgpuSide.create();
      tf.env().set('CNN_WEBGPU_TILES', 'auto');
      const batchOf = (pictures: number): Drawn => ({
        ...{ xShape: [pictures, 6, 5, 4], filters: 8, options: { kernelSize: [3, 2], activation: 'relu' }, withBias: true },
      });
      await compareLocal(side, batchOf(70), generator(seed));
      const compile = jest.spyOn((tf.backend() as unknown as WebgpuBackend).device, 'createComputePipeline');
      await compareLocal(side, batchOf(3), generator(seed));
      const ours = compile.mock.calls.map(([{ label }]) => label).filter((label) => label?.startsWith('tfjs-cnn'));
      compile.mockRestore();
      expect(ours).toEqual([]);
    },
    300_000,
  );
});
