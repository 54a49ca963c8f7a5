/** Backends as a page runs them, and how it proves which they are. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-webgl';
import '@tensorflow/tfjs-backend-webgpu';
import type { WasmCnnBackend } from '../../src/backends/wasm-cnn/backend.js';
import { accelerate } from '../../src/index.js';

/** A backend, with its own kernels or with this package's. */
export interface Target {
  readonly backend: 'wasm-cnn' | 'webgl' | 'webgpu';
  /** Of GPUs: whether this package's kernels are under tfjs's names. wasm-cnn always has them. */
  readonly accelerated: boolean;
}

/** What a page found itself on. */
export interface Surroundings {
  readonly backend: string;
  /** Of webgl the renderer, of webgpu vendor and architecture, of wasm-cnn its threads. */
  readonly adapter: string;
}

let undo: (() => void) | undefined;

/** Makes a backend the page's, and nothing else: where it is not to be had, this fails. */
export async function useTarget({ backend, accelerated }: Target): Promise<Surroundings> {
  undo?.();
  undo = undefined;
  if (!(await tf.setBackend(backend))) throw new Error(`there is no ${backend} here`);
  if (accelerated && backend !== 'wasm-cnn') undo = await accelerate(backend);
  return { backend: tf.getBackend(), adapter: adapterOf(tf.backend()) };
}

/** tfjs's backends, as far as they tell what they run on. */
type GpuBackend = { gpgpu?: { gl: WebGL2RenderingContext }; adapterInfo?: { vendor: string; architecture: string } };

function adapterOf(backend: object): string {
  const { gpgpu, adapterInfo } = backend as GpuBackend;
  if (gpgpu) {
    const { gl } = gpgpu;
    if (!(gl instanceof WebGL2RenderingContext)) throw new Error('this is no WebGL 2');
    const { UNMASKED_RENDERER_WEBGL } = gl.getExtension('WEBGL_debug_renderer_info')!;
    return String(gl.getParameter(UNMASKED_RENDERER_WEBGL));
  }
  if (adapterInfo) return `${adapterInfo.vendor} ${adapterInfo.architecture}`;
  return `${(backend as WasmCnnBackend).runtime.threads} threads`;
}
