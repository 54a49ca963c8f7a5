/** A training that may be killed at any moment and goes on where it stood. Prints 'ready' at its first step and at its end the losses. */
import '../../src/index.js';
import * as tf from '@tensorflow/tfjs-core';
import { RandomCrop } from '../../src/augment/index.js';
import { DataLoader } from '../../src/data/data-loader.js';
import { syntheticDigits } from '../../src/data/digits.js';
import { AdamW, cosine, FolderCheckpoints, Trainer } from '../../src/train/node.js';
import { mnistConvNet } from '../../src/zoo/index.js';

const [folder] = process.argv.slice(2) as [string];

await tf.setBackend('wasm-cnn');
const { train, test } = syntheticDigits({ train: 250, test: 50 });
const transforms = [new RandomCrop({ size: 28, padding: 2 })];
const data = new DataLoader(train, { batchSize: 16, shuffle: true, seed: 3, transforms });
const model = mnistConvNet({ seed: 1, dropout: 0.2 });
const trainer = new Trainer(model, {
  optimizer: new AdamW({ learningRate: 0.003 }),
  schedule: cosine(),
  checkpoints: { store: new FolderCheckpoints(folder), everySteps: 1 },
  callbacks: [{ onBegin: ({ step }) => void process.stdout.write(`ready ${step}\n`) }],
});
const { losses, epochs } = await trainer.fit(data, { epochs: 6, test: new DataLoader(test, { batchSize: 50 }) });
const weights = await Promise.all(model.getWeights().map(async (weight) => Array.from(await weight.data())));
process.stdout.write(`${JSON.stringify({ losses, tests: epochs.map((epoch) => epoch.test), weights })}\n`);
