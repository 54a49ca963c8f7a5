/** Which layers learn. */
import { LayersModel, type layers as tfLayers } from '@tensorflow/tfjs-layers';
import { refuse, upToOne } from '../checks.js';
import { Block } from '../layers/block.js';
import { classifiersOf } from './classifier.js';
import { type Place, pathsNamed, placesOf } from './places.js';
import { type TrainableReport, trainableReport } from './trainable-report.js';

type Layer = tfLayers.Layer;

/**
 * Freezes all layers of a model that come before one; that one and all behind it learn. Layers inside of blocks count, too.
 *
 * Frozen weights have no gradients, and batch normalisation of this package runs on its moving statistics and leaves them alone
 * (tfjs-layers' own knows no frozen state and trains on). `splitFrozen` cuts off what is frozen, `fineTune` does so by itself.
 *
 *     freezeUntil(resNet18(), 'layer4');   // layer4 and fc learn
 *     freezeUntil(model, 'head');          // the classifier alone
 *     freezeUntil(model, 0.5);             // the second half of the layers that have weights
 *
 * @param until name of a layer, of a block, of a part of one, or of a stage ('layer3' for 'layer3.0', 'layer3.1', ...; 'features');
 *   'head' for the classifier, unless a layer is called so; or the share of the layers with weights that are frozen, in [0, 1]
 * @returns what learns now and what does not
 * @throws ArgumentError for another name, listing near ones
 */
export function freezeUntil(model: LayersModel, until: string | number): TrainableReport {
  const first = firstThatLearns('freezeUntil', expectModel('freezeUntil', model), until);
  const places = placesOf(model).slice(0, first);
  setFrozen(model, new Set(places.map(({ layer }) => layer)));
  return trainableReport(model);
}

/** Number of the first of `placesOf` that learns where all before it are frozen. @throws ArgumentError for a name that is none */
export function firstThatLearns(where: string, model: LayersModel, until: string | number): number {
  const places = placesOf(model);
  if (typeof until === 'number') return placeOfShare(where, places, until);
  const paths = places.map(({ path }) => path);
  return found(where, model, paths, until)[0]!;
}

/**
 * Lets layers learn again.
 *
 * @param names layers, blocks or stages, as `freezeUntil` takes them; none: all layers of the model. The others stay as they are
 * @returns what learns now and what does not
 * @throws ArgumentError for another name, listing near ones
 */
export function unfreeze(model: LayersModel, ...names: readonly string[]): TrainableReport {
  const places = placesOf(expectModel('unfreeze', model));
  const learning = trainableSet(model);
  const frozen = new Set(places.filter(({ layer }) => isFrozen(layer, learning)).map(({ layer }) => layer));
  if (names.length === 0) frozen.clear();
  const paths = places.map(({ path }) => path);
  for (const name of names) for (const i of found('unfreeze', model, paths, name)) frozen.delete(places[i]!.layer);
  setFrozen(model, frozen);
  return trainableReport(model);
}

/** The weights that learn, as the model says, whatever it is that froze the others. */
export function trainableSet(model: LayersModel): ReadonlySet<unknown> {
  return new Set(model.trainableWeights);
}

/** Of layers without weights: what they say themselves. */
export function isFrozen(layer: Layer, learning: ReadonlySet<unknown>): boolean {
  const { weights } = layer;
  return weights.length === 0 ? !layer.trainable : !weights.some((weight) => learning.has(weight));
}

/** Freezes the given layers, which are made of no others, and lets all others learn. */
export function setFrozen(model: LayersModel, frozen: ReadonlySet<Layer>): void {
  // Told to a model it goes to the weights alone, and is lost where a sequential one is compiled: each layer is told.
  model.trainable = true;
  for (const layer of model.layers) setIn(layer, frozen);
}

function setIn(layer: Layer, frozen: ReadonlySet<Layer>): void {
  if (layer instanceof LayersModel) setFrozen(layer, frozen);
  else if (layer instanceof Block) {
    layer.trainable = !allOf(layer, frozen);
    // A block hands its own state down; of one that is frozen in part each part has its own.
    if (layer.trainable) for (const part of layer.parts) setIn(part, frozen);
  } else layer.trainable = !frozen.has(layer);
}

function allOf(layer: Layer, frozen: ReadonlySet<Layer>): boolean {
  return layer instanceof Block && layer.parts.length > 0 ? layer.parts.every((part) => allOf(part, frozen)) : frozen.has(layer);
}

/** Number of the first layer that learns. */
function placeOfShare(where: string, places: readonly Place[], share: number): number {
  upToOne(where, 'until', share);
  const weighted = places.flatMap(({ layer }, i) => (layer.weights.length > 0 ? [i] : []));
  return weighted[Math.round(share * weighted.length)] ?? places.length;
}

function found(where: string, model: LayersModel, paths: readonly (readonly string[])[], name: string): number[] {
  const isHead = name === 'head' && !paths.some((path) => path.includes('head'));
  if (!isHead) return pathsNamed(where, model, paths, name);
  const heads = classifiersOf(where, model).map(({ layer }) => layer.name);
  return paths.flatMap((path, i) => (path.some((each) => heads.includes(each)) ? [i] : []));
}

function expectModel(where: string, model: LayersModel): LayersModel {
  return model instanceof LayersModel ? model : refuse(where, 'model', 'a tf.LayersModel', model);
}
