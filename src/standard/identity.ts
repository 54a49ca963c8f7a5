import type { StandardKernel } from './standard-kernel.js';

/** Identity that shares the memory, as on every other backend; tfjs's wasm backend copies. */
export const identity: StandardKernel = {
  kernelName: 'Identity',
  share({ inputs }, backend) {
    const { dataId, shape, dtype } = inputs['x']!;
    (backend as { incRef(id: object): void }).incRef(dataId);
    return { dataId, shape, dtype };
  },
};
