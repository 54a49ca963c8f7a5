/** Parts of a net that learn at rates of their own. */
import type { LayersModel, LayerVariable } from '@tensorflow/tfjs-layers';
import { refuse } from '../../checks.js';
import type { ParameterGroup } from '../../train/optimizers/parameter-groups.js';
import { namedVariables } from '../../train/trainable.js';
import { classifiersOf } from '../classifier.js';
import { type Place, pathsNamed, placesOf } from '../places.js';

/** The layers of a model with weights, in order, and where each group of them begins. */
export interface LayerGroups {
  /** Layers that are made of no others, weighted or not. */
  readonly places: readonly Place[];
  /** Number of the first layer of each group, ascending; the first is 0. The last group is the head. */
  readonly starts: readonly number[];
}

/**
 * Cuts a model into groups of layers.
 *
 * @param begins layers or stages at which all groups but the first begin; default: half of the layers with weights that come before the
 *   classifier, the other half, and the classifier
 * @throws ArgumentError where they do not come in that order, listing near names where there is none
 */
export function layerGroups(where: string, model: LayersModel, begins?: readonly string[]): LayerGroups {
  const places = placesOf(model);
  const paths = places.map(({ path }) => path);
  if (begins) {
    const starts = [0, ...begins.map((name) => pathsNamed(where, model, paths, name)[0]!)];
    const ascending = starts.length > 1 && starts.every((start, i) => i === 0 || start > starts[i - 1]!);
    if (!ascending) {
      refuse(where, 'groups', 'names of the layers at which groups begin, behind the first layer and in their order', begins);
    }
    return { places, starts };
  }
  const heads = new Set(classifiersOf(where, model).map(({ layer }) => layer.name));
  const head = paths.findIndex((path) => path.some((name) => heads.has(name)));
  const body = places.flatMap(({ layer }, i) => (i < head && layer.weights.length > 0 ? [i] : []));
  const half = body[Math.floor(body.length / 2)];
  return { places, starts: [0, ...(half ? [half] : []), ...(head > 0 ? [head] : [])] };
}

/**
 * Rates from the lowest to the highest in even steps of a factor; of one, the highest.
 * Source: fastai's even_mults.
 */
export function evenRates(lowest: number, highest: number, count: number): number[] {
  if (count === 1) return [highest];
  return Array.from({ length: count }, (_, i) => lowest * (highest / lowest) ** (i / (count - 1)));
}

/**
 * What each layer's rate is multiplied by, with the head at 1: even steps from 1 / lrMult by groups or, by layers, the factor once for each
 * block or layer with weights that lies behind it.
 */
export function rateScales(
  model: LayersModel,
  { places, starts }: LayerGroups,
  { lrMult, layerDecay }: { readonly lrMult: number; readonly layerDecay: number | undefined },
): ReadonlyMap<LayerVariable, number> {
  const scales = new Map<LayerVariable, number>();
  if (layerDecay === undefined) {
    const rates = evenRates(1 / lrMult, 1, starts.length);
    places.forEach(({ layer }, i) => {
      const group = starts.findLastIndex((start) => start <= i);
      for (const weight of layer.weights) scales.set(weight, rates[group]!);
    });
    return scales;
  }
  const units = model.layers.filter(({ weights }) => weights.length > 0);
  const isHead = new Set(places.slice(starts.at(-1)).flatMap(({ layer }) => layer.weights));
  const head = units.findIndex(({ weights }) => weights.some((weight) => isHead.has(weight)));
  units.forEach(({ weights }, i) => {
    for (const weight of weights) scales.set(weight, layerDecay ** Math.max(0, head - i));
  });
  return scales;
}

/** Groups for an optimizer: one for each rate, of the weights by their names in the net that is trained. */
export function parameterGroups(net: LayersModel, scales: ReadonlyMap<LayerVariable, number>): ParameterGroup[] {
  const byVariable = new Map(net.weights.map((weight) => [weight.read(), scales.get(weight) ?? 1] as const));
  const byName = new Map(namedVariables(net).map(({ name, variable }) => [name, byVariable.get(variable)!]));
  return [...new Set(byName.values())].map((learningRateScale) => ({
    layers: (name) => byName.get(name) === learningRateScale,
    learningRateScale,
  }));
}
