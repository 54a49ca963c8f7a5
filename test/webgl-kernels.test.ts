/** Pools, unpooling, maxout, multiclass hinge loss, unshared convolutions, pads and norms in GLSL. */
import { testKernels } from './gpu-kernels.js';
import { testPools } from './gpu-pools.js';
import { seed } from './random.js';
import { describeIf } from './requires.js';
import { WebglSide } from './webgl-side.js';

describeIf('chromium', `kernels on WebGL (seed ${seed})`, () => {
  let side: WebglSide;
  beforeAll(async () => {
    side = await WebglSide.create();
  }, 120_000);
  afterAll(() => side?.dispose());

  testPools(() => side);
  // Of a slice of texels, of slices, of the four numbers of a texel.
  testKernels(
    () => side,
    (size) => 2 * Math.ceil(Math.sqrt(size)) + 3,
  );
});
