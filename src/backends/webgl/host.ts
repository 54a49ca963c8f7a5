import { env } from '@tensorflow/tfjs-core';
import type { KernelHost } from '../kernel-host.js';
import { onePerBackend } from '../one-per-backend.js';
import { tableHost } from '../table-host.js';
import { webglFamilies, webglKernels } from './kernels.js';
import { WebglRunner } from './runner.js';

/** Whether the device runs our programs: several outputs a program and integers need WebGL 2, gradients need float32 textures. */
function isCapable(): boolean {
  return env().getNumber('WEBGL_VERSION') === 2 && env().getBool('WEBGL_RENDER_FLOAT32_ENABLED');
}

const runnerOf = onePerBackend((backend) => new WebglRunner(backend));

/** tfjs's `webgl` backend: kernels are GLSL programs. Where the device does not run them, everything stays tfjs's own. */
export function webglHost(): KernelHost {
  return isCapable() ? tableHost('webgl', webglKernels, runnerOf, {}, webglFamilies) : tableHost('webgl', {}, runnerOf);
}
