import { io, util } from '@tensorflow/tfjs-core';
import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers';
import { DataError } from '../data/dataset.js';
import '../layers/index.js';

/** Reads a file that lies beside model.json, or model.json itself. */
export type ReadFile = (name: string) => Promise<Uint8Array>;

/**
 * Loads a model in tfjs's format: model.json and its files of weights.
 *
 * @param where what errors call model.json
 * @throws DataError where it is damaged, or its weights are too short or too long; what `read` throws
 */
export async function loadModelFiles(where: string, name: string, read: ReadFile): Promise<LayersModel> {
  const json = parseModelJson(where, await read(name));
  const weightSpecs = json.weightsManifest.flatMap((group) => group.weights);
  const parts: Uint8Array[] = [];
  for (const part of json.weightsManifest.flatMap((group) => group.paths)) {
    // A file from outside must not name others than its own.
    if (/[/\\]/.test(part) || part === '' || part === '..') throw new DataError(where, 'names of weight files beside it', part);
    parts.push(await read(part));
  }
  const weightData = joined(parts);
  const expected = weightSpecs.reduce((sum, spec) => sum + bytesOf(spec), 0);
  if (weightData.byteLength !== expected) throw new DataError(where, `${expected} bytes of weights`, `${weightData.byteLength}`);
  const artifacts = await io.getModelArtifactsForJSON(json, async () => [weightSpecs, weightData]);
  return loadLayersModel(io.fromMemory(artifacts));
}

function parseModelJson(where: string, bytes: Uint8Array): io.ModelJSON {
  try {
    const json = JSON.parse(new TextDecoder().decode(bytes)) as io.ModelJSON;
    if (json.modelTopology && Array.isArray(json.weightsManifest)) return json;
  } catch (error) {
    throw new DataError(where, 'JSON', (error as Error).message);
  }
  throw new DataError(where, 'a model with modelTopology and weightsManifest', 'JSON without them');
}

function joined(parts: readonly Uint8Array[]): ArrayBuffer {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all.buffer;
}

function bytesOf({ shape, dtype, quantization }: io.WeightsManifestEntry): number {
  const stored = quantization?.dtype ?? dtype;
  return (
    util.sizeFromShape(shape) *
    (stored === 'float16' || stored === 'uint16' ? 2 : stored === 'uint8' || stored === 'bool' ? 1 : 4)
  );
}
