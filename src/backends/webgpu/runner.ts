/** How kernels launch work on tfjs's `webgpu` backend. */
export class WebgpuRunner {
  constructor(readonly backend: object) {}
}
