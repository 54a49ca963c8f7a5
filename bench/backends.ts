import * as tf from '@tensorflow/tfjs-core';

/** A way to run: a tfjs backend, with our kernels or its own. */
export interface Way {
  name: string;
  use(): Promise<void>;
}

/** The part of wasm-cnn's backend that switches its workers off. */
interface WithRuntime {
  runtime: { singleThreaded: boolean; threads: number };
}

const stock = (backend: string): Way => ({
  name: `stock ${backend}`,
  use: async () => {
    await tf.setBackend(backend);
  },
});

const wasmCnn = (singleThreaded: boolean): Way => ({
  name: singleThreaded ? 'wasm-cnn, 1 thread' : 'wasm-cnn',
  use: async () => {
    await tf.setBackend('wasm-cnn');
    (tf.backend() as unknown as WithRuntime).runtime.singleThreaded = singleThreaded;
  },
});

export const ways = { stockCpu: stock('cpu'), stockWasm: stock('wasm'), wasmCnn: wasmCnn(false), wasmCnnOne: wasmCnn(true) };

/** Threads of wasm-cnn on this machine. */
export async function threadCount(): Promise<number> {
  await ways.wasmCnn.use();
  return (tf.backend() as unknown as WithRuntime).runtime.threads;
}
