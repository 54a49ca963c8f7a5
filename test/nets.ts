/** What is asked of every net: it counts right, trains everywhere, and survives being saved. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers';
import { softmaxCrossEntropy } from '../src/index.js';
import { uniform } from './golden-fill.js';

/** Numbers in a model's weights. */
export function parametersOf(model: LayersModel): { trainable: number; total: number } {
  const count = (weights: LayersModel['weights']) =>
    weights.reduce((sum, { shape }) => sum + shape.reduce<number>((product, size) => product * size!, 1), 0);
  return { trainable: count(model.trainableWeights), total: count(model.weights) };
}

/** One step of gradient descent on three pictures; returns the loss. */
function trainingStep(model: LayersModel): number {
  return tf.tidy(() => {
    const [, ...shape] = model.inputs[0]!.shape as number[];
    const x = tf.tensor(Float32Array.from(uniform('x', 3 * tf.util.sizeFromShape(shape))), [3, ...shape]);
    const weights = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
    const optimizer = tf.train.sgd(0.01);
    const loss = () => {
      const outputs = model.apply(x, { training: true }) as tf.Tensor2D | tf.Tensor2D[];
      const losses = [outputs].flat().map((logits) => softmaxCrossEntropy(logits, tf.tensor1d([0, 1, 2])) as tf.Scalar);
      return losses.reduce((sum, each) => tf.add(sum, each));
    };
    const value = optimizer.minimize(loss, true, weights)!.dataSync()[0]!;
    optimizer.dispose();
    return value;
  });
}

/** Outputs for two pictures. */
export function outputsOf(model: LayersModel): Float32Array[] {
  return tf.tidy(() => {
    const [, ...shape] = model.inputs[0]!.shape as number[];
    const x = tf.tensor(Float32Array.from(uniform('y', 2 * tf.util.sizeFromShape(shape))), [2, ...shape]);
    return [model.apply(x) as tf.Tensor | tf.Tensor[]].flat().map((y) => y.dataSync() as Float32Array);
  });
}

/** Takes two steps: losses and weights stay finite, and the second step leaves nothing behind. */
export function expectToTrain(model: LayersModel): void {
  expect(Number.isFinite(trainingStep(model))).toBe(true);
  const { numTensors, numDataBuffers } = tf.memory();
  expect(Number.isFinite(trainingStep(model))).toBe(true);
  expect(tf.memory()).toMatchObject({ numTensors, numDataBuffers });
  for (const weight of model.getWeights()) expect(weight.dataSync().every(Number.isFinite)).toBe(true);
}

/** Tests: each net takes steps on every backend, leaves nothing behind, and is the same after saving and loading. */
export function trainsOnEveryBackend(nets: Record<string, () => LayersModel>): void {
  describe.each(['wasm-cnn', 'cpu', 'wasm'])('on %s', (backend) => {
    beforeAll(() => {
      // Stock wasm copies what is kept for the backward pass; test mode would call the copy that a recomputing block keeps a leak.
      tf.env().set('IS_TEST', backend !== 'wasm');
      return tf.setBackend(backend);
    });
    afterAll(() => tf.env().set('IS_TEST', true));

    it.each(Object.entries(nets))('%s trains, leaves nothing behind, is saved and loaded', async (_, build) => {
      const model = build();
      expectToTrain(model);

      let artifacts: tf.io.ModelArtifacts | undefined;
      await model.save(
        tf.io.withSaveHandler(async (saved) => {
          artifacts = saved;
          return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(saved) };
        }),
      );
      const loaded = await loadLayersModel(tf.io.fromMemory(artifacts!));
      expect(outputsOf(loaded)).toEqual(outputsOf(model));
      expect(loaded.getUserDefinedMetadata()).toEqual(model.getUserDefinedMetadata());
      loaded.dispose();
      model.dispose();
    });
  });
}
