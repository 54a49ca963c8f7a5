/** Runs in a browser: trains on one of its backends. The command line bundles it and asks it. */
import { setBackend } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-webgl';
import '@tensorflow/tfjs-backend-webgpu';
import { accelerate } from '../../index.js';
import { adapterOf } from '../../inspect/certify/adapter.js';
import { type PackedRecord, packRecord } from '../../inspect/certify/packed-record.js';
import { recordTraining } from '../../inspect/certify/training-record.js';
import { type CertifySpec, taskOfSpec } from './spec.js';

/** Backends of a page. */
export const PAGE_BACKENDS = ['wasm-cnn', 'webgl', 'webgpu'] as const;

/** @returns the record, or why there is none: the browser does not have that backend */
async function certifyOn(backend: (typeof PAGE_BACKENDS)[number], spec: CertifySpec): Promise<PackedRecord | string> {
  const started = await setBackend(backend).catch((error: Error) => error);
  if (started !== true) return started ? started.message : 'the browser has none';
  if (backend !== 'wasm-cnn') await accelerate(backend);
  const adapter = adapterOf();
  return packRecord({ ...(await recordTraining(taskOfSpec(spec))), ...(adapter !== undefined && { adapter }) });
}

/** What the page offers. */
export type CertifyPage = { certifyOn: typeof certifyOn };

Object.assign(globalThis, { certifyOn });
