/** Every op of the table on every backend, against float64 loops, differences and tf's own gradients. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import '@tensorflow/tfjs-backend-wasm';
import '../src/index.js';
import { checkOps } from '../src/inspect/check-ops.js';
import { opCases } from '../src/inspect/op-cases.js';

describe.each(['cpu', 'wasm-cnn', 'wasm'])('on %s', (backend) => {
  beforeAll(async () => {
    // tf's own losses leak under its test mode, which jest turns on.
    tf.env().set('IS_TEST', false);
    await tf.setBackend(backend);
  });

  test.each(opCases.map((opCase) => [opCase.name, opCase] as const))('%s', async (_name, opCase) => {
    // Stock wasm lacks most gradients of tf's own ops and has one wrong: no oracle.
    const wanted = backend === 'wasm' ? { ...opCase, builtin: undefined } : opCase;
    const [row] = await checkOps([wanted]);
    if (!row!.report.passed) throw new Error(`${row!.name} on ${backend}\n${row!.report}`);
  });
});
