import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { io } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { DataError } from '../data/dataset.js';
import { replaceFiles } from '../data/write-file-node.js';
import { loadModelFiles } from '../weights/load-model.js';
import { type ModelInput, modelInput, setModelInput } from '../weights/model-input.js';

/** The disk did not take a model. */
export class SaveError extends Error {
  override readonly name = 'SaveError';
}

const OWN_WEIGHTS = /^weights\.[0-9a-f]{8}\.bin$/;

/** Makes the folder and tries to write there, so that a long training does not end in a refusal. */
export async function prepareFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const probe = join(folder, `.${process.pid}.part`);
  await (await open(probe, 'w')).close();
  await rm(probe);
}

/**
 * Saves a model in tfjs's format: model.json and one file of weights, and what goes with it. The weights
 * are named after their contents and model.json is replaced last, by one rename: at any moment the folder
 * holds the old model or the new one, whole.
 *
 * @param input  what its pictures must look like, where that is known
 * @param extras other files of the folder, by name
 * @returns      path of model.json
 * @throws SaveError (a full disk, say); the old model is untouched then
 */
export async function saveModel(
  model: LayersModel,
  input: ModelInput | undefined,
  folder: string,
  extras: Readonly<Record<string, string>>,
): Promise<string> {
  if (input) setModelInput(model, input);
  const { weightData, weightSpecs = [], ...description } = await artifactsOf(model);
  const weights = Buffer.from(io.CompositeArrayBuffer.join(weightData));
  const weightsName = `weights.${createHash('sha256').update(weights).digest('hex').slice(0, 8)}.bin`;
  const json = JSON.stringify({ ...description, weightsManifest: [{ paths: [weightsName], weights: weightSpecs }] });

  const path = join(folder, 'model.json');
  const old = existsSync(path) ? await weightFilesOf(path) : [];
  await replaceFiles(folder, [[weightsName, weights], ...Object.entries(extras), ['model.json', json]]).catch((error: Error) => {
    const kept = existsSync(path) ? '; the model that is there is the old one' : '';
    throw new SaveError(`the model could not be saved in ${folder}: ${error.message}${kept}`);
  });
  const unused = old.filter((name) => OWN_WEIGHTS.test(name) && name !== weightsName);
  await Promise.all(unused.map((name) => rm(join(folder, name), { force: true })));
  return path;
}

async function artifactsOf(model: LayersModel): Promise<io.ModelArtifacts> {
  let artifacts: io.ModelArtifacts = {};
  await model.save(
    io.withSaveHandler(async (given) => {
      artifacts = given;
      return { modelArtifactsInfo: io.getModelArtifactsInfoForJSON(given) };
    }),
  );
  return artifacts;
}

/** Names in an old model.json, none where it cannot be read: then nothing of it is removed. */
async function weightFilesOf(path: string): Promise<string[]> {
  try {
    const { weightsManifest } = JSON.parse(await readFile(path, 'utf8')) as io.ModelJSON;
    return weightsManifest.flatMap((group) => group.paths);
  } catch {
    return [];
  }
}

/**
 * Loads a model in tfjs's format from the disk.
 *
 * @param path model.json or its folder
 * @returns    the model, and what its input must be; undefined where another program saved it
 * @throws DataError naming the file that is absent, damaged or too short
 */
export async function loadModel(path: string): Promise<{ model: LayersModel; input: ModelInput | undefined }> {
  const file = path.endsWith('.json') ? path : join(path, 'model.json');
  const topology = basename(file);
  const model = await loadModelFiles(file, topology, (name) =>
    readOrRefuse(join(dirname(file), name), name === topology ? "a model in tfjs's format" : 'the weights that model.json names'),
  );
  return { model, input: modelInput(model) };
}

async function readOrRefuse(path: string, expected: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new DataError(path, expected, (error as Error).message);
  }
}

/**
 * Size and colours of the pictures that a model takes, and the classes that it tells apart.
 *
 * @throws DataError where the model takes anything else than grey or RGB pictures of one size
 */
export function pictureShape(model: LayersModel): { height: number; width: number; channels: 1 | 3; classes: number } {
  const [input, output] = [model.inputs[0].shape, model.outputs[0].shape];
  const [, height, width, channels] = input;
  const classes = output[output.length - 1];
  if (input.length !== 4 || !height || !width || (channels !== 1 && channels !== 3) || !classes) {
    throw new DataError(
      `the model ${model.name}`,
      'an input of [batch, height, width, 1 or 3]',
      `[${input.map((size) => size ?? '?').join(', ')}]`,
    );
  }
  return { height, width, channels, classes };
}
