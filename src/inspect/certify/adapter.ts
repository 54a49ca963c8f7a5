import { backend } from '@tensorflow/tfjs-core';
import { WasmCnnBackend } from '../../backends/wasm-cnn/backend.js';

/** What is used of tfjs's backends to tell what they run on. */
interface TellingBackend {
  readonly gpgpu?: { readonly gl: WebGLRenderingContext };
  readonly adapterInfo?: { readonly vendor: string; readonly architecture: string };
  readonly binding?: { readonly TF_Version?: string };
}

/** What the current backend runs on, where it tells: of webgl the renderer, of webgpu vendor and architecture, of wasm-cnn its threads. */
export function adapterOf(): string | undefined {
  const current = backend();
  if (current instanceof WasmCnnBackend) return `${current.runtime.threads} threads, ${current.runtime.simd}`;
  const { gpgpu, adapterInfo, binding } = current as unknown as TellingBackend;
  if (gpgpu) {
    const { gl } = gpgpu;
    const info = gl.getExtension('WEBGL_debug_renderer_info');
    return String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  }
  if (adapterInfo) return `${adapterInfo.vendor} ${adapterInfo.architecture}`.trim();
  return binding?.TF_Version && `TensorFlow ${binding.TF_Version}`;
}
