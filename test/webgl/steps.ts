/** Whole training steps on the page. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { Sgd, Trainer } from '../../src/train/index.js';
import { cifarResNet, leNet5 } from '../../src/zoo/index.js';
import { linked } from './linked.js';

const nets = {
  leNet5: { build: () => leNet5({ seed: 1 }), shape: [28, 28, 1] },
  cifarResNet8: { build: () => cifarResNet({ depth: 8, seed: 1 }), shape: [32, 32, 3] },
} as const;

/** A net that can be trained here. */
export type StepNet = keyof typeof nets;

/** Of training steps of these sizes: how many programs each compiled, whoever's they are, and the tensors alive after it. */
export async function programsOfSteps(net: StepNet, sizes: readonly number[]) {
  const { build, shape } = nets[net];
  const trainer = new Trainer(build(), { optimizer: new Sgd({ learningRate: 0.01, momentum: 0.9 }) });
  const steps: { programs: number; tensors: number; loss: number }[] = [];
  for (const size of sizes) {
    const images = Float32Array.from({ length: size * shape[0] * shape[1] * shape[2] }, (_, i) => Math.sin(i * 0.37));
    const labels = Int32Array.from({ length: size }, (_, i) => i % 10);
    const { result, programs } = await linked(() => trainer.step({ images, shape: [...shape], labels, places: labels, size }));
    const value = (await result.loss.data())[0]!;
    tf.dispose([result.loss, result.output]);
    steps.push({ programs, tensors: tf.memory().numTensors, loss: value });
  }
  return steps;
}

/** Losses of a net of tfjs's own layers, trained by tfjs: nothing of ours but the kernels, if they are in. */
export async function lossesOfLayers(backend: string, steps: number): Promise<number[]> {
  await tf.setBackend(backend);
  const { layers } = tfl;
  const init = (seed: number) => tfl.initializers.glorotUniform({ seed });
  const first = { inputShape: [13, 11, 3], filters: 6, kernelSize: 3, padding: 'same' as const, kernelInitializer: init(1) };
  const model = tfl.sequential({
    layers: [
      layers.conv2d({ ...first, activation: 'relu' }),
      layers.batchNormalization(),
      layers.maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' }),
      layers.depthwiseConv2d({ kernelSize: 3, depthwiseInitializer: init(2) }),
      layers.averagePooling2d({ poolSize: 2 }),
      layers.conv2d({ filters: 8, kernelSize: 2, kernelInitializer: init(3) }),
      layers.flatten(),
      layers.dense({ units: 12, activation: 'tanh', kernelInitializer: init(4) }),
      layers.dense({ units: 3, kernelInitializer: init(5) }),
    ],
  });
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  const x = tf.randomUniform([5, 13, 11, 3], -1, 1, 'float32', 5);
  const y = tf.randomUniform([5, 3], -1, 1, 'float32', 6);
  const losses: number[] = [];
  for (let i = 0; i < steps; i++) losses.push((await model.trainOnBatch(x, y)) as number);
  tf.dispose([x, y]);
  model.dispose();
  return losses;
}
