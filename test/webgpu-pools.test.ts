/** Pools and unpooling in WGSL. */
import { testPools } from './gpu-pools.js';
import { seed } from './random.js';
import { describeIf } from './requires.js';
import { WebgpuSide } from './webgpu-side.js';

describeIf('vulkan', `pools on WebGPU (seed ${seed})`, () => {
  let side: WebgpuSide;
  beforeAll(async () => {
    side = await WebgpuSide.create();
  });
  afterAll(() => side?.dispose());

  testPools(() => side);
});
