/** How kernels launch work on tfjs's `tensorflow` backend. */
export class TensorflowRunner {
  constructor(readonly backend: object) {}
}
