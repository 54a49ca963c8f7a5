import type { StandardKernel } from './standard-kernel.js';

/** Identity that shares the memory, as on every other backend; tfjs's wasm backend copies. */
export const identity: StandardKernel = {
  kernelName: 'Identity',
  plan({ inputs }) {
    const { dataId, shape, dtype } = inputs['x']!;
    return (_host, backend) => {
      (backend as { incRef(id: object): void }).incRef(dataId);
      return [{ dataId, shape, dtype }];
    };
  },
};
