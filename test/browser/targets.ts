/** Backends as a page runs them, and how it proves which they are. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-webgl';
import '@tensorflow/tfjs-backend-webgpu';
import { accelerate } from '../../src/index.js';
import { adapterOf } from '../../src/inspect/certify/adapter.js';

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
  /** Of webgpu whether its device has them. */
  readonly subgroups?: boolean;
}

let undo: (() => void) | undefined;

/** Makes a backend the page's, and nothing else: where it is not to be had, this fails. */
export async function useTarget({ backend, accelerated }: Target): Promise<Surroundings> {
  undo?.();
  undo = undefined;
  // Accelerated first: so a device is made with what our programs use of it.
  if (accelerated && backend !== 'wasm-cnn') undo = await accelerate(backend);
  if (!(await tf.setBackend(backend))) throw new Error(`there is no ${backend} here`);
  if (backend === 'webgl' && tf.env().getNumber('WEBGL_VERSION') !== 2) throw new Error('this is no WebGL 2');
  const { device } = tf.backend() as { device?: GPUDevice };
  return { backend: tf.getBackend(), adapter: adapterOf()!, subgroups: device?.features.has('subgroups') };
}
