/** The nets in the package's `models/`. */
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { oneOf } from '../checks.js';
import { DataError } from '../data/dataset.js';
import { ArgumentError } from '../geometry.js';
import { nodeModule } from '../node-module.js';
import { ownUrl } from '../own-url.js';
import { loadModelFiles } from './load-model.js';

/** Names of the nets in the package's `models/`: a net of the zoo and what it was trained on. */
export const PRETRAINED = ['leNet5-mnist', 'mnistConvNet-mnist', 'cifarResNet20-fashion', 'cifarResNet20-cifar10'] as const;

/** One of PRETRAINED. */
export type PretrainedName = (typeof PRETRAINED)[number];

/** Options of fromPretrained, of the package's own nets. */
export interface OwnModelOptions {
  /**
   * Folder that holds the folder of that name, as a URL, 'https://example.org/models/' say. Default: the package's own; a page whose
   * code was bundled must say where it serves the package's `models/`.
   */
  readonly from?: string | URL;
}

/** One of the package's nets. @throws ArgumentError for another name, DataError where a file is absent or damaged */
export async function ownModel(name: PretrainedName, { from }: OwnModelOptions = {}): Promise<LayersModel> {
  oneOf('fromPretrained', 'name', name, PRETRAINED);
  const folder = new URL(`${name}/`, from === undefined ? ownModels() : withSlash(new URL(from, globalThis.location?.href)));
  return loadModelFiles(new URL('model.json', folder).href, 'model.json', (file) => readUrl(new URL(file, folder)));
}

function ownModels(): URL {
  const place = ownUrl()?.match(/^(.*\/)(dist\/(esm|cjs)|src)\/[^/]*$/);
  if (place) return new URL(`${place[1]}models/`);
  throw new ArgumentError(
    'fromPretrained: the code was bundled away from its models; say with the option from where models/ is served',
  );
}

function withSlash(url: URL): URL {
  return url.href.endsWith('/') ? url : new URL(`${url.href}/`);
}

async function readUrl(url: URL): Promise<Uint8Array> {
  try {
    if (url.protocol === 'file:') {
      const files = nodeModule<typeof import('node:fs')>('node:fs');
      if (files) return await files.promises.readFile(url);
    }
    const response = await fetch(url);
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
    throw new Error(`status ${response.status}`);
  } catch (error) {
    throw new DataError(url.href, 'a file of a model', (error as Error).message);
  }
}
