/**
 * The nets by name, with what is known of them. Parameters and multiply-accumulates are tested against the nets; accuracies
 * are torchvision's (its first weights), Keras Applications' or the papers'.
 */
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { ArgumentError } from '../geometry.js';
import { catalogRows } from './catalog-rows.js';
import type { ModelInfo } from './model-info.js';

/** A net's name in the catalogue: its builder's. */
export type NetName = keyof typeof catalogRows;

const names = Object.keys(catalogRows) as NetName[];

/** Every net of the zoo, the oldest families first. */
export function listModels(): ModelInfo[] {
  return names.map(modelInfo);
}

/**
 * What is known of the net of that name. Case, hyphens and underscores do not matter: 'resnet-50' is resNet50; nor does the word CIFAR
 * where one net only is meant: 'resnet20' is cifarResNet20.
 * @throws ArgumentError listing the names there are
 */
export function modelInfo(name: string): ModelInfo {
  const found = nameOf(name);
  return { name: found, ...catalogRows[found].info };
}

/**
 * Builds a net by its name.
 *
 * @param options those of its builder
 * @throws ArgumentError listing the names there are, or of the builder
 */
export function getModel(name: string, options: object = {}): LayersModel {
  const build: (options?: never) => LayersModel = catalogRows[nameOf(name)].build;
  // Every builder checks what it is given.
  return build(options as never);
}

const plain = (name: string) => name.toLowerCase().replace(/[-_\s]/g, '');

function nameOf(asked: string): NetName {
  const named = (text: string) => names.find((name) => plain(name) === plain(text));
  const found = named(String(asked)) ?? named(`cifar${asked}`);
  if (found) return found;
  throw new ArgumentError(`there is no net '${asked}'; there are ${names.join(', ')}`);
}
