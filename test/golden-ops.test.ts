/** The public ops against PyTorch's numbers in float64, every case of the golden file, on every backend. */
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-layers';
import { calls, type Golden, goldenComplaints, nameOf } from './golden-calls.js';
import { describeIf, sharedPath } from './requires.js';
import { useAcceleratedTensorFlow } from './tensorflow.js';

describeIf('golden', 'the public ops against PyTorch in float64', () => {
  const { cases } = JSON.parse(readFileSync(sharedPath('golden/ops.json'), 'utf8')) as { cases: Golden[] };

  test('every case is of an op in the table', () => {
    expect(cases.length).toBe(82);
    expect(cases.filter(({ op }) => !(op in calls)).map(({ op }) => op)).toEqual([]);
  });

  describe.each(['cpu', 'wasm-cnn', 'wasm'])('on %s', (backend) => {
    beforeAll(() => tf.setBackend(backend));
    tryAll();
  });

  describeIf('tfjs-node', 'on accelerated tensorflow', () => {
    let undo: () => void;
    beforeAll(async () => {
      undo = await useAcceleratedTensorFlow();
    });
    afterAll(() => undo());
    tryAll();
  });

  function tryAll(): void {
    test.each(cases.map((golden, i) => [nameOf(golden, i), golden] as const))('%s', async (_name, golden) => {
      expect(await goldenComplaints(golden)).toEqual([]);
    });
  }
});
