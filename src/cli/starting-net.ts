/** The trained net that is tuned, as the command line names it. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { ArgumentError } from '../geometry.js';
import { replaceHead } from '../transfer/replace-head.js';
import { type FromPretrainedOptions, fromPretrained } from '../weights/from-pretrained.js';
import { type ModelInput, modelInput } from '../weights/model-input.js';
import { PRETRAINED, type PretrainedName } from '../weights/own-models.js';
import type { WantedPictures } from './fine-tuning-data.js';
import { loadModel, pictureShape } from './saved-model.js';

/** What is known of the net before the classes are. */
export interface StartingNet {
  readonly name: string;
  /** Pictures that it takes. */
  readonly size: WantedPictures;
  /** With a head for these classes, and what its pictures must look like, where that is known. */
  build(classNames: readonly string[]): Promise<{ model: LayersModel; input: ModelInput | undefined }>;
}

/** What the command line says of the net. */
export interface StartingNetOptions {
  readonly model: string;
  readonly weights?: string;
  readonly imageSize?: number;
  readonly channels?: 1 | 3;
  readonly seed: number;
}

/**
 * A net of the zoo with weights from a file, one of this package's own, or a saved model.
 * @throws ArgumentError where weights are missing or one too many; what reading them throws
 */
export async function startingNet(options: StartingNetOptions): Promise<StartingNet> {
  const { model: name, weights, imageSize, channels, seed } = options;
  const given = weights === undefined ? await withoutFile(name) : undefined;
  if (given && (imageSize ?? channels) !== undefined) {
    throw new ArgumentError('--image-size and --channels go with --weights: a saved model has its own');
  }
  const net = given ?? (await fromFile(name, weights!, imageSize, channels));
  return {
    name: name === 'auto' ? net.name : name,
    size: { ...pictureShape(net), resize: modelInput(net)?.resize },
    async build(classNames) {
      const model = replaceHead(net, { classes: classNames, seed });
      return { model, input: modelInput(model) };
    },
  };
}

/**
 * Gives a net as built the weights of a trained one of the same kind.
 * @param from one of this package's own nets, or a saved model's folder
 * @throws ArgumentError naming the first layer that differs, no weight is changed then; what reading throws
 */
export async function beginWith(net: LayersModel, from: string): Promise<void> {
  const trained = await withoutFile(from, '--weights');
  const given = trained.weights;
  const wrong = net.weights.findIndex(({ shape }, i) => `${shape}` !== `${given[i]?.shape}`);
  if (wrong >= 0 || given.length !== net.weights.length) {
    const [own, other] = [net.weights[wrong], given[wrong < 0 ? net.weights.length : wrong]];
    const told = (weight: typeof own) => (weight ? `${weight.originalName} [${weight.shape}]` : 'no more weights');
    throw new ArgumentError(`--weights: expected ${told(own)} as in the net, but ${from} has ${told(other)}`);
  }
  net.setWeights(trained.getWeights());
  trained.dispose();
}

async function withoutFile(name: string, option = '--model'): Promise<LayersModel> {
  if (PRETRAINED.includes(name as PretrainedName)) return fromPretrained(name as PretrainedName);
  if (existsSync(name) && (statSync(name).isFile() || existsSync(join(name, 'model.json')))) return (await loadModel(name)).model;
  const instead = option === '--model' ? '; name the file of its weights with --weights' : '';
  throw new ArgumentError(`${option}: '${name}' is neither a saved model nor one of ${PRETRAINED.join(', ')}${instead}`);
}

async function fromFile(
  name: string,
  weights: string,
  size: number | undefined,
  channels: 1 | 3 | undefined,
): Promise<LayersModel> {
  const read = (more: FromPretrainedOptions) => fromPretrained(name, weights, more);
  const usual = await read({});
  if (size === undefined && channels === undefined) return usual;
  const { height, width, channels: own } = pictureShape(usual);
  return read({ inputShape: [size ?? height, size ?? width, channels ?? own] });
}
