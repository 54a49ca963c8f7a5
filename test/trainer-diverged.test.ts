import '../src/index.js';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { DataLoader } from '../src/data/data-loader.js';
import * as layers from '../src/layers/index.js';
import { DivergedError, type Schedule, Sgd, Trainer } from '../src/train/index.js';
import { halves, Kept, loaderOf } from './learning-tasks.js';

describe('a step that ends in no number', () => {
  beforeAll(async () => {
    await tf.setBackend('wasm-cnn');
  });

  it('says which weight went first, and where the last good checkpoint is', async () => {
    const store = new Kept();
    const kernelInitializer = tfl.initializers.glorotUniform({ seed: 1 });
    const model = tfl.sequential({
      layers: [
        tfl.layers.flatten({ inputShape: [2, 2, 1] }),
        layers.dense({ name: 'first', units: 4, kernelInitializer }),
        layers.dense({ name: 'last', units: 2, kernelInitializer }),
      ],
    });
    const schedule: Schedule = { learningRate: (base, { step }) => (step < 8 ? base : 1e30) };
    const trainer = new Trainer(model, {
      optimizer: new Sgd({ learningRate: 0.01 }),
      schedule,
      checkpoints: { store, everySteps: 5 },
    });
    const error: DivergedError = await trainer.fit(loaderOf(50), { epochs: 3 }).then(
      () => expect('no error').toBe('an error') as never,
      (reason: DivergedError) => reason,
    );
    expect(error).toBeInstanceOf(DivergedError);
    expect(error.weight).toMatch(/^last\//);
    expect(error.message).toContain(`the last good checkpoint is checkpoint-${error.checkpoint!.split('-')[1]}`);
    for (const { snapshot } of store.checkpoints) {
      for (const { values } of Object.values(snapshot.tensors)) expect(Array.from(values).every(Number.isFinite)).toBe(true);
    }
  });
});

describe.each(['wasm-cnn', 'cpu'])('a loss that is no number: %s', (backend) => {
  // Of pictures that are zero the loss is ln 2 whatever the kernels are, and the gradient grows from layer to layer, backwards.
  it.each(['first', 'second'])('names the weight whose gradient went first: %s', async (guilty) => {
    await tf.setBackend(backend);
    const names = ['first', 'second', 'third', 'last'];
    const model = tfl.sequential({
      layers: [layers.flatten({ inputShape: [2, 2, 1] }), ...names.map((name) => layers.dense({ name, units: 2 }))],
    });
    const sizes: Record<string, number[]> = { first: [1, 1e13, 1e13, 1e13], second: [1, 1, 1e20, 1e20] };
    const grow = () => {
      tf.tidy(() => {
        const filled = sizes[guilty]!.flatMap((size, i) => [tf.fill([i === 0 ? 4 : 2, 2], size), tf.zeros([2])]);
        // Were the classes alike, so would be the gradients that meet in a unit, with signs that cancel.
        filled[6] = tf.mul(
          filled[6]!,
          tf.tensor2d([
            [1, 0],
            [1, 0],
          ]),
        );
        model.setWeights(filled);
      });
    };
    const black = { ...halves(8), images: new Uint8Array(32), labels: new Int32Array(8).fill(1) };
    const data = new DataLoader(black, { batchSize: 8, normalization: { mean: [0], std: [1] } });
    const optimizer = new Sgd({ learningRate: 1e-3 });
    const onStep = ({ step }: { step: number }) => void (step === 5 && grow());
    const error = await new Trainer(model, { optimizer, callbacks: [{ onStep }] })
      .fit(data, { epochs: 9 })
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DivergedError);
    expect([(error as DivergedError).step, (error as DivergedError).weight?.split('/')[0]]).toEqual([7, guilty]);
  });
});
