import type { LayersModel } from '@tensorflow/tfjs-layers';
import { Command, InvalidArgumentError } from 'commander';
import { DataLoader } from '../../data/data-loader.js';
import { normalizationOf } from '../../data/normalization.js';
import { ArgumentError } from '../../geometry.js';
import { evaluate } from '../../train/evaluate.js';
import { fromPretrained } from '../../weights/from-pretrained.js';
import { type ModelInput, modelInput } from '../../weights/model-input.js';
import { useBackend } from '../backends.js';
import { addDataOptions, type DataOptions, describeData, readData } from '../data-options.js';
import { interruptible } from '../interrupt.js';
import { backendOption, jsonOption, seedNumber } from '../options.js';
import { Output, percent } from '../output.js';
import { loadModel, pictureShape } from '../saved-model.js';

interface EvalOptions extends DataOptions {
  model?: string;
  weights?: string;
  sha256?: string;
  seed: number;
  backend: string;
  json?: boolean;
}

export function evalCommand(): Command {
  const command = new Command('eval')
    .description('test a saved model, or a net with weights from a file, on a data set')
    .argument('[model]', 'model.json, or its folder')
    .option('--model <net>', "net of the zoo, or 'auto' for what the weights are of; with --weights")
    .option('--weights <file>', 'path or address of its weights: PyTorch, safetensors, Keras, tfjs, npz')
    .option('--sha256 <digits>', 'checksum that the weights must have', checksum);
  return addDataOptions(command)
    .option('--seed <number>', 'of the split, for a folder of pictures without parts', seedNumber, 1)
    .addOption(backendOption())
    .addOption(jsonOption())
    .action((path: string | undefined, options: EvalOptions) =>
      interruptible('Interrupted.', (signal) => evalModel(path, options, signal)),
    );
}

async function evalModel(path: string | undefined, options: EvalOptions, signal: AbortSignal): Promise<void> {
  const output = new Output(options.json === true);
  const say = (line: string) => output.say(line);
  await useBackend(options.backend);
  const { model, input } = await modelOf(path, options, signal);
  const { height, channels, classes } = pictureShape(model);
  const data = await readData(options, { size: height, channels, resize: input?.resize, seed: options.seed }, say, signal);
  checkFit(data.test, pictureShape(model));
  say(`data     ${describeData(data)}`);
  if (!input) say('the model does not say what its pictures must look like; they are normalised as the training part is');

  const begin = performance.now();
  const { loss, accuracy, count } = await evaluate(
    model,
    new DataLoader(data.test, { batchSize: 250, normalization: input ?? normalizationOf(data.train) }),
    { signal },
  );
  const seconds = (performance.now() - begin) / 1000;
  say(
    `accuracy ${percent(accuracy)} of ${count} test pictures, loss ${loss.toFixed(4)}; ${Math.round(count / seconds)} images/s`,
  );
  output.result({
    testAccuracy: accuracy,
    testLoss: loss,
    testPictures: count,
    imagesPerSecond: count / seconds,
    seconds,
    backend: options.backend,
    classes,
  });
}

/** A saved model, or a net of the zoo with weights from elsewhere. */
async function modelOf(
  path: string | undefined,
  { model: net, weights, sha256 }: EvalOptions,
  signal: AbortSignal,
): Promise<{ model: LayersModel; input: ModelInput | undefined }> {
  if (path !== undefined && weights === undefined && net === undefined) return loadModel(path);
  if (path !== undefined || weights === undefined) {
    throw new ArgumentError('eval: give either model.json or its folder, or --weights with --model (default: what they are of)');
  }
  const model = await fromPretrained(net ?? 'auto', weights, { sha256, signal });
  return { model, input: modelInput(model) };
}

function checksum(text: string): string {
  if (/^[0-9a-f]{64}$/i.test(text)) return text;
  throw new InvalidArgumentError(`Expected 64 hexadecimal digits, found '${text}'.`);
}

function checkFit(
  data: { height: number; width: number; channels: number; classNames: readonly string[] },
  model: { height: number; width: number; channels: number; classes: number },
): void {
  const shape = (of: { height: number; width: number; channels: number }) => `${of.height} x ${of.width} x ${of.channels}`;
  if (shape(data) !== shape(model))
    throw new ArgumentError(`the model takes pictures of ${shape(model)}, the data have ${shape(data)}`);
  if (data.classNames.length > model.classes) {
    throw new ArgumentError(`the model knows ${model.classes} classes, the data have ${data.classNames.length}`);
  }
}
