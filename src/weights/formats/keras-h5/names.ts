import { isRecord } from '../../../checks.js';
import { DataError } from '../../../data/dataset.js';
import type { StoredArray } from '../weight-file.js';
import type { KerasMetadata } from './read.js';

/** A layer's arrays by the names that the file gives them. */
export interface LayerWeights {
  /** '' for those of the model itself. */
  readonly layer: string;
  readonly weights: readonly (readonly [string, StoredArray])[];
}

/** Keras 1's names of what is called otherwise since; its running_std is a variance. */
const OLD_ROLES: ReadonlyMap<string, string> = new Map([
  ['W', 'kernel'],
  ['b', 'bias'],
  ['running_mean', 'moving_mean'],
  ['running_std', 'moving_variance'],
]);

/** Layers that hold a model, of which each layer has a name of its own. */
const MODELS = ['Functional', 'Model', 'Sequential'];

/**
 * All arrays by `layer/role`, as `conv1/kernel`, and `model/layer/role` of a model within the model. TensorFlow's own names
 * ('conv1_3/kernel:0') count how often a name was given before in the process that saved the file, and tell nothing else.
 *
 * @param name what errors call the file
 */
export function weightNames(
  name: string,
  layers: readonly LayerWeights[],
  { config, kerasVersion }: Pick<KerasMetadata, 'config' | 'kerasVersion'>,
): Record<string, StoredArray> {
  const old = isKeras1(kerasVersion);
  const classes = layerClasses(config);
  const arrays: Record<string, StoredArray> = Object.create(null);
  for (const { layer, weights } of layers) {
    const names = weights.map(([weight]) => rolePath(layer, weight, old));
    const simple = isOneLayer(layer, weights, classes.get(layer)) ? names.map((path) => path.slice(-1)) : names;
    const unique = new Set(simple.map((path) => path.join('/'))).size === simple.length ? simple : names;
    for (const [i, [weight, array]] of weights.entries()) {
      const own = [layer, ...(unique[i] as string[])].filter((part) => part !== '').join('/');
      if (own === '__proto__') throw new DataError(name, 'names of weights', "'__proto__'");
      if (own in arrays) throw new DataError(name, 'one array of each name', `two '${own}' (${weight})`, 'the file is damaged');
      arrays[own] = array;
    }
  }
  return arrays;
}

/** 'conv1_3/kernel:0' -> [conv1_3, kernel]; Keras 3's 'model/conv/kernel' -> [conv, kernel]; Keras 1's 'dense_1_W' -> [kernel]. */
function rolePath(layer: string, weight: string, old: boolean): string[] {
  const own = layer !== '' && weight.startsWith(`${layer}/`) ? weight.slice(layer.length + 1) : weight;
  const path = own.replace(/:\d+$/, '').split('/');
  if (!old) return path;
  const last = path.pop() as string;
  const short = layer !== '' && last.startsWith(`${layer}_`) ? last.slice(layer.length + 1) : last;
  return [...path, OLD_ROLES.get(short) ?? short];
}

/** Keras 1 said nothing of itself for long. */
export function isKeras1(version: string | undefined): boolean {
  return version === undefined || version.startsWith('1.');
}

/** Whether a group is one layer, whose name all its arrays begin with. */
function isOneLayer(layer: string, weights: readonly (readonly [string, StoredArray])[], className: string | undefined): boolean {
  if (className !== undefined) return !MODELS.includes(className);
  const scopes = new Set(weights.map(([weight]) => weight.slice(0, Math.max(0, weight.lastIndexOf('/')))));
  const [scope] = scopes;
  return scopes.size === 1 && scope !== undefined && plain(scope) === plain(layer);
}

/** Without the counts that are added to names. */
function plain(name: string): string {
  return name.replace(/(_\d+)+$/, '');
}

/** Classes of a model's layers by their names. */
function layerClasses(config: Readonly<Record<string, unknown>> | undefined): Map<string, string> {
  const inner = config?.['config'];
  // Keras 1 and early Keras 2 wrote a Sequential's layers without a name around them.
  const layers = Array.isArray(inner) ? inner : isRecord(inner) ? inner['layers'] : undefined;
  const classes = new Map<string, string>();
  for (const layer of Array.isArray(layers) ? layers : []) {
    const own = isRecord(layer) && isRecord(layer['config']) ? layer['config']['name'] : undefined;
    if (typeof own === 'string') classes.set(own, String(layer.class_name));
  }
  return classes;
}
