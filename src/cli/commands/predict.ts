import { readFile } from 'node:fs/promises';
import { softmax, type Tensor2D, tensor4d, tidy } from '@tensorflow/tfjs-core';
import { Command } from 'commander';
import { DataError } from '../../data/dataset.js';
import { decodePicture } from '../../data/decode-picture.js';
import { normalizer } from '../../data/normalization.js';
import { resizeToCover } from '../../data/resize.js';
import { useBackend } from '../backends.js';
import { backendOption, jsonOption, positiveInteger } from '../options.js';
import { Output, percent } from '../output.js';
import { loadModel, pictureShape } from '../saved-model.js';

interface PredictOptions {
  model: string;
  top: number;
  invert?: boolean;
  backend: string;
  json?: boolean;
}

export function predictCommand(): Command {
  return new Command('predict')
    .description('name what a picture shows')
    .argument('<picture>', 'a JPEG or PNG')
    .option('--model <path>', 'model.json, or its folder', 'runs/lenet5')
    .option('--top <count>', 'likeliest classes to print', positiveInteger, 3)
    .option('--invert', "swap dark and light: MNIST's digits are light on dark")
    .addOption(backendOption())
    .addOption(jsonOption())
    .action(predict);
}

async function predict(path: string, { model: modelPath, top, invert, backend, json }: PredictOptions): Promise<void> {
  const output = new Output(json === true);
  await useBackend(backend);
  const { model, input } = await loadModel(modelPath);
  if (!input) throw new DataError(modelPath, 'a model saved by tfjs-cnn, which says how pictures are normalised', 'another one');
  const { height, width, channels } = pictureShape(model);

  const { pixels } = resizeToCover(await decodePicture(await readPicture(path), path, channels), height, width, input.resize);
  const values = new Float32Array(pixels.length);
  normalizer(input)(invert ? pixels.map((value) => 255 - value) : pixels, values, 0);
  const probabilities = tidy(() =>
    softmax(model.apply(tensor4d(values, [1, height, width, channels]), { training: false }) as Tensor2D),
  );
  const shares = await probabilities.data();

  const predictions = Array.from(shares, (probability, i) => ({ className: input.classNames[i] ?? `${i}`, probability }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, top);
  for (const { className, probability } of predictions) output.say(`${percent(probability).padStart(8)}  ${className}`);
  output.result({ picture: path, predictions, backend });
}

async function readPicture(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new DataError(path, 'a picture', (error as Error).message);
  }
}
