import { OutOfMemoryError } from '../wasm-cnn/runtime.js';

/** What all errors of the kernels say first: which op, which part, of which sizes. */
export function described(name: string, geometry: object): string {
  return `${name} on webgl, geometry ${JSON.stringify(geometry)}`;
}

/** @throws where the browser has taken the context away: every tensor on it is gone */
export function checkContext(gl: WebGL2RenderingContext, name: string, geometry: object): void {
  if (!gl.isContextLost()) return;
  throw new Error(
    `${described(name, geometry)}: the WebGL context is lost, and with it every tensor on the GPU; ` +
      "go on from the last checkpoint on another backend (tf.setBackend('wasm-cnn'), say)",
  );
}

/** Asks for an error of the commands so far, which waits for them. @throws OutOfMemoryError where memory has run out */
export function checkMemory(gl: WebGL2RenderingContext, name: string, geometry: object, bytes: number): void {
  if (gl.getError() !== gl.OUT_OF_MEMORY) return;
  throw new OutOfMemoryError(
    `${described(name, geometry)}: out of memory with ${(bytes / 2 ** 20).toFixed(0)} MiB of textures; use a smaller batch, or ` +
      "dispose tensors that are not needed (tf.tidy). tf.env().set('WEBGL_DELETE_TEXTURE_THRESHOLD', 0) keeps no textures for later",
  );
}
