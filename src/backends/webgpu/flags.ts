import { env } from '@tensorflow/tfjs-core';

/**
 * Into which tiles products of matrices are cut on `webgpu`: 'shared64' or 'shared128' (squares in workgroup memory), 'direct' (no
 * workgroup memory), or 'auto', which times them when the backend is accelerated. Read when it is accelerated.
 */
env().registerFlag('CNN_WEBGPU_TILES', () => 'auto');
