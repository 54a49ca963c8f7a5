/** How many buffers programs with a layout of ours read: those they write come after them, the uniforms last. */
export const readBuffers = new WeakMap<GPUBindGroupLayout, number>();
