/** Where the layers of a model stand, and which of them a name means. */
import { LayersModel, type layers as tfLayers } from '@tensorflow/tfjs-layers';
import { shown } from '../checks.js';
import { ArgumentError } from '../geometry.js';
import { Block } from '../layers/block.js';
import { nearNames } from '../near-names.js';

type Layer = tfLayers.Layer;

/** A layer that is made of no others. */
export interface Place {
  readonly layer: Layer;
  /** Names of the models and blocks around it, the outermost first, and its own. */
  readonly path: readonly string[];
}

/** The layers of a model, in the order in which pictures go through them; blocks and models inside are opened. */
export function placesOf(model: LayersModel): Place[] {
  return model.layers.flatMap((layer) => placesIn(layer, []));
}

function placesIn(layer: Layer, around: readonly string[]): Place[] {
  const path = [...around, layer.name];
  if (layer instanceof Block) return layer.parts.flatMap((part) => placesIn(part, path));
  if (layer instanceof LayersModel) return layer.layers.flatMap((inner) => placesIn(inner, path));
  return [{ layer, path }];
}

/** A layer's or block's own name wins; else it is a stage: the beginning of names, up to '.', '_' or '/'. */
function meant(paths: readonly (readonly string[])[], name: string): number[] {
  const numbers = paths.map((_, i) => i);
  const exact = numbers.filter((i) => paths[i]!.includes(name));
  if (exact.length > 0) return exact;
  const begins = (each: string) => each.startsWith(name) && '._/'.includes(each.charAt(name.length));
  return name === '' ? [] : numbers.filter((i) => paths[i]!.some(begins));
}

/**
 * Numbers of the paths that a name means, ascending.
 * @throws ArgumentError listing near names
 */
export function pathsNamed(where: string, model: LayersModel, paths: readonly (readonly string[])[], name: unknown): number[] {
  const found = typeof name === 'string' ? meant(paths, name) : [];
  if (found.length > 0) return found;
  const near = typeof name === 'string' ? nearNames(name, paths.flat().flatMap(withStages)) : paths.flat().slice(0, 6);
  throw new ArgumentError(
    `${where}: model '${model.name}' has no layer or stage ${shown(name)}; ${typeof name === 'string' ? 'near ones' : 'it has'}: ${near.join(', ')}`,
  );
}

/** A layer's name and the stages that it lies in: 'layer1.0.conv1', 'layer1.0', 'layer1'. */
function withStages(name: string): string[] {
  const names = [name];
  for (let at = name.length - 1; at > 0; at--) if ('._/'.includes(name[at]!)) names.push(name.slice(0, at));
  return names;
}
