/** How kernels launch work on tfjs's `webgl` backend. */
export class WebglRunner {
  constructor(readonly backend: object) {}
}
