import { existsSync } from 'node:fs';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { DataError } from '../data/dataset.js';
import type { ModelInput } from '../weights/model-input.js';
import { getModel, listModels } from '../zoo/catalog.js';
import { positiveInteger } from './options.js';
import { loadModel } from './saved-model.js';

/** How a net of the catalogue is built. */
export interface NetBuildOptions {
  variant?: string;
  classes?: number;
  inputShape?: [number, number, number];
}

/** The options of commands that take a saved model or the name of a net. */
export function addNetOptions(command: Command): Command {
  return command
    .addOption(new Option('--variant <name>', 'of a net by name: torch, keras or paper; default: the first that is listed'))
    .addOption(new Option('--classes <number>', 'of a net by name: units of the last layer').argParser(positiveInteger))
    .addOption(new Option('--input-shape <shape>', 'of a net by name: e.g. 96x96x3').argParser(pictureShapeText));
}

/**
 * A saved model, or where there is no such file, the net of that name as it begins.
 * @throws DataError where there is neither, or the model is damaged
 */
export async function netOrSaved(
  path: string,
  { variant, classes, inputShape }: NetBuildOptions,
): Promise<{ model: LayersModel; input: ModelInput | undefined }> {
  if (existsSync(path)) return loadModel(path);
  if (!listModels().some(({ name }) => name.toLowerCase() === path.toLowerCase())) {
    throw new DataError(path, "a saved model (model.json or its folder), or a net that 'tfjs-cnn models' lists", 'neither');
  }
  const given = Object.entries({ variant, classes, inputShape }).filter(([, value]) => value !== undefined);
  return { model: getModel(path, { seed: 1, ...Object.fromEntries(given) }), input: undefined };
}

/** Takes 224x224x3. */
export function pictureShapeText(text: string): [number, number, number] {
  const sizes = text.split('x').map(Number);
  if (sizes.length !== 3 || !sizes.every((size) => Number.isInteger(size) && size > 0)) {
    throw new InvalidArgumentError(`Expected height x width x channels as in 224x224x3, found '${text}'.`);
  }
  return sizes as [number, number, number];
}
