/** Maxout, multiclass hinge loss, unshared convolutions, pads and norms in WGSL; a smaller batch compiles nothing. */
import * as tf from '@tensorflow/tfjs-core';
import type { WebgpuBackend } from '../src/backends/webgpu/backend.js';
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
